package store_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rankloop/internal/store"
	"rankloop/ranking"
)

func (b *bundle) records(source store.Source) (all []ranking.Record) {
	b.t.Helper()
	b.must(b.EachRecord(b.ctx(), source, func(r ranking.Record) error {
		all = append(all, r)
		return nil
	}))
	return all
}

func TestEachRecord(t *testing.T) {
	b := setup(t)
	c, people := b.work(3, 2, 2)
	wanted := make(map[int64]ranking.Judgment)
	for _, user := range slices.Backward(people) { // submitted in another order than stored prompts
		for range 3 {
			lease, task, err := b.LeaseTask(b.ctx(), c.ID, user.ID)
			b.must(err)
			in := submission(lease)
			ids := task.Responses
			in.Tiers = ranking.Tiers{{ids[2].ID}, {ids[0].ID, ids[3].ID}, {ids[1].ID}}
			in.Comment = "by " + user.Name
			j, _, err := b.Submit(b.ctx(), in)
			b.must(err)
			wanted[j.ID] = j
		}
	}
	records := b.records(store.Source{CampaignID: c.ID})
	if len(records) != 6 {
		t.Fatalf("%d records", len(records))
	}
	for i, r := range records {
		if want := fmt.Sprintf("p%05d", i/2); r.PromptID != want || i%2 == 1 && r.JudgmentID < records[i-1].JudgmentID {
			t.Errorf("record %d is of prompt %s, judgment %d", i, r.PromptID, r.JudgmentID)
		}
		j := wanted[r.JudgmentID]
		want := ranking.Record{
			JudgmentID: j.ID, Revision: 1, Campaign: "main", TaskID: j.TaskID, PromptID: r.PromptID, Group: r.PromptID,
			Messages: []ranking.Message{{Role: "user", Content: "Question " + r.PromptID + "?"}},
			Tiers:    [][]int{{2}, {0, 3}, {1}}, Comment: j.Comment, ActiveMS: 1200,
			StartedAt: j.StartedAt.UTC(), SubmittedAt: j.SubmittedAt.UTC(), GuidelineVersion: 1, SchemaVersion: 1,
		}
		for k := range 4 {
			want.Responses = append(want.Responses, ranking.RecordResponse{
				FileIndex: k, Text: fmt.Sprintf("Answer %d to %s.", k, r.PromptID), Model: fmt.Sprintf("model-%d", k),
			})
		}
		for _, user := range people {
			if user.ID == j.UserID {
				want.Annotator = user.Pseudonym
			}
		}
		lowest := slices.Min(j.OrderShown)
		for _, id := range j.OrderShown {
			want.OrderShown = append(want.OrderShown, int(id-lowest))
		}
		if diff := cmp.Diff(want, r); diff != "" {
			t.Errorf("record %d (-want +got): %s", i, diff)
		}
	}
	stop := errors.New("enough")
	seen := 0
	err := b.EachRecord(b.ctx(), store.Source{CampaignID: c.ID}, func(ranking.Record) error {
		seen++
		return stop
	})
	if !errors.Is(err, stop) || seen != 1 {
		t.Errorf("after %d records: %v", seen, err)
	}
}

// Only the latest revision of a judgment leaves a campaign.
func TestEachRecordTakesTheLatestRevision(t *testing.T) {
	b := setup(t)
	c, people := b.work(1, 1, 1)
	lease, _, err := b.LeaseTask(b.ctx(), c.ID, people[0].ID)
	b.must(err)
	first, _, err := b.Submit(b.ctx(), submission(lease))
	b.must(err)
	b.exec(`INSERT INTO judgments (campaign_id, task_id, user_id, revision, lease_id, tiers, order_shown, active_ms, started_at, guideline_version, simulated)
		SELECT campaign_id, task_id, user_id, 2, lease_id, tiers, order_shown, 5, started_at, guideline_version, simulated FROM judgments`)
	records := b.records(store.Source{CampaignID: c.ID})
	if len(records) != 1 || records[0].Revision != 2 || records[0].JudgmentID == first.ID {
		t.Errorf("records %+v", records)
	}
	counts, err := b.CampaignCounts(b.ctx(), c.ID)
	b.must(err)
	if counts.Judgments != 1 || counts.Revisions != 1 {
		t.Errorf("counts %+v", counts)
	}
}

// More records than one batch holds come whole, in order.
func TestEachRecordInBatches(t *testing.T) {
	b := setup(t)
	c, people := b.work(2500, 1, 1)
	b.exec(`INSERT INTO leases (token, task_id, user_id, order_shown, guideline_version, expires_at, ended_at, outcome)
		SELECT 'token ' || id, id, $1, response_ids, 1, now(), now(), 'judged' FROM tasks`, people[0].ID)
	b.exec(`INSERT INTO judgments (campaign_id, task_id, user_id, lease_id, tiers, order_shown, active_ms, started_at, guideline_version, simulated)
		SELECT $1, l.task_id, l.user_id, l.id, jsonb_build_array(to_jsonb(l.order_shown)), l.order_shown, 1, now(), 1, false FROM leases l`, c.ID)
	records := b.records(store.Source{CampaignID: c.ID})
	if len(records) != 2500 {
		t.Fatalf("%d records", len(records))
	}
	for i, r := range records {
		if r.PromptID != fmt.Sprintf("p%05d", i) || len(r.Tiers) != 1 || len(r.Tiers[0]) != 4 || r.Responses[3].Text == "" {
			t.Fatalf("record %d: %+v", i, r)
		}
	}
}

func TestSnapshots(t *testing.T) {
	b := setup(t)
	_, err := b.LatestSnapshot(b.ctx())
	b.wantCode(err, ranking.CodeNotFound)
	c, people := b.work(3, 1, 1)
	var judgments []store.SnapshotJudgment
	for i := range 2 {
		lease, _, err := b.LeaseTask(b.ctx(), c.ID, people[0].ID)
		b.must(err)
		j, _, err := b.Submit(b.ctx(), submission(lease))
		b.must(err)
		judgments = append(judgments, store.SnapshotJudgment{ID: j.ID, Split: []ranking.Split{ranking.SplitTrain, ranking.SplitValidation}[i]})
	}
	n := store.NewSnapshot{
		Name: "first", SHA256: strings.Repeat("ab", 32), Bytes: 10, Seed: 3, ValidationShare: 0.1,
		Counts: json.RawMessage(`{"judgments": 2}`), Judgments: judgments, CreatedBy: &people[0].ID,
	}
	made, err := b.CreateSnapshot(b.ctx(), n)
	b.must(err)
	same, err := b.CreateSnapshot(b.ctx(), n)
	b.must(err)
	got, err := b.SnapshotByName(b.ctx(), "first")
	b.must(err)
	latest, err := b.LatestSnapshot(b.ctx())
	b.must(err)
	for _, other := range []store.Snapshot{same, got, latest} {
		if diff := cmp.Diff(made, other); diff != "" {
			t.Errorf("snapshots differ: %s", diff)
		}
	}
	n.SHA256 = strings.Repeat("cd", 32)
	_, err = b.CreateSnapshot(b.ctx(), n)
	b.wantCode(err, ranking.CodeConflict)
	n.Name = "no/name"
	_, err = b.CreateSnapshot(b.ctx(), n)
	b.wantCode(err, ranking.CodeInvalid)

	// What comes later does not change it.
	lease, _, err := b.LeaseTask(b.ctx(), c.ID, people[0].ID)
	b.must(err)
	_, _, err = b.Submit(b.ctx(), submission(lease))
	b.must(err)
	records := b.records(store.Source{SnapshotID: made.ID})
	if len(records) != 2 || records[0].Split != ranking.SplitTrain || records[1].Split != ranking.SplitValidation {
		t.Errorf("records %+v", records)
	}
	all, err := b.ListSnapshots(b.ctx())
	b.must(err)
	inUse, err := b.ArtifactsInUse(b.ctx())
	b.must(err)
	if len(all) != 1 || !slices.Equal(inUse, []string{made.SHA256}) {
		t.Errorf("snapshots %+v, artifacts %v", all, inUse)
	}
}
