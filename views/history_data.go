package views

import (
	"slices"
	"strings"
	"time"

	"rankloop/ranking"
)

// HistoryData is a page of one's own judgments, newest first.
type HistoryData struct {
	Rows      []HistoryLine
	First     bool
	OlderThan int64 // judgment id that the next page starts below; 0 when this is the last
}

// HistoryLine is one judgment.
type HistoryLine struct {
	Campaign    string
	Prompt      string // beginning of the last user turn
	Expression  string // "B › A = D › C"
	ActiveMS    int64
	Revision    int
	Comment     string
	SubmittedAt time.Time
}

// NewHistoryLine shortens a judgment to its line.
func NewHistoryLine(row ranking.HistoryRow) HistoryLine {
	line := HistoryLine{
		Campaign: row.Campaign, Expression: Expression(row.Tiers, row.OrderShown),
		ActiveMS: row.ActiveMS, Revision: row.Revision, Comment: row.Comment,
		SubmittedAt: row.SubmittedAt,
	}
	if n := len(row.Messages); n > 0 {
		line.Prompt = excerpt(row.Messages[n-1].Content, 120)
	}
	return line
}

// Expression writes a ranking with the letters under which its responses were shown: "B › A = D › C".
func Expression(tiers ranking.Tiers, orderShown []int64) string {
	parts := make([]string, len(tiers))
	for i, tier := range tiers {
		letters := make([]string, len(tier))
		for j, id := range tier {
			letters[j] = "?"
			if position := slices.Index(orderShown, id); position >= 0 {
				letters[j] = Letter(position)
			}
		}
		slices.Sort(letters)
		parts[i] = strings.Join(letters, " = ")
	}
	return strings.Join(parts, " › ")
}
