package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rankloop/ranking"
)

func TestQuestions(t *testing.T) {
	b := setup(t)
	c, people := b.work(2, 2, 2)
	admin := b.user("root", ranking.RoleAdmin)
	lease, task, err := b.LeaseTask(b.ctx(), c.ID, people[0].ID)
	b.must(err)
	b.must(b.Ask(b.ctx(), lease.Token, people[0].ID, " Which oven? "))
	b.wantCode(b.Ask(b.ctx(), lease.Token, people[1].ID, "mine?"), ranking.CodeForbidden)
	b.wantCode(b.Ask(b.ctx(), lease.Token, people[0].ID, "  "), ranking.CodeInvalid)
	b.wantCode(b.Ask(b.ctx(), lease.Token, people[0].ID, strings.Repeat("字", 2001)), ranking.CodeTooLarge)
	b.wantCode(b.Ask(b.ctx(), "nothing", people[0].ID, "x"), ranking.CodeNotFound)

	asked, err := b.Questions(b.ctx(), c.ID, 10)
	b.must(err)
	if len(asked) != 1 || asked[0].Text != "Which oven?" || asked[0].Kind != ranking.KindQuestion || asked[0].TaskID != task.ID || asked[0].By != people[0].Name {
		t.Fatalf("asked %+v", asked)
	}
	b.wantCode(b.AnswerQuestion(b.ctx(), c.ID+1, asked[0].ID, admin.ID, "Any."), ranking.CodeNotFound)
	b.wantCode(b.AnswerQuestion(b.ctx(), c.ID, asked[0].ID, admin.ID, " "), ranking.CodeInvalid)
	b.must(b.AnswerQuestion(b.ctx(), c.ID, asked[0].ID, admin.ID, "Any oven."))
	unread, err := b.UnreadAnswers(b.ctx(), people[0].ID)
	b.must(err)
	mine, err := b.MyQuestions(b.ctx(), people[0].ID, task.ID, 10)
	b.must(err)
	if unread != 1 || len(mine) != 1 || mine[0].Answer != "Any oven." || !mine[0].AnswerUnread {
		t.Errorf("%d unread, mine %+v", unread, mine)
	}
	b.must(b.ReadAnswers(b.ctx(), people[0].ID))
	if unread, err = b.UnreadAnswers(b.ctx(), people[0].ID); err != nil || unread != 0 {
		t.Errorf("%d unread after reading, %v", unread, err)
	}
	others, err := b.MyQuestions(b.ctx(), people[1].ID, 0, 10)
	b.must(err)
	if len(others) != 0 {
		t.Errorf("somebody else's questions: %+v", others)
	}
	for i := range 50 {
		b.must(b.Ask(b.ctx(), lease.Token, people[0].ID, fmt.Sprint("again ", i)))
	}
	b.wantCode(b.Ask(b.ctx(), lease.Token, people[0].ID, "and again"), ranking.CodeInvalid)
}

// A task reported as broken is skipped, the admins are told, and what they withdraw goes to nobody.
func TestBrokenTask(t *testing.T) {
	b := setup(t)
	c, people := b.work(1, 2, 2)
	lease, task, err := b.LeaseTask(b.ctx(), c.ID, people[0].ID)
	b.must(err)
	b.must(b.Skip(b.ctx(), lease.Token, people[0].ID, "broken: half a sentence"))
	b.must(b.Skip(b.ctx(), lease.Token, people[0].ID, "broken: half a sentence")) // a resend
	told, err := b.Questions(b.ctx(), c.ID, 10)
	b.must(err)
	if len(told) != 1 || told[0].Kind != ranking.KindBroken || told[0].Text != "half a sentence" || told[0].TaskState != "open" {
		t.Fatalf("told %+v", told)
	}
	b.wantCode(b.WithdrawTask(b.ctx(), c.ID+1, task.ID), ranking.CodeConflict)
	b.must(b.WithdrawTask(b.ctx(), c.ID, task.ID))
	b.must(b.WithdrawTask(b.ctx(), c.ID, task.ID))
	_, _, err = b.LeaseTask(b.ctx(), c.ID, people[1].ID)
	b.wantCode(err, ranking.CodeNotFound)
	counts, err := b.CampaignCounts(b.ctx(), c.ID)
	b.must(err)
	if counts.TasksTotal != 0 || counts.Skips != 1 {
		t.Errorf("counts %+v", counts)
	}
}

// Who opted out of a category is given no task of it; others are.
func TestSensitiveTasks(t *testing.T) {
	b := setup(t)
	c := b.campaign(4, 2)
	in := inputs(3, 4)
	in[0].Prompt.Metadata = map[string]any{"sensitive": []any{"violence", "gore"}}
	in[1].Prompt.Metadata = map[string]any{"sensitive": "sexual"}
	b.imported(c.ID, in)
	people := b.annotators(c.ID, 2)
	b.must(b.SetOptOuts(b.ctx(), people[0].ID, []string{"violence", "nonsense"}))
	outs, err := b.OptOuts(b.ctx(), people[0].ID)
	b.must(err)
	if !slices.Equal(outs, []string{"violence"}) {
		t.Errorf("opted out of %v", outs)
	}
	for i, want := range []int{2, 3} {
		all, err := b.Assignments(b.ctx(), people[i].ID, time.Now().Add(-time.Hour))
		b.must(err)
		if all[0].Left != want {
			t.Errorf("person %d has %d left, want %d", i, all[0].Left, want)
		}
		var seen []string
		for range want {
			lease, task, err := b.LeaseTask(b.ctx(), c.ID, people[i].ID)
			b.must(err)
			seen = append(seen, strings.Join(task.Sensitive, "+"))
			_, _, err = b.Submit(b.ctx(), submission(lease))
			b.must(err)
		}
		_, _, err = b.LeaseTask(b.ctx(), c.ID, people[i].ID)
		b.wantCode(err, ranking.CodeNotFound)
		if wanted := [][]string{{"sexual", ""}, {"violence+other", "sexual", ""}}[i]; !slices.Equal(seen, wanted) {
			t.Errorf("person %d saw %q", i, seen)
		}
	}
}
