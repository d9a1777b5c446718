package views

import (
	"context"
	"fmt"
	"slices"

	"rankloop/ranking"
	"rankloop/views/content"
)

// ProbeData is a conversation under a rule with what is marked in it.
type ProbeData struct {
	Rule    ranking.Rule
	Version int  // of the schema that has the rule in these words
	Judge   bool // somebody else held the conversation, and it is over
	Verdict ranking.Verdict
	Turns   []ProbeTurn
}

// ProbeTurn is one message of the conversation.
type ProbeTurn struct {
	Role   string
	Turn   int // of the model's own replies, 1 first; 0 for what cannot be marked
	HTML   content.Text
	Text   string // of a reply: as it is stored, which passages refer to
	Marked []ranking.Passage
}

// replied reports whether the model has said something.
func (d *ProbeData) replied() bool {
	return slices.ContainsFunc(d.Turns, func(t ProbeTurn) bool { return t.Turn > 0 })
}

// laidOut reports whether a reply reads otherwise than as it is written.
func (t ProbeTurn) laidOut() bool { return t.HTML.Source != "" }

// choices are the passages of a reply that can be ticked: its sentences, and what was marked otherwise, in order.
func (t ProbeTurn) choices() []probeChoice {
	text := []rune(t.Text)
	passages := ranking.Sentences(t.Text)
	var ticked []ranking.Passage
	for _, m := range t.Marked {
		if whole := covered(m, passages); len(whole) > 0 {
			ticked = append(ticked, whole...)
		} else if m.Start >= 0 && m.Start < m.End && m.End <= len(text) {
			ticked = append(ticked, m)
		}
	}
	for _, m := range ticked {
		if !slices.Contains(passages, m) {
			passages = append(passages, m)
		}
	}
	slices.SortFunc(passages, func(a, b ranking.Passage) int { return a.Start - b.Start })
	choices := make([]probeChoice, len(passages))
	for i, p := range passages {
		choices[i] = probeChoice{Value: fmt.Sprintf("%d:%d-%d", t.Turn, p.Start, p.End), Text: p.In(text), Ticked: slices.Contains(ticked, p)}
	}
	return choices
}

// covered are the sentences of which a passage consists; none where it is another part of the text.
func covered(m ranking.Passage, sentences []ranking.Passage) (whole []ranking.Passage) {
	for _, s := range sentences {
		if s.Start >= m.Start && s.End <= m.End {
			whole = append(whole, s)
		}
	}
	if len(whole) > 0 && whole[0].Start == m.Start && whole[len(whole)-1].End == m.End {
		return whole
	}
	return nil
}

// probeChoice is one passage that can be ticked.
type probeChoice struct {
	Value, Text string
	Ticked      bool
}

// probePiece is a part of a reply, marked or not.
type probePiece struct {
	Text   string
	Marked bool
}

// pieces cut a reply where passages begin and end.
func (t ProbeTurn) pieces() (all []probePiece) {
	text, at := []rune(t.Text), 0
	for _, m := range t.Marked {
		if m.Start < at || m.End > len(text) || m.Start >= m.End {
			continue
		}
		if m.Start > at {
			all = append(all, probePiece{Text: string(text[at:m.Start])})
		}
		all = append(all, probePiece{Text: m.In(text), Marked: true})
		at = m.End
	}
	if at < len(text) {
		all = append(all, probePiece{Text: string(text[at:])})
	}
	return all
}

// probeTarget is where the form goes: to the turn at hand while one's own conversation goes on, else to the lease.
func (d RankingData) probeTarget() taskTarget {
	if !d.probeSays() {
		return taskTarget{d.action(), d.api("submit")}
	}
	return taskTarget{d.turnPath("say"), "/api" + d.turnPath("say")}
}

// probeSays reports whether the person may write the next message.
func (d RankingData) probeSays() bool { return !d.Probe.Judge && d.Dialogue.Says }

// probeKeys are the single keys of the verdicts.
var probeKeys = map[ranking.Verdict]string{ranking.VerdictViolated: "v", ranking.VerdictKept: "n", ranking.VerdictUnsure: "e"}

// probeHelp is the legend of the keyboard.
func (d *ProbeData) help() []helpLine {
	lines := []helpLine{
		{[]string{"v"}, "probe.help_violated"}, {[]string{"n"}, "probe.help_kept"}, {[]string{"e"}, "probe.help_unsure"},
		{[]string{"m"}, "probe.help_mark"},
		{[]string{"←", "→"}, "probe.help_words"},
		{[]string{"Shift", "←", "→"}, "probe.help_extend"},
		{[]string{"↑", "↓"}, "probe.help_sentences"},
		{[]string{"Enter"}, "probe.help_take"},
		{[]string{"⌫"}, "probe.help_drop"},
		{[]string{"u"}, "ranking.help_undo"},
		{[]string{"f"}, "probe.help_finish"},
	}
	if !d.Judge {
		lines = append(lines, helpLine{[]string{"r"}, "dialogue.help_write"}, helpLine{[]string{"Ctrl", "Enter"}, "probe.help_send"})
	}
	return append(lines,
		helpLine{[]string{"Esc"}, "demonstration.help_leave"},
		helpLine{[]string{"t"}, "ranking.help_note"},
		helpLine{[]string{"s"}, "ranking.help_skip"},
		helpLine{[]string{"?"}, "ranking.help_help"},
	)
}

// probeMessages are the strings that the script of a probe shows.
func probeMessages(ctx context.Context) string {
	return scriptMessages(ctx, map[string]string{
		"undone": "ranking.said_undone", "nothing_to_undo": "ranking.said_nothing_to_undo",
		"write_message": "dialogue.said_write_message", "unsent": "probe.said_unsent", "no_verdict": "probe.said_no_verdict",
		"no_span": "probe.said_no_span", "span_kept": "probe.said_span_kept", "no_reply": "probe.said_no_reply",
		"waiting": "dialogue.waiting", "writing": "dialogue.writing", "drawn": "probe.drawn", "lost": "probe.lost",
		"marked": "probe.said_marked", "unmarked": "probe.said_unmarked", "nothing_chosen": "probe.said_nothing_chosen", "remove": "probe.remove_passage",
		"too_many": "probe.said_too_many",
	})
}
