package store_test

import (
	"testing"

	"rankloop/ranking"
)

// A new version of the guidelines comes before the next task, never before one that is held; each acknowledgement is
// kept with its version.
func TestGuidelinesBeforeTheNextTask(t *testing.T) {
	b := setup(t)
	c, people := b.work(4, 1, 1)
	reader := people[0]
	newcomer := b.user("newcomer", ranking.RoleAnnotator)
	b.must(b.AddMember(b.ctx(), c.ID, newcomer.ID))

	_, _, err := b.LeaseTask(b.ctx(), c.ID, newcomer.ID)
	b.wantCode(err, ranking.CodeUnread)
	none, err := b.GuidelinesRead(b.ctx(), c.ID, newcomer.ID)
	b.must(err)
	if none.Version != 0 {
		t.Errorf("a newcomer has read version %d", none.Version)
	}

	held, _, err := b.LeaseTask(b.ctx(), c.ID, reader.ID)
	b.must(err)
	_, err = b.AddGuidelines(b.ctx(), c.ID, "Be fairer.")
	b.must(err)
	again, _, err := b.LeaseTask(b.ctx(), c.ID, reader.ID) // a task that is open is finished as it began
	b.must(err)
	if again.Token != held.Token || again.GuidelineVersion != 1 {
		t.Errorf("the task in work became %+v", again)
	}
	judged, _, err := b.Submit(b.ctx(), submission(held))
	b.must(err)
	if judged.GuidelineVersion != 1 {
		t.Errorf("the judgment names version %d, it was leased under 1", judged.GuidelineVersion)
	}
	_, _, err = b.LeaseTask(b.ctx(), c.ID, reader.ID)
	b.wantCode(err, ranking.CodeUnread)

	_, err = b.AcknowledgeGuidelines(b.ctx(), c.ID, reader.ID, 3)
	b.wantCode(err, ranking.CodeNotFound)
	_, err = b.AcknowledgeGuidelines(b.ctx(), c.ID, b.user("stranger", ranking.RoleAdmin).ID, 2)
	b.wantCode(err, ranking.CodeNotFound)
	first, err := b.AcknowledgeGuidelines(b.ctx(), c.ID, reader.ID, 2)
	b.must(err)
	second, err := b.AcknowledgeGuidelines(b.ctx(), c.ID, reader.ID, 2)
	b.must(err)
	if !first.Equal(second) {
		t.Errorf("saying it twice moved the time from %v to %v", first, second)
	}
	next, _, err := b.LeaseTask(b.ctx(), c.ID, reader.ID)
	b.must(err)
	if next.GuidelineVersion != 2 {
		t.Errorf("the next task is under version %d", next.GuidelineVersion)
	}

	// An older version than the newest is worth what it says.
	_, err = b.AcknowledgeGuidelines(b.ctx(), c.ID, newcomer.ID, 1)
	b.must(err)
	_, _, err = b.LeaseTask(b.ctx(), c.ID, newcomer.ID)
	b.wantCode(err, ranking.CodeUnread)
	readings, err := b.GuidelinesReadings(b.ctx(), c.ID)
	b.must(err)
	read := map[int64]int{}
	for _, r := range readings {
		read[r.UserID] = r.Version
	}
	if len(read) != 2 || read[reader.ID] != 2 || read[newcomer.ID] != 1 {
		t.Errorf("readings %+v", readings)
	}

	// Nothing to read, nothing to say.
	_, err = b.AddGuidelines(b.ctx(), c.ID, "")
	b.must(err)
	_, _, err = b.LeaseTask(b.ctx(), c.ID, newcomer.ID)
	b.must(err)
}

func TestSimulatedAnnotatorsReadNothing(t *testing.T) {
	b := setup(t)
	c, _ := b.work(1, 1, 0)
	user, err := b.CreateUser(b.ctx(), ranking.NewUser{Email: "sim@simulated.invalid", Role: ranking.RoleAnnotator, Simulated: true})
	b.must(err)
	b.must(b.AddMember(b.ctx(), c.ID, user.ID))
	_, _, err = b.LeaseTask(b.ctx(), c.ID, user.ID)
	b.must(err)
}
