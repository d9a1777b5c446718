package store_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rankloop/internal/store"
	"rankloop/ranking"
)

// talking is a campaign of conversations with two members.
func (b *bundle) talking(tasks int) (ranking.Campaign, []ranking.User) {
	b.t.Helper()
	c, err := b.CreateCampaign(b.ctx(), store.NewCampaign{Name: "talk", Kind: ranking.KindDialogue, K: 3, Overlap: 2, Seed: 7})
	b.must(err)
	b.imported(c.ID, inputs(tasks, tasks%2)) // the file's own responses are no suggestions, and none are waited for
	return c, b.annotators(c.ID, 2)
}

// leased gives a user their task.
func (b *bundle) leased(c ranking.Campaign, user ranking.User) (ranking.Lease, ranking.Task) {
	b.t.Helper()
	lease, task, err := b.LeaseTask(b.ctx(), c.ID, user.ID)
	b.must(err)
	return lease, task
}

// dialogue is a lease's conversation as it is stored.
func (b *bundle) dialogue(lease ranking.Lease, task ranking.Task) ranking.Dialogue {
	b.t.Helper()
	turns, err := b.DialogueTurns(b.ctx(), lease.TaskID, lease.UserID)
	b.must(err)
	return ranking.NewDialogue(task.Prompt, turns)
}

func threeDrawn(texts ...string) ranking.Drawn {
	d := ranking.Drawn{Checkpoint: "base", SHA256: "ab", Seed: 7, K: 3}
	for i, text := range texts {
		d.Suggestions = append(d.Suggestions, ranking.Suggestion{ID: int64(i + 1), Text: text})
	}
	return d
}

func TestDialogue(t *testing.T) {
	b := setup(t)
	c, people := b.talking(1)
	lease, task := b.leased(c, people[0])
	if len(task.Responses) != 0 || len(lease.OrderShown) != 0 {
		t.Fatalf("the task shows %+v", task.Responses)
	}
	end := store.Submission{LeaseToken: lease.Token, UserID: lease.UserID, Comment: "Odd.", ActiveMS: 9000, StartedAt: lease.GrantedAt}
	_, _, err := b.Submit(b.ctx(), end)
	b.wantCode(err, ranking.CodeInvalid) // nothing was replied yet
	b.wantCode(b.SayTurn(b.ctx(), lease.Token, lease.UserID, 1, "Hello", 0), ranking.CodeConflict)

	suggested := threeDrawn("One", "Two", "Three")
	stored, err := b.AddSuggestions(b.ctx(), lease.Token, lease.UserID, 1, suggested)
	b.must(err)
	again, err := b.AddSuggestions(b.ctx(), lease.Token, lease.UserID, 1, threeDrawn("Others"))
	b.must(err)
	if diff := cmp.Diff(stored, again); diff != "" || !cmp.Equal(suggested, stored) {
		t.Errorf("what was drawn first does not stay: %+v, then %+v", stored, again)
	}
	_, err = b.SaveDraft(b.ctx(), lease.Token, lease.UserID, ranking.Draft{Step: 3, Ranks: map[int64]int{1: 1, 3: 2}, Written: "On", From: 1})
	b.must(err)
	reply := ranking.DialogueReply{Turn: 1, Tiers: ranking.Tiers{{2}, {1, 3}}, From: 2, Text: "Two and more", ActiveMS: 1000}
	for range 2 { // a resend is the same reply
		b.must(b.ReplyTurn(b.ctx(), lease.Token, lease.UserID, reply))
	}
	reply.Text = "Something else"
	b.wantCode(b.ReplyTurn(b.ctx(), lease.Token, lease.UserID, reply), ranking.CodeConflict)
	for range 2 {
		b.must(b.SayTurn(b.ctx(), lease.Token, lease.UserID, 2, "And?", 1500))
	}
	b.must(b.ReplyTurn(b.ctx(), lease.Token, lease.UserID, ranking.DialogueReply{Turn: 2, Text: "Mine", ActiveMS: 1800}))
	_, err = b.AddSuggestions(b.ctx(), lease.Token, lease.UserID, 2, suggested)
	b.wantCode(err, ranking.CodeConflict) // they came too late
	b.must(b.SayTurn(b.ctx(), lease.Token, lease.UserID, 3, "Unanswered", 2000))

	d := b.dialogue(lease, task)
	if turn, says := d.Next(); turn != 3 || says || d.Replies() != 2 || *d.Turns[0].Survival != 1 || d.Turns[1].Survival != nil || d.Turns[0].RepliedAt.IsZero() {
		t.Errorf("stored as %+v", d)
	}

	j, duplicate, err := b.Submit(b.ctx(), end)
	b.must(err)
	if duplicate || len(j.Tiers) != 0 {
		t.Errorf("stored %+v", j)
	}
	_, duplicate, err = b.Submit(b.ctx(), end)
	b.must(err)
	if !duplicate {
		t.Error("a resend is a second judgment")
	}
	b.wantCode(b.ReplyTurn(b.ctx(), lease.Token, lease.UserID, ranking.DialogueReply{Turn: 3, Text: "Late"}), ranking.CodeConflict)
	b.wantCode(b.TakeBackTurn(b.ctx(), lease.Token, lease.UserID, 3), ranking.CodeConflict)

	records := b.records(store.Source{CampaignID: c.ID})
	if len(records) != 2 {
		t.Fatalf("%d records", len(records))
	}
	for i, r := range records {
		if err := r.Validate(); err != nil || r.Kind != ranking.KindDialogue || r.Comment != "Odd." || len(r.Messages) != 1+2*i || r.JudgmentID != j.ID {
			t.Errorf("turn %d: %v, %+v", i+1, err, r)
		}
	}
	first := records[0]
	if diff := cmp.Diff([][]int{{3}, {1}, {0, 2}}, first.Tiers); diff != "" || first.ActiveMS != 1000 || first.Responses[3].Model != ranking.ModelAnnotator || first.Dialogue.Checkpoint != "base" {
		t.Errorf("the first turn is %+v, tiers (-want +got):\n%s", first, diff)
	}
	past, err := b.PastJudgment(b.ctx(), j.ID, lease.UserID)
	b.must(err)
	if len(past.Turns) != 3 || past.Fixed == nil {
		t.Errorf("read again, it is %+v", past)
	}
	if other, otherTask := b.leased(c, people[1]); len(b.dialogue(other, otherTask).Turns) != 0 {
		t.Error("the second person sees the first one's conversation")
	}
}

// The last step can be taken back, and a resend takes back no more.
func TestDialogueTakeBack(t *testing.T) {
	b := setup(t)
	c, people := b.talking(1)
	lease, task := b.leased(c, people[0])
	_, err := b.AddSuggestions(b.ctx(), lease.Token, lease.UserID, 1, threeDrawn("One", "Two", "Three"))
	b.must(err)
	b.must(b.ReplyTurn(b.ctx(), lease.Token, lease.UserID, ranking.DialogueReply{Turn: 1, From: 1}))
	b.must(b.SayTurn(b.ctx(), lease.Token, lease.UserID, 2, "And?", 0))
	for range 2 {
		b.must(b.TakeBackTurn(b.ctx(), lease.Token, lease.UserID, 2))
	}
	if turn, says := b.dialogue(lease, task).Next(); turn != 2 || !says {
		t.Fatalf("turn %d, says %t", turn, says)
	}
	if draft, err := b.Draft(b.ctx(), lease.TaskID, lease.UserID); err != nil || draft.Step != 4 || draft.Written != "And?" {
		t.Errorf("what was said is not the draft: %+v, %v", draft, err)
	}
	b.must(b.TakeBackTurn(b.ctx(), lease.Token, lease.UserID, 1))
	d := b.dialogue(lease, task)
	if turn, says := d.Next(); turn != 1 || says || len(d.Turns[0].Drawn.Suggestions) != 3 || d.Turns[0].Survival != nil {
		t.Fatalf("taken back, it is %+v", d)
	}
	if draft, err := b.Draft(b.ctx(), lease.TaskID, lease.UserID); err != nil || draft.Step != 3 || draft.Written != "One" || draft.From != 1 || draft.Ranks[1] != 1 {
		t.Errorf("the reply is not the draft: %+v, %v", draft, err)
	}
	b.must(b.TakeBackTurn(b.ctx(), lease.Token, lease.UserID, 1)) // the prompt's own message stays
	b.must(b.ReplyTurn(b.ctx(), lease.Token, lease.UserID, ranking.DialogueReply{Turn: 1, From: 3}))
	if d := b.dialogue(lease, task); d.Turns[0].Reply != "Three" {
		t.Errorf("stored %+v", d)
	}
	b.wantCode(b.TakeBackTurn(b.ctx(), lease.Token, people[1].ID, 1), ranking.CodeForbidden)
}

// Two tabs that send different replies at once: one is stored, the other one is told.
func TestDialogueRace(t *testing.T) {
	b := setup(t)
	c, people := b.talking(1)
	lease, task := b.leased(c, people[0])
	errs := make([]error, 8)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() {
			errs[i] = b.ReplyTurn(b.ctx(), lease.Token, lease.UserID, ranking.DialogueReply{Turn: 1, Text: string(rune('a' + i))})
		})
	}
	all.Wait()
	stored := 0
	for _, err := range errs {
		if err == nil {
			stored++
		} else if ranking.ErrorCode(err) != ranking.CodeConflict {
			t.Errorf("refused by %v", errors.Unwrap(err))
		}
	}
	if d := b.dialogue(lease, task); stored != 1 || d.Replies() != 1 {
		t.Errorf("%d stored: %+v", stored, d)
	}
}

// A conversation that was begun comes back first, although its lease ran out or was given back.
func TestDialogueComesBack(t *testing.T) {
	b := setup(t)
	c, people := b.talking(3)
	lease, _ := b.leased(c, people[0])
	b.must(b.ReplyTurn(b.ctx(), lease.Token, lease.UserID, ranking.DialogueReply{Turn: 1, Text: "Mine"}))
	b.must(b.ReleaseLease(b.ctx(), lease.Token, lease.UserID))
	b.must(b.SayTurn(b.ctx(), lease.Token, lease.UserID, 2, "Sent late", 0)) // by a page that lost its connection
	again, task := b.leased(c, people[0])
	if again.TaskID != lease.TaskID || again.Token == lease.Token {
		t.Fatalf("the task is %d, not %d", again.TaskID, lease.TaskID)
	}
	if d := b.dialogue(again, task); len(d.Turns) != 2 {
		t.Errorf("it goes on as %+v", d)
	}
	b.must(b.Skip(b.ctx(), again.Token, again.UserID, "unclear"))
	if next, _ := b.leased(c, people[0]); next.TaskID == lease.TaskID {
		t.Error("a conversation that was skipped came back")
	}
	if n := len(b.records(store.Source{CampaignID: c.ID})); n != 0 {
		t.Errorf("%d records of a conversation that was skipped", n)
	}
}
