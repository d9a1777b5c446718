package ranking

import (
	"cmp"
	"encoding/json"
	"io"
	"slices"
	"strings"
)

// trlRow is a row of TRL's standard explicit preference format, with columns beside it that trainers pass over.
type trlRow struct {
	Prompt        string `json:"prompt"`
	Chosen        string `json:"chosen"`
	Rejected      string `json:"rejected"`
	PromptID      string `json:"prompt_id"`
	ChosenIndex   int    `json:"chosen_index"`   // place in the prompt set
	RejectedIndex int    `json:"rejected_index"` // place in the prompt set
	JudgmentID    int64  `json:"judgment_id"`
	Annotator     string `json:"annotator"` // pseudonym
	Simulated     bool   `json:"simulated"`
	Split         Split  `json:"split,omitempty"`    // snapshots
	Strength      int    `json:"strength,omitempty"` // comparisons

	winner, loser int // indexes into the record's responses
}

// trlWriter writes one row for each judgment and strict pair, ordered by the two indexes. Ties have no place in the
// format and are left out.
type trlWriter struct{ encoder *json.Encoder }

func newTRLWriter(w io.Writer) rowWriter { return &trlWriter{newLineEncoder(w)} }

func (t *trlWriter) write(r *Record) (rows, tiesOmitted int, err error) {
	pairs, ties := pairRows(r)
	for i := range pairs {
		if err := t.encoder.Encode(&pairs[i]); err != nil {
			return 0, 0, err
		}
	}
	return len(pairs), ties, nil
}

func (t *trlWriter) flush() error { return nil }

// pairRows makes the rows of a record's strict pairs and counts its tied ones.
func pairRows(r *Record) (rows []trlRow, ties int) {
	prompt, lead := pairPrompt(r.Messages)
	for _, pair := range r.Comparisons() {
		if pair.Tied {
			ties++
			continue
		}
		chosen, rejected := r.Responses[pair.Winner], r.Responses[pair.Loser]
		rows = append(rows, trlRow{
			Prompt:        prompt,
			Chosen:        lead + chosen.Text,
			Rejected:      lead + rejected.Text,
			PromptID:      r.PromptID,
			ChosenIndex:   chosen.FileIndex,
			RejectedIndex: rejected.FileIndex,
			JudgmentID:    r.JudgmentID,
			Annotator:     r.Annotator,
			Simulated:     r.Simulated,
			Split:         r.Split,
			Strength:      r.StrengthOf(pair),
			winner:        pair.Winner,
			loser:         pair.Loser,
		})
	}
	slices.SortFunc(rows, func(a, b trlRow) int {
		return cmp.Or(cmp.Compare(a.ChosenIndex, b.ChosenIndex), cmp.Compare(a.RejectedIndex, b.RejectedIndex))
	})
	return rows, ties
}

// pairPrompt gives the prompt as one text, and what leads each completion: the content itself where it is one user
// turn, else the transcript in the style of HH-RLHF, after whose last "Assistant:" a completion starts with a space.
func pairPrompt(messages []Message) (prompt, lead string) {
	if len(messages) == 1 {
		return messages[0].Content, ""
	}
	var b strings.Builder
	for _, m := range messages {
		b.WriteString("\n\n")
		b.WriteString(transcriptRoles[m.Role])
		b.WriteString(": ")
		b.WriteString(m.Content)
	}
	b.WriteString("\n\nAssistant:")
	return b.String(), " "
}

// transcriptRoles are the speakers of an HH-RLHF transcript; System is our addition, there being none in that set.
var transcriptRoles = map[string]string{"system": "System", "user": "Human", "assistant": "Assistant"}
