package demo

import "fmt"

// The requirements on a full demo.
const (
	winRateAtLeast    = 0.75
	winRateLowAbove   = 0.60
	winMatchedAtLeast = 0.60
	endedAtLeast      = 0.95
	klAtMost          = 15 // nats a sequence
	distinctAtLeast   = 0.8
	lengthR2Below     = 0.3
)

// decide holds the figures against the requirements. The smoke run only has to raise gold.
func (l *loop) decide() {
	r := l.report
	check := func(holds bool, format string, args ...any) {
		if !holds {
			r.Failed = append(r.Failed, fmt.Sprintf(format, args...))
		}
	}
	check(r.Gold.After > r.Gold.Before, "the gold score did not rise: %.3f, then %.3f", r.Gold.Before, r.Gold.After)
	if !l.Quick {
		check(r.WinRate.Value >= winRateAtLeast, "win rate %.3f is below %.2f", r.WinRate.Value, winRateAtLeast)
		check(r.WinRate.Interval[0] > winRateLowAbove, "the win rate's lower end %.3f is not above %.2f", r.WinRate.Interval[0], winRateLowAbove)
		check(r.WinMatched.Value >= winMatchedAtLeast, "win rate on matched length %.3f is below %.2f", r.WinMatched.Value, winMatchedAtLeast)
		check(r.Ended.After >= endedAtLeast, "only %.3f of the replies end", r.Ended.After)
		check(r.KLMean <= klAtMost, "KL %.1f nats is above %d", r.KLMean, klAtMost)
		check(r.Distinct2.After >= distinctAtLeast*r.Distinct2.Before, "distinct-2 fell from %.3f to %.3f", r.Distinct2.Before, r.Distinct2.After)
		check(r.LengthR2 < lengthR2Below, "length explains %.2f of the gold score", r.LengthR2)
	}
	r.Passed = len(r.Failed) == 0
}
