package store_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rankloop/internal/store"
	"rankloop/ranking"
)

func TestCampaigns(t *testing.T) {
	b := setup(t)
	made, err := b.CreateCampaign(b.ctx(), store.NewCampaign{Name: "oasst", K: 9, Overlap: 3, Guidelines: "# Be fair", Seed: -5})
	b.must(err)
	if made.State != ranking.CampaignOpen || made.Kind != ranking.KindRanking || made.K != 9 || made.Overlap != 3 || made.Seed != -5 ||
		made.GenerateFrom != "base" || made.LeaseSeconds != 1800 || made.GuidelineVersion != 1 || made.Guidelines != "# Be fair" {
		t.Errorf("made %+v", made)
	}
	_, err = b.CreateCampaign(b.ctx(), store.NewCampaign{Name: "oasst", K: 4, Overlap: 1})
	b.wantCode(err, ranking.CodeConflict)
	for _, bad := range []store.NewCampaign{
		{Name: "Bad Name", K: 4, Overlap: 1}, {Name: "", K: 4, Overlap: 1}, {Name: strings.Repeat("a", 64), K: 4, Overlap: 1},
		{Name: "a", K: 1, Overlap: 1}, {Name: "a", K: 17, Overlap: 1}, {Name: "a", K: 4, Overlap: 0}, {Name: "a", K: 4, Overlap: 101},
		{Name: "a", K: 4, Overlap: 1, LeaseSeconds: 5}, {Name: "a", K: 4, Overlap: 1, GenerateFrom: "../x"},
		{Name: "a", K: 4, Overlap: 1, Guidelines: "nul\x00"},
	} {
		_, err := b.CreateCampaign(b.ctx(), bad)
		b.wantCode(err, ranking.CodeInvalid)
	}
	version, err := b.AddGuidelines(b.ctx(), made.ID, "# Be fairer")
	b.must(err)
	same, err := b.AddGuidelines(b.ctx(), made.ID, "# Be fairer")
	b.must(err)
	if version != 2 || same != 2 {
		t.Errorf("versions %d and %d", version, same)
	}
	_, err = b.AddGuidelines(b.ctx(), made.ID, strings.Repeat("x", 200_001))
	b.wantCode(err, ranking.CodeTooLarge)
	first, err := b.Guidelines(b.ctx(), made.ID, 1)
	b.must(err)
	if first != "# Be fair" {
		t.Errorf("version 1 is %q", first)
	}
	_, err = b.Guidelines(b.ctx(), made.ID, 3)
	b.wantCode(err, ranking.CodeNotFound)
	b.must(b.SetCampaignState(b.ctx(), made.ID, ranking.CampaignClosed))
	b.wantCode(b.SetCampaignState(b.ctx(), made.ID, "ajar"), ranking.CodeInvalid)
	b.wantCode(b.SetCampaignState(b.ctx(), 4711, ranking.CampaignOpen), ranking.CodeNotFound)
	got, err := b.CampaignByName(b.ctx(), "oasst")
	b.must(err)
	if got.State != ranking.CampaignClosed || got.GuidelineVersion != 2 || got.Guidelines != "# Be fairer" {
		t.Errorf("got %+v", got)
	}
	_, err = b.CampaignByName(b.ctx(), "nul\x00")
	b.wantCode(err, ranking.CodeNotFound)
	_, err = b.CampaignByID(b.ctx(), 4711)
	b.wantCode(err, ranking.CodeNotFound)

	other := b.campaign(4, 1)
	user := b.user("ada", ranking.RoleAnnotator)
	b.must(b.AddMember(b.ctx(), other.ID, user.ID))
	b.must(b.AddMember(b.ctx(), other.ID, user.ID))
	b.imported(other.ID, inputs(3, 4))
	all, err := b.ListCampaigns(b.ctx())
	b.must(err)
	if len(all) != 2 || !cmp.Equal(all[0].Campaign, got) || !cmp.Equal(all[1].Campaign, other) || all[0].Counts != (store.CampaignCounts{}) ||
		all[1].Counts != (store.CampaignCounts{Prompts: 3, Responses: 12, TasksTotal: 3, TasksOpen: 3, Members: 1}) {
		t.Errorf("list %+v", all)
	}
	member, err := b.IsMember(b.ctx(), other.ID, user.ID)
	b.must(err)
	b.must(b.RemoveMember(b.ctx(), other.ID, user.ID))
	b.wantCode(b.RemoveMember(b.ctx(), other.ID, user.ID), ranking.CodeNotFound)
	after, err := b.IsMember(b.ctx(), other.ID, user.ID)
	b.must(err)
	if !member || after {
		t.Error("membership is not what it should be")
	}
}
