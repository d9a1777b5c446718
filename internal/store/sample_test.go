package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"rankloop/ranking"
)

// A sample is what would be leased, and leaves nothing behind.
func TestSampleTask(t *testing.T) {
	b := setup(t)
	c, people := b.work(2, 1, 1)
	first, task, err := b.SampleTask(b.ctx(), c.ID, people[0].ID, 0)
	b.must(err)
	second, _, err := b.SampleTask(b.ctx(), c.ID, people[0].ID, first.TaskID)
	b.must(err)
	around, _, err := b.SampleTask(b.ctx(), c.ID, people[0].ID, second.TaskID)
	b.must(err)
	if second.TaskID == first.TaskID || around.TaskID != first.TaskID || first.Token != "" {
		t.Errorf("samples of the tasks %d, %d, %d; token %q", first.TaskID, second.TaskID, around.TaskID, first.Token)
	}
	if n := b.number("SELECT count(*) FROM leases") + b.number("SELECT sum(taken) FROM tasks"); n != 0 {
		t.Errorf("%d leases and places are taken", n)
	}
	lease, leased, err := b.LeaseTask(b.ctx(), c.ID, people[0].ID)
	b.must(err)
	if diff := cmp.Diff(leased, task); diff != "" {
		t.Errorf("the sample is another task (-leased +sample):\n%s", diff)
	}
	type shown struct {
		Order, Scored      []int64
		Guidelines, Schema int
	}
	of := func(l ranking.Lease) shown {
		return shown{l.OrderShown, l.OrderScored, l.GuidelineVersion, l.SchemaVersion}
	}
	if diff := cmp.Diff(of(lease), of(first)); diff != "" {
		t.Errorf("the sample is shown otherwise (-leased +sample):\n%s", diff)
	}

	empty, err := b.CreateCampaign(b.ctx(), ranking.NewCampaign{Name: "empty", K: 4, Overlap: 1})
	b.must(err)
	_, _, err = b.SampleTask(b.ctx(), empty.ID, people[0].ID, 0)
	b.wantCode(err, ranking.CodeNotFound)
}
