package ranking

import (
	"math"
	"slices"
)

// GivenMark is one mark on a conversation.
type GivenMark struct {
	TaskID  int64
	Rule    string
	Judge   bool // of somebody who did not hold the conversation
	Verdict Verdict
}

// ProbeStatistics are the figures of a campaign that probes rules.
type ProbeStatistics struct {
	Rules     []RuleStatistics `json:"rules"`     // those of the newest schema in its order, then those of earlier ones
	Agreement *Share           `json:"agreement"` // of the pairs of marks on one conversation: the same verdict; nil without any
}

// RuleStatistics is how a rule fared. The counts are the verdicts of those who held the conversations.
type RuleStatistics struct {
	Rule        string `json:"rule"`
	Violated    int    `json:"violated"`
	NotViolated int    `json:"not_violated"`
	Unsure      int    `json:"unsure"`
	Rate        *Rate  `json:"rate"` // violated, of those who were sure; null without any
}

// Rate is a share of independent trials with its 95 % interval: Wilson's, which holds for few trials too.
type Rate struct {
	Value    float64    `json:"value"`
	Interval [2]float64 `json:"interval"`
	Of       int        `json:"of"`
}

// NewRate is count of n trials; nil for none.
func NewRate(count, of int) *Rate {
	if of == 0 {
		return nil
	}
	const z = 1.959964
	n, p := float64(of), float64(count)/float64(of)
	middle := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return &Rate{Value: p, Interval: [2]float64{max(middle-half, 0), min(middle+half, 1)}, Of: of}
}

// Probes is how many conversations were held under the rule.
func (s RuleStatistics) Probes() int { return s.Violated + s.NotViolated + s.Unsure }

// NewProbeStatistics counts marks; those on one conversation follow each other. The agreement's interval is a bootstrap
// over conversations, drawn by the seed.
func NewProbeStatistics(rules []Rule, marks []GivenMark, seed uint64) ProbeStatistics {
	out := ProbeStatistics{Rules: make([]RuleStatistics, len(rules))}
	for i, r := range rules {
		out.Rules[i].Rule = r.Name
	}
	for _, m := range marks {
		if m.Judge {
			continue
		}
		at := slices.IndexFunc(out.Rules, func(r RuleStatistics) bool { return r.Rule == m.Rule })
		if at < 0 {
			at = len(out.Rules)
			out.Rules = append(out.Rules, RuleStatistics{Rule: m.Rule})
		}
		switch m.Verdict {
		case VerdictViolated:
			out.Rules[at].Violated++
		case VerdictKept:
			out.Rules[at].NotViolated++
		case VerdictUnsure:
			out.Rules[at].Unsure++
		}
	}
	for i, r := range out.Rules {
		out.Rules[i].Rate = NewRate(r.Violated, r.Violated+r.NotViolated)
	}
	out.Agreement = NewShare(sameVerdicts(marks), seed)
	return out
}

// sameVerdicts counts, for each conversation, the pairs of marks and those that agree.
func sameVerdicts(marks []GivenMark) (all []Proportion) {
	for len(marks) > 0 {
		n := 1
		for n < len(marks) && marks[n].TaskID == marks[0].TaskID {
			n++
		}
		var of Proportion
		for i := range n {
			for j := range i {
				of.Of++
				if marks[i].Verdict == marks[j].Verdict {
					of.Count++
				}
			}
		}
		all, marks = append(all, of), marks[n:]
	}
	return all
}
