package views

import (
	"context"

	"rankloop/internal/i18n"
	"rankloop/ranking"
)

// writerOptions are the checkpoints that can write missing responses, and none.
func writerOptions(ctx context.Context, writers []string) []Option {
	options := make([]Option, 0, len(writers)+1)
	for _, name := range writers {
		options = append(options, Option{name, name})
	}
	return append(options, Option{GenerateNothing, i18n.T(ctx, "campaigns.generate_nothing")})
}

// campaignKindOptions are what a campaign may ask of annotators.
func campaignKindOptions(ctx context.Context) []Option {
	var options []Option
	for _, kind := range ranking.CampaignKinds() {
		options = append(options, Option{string(kind), i18n.T(ctx, "kinds.choose_"+string(kind))})
	}
	return options
}

// roleOptions are the roles that somebody can be invited to.
func roleOptions(ctx context.Context) []Option {
	var options []Option
	for _, role := range everybody {
		options = append(options, Option{string(role), i18n.T(ctx, "role."+string(role))})
	}
	return options
}

// campaignMove is one button that changes a campaign's state.
type campaignMove struct {
	State ranking.CampaignState
	Key   string // of the catalog
}

// moves are the states that a campaign can be put into from where it is.
func moves(state ranking.CampaignState) []campaignMove {
	var all []campaignMove
	for _, m := range []campaignMove{
		{ranking.CampaignOpen, "campaigns.do_open"}, {ranking.CampaignPaused, "campaigns.do_pause"}, {ranking.CampaignClosed, "campaigns.do_close"},
	} {
		if m.State != state {
			all = append(all, m)
		}
	}
	return all
}

// megabytes writes a limit for people.
// fileSize writes the size of a file: whole MiB, or whole KiB where it is less than one.
func fileSize(bytes int64) string {
	if bytes >= 1<<20 {
		return megabytes(bytes)
	}
	return i18n.Number(int((bytes+1023)>>10)) + " KiB"
}

func megabytes(bytes int64) string { return i18n.Number(int(bytes>>20)) + " MiB" }
