package dataset_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rankloop/internal/artifacts"
	"rankloop/internal/dataset"
	"rankloop/internal/store"
	"rankloop/ranking"
)

// judge lets a simulated annotator rank every task: the responses in file order, the second and third tied.
func (b *bundle) judge(campaign ranking.Campaign, name string) {
	b.t.Helper()
	ctx := b.t.Context()
	user, err := b.Store.CreateUser(ctx, ranking.NewUser{Email: name + "@simulated.invalid", Role: ranking.RoleAnnotator, Simulated: true, Locale: "en"})
	if err != nil {
		b.t.Fatal(err)
	}
	if err := b.Store.AddMember(ctx, campaign.ID, user.ID); err != nil {
		b.t.Fatal(err)
	}
	for {
		lease, task, err := b.Store.LeaseTask(ctx, campaign.ID, user.ID)
		if ranking.ErrorCode(err) == ranking.CodeNotFound {
			return
		}
		if err != nil {
			b.t.Fatal(err)
		}
		var ids []int64
		ranks := []int{1, 2, 2}
		for _, r := range task.Responses {
			ids = append(ids, r.ID)
		}
		_, _, err = b.Store.Submit(ctx, ranking.Submission{
			LeaseToken: lease.Token, UserID: user.ID, Tiers: ranking.TiersFromRanks(ids, ranks), ActiveMS: 1500, StartedAt: lease.GrantedAt,
		})
		if err != nil {
			b.t.Fatal(err)
		}
	}
}

// judged is a campaign of n prompts of 3 responses, each judged by two annotators.
func (b *bundle) judged(n int) ranking.Campaign {
	b.t.Helper()
	campaign := b.campaign(store.NewCampaign{Overlap: 2})
	var set strings.Builder
	for i := range n {
		set.WriteString(line(fmt.Sprint("p", i), fmt.Sprintf("Question %d on subject %d?", i, i*i), fmt.Sprint("one ", i), fmt.Sprint("two ", i), fmt.Sprint("three ", i)))
	}
	if _, err := b.Import(b.t.Context(), campaign, b.load(campaign, set.String()), false); err != nil {
		b.t.Fatal(err)
	}
	b.judge(campaign, "x")
	b.judge(campaign, "y")
	return campaign
}

func TestSnapshot(t *testing.T) {
	b := setup(t)
	campaign := b.judged(10)
	folder, err := artifacts.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	snapshots := dataset.Snapshots{Store: b.Store, Artifacts: folder}
	request := dataset.SnapshotRequest{Campaigns: []ranking.Campaign{campaign}, Seed: 1, ValidationShare: 0.2}
	report, err := snapshots.Create(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	want := dataset.SnapshotReport{
		Snapshot: "snapshot-1", SHA256: report.SHA256, Campaigns: []string{"c"}, Seed: 1, ValidationShare: 0.2, Judgments: 20, SimulatedJudgments: 20, Annotators: 2,
		Prompts: dataset.SplitCounts{Total: 10, Train: 8, Validation: 2}, Comparisons: dataset.SplitCounts{Total: 60, Train: 48, Validation: 12}, Ties: 20,
	}
	if fmt.Sprint(report) != fmt.Sprint(want) {
		t.Errorf("%+v, want %+v", report, want)
	}
	snapshot, err := b.Store.SnapshotByName(t.Context(), "snapshot-1")
	if err != nil {
		t.Fatal(err)
	}
	if described, err := dataset.DescribeSnapshot(snapshot); err != nil || fmt.Sprint(described) != fmt.Sprint(report) {
		t.Errorf("described %+v, %v", described, err)
	}

	// The artifact holds what the database gives for the snapshot.
	file, err := folder.Get(t.Context(), report.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	frozen, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	var exported bytes.Buffer
	counts, err := dataset.Export(t.Context(), b.Store, store.Source{SnapshotID: snapshot.ID}, "native", &exported)
	if err != nil {
		t.Fatal(err)
	}
	if counts.SHA256 != report.SHA256 || !bytes.Equal(frozen, exported.Bytes()) {
		t.Error("the snapshot's file is not its native export")
	}
	if counts.Splits["train"] != 16 || counts.Splits["validation"] != 4 {
		t.Errorf("splits %v", counts.Splits)
	}

	// The same again has the same content; another seed another; a name in use for other content is a conflict.
	if again, err := snapshots.Create(t.Context(), request); err != nil || again.Snapshot != "snapshot-2" || again.SHA256 != report.SHA256 {
		t.Errorf("%+v, %v", again, err)
	}
	request.Seed, request.Name = 5, "snapshot-1"
	if _, err := snapshots.Create(t.Context(), request); ranking.ErrorCode(err) != ranking.CodeConflict {
		t.Errorf("err = %v", err)
	}
	request.ValidationShare = 1
	if _, err := snapshots.Create(t.Context(), request); ranking.ErrorCode(err) != ranking.CodeInvalid {
		t.Errorf("err = %v", err)
	}
}

func TestStatistics(t *testing.T) {
	b := setup(t)
	campaign := b.judged(5)
	report, err := dataset.CampaignStatistics(t.Context(), b.Store, campaign)
	if err != nil {
		t.Fatal(err)
	}
	if report.Tasks != (dataset.TaskCounts{Total: 5, Complete: 5}) || report.Judgments != 10 || report.SimulatedJudgments != 10 || report.Comparisons.Total != 30 ||
		report.Comparisons.Ties != 10 || report.Agreement.Value == nil || *report.Agreement.Value != 1 || report.Agreement.Pairs != 10 {
		t.Errorf("%+v", report)
	}
	content, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{`"campaign":"c"`, `"snapshot":null`, `"agreement":{"value":1,"interval":[1,1],"pairs":10}`, `"median_s":1.5`} {
		if !bytes.Contains(content, []byte(key)) {
			t.Errorf("%s is not in %s", key, content)
		}
	}
}

func TestExportFile(t *testing.T) {
	b := setup(t)
	campaign := b.judged(3)
	folder := t.TempDir()
	path := filepath.Join(folder, "out.jsonl")
	source := store.Source{CampaignID: campaign.ID}
	counts, err := dataset.ExportFile(t.Context(), b.Store, source, "trl", path, false)
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil || int64(len(content)) != counts.Bytes || counts.Rows != 12 || bytes.Count(content, []byte("\n")) != 12 {
		t.Errorf("%+v of %d bytes, %v", counts, len(content), err)
	}
	for name, c := range map[string]struct {
		path   string
		source store.Source
		code   ranking.Code
	}{
		"exists":    {path, source, ranking.CodeConflict},
		"folder":    {folder, source, ranking.CodeInvalid},
		"no folder": {filepath.Join(folder, "a", "b"), source, ranking.CodeInvalid},
		"a device":  {os.DevNull, source, ranking.CodeInvalid},
	} {
		if _, err := dataset.ExportFile(t.Context(), b.Store, c.source, "trl", c.path, false); ranking.ErrorCode(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := dataset.ExportFile(t.Context(), b.Store, source, "csv", path, true); err != nil {
		t.Error(err)
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) != 1 {
		t.Errorf("%v, %v", entries, err)
	}
}
