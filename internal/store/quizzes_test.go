package store_test

import (
	"sync"
	"testing"

	"rankloop/internal/store"
	"rankloop/ranking"
)

// quiz asks two questions and a ranking; two of three must be right.
func quiz(attempts int) ranking.Quiz {
	return ranking.Quiz{PassMark: 0.6, Attempts: attempts, Items: []ranking.QuizItem{
		{Text: "Are ties allowed?", Options: []ranking.QuizOption{{Text: "Yes", Right: true}, {Text: "No"}}, Explanation: "They are encouraged."},
		{Text: "What counts?", Options: []ranking.QuizOption{{Text: "Truth", Right: true}, {Text: "Length"}, {Text: "Help", Right: true}}},
		{Text: "Name a colour.", Responses: []ranking.QuizResponse{{Text: "Red.", Rank: 1}, {Text: "No.", Rank: 2}}},
	}}
}

func answered(first int, second []int, third ...int) []ranking.QuizAnswer {
	return []ranking.QuizAnswer{{Chosen: []int{first}}, {Chosen: second}, {Ranks: third}}
}

var (
	allRight = answered(0, []int{0, 2}, 1, 2)
	twoRight = answered(0, []int{0}, 1, 2)
	allWrong = answered(1, []int{1}, 1, 1)
)

func (b *bundle) setQuiz(campaignID int64, quiz ranking.Quiz, everybody bool) int {
	b.t.Helper()
	version, err := b.SetQuiz(b.ctx(), campaignID, quiz, everybody)
	b.must(err)
	return version
}

func (b *bundle) standing(campaignID, userID int64) ranking.QuizStanding {
	b.t.Helper()
	standing, err := b.QuizStanding(b.ctx(), campaignID, userID)
	b.must(err)
	return standing
}

// tryQuiz makes the next attempt.
func (b *bundle) tryQuiz(campaignID, userID int64, answers []ranking.QuizAnswer) (ranking.QuizAttempt, error) {
	b.t.Helper()
	standing := b.standing(campaignID, userID)
	attempt, _, err := b.SubmitQuiz(b.ctx(), ranking.QuizSubmission{
		CampaignID: campaignID, UserID: userID, Version: standing.Version, Number: standing.Next, Answers: answers,
	})
	return attempt, err
}

// The quiz comes after the guidelines and before the next task; a task that is held is finished first.
func TestQuizBeforeTheNextTask(t *testing.T) {
	b := setup(t)
	c, people := b.work(4, 2, 2)
	worker, failing := people[0], people[1]
	held, _, err := b.LeaseTask(b.ctx(), c.ID, worker.ID)
	b.must(err)
	if version := b.setQuiz(c.ID, quiz(2), false); version != 1 {
		t.Errorf("the first quiz is version %d", version)
	}
	again, _, err := b.LeaseTask(b.ctx(), c.ID, worker.ID)
	b.must(err)
	if again.Token != held.Token {
		t.Error("the task in work was taken away")
	}
	_, _, err = b.Submit(b.ctx(), submission(held))
	b.must(err)
	_, _, err = b.LeaseTask(b.ctx(), c.ID, worker.ID)
	b.wantCode(err, ranking.CodeUnqualified)

	attempt, err := b.tryQuiz(c.ID, worker.ID, twoRight)
	b.must(err)
	if !attempt.Passed || attempt.Right() != 2 || attempt.Marks[1] {
		t.Errorf("two of three right: %+v", attempt)
	}
	_, _, err = b.LeaseTask(b.ctx(), c.ID, worker.ID)
	b.must(err)
	_, err = b.tryQuiz(c.ID, worker.ID, allRight)
	b.wantCode(err, ranking.CodeConflict)

	// Attempts run out; an admin gives new ones.
	for range 2 {
		attempt, err = b.tryQuiz(c.ID, failing.ID, allWrong)
		b.must(err)
		if attempt.Passed {
			t.Error("everything wrong passes")
		}
		_, _, err = b.LeaseTask(b.ctx(), c.ID, failing.ID)
		b.wantCode(err, ranking.CodeUnqualified)
	}
	_, err = b.tryQuiz(c.ID, failing.ID, allRight)
	b.wantCode(err, ranking.CodeForbidden)
	b.must(b.ResetQuiz(b.ctx(), c.ID, failing.ID))
	attempt, err = b.tryQuiz(c.ID, failing.ID, allRight)
	b.must(err)
	if attempt.Number != 3 || !attempt.Passed {
		t.Errorf("after the reset: %+v", attempt)
	}
	_, _, err = b.LeaseTask(b.ctx(), c.ID, failing.ID)
	b.must(err)

	people2, items, err := b.QuizResults(b.ctx(), c.ID)
	b.must(err)
	if len(people2) != 2 || !people2[0].Passed || people2[0].Best != 2 || people2[1].Attempts != 3 || people2[1].Used != 1 || people2[1].Best != 3 {
		t.Errorf("results %+v", people2)
	}
	if len(items) != 3 || items[0] != (ranking.QuizItemResult{Answered: 2, Wrong: 1}) || items[1].Wrong != 2 { // first attempts only
		t.Errorf("items %+v", items)
	}

	// Starting over takes a pass back.
	b.must(b.ResetQuiz(b.ctx(), c.ID, worker.ID))
	b.wantCode(b.ResetQuiz(b.ctx(), c.ID, worker.ID), ranking.CodeNotFound)
	if b.standing(c.ID, worker.ID).Passed {
		t.Error("a voided attempt counts")
	}
}

func TestQuizRefusals(t *testing.T) {
	b := setup(t)
	c, people := b.work(1, 1, 1)
	_, err := b.SetQuiz(b.ctx(), c.ID, ranking.Quiz{}, false)
	b.wantCode(err, ranking.CodeInvalid)
	_, err = b.SetQuiz(b.ctx(), c.ID+1, quiz(1), false)
	b.wantCode(err, ranking.CodeNotFound)
	_, err = b.tryQuiz(c.ID, people[0].ID, allRight)
	b.wantCode(err, ranking.CodeNotFound)
	b.setQuiz(c.ID, quiz(2), false)

	submit := func(userID int64, version, number int, answers []ranking.QuizAnswer) error {
		_, _, err := b.SubmitQuiz(b.ctx(), ranking.QuizSubmission{CampaignID: c.ID, UserID: userID, Version: version, Number: number, Answers: answers})
		return err
	}
	b.wantCode(submit(b.user("stranger", ranking.RoleAdmin).ID, 1, 1, allRight), ranking.CodeForbidden)
	newcomer := b.user("newcomer", ranking.RoleAnnotator)
	b.must(b.AddMember(b.ctx(), c.ID, newcomer.ID))
	b.wantCode(submit(newcomer.ID, 1, 1, allRight), ranking.CodeUnread)
	b.wantCode(submit(people[0].ID, 2, 1, allRight), ranking.CodeConflict)
	b.wantCode(submit(people[0].ID, 1, 2, allRight), ranking.CodeConflict)
	b.wantCode(submit(people[0].ID, 1, 0, allRight), ranking.CodeConflict)
	b.wantCode(submit(people[0].ID, 1, 1, allRight[:2]), ranking.CodeInvalid)
	if n := b.number("SELECT count(*) FROM quiz_attempts"); n != 0 {
		t.Errorf("%d refused attempts are stored", n)
	}
	_, _, err = b.QuizAttempt(b.ctx(), c.ID, people[0].ID, 1)
	b.wantCode(err, ranking.CodeNotFound)
}

// A corrected quiz keeps those who passed qualified unless everybody has to pass it; attempts are counted by version.
func TestQuizVersions(t *testing.T) {
	b := setup(t)
	c, people := b.work(3, 2, 2)
	passed, failed := people[0].ID, people[1].ID
	b.setQuiz(c.ID, quiz(1), false)
	_, err := b.tryQuiz(c.ID, passed, allRight)
	b.must(err)
	_, err = b.tryQuiz(c.ID, failed, allWrong)
	b.must(err)
	if version := b.setQuiz(c.ID, quiz(1), false); version != 1 {
		t.Errorf("the same quiz again is version %d", version)
	}

	corrected := quiz(1)
	corrected.Items[0].Text = "Are ties encouraged?"
	if version := b.setQuiz(c.ID, corrected, false); version != 2 {
		t.Errorf("the corrected quiz is version %d", version)
	}
	_, _, err = b.LeaseTask(b.ctx(), c.ID, passed)
	b.must(err)
	if standing := b.standing(c.ID, failed); standing.Left() != 1 || standing.Version != 2 || standing.Next != 2 {
		t.Errorf("the one who failed version 1 stands at %+v", standing)
	}
	attempt, old, err := b.QuizAttempt(b.ctx(), c.ID, failed, 1)
	b.must(err)
	if attempt.Version != 1 || old.Items[0].Text != "Are ties allowed?" {
		t.Errorf("an old attempt is shown with version %d: %q", attempt.Version, old.Items[0].Text)
	}

	if version := b.setQuiz(c.ID, corrected, true); version != 3 {
		t.Errorf("for everybody it is version %d", version)
	}
	lease, _, err := b.LeaseTask(b.ctx(), c.ID, passed)
	b.must(err) // still held
	b.must(b.ReleaseLease(b.ctx(), lease.Token, passed))
	_, _, err = b.LeaseTask(b.ctx(), c.ID, passed)
	b.wantCode(err, ranking.CodeUnqualified)

	b.must(b.RemoveQuiz(b.ctx(), c.ID))
	for _, user := range []int64{passed, failed} {
		_, _, err = b.LeaseTask(b.ctx(), c.ID, user)
		b.must(err)
	}
	if _, version, err := b.Quiz(b.ctx(), c.ID); err != nil || version != 0 {
		t.Errorf("after its removal there is version %d, %v", version, err)
	}
	if version := b.setQuiz(c.ID, quiz(1), false); version != 4 || b.standing(c.ID, passed).Passed {
		t.Errorf("set again it is version %d, passed already: %v", version, b.standing(c.ID, passed).Passed)
	}
}

func TestNewCampaignWithQuiz(t *testing.T) {
	b := setup(t)
	c, err := b.CreateCampaign(b.ctx(), store.NewCampaign{Name: "screened", K: 4, Overlap: 1, Quiz: quiz(3)})
	b.must(err)
	if stored, version, err := b.Quiz(b.ctx(), c.ID); err != nil || version != 1 || len(stored.Items) != 3 {
		t.Errorf("stored version %d with %d items, %v", version, len(stored.Items), err)
	}
	_, err = b.CreateCampaign(b.ctx(), store.NewCampaign{Name: "bad", K: 4, Overlap: 1, Quiz: quiz(0)})
	b.wantCode(err, ranking.CodeInvalid)
	if n := b.number("SELECT count(*) FROM campaigns WHERE name = 'bad'"); n != 0 {
		t.Error("a campaign with a bad quiz was made")
	}
}

func TestSimulatedAnnotatorsTakeNoQuiz(t *testing.T) {
	b := setup(t)
	c, _ := b.work(1, 1, 0)
	b.setQuiz(c.ID, quiz(1), false)
	user, err := b.CreateUser(b.ctx(), ranking.NewUser{Email: "sim@simulated.invalid", Role: ranking.RoleAnnotator, Simulated: true})
	b.must(err)
	b.must(b.AddMember(b.ctx(), c.ID, user.ID))
	_, _, err = b.LeaseTask(b.ctx(), c.ID, user.ID)
	b.must(err)
	if people, _, err := b.QuizResults(b.ctx(), c.ID); err != nil || len(people) != 0 {
		t.Errorf("results of %+v, %v", people, err)
	}
}

// What is held ahead is not begun by somebody who has not passed the quiz that came meanwhile.
func TestQuizBeforeWhatIsHeldAhead(t *testing.T) {
	b := setup(t)
	c, people := b.work(3, 1, 1)
	lease, _, err := b.LeaseTask(b.ctx(), c.ID, people[0].ID)
	b.must(err)
	ahead, _, err := b.LeaseAhead(b.ctx(), lease.Token, people[0].ID)
	b.must(err)
	b.setQuiz(c.ID, quiz(1), false)
	_, _, err = b.Submit(b.ctx(), submission(lease))
	b.must(err)
	begun, err := b.BeginAhead(b.ctx(), ahead.Token, people[0].ID)
	b.must(err)
	if begun {
		t.Error("a task was begun before the quiz was passed")
	}
	if n := b.number("SELECT sum(taken) FROM tasks"); n != 1 {
		t.Errorf("%d places are taken, want the one that was judged", n)
	}
}

// Two tabs and two servers send the same attempt, and others: each number is stored once, and never more attempts than
// are allowed.
func TestQuizRaces(t *testing.T) {
	b := setup(t)
	const attempts = 3
	c, people := b.work(1, 1, 2)
	b.setQuiz(c.ID, quiz(attempts), false)
	servers := []*store.Store{b.Store, store.New(b.pool)}
	var wait sync.WaitGroup
	var mu sync.Mutex
	stored := map[int64]int{} // user → attempts that were told to be new
	for _, user := range people {
		for number := 1; number <= attempts+2; number++ {
			for n := range 4 {
				wait.Go(func() {
					for range 20 { // a number that is not due yet is refused, and sent again
						_, duplicate, err := servers[n%2].SubmitQuiz(b.ctx(), ranking.QuizSubmission{
							CampaignID: c.ID, UserID: user.ID, Version: 1, Number: number, Answers: allWrong,
						})
						if ranking.ErrorCode(err) == ranking.CodeConflict {
							continue
						}
						if err != nil && ranking.ErrorCode(err) != ranking.CodeForbidden {
							t.Error(err)
						}
						mu.Lock()
						if err == nil && !duplicate {
							stored[user.ID]++
						}
						mu.Unlock()
						return
					}
				})
			}
		}
	}
	wait.Wait()
	for _, user := range people {
		standing := b.standing(c.ID, user.ID)
		if n := b.number("SELECT count(*) FROM quiz_attempts WHERE user_id = $1", user.ID); n != stored[user.ID] || n != standing.Used || n > attempts || n < 1 {
			t.Errorf("%d attempts are stored, %d were told to be new, %d count, %d are allowed", n, stored[user.ID], standing.Used, attempts)
		}
	}
}
