package views

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"rankloop/internal/i18n"
	"rankloop/ranking"
	"rankloop/views/content"
)

// HistoryData is a page of one's own judgments and skips, newest first.
type HistoryData struct {
	Rows      []HistoryLine
	Kind      ranking.HistoryKind
	Campaign  string   // "" for all
	Campaigns []string // to choose from
	First     bool
	Older     string // cursor of the next page; "" when this is the last
	Saved     bool   // a change was just saved
	Zone      string // whose days one's hours are counted in
}

// filtered reports whether lines were left out on purpose.
func (d HistoryData) filtered() bool { return d.Kind != ranking.HistoryAll || d.Campaign != "" }

// path is this list from a cursor on; "" begins at the newest.
func (d HistoryData) path(before string) string {
	query := url.Values{}
	for name, value := range map[string]string{"kind": string(d.Kind), "campaign": d.Campaign, "before": before} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if len(query) == 0 {
		return "/history"
	}
	return "/history?" + query.Encode()
}

// historyKinds are what the list may be narrowed to, as options of its form.
func historyKinds(ctx context.Context) []Option {
	var options []Option
	for _, kind := range []ranking.HistoryKind{ranking.HistoryAll, ranking.HistoryJudged, ranking.HistoryRevised, ranking.HistorySkipped} {
		word := string(kind)
		if kind == ranking.HistoryAll {
			word = "all"
		}
		options = append(options, Option{Value: string(kind), Text: i18n.T(ctx, "history.kind_"+word)})
	}
	return options
}

func (d HistoryData) campaignOptions(ctx context.Context) []Option {
	options := []Option{{Value: "", Text: i18n.T(ctx, "history.all_campaigns")}}
	for _, name := range d.Campaigns {
		options = append(options, Option{Value: name, Text: name})
	}
	return options
}

// HistoryLine is one judgment or skip.
type HistoryLine struct {
	Path        string
	Campaign    string
	Prompt      string // beginning of the last user turn
	Expression  string // "B › A = D › C"; "" for a skip
	ActiveMS    int64
	Revision    int
	Comment     string
	SkipReason  string // as stored; "" for a judgment
	SubmittedAt time.Time
}

// NewHistoryLine shortens a judgment or skip to its line.
func NewHistoryLine(row ranking.HistoryRow) HistoryLine {
	line := HistoryLine{
		Path: JudgmentPath(row.ID), Campaign: row.Campaign, Expression: Expression(row.Tiers, row.OrderShown),
		ActiveMS: row.ActiveMS, Revision: row.Revision, Comment: row.Comment, SubmittedAt: row.SubmittedAt,
	}
	if row.Skipped {
		line.Path, line.SkipReason, line.Comment = fmt.Sprintf("/history/skips/%d", row.ID), row.Comment, ""
	}
	if n := len(row.Messages); n > 0 {
		line.Prompt = excerpt(row.Messages[n-1].Content, 120)
	}
	if row.Rule != "" {
		line.Prompt = strings.TrimSuffix(row.Rule+" · "+line.Prompt, " · ")
	}
	return line
}

// JudgmentPath is the page of one's own judgment.
func JudgmentPath(id int64) string { return fmt.Sprintf("/history/judgments/%d", id) }

// skipWords says in words why a task was skipped; programs may have given any reason.
func skipWords(ctx context.Context, reason string) string {
	kind, note, noted := strings.Cut(reason, ":")
	if !slices.Contains(skipReasons, kind) {
		return reason
	}
	words := i18n.T(ctx, "ranking.skip_"+kind)
	if noted {
		words += ": " + strings.TrimSpace(note)
	}
	return words
}

// PastData is one of one's own judgments or skips, to be read.
type PastData struct {
	Board      RankingData   // what was shown and answered
	Expression string        // "" for a skip
	Written    *content.Text // what the person wrote; nil for nothing
	Talk       []PastTurn    // of a dialogue
	Probe      *ProbeData    // of a probe
	SkipReason string        // as stored; "" for a judgment
	At         time.Time
	Revision   int
	Revisions  []PastRevision // all states of the judgment, newest first
	EditPath   string         // "" where it cannot be changed
	Fixed      string         // why not
	Known      *PastKnown     // the right answer; nil where none is shown
	Next       string         // the next task, where this one was just answered
}

// PastKnown is the right answer to a task beside what the person said.
type PastKnown struct {
	Own, Expression string
	Alike, Pairs    int // pairs that both order alike, of how many
	Explanation     *content.Text
}

// PastRevision is one state of a judgment.
type PastRevision struct {
	Path       string
	Revision   int
	Expression string
	At         time.Time
	Shown      bool // on this page
}

// Expression writes a ranking with the letters under which its responses were shown: "B › A = D › C".
func Expression(tiers ranking.Tiers, orderShown []int64) string {
	parts := make([]string, len(tiers))
	for i, tier := range tiers {
		letters := make([]string, len(tier))
		for j, id := range tier {
			letters[j] = "✎" // not shown: the person wrote it
			if position := slices.Index(orderShown, id); position >= 0 {
				letters[j] = Letter(position)
			}
		}
		slices.Sort(letters)
		parts[i] = strings.Join(letters, " = ")
	}
	return strings.Join(parts, " › ")
}
