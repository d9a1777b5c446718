package views

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"rankloop/internal/i18n"
	"rankloop/ranking"
	"rankloop/views/content"
)

// RankingData is a leased task on the board.
type RankingData struct {
	Campaign         string
	GuidelineVersion int
	LeaseToken       string
	LeaseSeconds     int
	ExpiresAt        time.Time
	StartedAt        time.Time
	UserID, TaskID   int64 // name the draft that the browser keeps
	Turns            []Turn
	Cards            []Card // in the order shown
	Comment          string
	Error            string // what was wrong with the form that came back
}

// Turn is one message of the prompt.
type Turn struct {
	Role string // "system", "user" or "assistant"
	HTML content.Text
}

// Card is one response. Who wrote it is not part of it.
type Card struct {
	Letter     string
	ResponseID int64
	HTML       content.Text
	Words      int
	Rank       int // chosen before, 0 for none
}

// Letter names the card at a position: A, B, C …
func Letter(position int) string { return string(rune('A' + position)) }

// skipReasons are the catalog keys below "ranking.skip_"; the word after it is what is stored.
var skipReasons = []string{"unclear", "expertise", "broken", "sensitive", "other"}

// boardMessages are the strings that the board's script shows, by the names it uses.
func boardMessages(ctx context.Context) string {
	messages := map[string]string{}
	for name, key := range map[string]string{
		"empty": "ranking.strip_empty", "unranked": "ranking.strip_unranked", "left_one": "ranking.left_one",
		"left_other": "ranking.left_other", "pairs_one": "ranking.pairs_one", "pairs_other": "ranking.pairs_other",
		"ties_one": "ranking.ties_one", "ties_other": "ranking.ties_other", "ranked": "ranking.said_ranked",
		"tied": "ranking.said_tied", "cleared": "ranking.said_cleared", "undone": "ranking.said_undone",
		"nothing_to_undo": "ranking.said_nothing_to_undo", "complete": "ranking.said_complete",
		"kept": "ranking.said_kept", "sending": "ranking.sending",
		"draft_saved": "ranking.draft_saved", "draft_restored": "ranking.draft_restored", "offline": "ranking.offline",
		"signed_out": "ranking.signed_out", "expiring": "ranking.expiring", "expired": "ranking.expired",
		"taken": "ranking.taken", "letter": "ranking.strip_letter",
	} {
		messages[name] = i18n.T(ctx, key)
	}
	encoded, err := json.Marshal(messages)
	if err != nil {
		panic(err) // a map of strings always encodes
	}
	return string(encoded)
}

// RankingDoneData says that a campaign has no task for the annotator at the moment.
type RankingDoneData struct {
	Campaign string
	State    ranking.CampaignState
}

// clock writes a duration as minutes and seconds, "1:42".
func clock(ms int64) string {
	seconds := (ms + 500) / 1000
	return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
}
