package views

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"rankloop/ranking"
	"rankloop/views/content"
	"rankloop/views/content/diff"
)

// GuidelinesData is one version of a campaign's guidelines.
type GuidelinesData struct {
	Campaign        string
	Kind            ranking.CampaignKind
	Version, Newest int
	HTML            content.Text
	Empty           bool
	MayRank         bool             // works on the campaign, which is open
	Next            ranking.NextStep // of who may

	// What a member of the campaign has read, where this is the newest version.
	Read    int // the newest version they said to have read, 0 for none
	ReadAt  time.Time
	Changes [][]diff.Piece // since that version
}

// Unread reports whether the member has to read this version before the next task.
func (d GuidelinesData) Unread() bool {
	return d.MayRank && !d.Empty && d.Version == d.Newest && d.Read < d.Version
}

// withoutBlankEnds leaves the empty lines around a change out.
func withoutBlankEnds(place []diff.Piece) []diff.Piece {
	place = slices.Clone(place)
	if first := &place[0]; first.Kind == diff.Same {
		first.Text = strings.TrimLeft(first.Text, "\n")
	}
	if last := &place[len(place)-1]; last.Kind == diff.Same {
		last.Text = strings.TrimRight(last.Text, "\n")
	}
	return place
}

// GuidelinesPath is the page of a campaign's guidelines.
func GuidelinesPath(campaign string) string { return "/campaigns/" + campaign + "/guidelines" }

// guidelinesVersionPath is one version of them.
func guidelinesVersionPath(campaign string, version int) string {
	return fmt.Sprintf("%s?version=%d", GuidelinesPath(campaign), version)
}
