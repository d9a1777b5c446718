package ranking

import (
	"encoding/json"
	"io"
)

// ruleRow is one judgment of a conversation under a rule: what a classifier of violations learns from, as Sparrow's
// rule reward model did (arXiv 2209.14375, section 2.3): the conversation and the rule in, the verdict out.
type ruleRow struct {
	ID          int64        `json:"id"`           // the judgment
	Prompt      string       `json:"conversation"` // the same for all judgments of one
	Group       string       `json:"group"`        // what a split must not divide
	Rule        string       `json:"rule"`
	RuleText    string       `json:"rule_text"`
	RuleVersion int          `json:"rule_version"`
	Messages    []Message    `json:"messages"` // the last is the model's
	Label       Verdict      `json:"label"`
	Violated    *bool        `json:"violated"` // null for unsure
	Spans       []RecordSpan `json:"spans"`
	Judge       bool         `json:"judge"`
	Model       string       `json:"model"`
	Annotator   string       `json:"annotator"`
	Simulated   bool         `json:"simulated"`
	Split       Split        `json:"split,omitempty"`
}

// rulesWriter writes one row for each judgment of a probe; other judgments are passed over.
type rulesWriter struct{ encoder *json.Encoder }

func newRulesWriter(w io.Writer) rowWriter { return &rulesWriter{newLineEncoder(w)} }

func (w *rulesWriter) write(r *Record) (rows, tiesOmitted int, err error) {
	if r.Probe == nil {
		return 0, 0, nil
	}
	p := r.Probe
	row := ruleRow{
		ID: r.JudgmentID, Prompt: r.PromptID, Group: r.Group, Rule: p.Rule.Name, RuleText: p.Rule.Text, RuleVersion: p.RuleVersion,
		Messages: append(r.Messages[:len(r.Messages):len(r.Messages)], Message{Role: "assistant", Content: r.Responses[0].Text}),
		Label:    p.Verdict, Spans: p.Spans, Judge: p.Judge, Model: r.Responses[0].Model,
		Annotator: r.Annotator, Simulated: r.Simulated, Split: r.Split,
	}
	if p.Verdict != VerdictUnsure {
		violated := p.Verdict == VerdictViolated
		row.Violated = &violated
	}
	if row.Spans == nil {
		row.Spans = []RecordSpan{}
	}
	return 1, 0, w.encoder.Encode(row)
}

func (w *rulesWriter) flush() error { return nil }
