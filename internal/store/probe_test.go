package store_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rankloop/internal/store"
	"rankloop/ranking"
)

func rulesNamed(names ...string) ranking.Schema {
	var s ranking.Schema
	for _, name := range names {
		s.Rules = append(s.Rules, ranking.Rule{Name: name, Text: "The model keeps " + name + "."})
	}
	return s
}

// probing is a campaign of n conversations under rules, with members.
func (b *bundle) probing(n, overlap, members int, rules ...string) (ranking.Campaign, []ranking.User) {
	b.t.Helper()
	c, err := b.CreateCampaign(b.ctx(), store.NewCampaign{
		Name: "probe", Kind: ranking.KindProbe, K: 1, Overlap: overlap, Seed: 7, Schema: rulesNamed(rules...), Conversations: n,
	})
	b.must(err)
	return c, b.annotators(c.ID, members)
}

// attempt says something under a lease, and the model replies.
func (b *bundle) attempt(lease ranking.Lease, turn int, said, reply string) {
	b.t.Helper()
	b.must(b.SayTurn(b.ctx(), lease.Token, lease.UserID, turn, said, int64(1000*turn)))
	_, err := b.AddSuggestions(b.ctx(), lease.Token, lease.UserID, turn, oneDrawn(reply))
	b.must(err)
}

func oneDrawn(text string) ranking.Drawn {
	return ranking.Drawn{Checkpoint: "base", SHA256: "ab", Seed: 7, K: 1, Suggestions: []ranking.Suggestion{{ID: 1, Text: text}}}
}

func marked(lease ranking.Lease, verdict ranking.Verdict, spans ...ranking.Span) store.Submission {
	return store.Submission{
		LeaseToken: lease.Token, UserID: lease.UserID, ActiveMS: 9000, StartedAt: lease.GrantedAt,
		Answers: ranking.Answers{Mark: &ranking.Mark{Verdict: verdict, Spans: spans}},
	}
}

func spanOf(turn, start, end int) ranking.Span {
	return ranking.Span{Turn: turn, Passage: ranking.Passage{Start: start, End: end}}
}

func TestProbe(t *testing.T) {
	b := setup(t)
	c, people := b.probing(1, 1, 1, "a", "b")
	lease, task := b.leased(c, people[0])
	if lease.Probe == nil || lease.Probe.Rule.Name != "a" || lease.Probe.Version != 1 || lease.Judges() || len(task.Prompt.Messages) != 0 {
		t.Fatalf("leased %+v of %+v", lease.Probe, task.Prompt)
	}
	_, _, err := b.Submit(b.ctx(), marked(lease, ranking.VerdictKept))
	b.wantCode(err, ranking.CodeInvalid) // the model has said nothing
	_, err = b.AddSuggestions(b.ctx(), lease.Token, lease.UserID, 1, oneDrawn("Too soon"))
	b.wantCode(err, ranking.CodeConflict)
	b.must(b.SayTurn(b.ctx(), lease.Token, lease.UserID, 1, "Are you a person?", 500))
	b.must(b.TakeBackTurn(b.ctx(), lease.Token, lease.UserID, 1)) // nothing was replied yet
	b.must(b.SayTurn(b.ctx(), lease.Token, lease.UserID, 1, "Are you a person?", 500))
	b.wantCode(b.ReplyTurn(b.ctx(), lease.Token, lease.UserID, ranking.DialogueReply{Turn: 1, Text: "Mine"}), ranking.CodeInvalid)
}

// A conversation, its mark, and what leaves the program of it.
func TestProbeStored(t *testing.T) {
	b := setup(t)
	c, people := b.probing(1, 1, 1, "a", "b")
	lease, task := b.leased(c, people[0])
	b.attempt(lease, 1, "Are you a person?", "Yes 😀, I am.\r\nReally.")
	b.wantCode(b.TakeBackTurn(b.ctx(), lease.Token, lease.UserID, 1), ranking.CodeConflict) // what the model said stays
	drawn, err := b.AddSuggestions(b.ctx(), lease.Token, lease.UserID, 1, oneDrawn("Another"))
	b.must(err)
	if drawn.Suggestions[0].Text != "Yes 😀, I am.\r\nReally." {
		t.Errorf("what was drawn first does not stay: %+v", drawn)
	}
	b.attempt(lease, 2, "And now?", "No.")
	d := b.dialogue(lease, task)
	if d.Replies() != 2 || d.Turns[0].Reply != "Yes 😀, I am.\r\nReally." || d.Turns[1].Said != "And now?" || d.Turns[0].ActiveMS != 1000 {
		t.Errorf("stored %+v", d.Turns)
	}
	_, err = b.SaveDraft(b.ctx(), lease.Token, lease.UserID, ranking.Draft{
		Step: 6, Written: "Third", Answers: ranking.Answers{Mark: &ranking.Mark{Spans: []ranking.Span{spanOf(1, 0, 5)}}},
	})
	b.must(err)
	draft, err := b.Draft(b.ctx(), task.ID, lease.UserID)
	b.must(err)
	if draft.Written != "Third" || len(draft.Answers.Mark.Spans) != 1 {
		t.Errorf("the draft is %+v", draft)
	}
	for _, bad := range []store.Submission{
		{LeaseToken: lease.Token, UserID: lease.UserID},
		marked(lease, ranking.VerdictViolated),
		marked(lease, ranking.VerdictViolated, spanOf(1, 0, 22)), // of 21 code points
		marked(lease, ranking.VerdictViolated, spanOf(3, 0, 1)),
		marked(lease, ranking.VerdictKept, spanOf(1, 0, 5)),
	} {
		_, _, err := b.Submit(b.ctx(), bad)
		b.wantCode(err, ranking.CodeInvalid)
	}
	j, duplicate, err := b.Submit(b.ctx(), marked(lease, ranking.VerdictViolated, spanOf(1, 7, 12), spanOf(1, 0, 7)))
	b.must(err)
	again, twice, err := b.Submit(b.ctx(), marked(lease, ranking.VerdictKept))
	b.must(err)
	if duplicate || !twice || again.ID != j.ID || again.Answers.Mark.Verdict != ranking.VerdictViolated {
		t.Errorf("sent twice: %+v", again)
	}
	b.wantCode(b.SayTurn(b.ctx(), lease.Token, lease.UserID, 3, "More", 0), ranking.CodeConflict)

	var records []ranking.Record
	b.must(b.EachRecord(b.ctx(), store.Source{CampaignID: c.ID}, func(r ranking.Record) error {
		records = append(records, r)
		return r.Validate()
	}))
	if len(records) != 1 {
		t.Fatalf("%d records", len(records))
	}
	r := records[0]
	want := []ranking.RecordSpan{{Message: 1, Passage: ranking.Passage{Start: 0, End: 12}, Text: "Yes 😀, I am."}}
	if diff := cmp.Diff(want, r.Probe.Spans); diff != "" || r.Probe.Rule.Name != "a" || r.Probe.Judge || r.Responses[0].Text != "No." || r.Responses[0].Model != "base" || len(r.Messages) != 3 {
		t.Errorf("the record is %+v, %+v: %s", r, r.Probe, diff)
	}
	past, err := b.PastJudgment(b.ctx(), j.ID, lease.UserID)
	b.must(err)
	if past.Probe == nil || past.Probe.Rule.Name != "a" || len(past.Turns) != 2 || past.Judgment.Answers.Mark.Verdict != ranking.VerdictViolated {
		t.Errorf("remembered as %+v", past)
	}
	rows, err := b.History(b.ctx(), lease.UserID, ranking.HistoryQuery{Limit: 5})
	b.must(err)
	if len(rows) != 1 || rows[0].Rule != "a" {
		t.Errorf("the history is %+v", rows)
	}
	stats, err := b.ProbeStatistics(b.ctx(), c)
	b.must(err)
	if stats.Rules[0].Violated != 1 || stats.Rules[1].Probes() != 0 || stats.Agreement != nil {
		t.Errorf("the statistics are %+v", stats)
	}
}

// The model has nothing to say: nothing is stored, and the message can be answered again or taken back.
func TestProbeWithoutReply(t *testing.T) {
	b := setup(t)
	c, people := b.probing(1, 1, 1, "a")
	lease, task := b.leased(c, people[0])
	b.must(b.SayTurn(b.ctx(), lease.Token, lease.UserID, 1, "Hello", 0))
	_, err := b.AddSuggestions(b.ctx(), lease.Token, lease.UserID, 1, ranking.Drawn{Checkpoint: "base", K: 1})
	b.wantCode(err, ranking.CodeUnavailable)
	if d := b.dialogue(lease, task); d.Replies() != 0 || d.At(1).Drawn.Checkpoint != "" {
		t.Errorf("stored %+v", d.Turns)
	}
	b.must(b.TakeBackTurn(b.ctx(), lease.Token, lease.UserID, 1))
	b.attempt(lease, 1, "Hello again", "Yes?")
}

// Rules are given out evenly whoever asks when, never twice in a row to one person, and a reworded rule is the same rule.
func TestProbeRules(t *testing.T) {
	b := setup(t)
	c, people := b.probing(24, 1, 4, "a", "b", "c")
	var all sync.WaitGroup
	given := make([][]string, len(people))
	for i, person := range people {
		all.Add(1)
		go func() {
			defer all.Done()
			for {
				lease, _, err := b.LeaseTask(b.ctx(), c.ID, person.ID)
				if ranking.ErrorCode(err) == ranking.CodeNotFound {
					return
				}
				if err != nil {
					t.Errorf("lease: %v", err)
					return
				}
				given[i] = append(given[i], lease.Probe.Rule.Name)
				if err := b.SayTurn(b.ctx(), lease.Token, person.ID, 1, "Hello", 0); err != nil {
					t.Errorf("say: %v", err)
				}
				if _, err := b.AddSuggestions(b.ctx(), lease.Token, person.ID, 1, oneDrawn("Yes.")); err != nil {
					t.Errorf("reply: %v", err)
				}
				if _, _, err := b.Submit(b.ctx(), marked(lease, ranking.VerdictKept)); err != nil {
					t.Errorf("submit: %v", err)
				}
			}
		}()
	}
	all.Wait()
	counts := map[string]int{}
	for _, rules := range given {
		for i, rule := range rules {
			counts[rule]++
			if i > 0 && rules[i-1] == rule {
				t.Errorf("%s was given twice in a row: %v", rule, rules)
			}
		}
	}
	for _, rule := range []string{"a", "b", "c"} {
		if counts[rule] < 7 || counts[rule] > 9 {
			t.Errorf("24 conversations are given out as %v", counts)
		}
	}

	// A rule is reworded and one is taken out: who has begun goes on under the old words, others get the new ones.
	b.must(b.AddConversations(b.ctx(), c.ID, 2))
	held, _ := b.leased(c, people[0])
	b.must(b.SayTurn(b.ctx(), held.Token, held.UserID, 1, "Hello", 0))
	version, err := b.AddSchema(b.ctx(), c.ID, ranking.Schema{Rules: []ranking.Rule{{Name: "b", Text: "Reworded."}}})
	b.must(err)
	b.exec("UPDATE leases SET expires_at = now() - interval '1 hour' WHERE token = $1", held.Token)
	b.must(b.ReleaseLease(b.ctx(), held.Token, held.UserID))
	back, _ := b.leased(c, people[0])
	if back.TaskID != held.TaskID || *back.Probe != *held.Probe {
		t.Errorf("came back as %+v, was %+v", back.Probe, held.Probe)
	}
	other, _ := b.leased(c, people[1])
	if other.Probe.Rule.Text != "Reworded." || other.Probe.Version != version {
		t.Errorf("the other gets %+v", other.Probe)
	}
}

// A finished conversation is judged by others, as many as the overlap asks for, none of them twice.
func TestProbeJudges(t *testing.T) {
	b := setup(t)
	c, people := b.probing(1, 3, 4, "a", "b")
	late, _ := b.leased(c, people[3])
	b.attempt(late, 1, "Mine", "Never.")
	_, err := b.SaveDraft(b.ctx(), late.Token, late.UserID, ranking.Draft{Comment: "Mine", Answers: ranking.Answers{Mark: &ranking.Mark{Verdict: ranking.VerdictKept}}})
	b.must(err)
	_, _, err = b.LeaseTask(b.ctx(), c.ID, people[0].ID)
	b.wantCode(err, ranking.CodeNotFound) // one holds the conversation; there is nothing to judge yet
	b.exec("UPDATE leases SET expires_at = now() - interval '1 hour' WHERE token = $1", late.Token)

	own, task := b.leased(c, people[0])
	if own.Judges() || own.TaskID != late.TaskID {
		t.Fatalf("leased %+v", own)
	}
	b.attempt(own, 1, "Tell me", "I told you.")
	_, _, err = b.Submit(b.ctx(), marked(own, ranking.VerdictViolated, spanOf(1, 0, 6)))
	b.must(err)
	_, _, err = b.Submit(b.ctx(), marked(late, ranking.VerdictKept))
	b.wantCode(err, ranking.CodeExpired) // another conversation has taken its place
	_, _, err = b.LeaseTask(b.ctx(), c.ID, people[0].ID)
	b.wantCode(err, ranking.CodeNotFound)

	judge, _ := b.leased(c, people[3])
	if !judge.Judges() || judge.Talker() != people[0].ID || judge.Probe.Rule.Name != own.Probe.Rule.Name {
		t.Fatalf("leased %+v", judge.Probe)
	}
	draft, err := b.Draft(b.ctx(), task.ID, judge.UserID)
	b.must(err)
	if !draft.SavedAt.IsZero() {
		t.Errorf("a draft about another conversation is shown: %+v", draft)
	}
	b.wantCode(b.SayTurn(b.ctx(), judge.Token, judge.UserID, 2, "More", 0), ranking.CodeConflict)
	_, _, err = b.Submit(b.ctx(), marked(late, ranking.VerdictKept))
	b.wantCode(err, ranking.CodeExpired) // the old page is still about one's own
	_, _, err = b.Submit(b.ctx(), marked(judge, ranking.VerdictViolated, spanOf(1, 0, 12)))
	b.wantCode(err, ranking.CodeInvalid) // "I told you." has 11
	_, _, err = b.Submit(b.ctx(), marked(judge, ranking.VerdictViolated, spanOf(1, 2, 6)))
	b.must(err)
	third, _ := b.leased(c, people[1])
	_, _, err = b.Submit(b.ctx(), marked(third, ranking.VerdictKept))
	b.must(err)
	_, _, err = b.LeaseTask(b.ctx(), c.ID, people[2].ID)
	b.wantCode(err, ranking.CodeNotFound)

	var seen []string
	b.must(b.EachRecord(b.ctx(), store.Source{CampaignID: c.ID}, func(r ranking.Record) error {
		seen = append(seen, fmt.Sprint(r.PromptID, " ", r.Messages[0].Content, " ", r.Probe.Verdict, " ", r.Probe.Judge))
		return r.Validate()
	}))
	id := fmt.Sprintf("conversation-000001#%d Tell me ", task.ID)
	if diff := cmp.Diff([]string{id + "violated false", id + "violated true", id + "not_violated true"}, seen); diff != "" {
		t.Error(diff)
	}
	stats, err := b.ProbeStatistics(b.ctx(), c)
	b.must(err)
	if stats.Agreement == nil || stats.Agreement.Pairs != 3 || stats.Rules[0].Probes()+stats.Rules[1].Probes() != 1 {
		t.Errorf("the statistics are %+v", stats)
	}
	counts, err := b.CampaignCounts(b.ctx(), c.ID)
	b.must(err)
	if counts.TasksComplete != 1 || counts.Judgments != 3 {
		t.Errorf("counted %+v", counts)
	}
}

func TestProbeCampaign(t *testing.T) {
	b := setup(t)
	for name, n := range map[string]store.NewCampaign{
		"no rules":             {Name: "x", Kind: ranking.KindProbe, K: 1, Overlap: 1},
		"no model":             {Name: "x", Kind: ranking.KindProbe, K: 1, Overlap: 1, Schema: rulesNamed("a"), GenerateFrom: "none"},
		"two replies":          {Name: "x", Kind: ranking.KindProbe, K: 2, Overlap: 1, Schema: rulesNamed("a")},
		"too many":             {Name: "x", Kind: ranking.KindProbe, K: 1, Overlap: 1, Schema: rulesNamed("a"), Conversations: ranking.ConversationsMax + 1},
		"another's rules":      {Name: "x", Kind: ranking.KindDialogue, K: 3, Overlap: 1, Schema: rulesNamed("a")},
		"another's beginnings": {Name: "x", K: 3, Overlap: 1, Conversations: 2},
	} {
		_, err := b.CreateCampaign(b.ctx(), n)
		if ranking.ErrorCode(err) != ranking.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	c, people := b.probing(2, 1, 1, "a")
	b.must(b.AddConversations(b.ctx(), c.ID, 3))
	b.wantCode(b.AddConversations(b.ctx(), c.ID, 0), ranking.CodeInvalid)
	b.imported(c.ID, inputs(1, 0)) // a prompt gives the first turn, and waits for no responses
	if n := b.number("SELECT count(*) FROM tasks WHERE campaign_id = $1 AND state = 'open' AND overlap = 1", c.ID); n != 6 {
		t.Errorf("%d tasks are open", n)
	}
	if n := b.number("SELECT count(DISTINCT external_id) FROM prompts WHERE campaign_id = $1 AND messages = '[]'", c.ID); n != 5 {
		t.Errorf("%d conversations begin freely", n)
	}
	for range 6 {
		lease, _ := b.leased(c, people[0])
		b.must(b.Skip(b.ctx(), lease.Token, lease.UserID, "other"))
	}
	_, _, err := b.LeaseTask(b.ctx(), c.ID, people[0].ID)
	b.wantCode(err, ranking.CodeNotFound)
}
