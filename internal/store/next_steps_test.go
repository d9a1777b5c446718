package store_test

import (
	"testing"

	"rankloop/ranking"
)

// What comes next follows what LeaseTask would say: guidelines, quiz, task, and what is held first of all.
func TestNextStep(t *testing.T) {
	b := setup(t)
	c, people := b.work(6, 2, 2)
	veteran, newcomer := people[0], b.user("newcomer", ranking.RoleAnnotator)
	next := func(user ranking.User, want ranking.NextStep) {
		t.Helper()
		got, err := b.NextStep(b.ctx(), c.ID, user.ID)
		b.must(err)
		if got != want {
			t.Errorf("%s is told %q, want %q", user.Name, got, want)
		}
		all, err := b.Assignments(b.ctx(), user.ID, c.CreatedAt)
		b.must(err)
		if len(all) != 1 || all[0].Next != want {
			t.Errorf("at home %s is told %+v, want %q", user.Name, all, want)
		}
		_, _, err = b.LeaseTask(b.ctx(), c.ID, user.ID)
		code := map[ranking.NextStep]ranking.Code{ranking.NextRead: ranking.CodeUnread, ranking.NextQuiz: ranking.CodeUnqualified,
			ranking.NextRetry: ranking.CodeUnqualified, ranking.NextUsedUp: ranking.CodeUnqualified}[want]
		if ranking.ErrorCode(err) != code {
			t.Errorf("after %q a task is answered with %v", want, err)
		}
	}
	_, err := b.NextStep(b.ctx(), c.ID, newcomer.ID)
	b.wantCode(err, ranking.CodeForbidden)
	b.must(b.AddMember(b.ctx(), c.ID, newcomer.ID))
	next(veteran, ranking.NextTask)
	next(veteran, ranking.NextResume) // the one that was just leased
	b.setQuiz(c.ID, quiz(2), false)
	next(veteran, ranking.NextResume)

	next(newcomer, ranking.NextRead)
	_, err = b.AcknowledgeGuidelines(b.ctx(), c.ID, newcomer.ID, 1)
	b.must(err)
	next(newcomer, ranking.NextQuiz)
	_, err = b.tryQuiz(c.ID, newcomer.ID, allWrong)
	b.must(err)
	next(newcomer, ranking.NextRetry)
	_, err = b.tryQuiz(c.ID, newcomer.ID, allWrong)
	b.must(err)
	next(newcomer, ranking.NextUsedUp)
	b.must(b.ResetQuiz(b.ctx(), c.ID, newcomer.ID))
	next(newcomer, ranking.NextQuiz)
	_, err = b.tryQuiz(c.ID, newcomer.ID, allRight)
	b.must(err)
	next(newcomer, ranking.NextTask)
}

// An admin's first steps are done one after the other.
func TestFirstSteps(t *testing.T) {
	b := setup(t)
	steps := func(want ranking.FirstSteps) {
		t.Helper()
		got, err := b.FirstSteps(b.ctx())
		b.must(err)
		if got != want {
			t.Errorf("first steps %+v, want %+v", got, want)
		}
	}
	steps(ranking.FirstSteps{})
	c := b.campaign(4, 1)
	want := ranking.FirstSteps{Campaign: c.Name}
	steps(want)
	b.imported(c.ID, inputs(1, 0))
	want.Prompts = true
	steps(want) // their responses are still to be written
	b.imported(c.ID, inputs(3, 4)[1:])
	want.Tasks = true
	steps(want)
	people := b.annotators(c.ID, 1)
	want.People = true
	steps(want)
	lease, _, err := b.LeaseTask(b.ctx(), c.ID, people[0].ID)
	b.must(err)
	_, _, err = b.Submit(b.ctx(), submission(lease))
	b.must(err)
	want.Judgments = true
	steps(want)
	if done, all := want.Done(); done != 4 || all != 5 {
		t.Errorf("%d of %d done", done, all)
	}
}
