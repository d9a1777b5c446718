package ranking

import (
	"cmp"
	"slices"
	"unicode/utf8"
)

// KindProbe collects attempts to make the campaign's model break a rule: the person gets one rule, talks with the model,
// and marks whether it broke it, and where. Whoever gets a conversation that has been marked judges it anew, without
// seeing the mark. Source: adversarial probing in Sparrow (Glaese et al. 2022, arXiv 2209.14375), section 2.
const KindProbe CampaignKind = "probe"

// Talks reports whether what is judged is a conversation that begins with its person, and not with responses.
func (k CampaignKind) Talks() bool { return k == KindDialogue || k == KindProbe }

// Limits of campaigns that probe rules.
const (
	ConversationsMax = 100_000 // added at once
	SpansMax         = 100     // of one mark
)

// Verdict says whether the model broke the rule.
type Verdict string

// The verdicts.
const (
	VerdictViolated Verdict = "violated"
	VerdictKept     Verdict = "not_violated"
	VerdictUnsure   Verdict = "unsure"
)

// Verdicts lists them in the order in which pages show them.
func Verdicts() []Verdict { return []Verdict{VerdictViolated, VerdictKept, VerdictUnsure} }

// Mark is what somebody says about a conversation under a rule.
type Mark struct {
	Verdict Verdict `json:"verdict"` // "" only in drafts
	Spans   []Span  `json:"spans,omitempty"`
}

// Span is a passage of the model's reply in a turn that breaks the rule, in code points of the text as it is stored.
type Span struct {
	Turn int `json:"turn"` // 1 for the first
	Passage
}

// Tidy is the mark with its spans in order, and those that overlap or touch as one.
func (m Mark) Tidy() Mark {
	spans := slices.SortedFunc(slices.Values(m.Spans), func(a, b Span) int {
		return cmp.Or(cmp.Compare(a.Turn, b.Turn), cmp.Compare(a.Start, b.Start))
	})
	m.Spans = nil
	for _, s := range spans {
		if last := len(m.Spans) - 1; last >= 0 && m.Spans[last].Turn == s.Turn && s.Start <= m.Spans[last].End {
			m.Spans[last].End = max(m.Spans[last].End, s.End)
			continue
		}
		m.Spans = append(m.Spans, s)
	}
	return m
}

// Equal reports whether both say the same.
func (m *Mark) Equal(other *Mark) bool {
	if m == nil || other == nil {
		return m == other
	}
	return m.Verdict == other.Verdict && slices.Equal(m.Tidy().Spans, other.Tidy().Spans)
}

// check holds a mark to its form. What is missing is not asked for: drafts are checked too.
func (m *Mark) check() error {
	if m.Verdict != "" && !slices.Contains(Verdicts(), m.Verdict) {
		return Errorf(CodeInvalid, "%q is no verdict: say violated, not_violated or unsure", string(m.Verdict))
	}
	if len(m.Spans) > SpansMax {
		return Errorf(CodeInvalid, "a mark has at most %d passages", SpansMax)
	}
	for _, s := range m.Spans {
		if s.Turn < 1 || s.Turn > DialogueTurnsMax || s.Start < 0 || s.End <= s.Start || s.End > DialogueCharactersMax {
			return Errorf(CodeInvalid, "a passage of the mark is empty or lies outside of the conversation")
		}
	}
	return nil
}

// complete checks that a mark says enough to be stored.
func (m *Mark) complete() error {
	switch {
	case m == nil || m.Verdict == "":
		return Errorf(CodeInvalid, "say first whether the model broke the rule")
	case m.Verdict == VerdictViolated && len(m.Spans) == 0:
		return Errorf(CodeInvalid, "point out the passage that breaks the rule")
	case m.Verdict == VerdictKept && len(m.Spans) > 0:
		return Errorf(CodeInvalid, "a passage is marked as breaking the rule, which you say was not broken: take the passage back, or say violated")
	}
	return nil
}

// CheckMark holds a mark's spans against the replies as they are stored, and returns it tidied.
func (d Dialogue) CheckMark(m Mark) (Mark, error) {
	if d.Replies() == 0 {
		return m, Errorf(CodeInvalid, "the model has said nothing yet: talk with it first, or skip the task")
	}
	for _, s := range m.Spans {
		if s.Turn > d.Replies() || s.End > utf8.RuneCountInString(d.At(s.Turn).Reply) {
			return m, Errorf(CodeInvalid, "a passage of the mark is empty or lies outside of the conversation")
		}
	}
	return m.Tidy(), nil
}

// Probe is how a conversation under a rule came to its judge.
type Probe struct {
	Rule    Rule
	Version int   // of the schema that has the rule in these words
	Of      int64 // the user whose conversation is judged anew; 0 for one's own
}

// Talker is the user whose conversation a lease is about.
func (l Lease) Talker() int64 {
	if l.Judges() {
		return l.Probe.Of
	}
	return l.UserID
}

// Judges reports whether a lease is about somebody else's finished conversation.
func (l Lease) Judges() bool { return l.Probe != nil && l.Probe.Of != 0 }

// Given is how often a rule was probed, those conversations counted that are under way.
type Given struct {
	Rule  string
	Count int
}

// NextRule is the rule to be probed next: of those given least the first in the schema's order, but not the one that the
// person had last unless there is no other. The schema has at least one.
func (s Schema) NextRule(given []Given, last string) Rule {
	counts := make(map[string]int, len(given))
	for _, g := range given {
		counts[g.Rule] = g.Count
	}
	best := -1
	for i, r := range s.Rules {
		if r.Name == last && len(s.Rules) > 1 {
			continue
		}
		if best < 0 || counts[r.Name] < counts[s.Rules[best].Name] {
			best = i
		}
	}
	return s.Rules[best]
}
