package app

import (
	"context"

	"rankloop/internal/store"
	"rankloop/ranking"
)

// pages is what the web pages ask of the program: the store, and a few things that tie it to the other parts.
type pages struct {
	*store.Store
	services   *Services
	playground *playground
}

// RedeemFirstAdmin makes the first admin, and a member of the demo campaign where there is one: the first thing to do
// is there at once.
func (p pages) RedeemFirstAdmin(ctx context.Context, token string, user ranking.NewUser) (ranking.User, error) {
	admin, err := p.Store.RedeemFirstAdmin(ctx, token, user)
	if err != nil {
		return ranking.User{}, err
	}
	campaign, err := p.CampaignByName(ctx, demoCampaign)
	if ranking.ErrorCode(err) == ranking.CodeNotFound {
		return admin, nil
	}
	if err == nil {
		err = p.AddMember(ctx, campaign.ID, admin.ID)
	}
	if err != nil {
		p.services.Log.Warn("the first admin did not join the demo campaign", "error", err)
	}
	return admin, nil
}
