package views

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"rankloop/internal/i18n"
	"rankloop/ranking"
	"rankloop/views/content"
)

// RankingData is a leased task on the board.
type RankingData struct {
	Campaign         string
	Kind             ranking.CampaignKind
	Strength         int    // of a comparison, chosen before; 0 for none
	BothBad          bool   // of a comparison, chosen before
	Written          string // of a demonstration, so far
	GuidelineVersion int
	LeaseToken       string
	LeaseSeconds     int
	ExpiresAt        time.Time
	StartedAt        time.Time
	UserID, TaskID   int64
	Turns            []Turn
	Cards            []Card        // in the order shown
	Dialogue         *DialogueData // of a dialogue or a probe
	Probe            *ProbeData    // of a probe
	Schema           ranking.Schema
	Step             int // 1 to K while responses are scored one by one, 0 for the ranking
	PromptFlags      []string
	Comment          string
	KeptAsShown      bool
	ActiveMS         int64                     // counted before, in a draft
	Restored         bool                      // a draft is shown
	Sensitive        []string                  // of ranking.SensitiveCategories: hidden until revealed
	Questions        []ranking.Question        // one's own about this task
	Error            string                    // what was wrong with the form that came back
	Judged           bool                      // something was ranked in this campaign before, and can be gone back to
	Revises          *Revising                 // the judgment that the answer replaces, nil for a leased task
	Pace             ranking.Pace              // of whoever holds the task
	Against          []string                  // "B › A": what the ranking orders against the scores, to be confirmed
	Sample           *Tryout                   // for a task that is tried out, nil for any other
	Calibration      *ranking.CalibrationPlace // of a task that everybody judges first, nil for any other
}

// Tryout is a task that somebody tries out: nothing of it is stored.
type Tryout struct {
	TaskID int64
	Tried  bool // the task before was answered
}

// Revising is a judgment that is being changed.
type Revising struct {
	JudgmentID int64
	Revision   int
	At         time.Time // when it was submitted
	Next, Back string    // the pages that come after a change, and without one
}

// fresh reports whether the task is answered for the first time: it can be skipped and asked about.
func (d RankingData) fresh() bool { return d.Revises == nil }

// leased reports whether the task is held under a lease, which has to be prolonged.
func (d RankingData) leased() bool { return d.Revises == nil && d.Sample == nil }

// path is where a form about a task goes that is not a revision: "submit", "skip", "question".
func (d RankingData) path(what string) string {
	if d.Sample != nil {
		return fmt.Sprintf("%s/%d/%s", SamplePath(d.Campaign), d.Sample.TaskID, what)
	}
	return "/leases/" + d.LeaseToken + "/" + what
}

// SamplePath is where an admin sees a campaign as its annotators do.
func SamplePath(campaign string) string { return CampaignPath(campaign) + "/try" }

// comesAhead reports whether the task after this one can be fetched ahead and put in its place.
func (d RankingData) comesAhead() bool {
	switch d.Kind {
	case ranking.KindRanking, ranking.KindComparison, ranking.KindDemonstration:
		return d.leased()
	}
	return false
}

// action is where the form goes without scripts.
func (d RankingData) action() string {
	if d.Revises != nil {
		return JudgmentPath(d.Revises.JudgmentID)
	}
	return d.path("submit")
}

// api is where the script sends a "submit" or a "draft"; "" for nowhere.
func (d RankingData) api(what string) string {
	if d.Sample != nil && what == "draft" && !d.Kind.Talks() { // a conversation is remembered from step to step
		return ""
	}
	if d.Revises != nil {
		return fmt.Sprintf("/api/judgments/%d/%s", d.Revises.JudgmentID, what)
	}
	return "/api" + d.path(what)
}

// next is the page that comes after this task.
func (d RankingData) next() string {
	if d.Revises != nil {
		return d.Revises.Next
	}
	if d.Sample != nil && d.Kind.Talks() {
		return SamplePath(d.Campaign) // which knows where the conversation stands
	}
	if d.Sample != nil {
		return fmt.Sprintf("%s?tried=1&after=%d", SamplePath(d.Campaign), d.Sample.TaskID)
	}
	return "/campaigns/" + d.Campaign + "/rank"
}

// draftName names the draft that the browser keeps: by person and task, and by the revision that it would replace.
func (d RankingData) draftName() string {
	if d.Revises != nil {
		return fmt.Sprintf("%d.%d.%d", d.UserID, d.TaskID, d.Revises.Revision)
	}
	if d.Sample != nil {
		return fmt.Sprintf("sample.%d", d.TaskID)
	}
	return fmt.Sprintf("%d.%d", d.UserID, d.TaskID)
}

// onBoard reports whether the responses are ranked on the board, which has stages.
func (d RankingData) onBoard() bool { return d.Kind == "" || d.Kind == ranking.KindRanking }

// stage names what the page shows first.
func (d RankingData) stage() string {
	if d.Step > 0 {
		return "one"
	}
	return "two"
}

// nextStep is where the form goes on: the next response to score, or 0 for the ranking.
func (d RankingData) nextStep() string {
	if d.Step >= len(d.Cards) {
		return "0"
	}
	return strconv.Itoa(d.Step + 1)
}

// scored reports whether the response of a step has its score.
func (d RankingData) scored(step int) bool {
	return slices.ContainsFunc(d.Cards, func(c Card) bool { return c.Step == step && c.Score > 0 })
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
	Step       int // its place among those scored one by one, 1 first
	Score      int // given before, 0 for none
	Flags      []string
	Note       string
	Source     string // the text as it was written, for editing it
	Edit       string // the text as edited before, "" for not at all
}

// Letter names the card at a position: A, B, C …
func Letter(position int) string { return string(rune('A' + position)) }

// flagKey is the key that ticks a response's flag: a for the first.
func flagKey(i int) string { return string(rune('a' + i)) }

// ticked is how many flags are, "" for none.
func ticked(n int) string {
	if n == 0 {
		return ""
	}
	return " · " + strconv.Itoa(n)
}

// skipReasons are the catalog keys below "ranking.skip_"; the word after it is what is stored.
var skipReasons = []string{"unclear", "expertise", "broken", "sensitive", "other"}

// boardMessages are the strings that the board's script shows, by the names it uses.
func boardMessages(ctx context.Context) string {
	return messagesOf(ctx, map[string]string{
		"empty": "ranking.strip_empty", "unranked": "ranking.strip_unranked", "left_one": "ranking.left_one",
		"left_other": "ranking.left_other", "pairs_one": "ranking.pairs_one", "pairs_other": "ranking.pairs_other",
		"ties_one": "ranking.ties_one", "ties_other": "ranking.ties_other", "ranked": "ranking.said_ranked",
		"tied": "ranking.said_tied", "cleared": "ranking.said_cleared", "undone": "ranking.said_undone",
		"nothing_to_undo": "ranking.said_nothing_to_undo", "complete": "ranking.said_complete",
		"kept": "ranking.said_kept", "sending": "ranking.sending",
		"draft_saved": "ranking.draft_saved", "draft_restored": "ranking.draft_restored", "offline": "ranking.offline",
		"signed_out": "ranking.signed_out", "sign_in": "sign_in.again", "expiring": "ranking.expiring", "expired": "ranking.expired",
		"taken": "ranking.taken", "letter": "ranking.strip_letter", "draft_local": "ranking.draft_local",
		"saving": "ranking.saving", "step": "ranking.step_of", "score_first": "ranking.said_score_first",
		"scored": "ranking.said_scored", "flagged": "ranking.said_flagged", "unflagged": "ranking.said_unflagged",
		"fold_more": "ranking.fold_more", "fold_less": "ranking.fold_less", "compare_none": "ranking.compare_none",
		"asked": "question.sent", "offline_ask": "question.offline", "against_one": "ranking.against_one", "against_other": "ranking.against_other",
	})
}

// messagesOf are strings for a script: name → key of the catalog.
func messagesOf(ctx context.Context, keys map[string]string) string {
	messages := map[string]string{}
	for name, key := range keys {
		messages[name] = i18n.T(ctx, key)
	}
	encoded, err := json.Marshal(messages)
	if err != nil {
		panic(err) // a map of strings always encodes
	}
	return string(encoded)
}

// unsentMessages are what the frame says about answers that wait to be sent.
func unsentMessages(ctx context.Context) string {
	return messagesOf(ctx, map[string]string{
		"waiting_one": "unsent.waiting_one", "waiting_other": "unsent.waiting_other", "sent": "unsent.sent", "taken": "unsent.taken",
		"refused": "unsent.refused", "signed_out": "unsent.signed_out", "sign_in": "sign_in.again",
	})
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
