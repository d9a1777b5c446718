package ranking

import "fmt"

// RecordProbe is what a record of a probe says beside its conversation: the record's messages, and its one response,
// which is the model's last reply.
type RecordProbe struct {
	Rule        Rule         `json:"rule"` // in the words that the annotator saw
	RuleVersion int          `json:"rule_version"`
	Verdict     Verdict      `json:"verdict"`
	Spans       []RecordSpan `json:"spans,omitempty"`
	Judge       bool         `json:"judge,omitempty"` // the annotator judged somebody else's conversation, blind to their mark
	Turns       int          `json:"turns"`
	Drawn       []ProbeDrawn `json:"drawn"` // by turn: what is needed to draw each reply again
}

// RecordSpan is a passage that breaks the rule, in code points of a message. The response counts as the message behind
// the last.
type RecordSpan struct {
	Message int `json:"message"`
	Passage
	Text string `json:"text"`
}

// ProbeDrawn is where a reply came from.
type ProbeDrawn struct {
	Checkpoint string `json:"checkpoint"`
	SHA256     string `json:"sha256"`
	Seed       int64  `json:"seed"`
	Trimmed    bool   `json:"trimmed,omitempty"` // the model read only the end of the conversation
}

// ProbeRecord is a judgment of the conversation as a record. of is what is known without it. All judgments of one
// conversation have the same prompt id, with the task behind it.
func (d Dialogue) ProbeRecord(of Record, p Probe, m Mark) Record {
	r, turns := of, d.Replies()
	last := d.At(turns)
	r.PromptID = fmt.Sprintf("%s#%d", of.PromptID, of.TaskID)
	r.Messages = d.Before(turns)
	r.Responses = []RecordResponse{{Text: last.Reply, Model: last.Drawn.Checkpoint}}
	r.Tiers, r.OrderShown = [][]int{{0}}, []int{0}
	r.Probe = &RecordProbe{Rule: p.Rule, RuleVersion: p.Version, Verdict: m.Verdict, Judge: p.Of != 0, Turns: turns}
	for _, s := range m.Spans {
		r.Probe.Spans = append(r.Probe.Spans, RecordSpan{
			Message: len(d.Before(s.Turn)), Passage: s.Passage, Text: s.In([]rune(d.At(s.Turn).Reply)),
		})
	}
	for _, t := range d.Turns[:turns] {
		r.Probe.Drawn = append(r.Probe.Drawn, ProbeDrawn{t.Drawn.Checkpoint, t.Drawn.SHA256, t.Drawn.Seed, t.Drawn.Trimmed})
	}
	return r
}
