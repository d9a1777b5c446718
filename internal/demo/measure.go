package demo

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat"

	"rankloop/internal/basemodel"
	"rankloop/internal/demo/judge"
	"rankloop/internal/inference"
	"rankloop/internal/jobs"
	"rankloop/ranking"
)

// answer is one reply to a held-out prompt, judged.
type answer struct {
	inference.Reply
	verdict judge.Verdict
}

// measure samples the start and the tuned policy on held-out prompts and lets the judge compare them.
func (l *loop) measure(ctx context.Context, tuned string) error {
	prompts := basemodel.PromptsOf(kinds, uint64(l.Seed)+heldOutStream, l.size.heldOutPrompts, true)
	l.report.Prompts.HeldOut = len(prompts)
	before, err := l.answers(ctx, jobs.DefaultBase, prompts)
	if err != nil {
		return err
	}
	after, err := l.answers(ctx, tuned, prompts)
	if err != nil {
		return err
	}
	if l.report.KLMean, err = divergence(l.services.Base, prompts, after); err != nil {
		return err
	}
	l.report.Gold = Gold{
		BeforeAfter:    BeforeAfter{mean(before, gold), mean(after, gold)},
		BeforeInterval: bootstrap(before, func(sample []answer) float64 { return mean(sample, gold) }),
		AfterInterval:  bootstrap(after, func(sample []answer) float64 { return mean(sample, gold) }),
	}
	l.report.Accepted = BeforeAfter{mean(before, accepted), mean(after, accepted)}
	l.report.Ended = BeforeAfter{mean(before, ended), mean(after, ended)}
	l.report.LengthMean = BeforeAfter{mean(before, length), mean(after, length)}
	l.report.Distinct2 = BeforeAfter{distinct2(before), distinct2(after)}
	l.report.LengthR2 = lengthR2(before)

	var all, matched []duel
	for i := range prompts {
		d := duel{before[i], after[i]}
		all = append(all, d)
		if d.sameLength() {
			matched = append(matched, d)
		}
	}
	l.report.WinRate, l.report.WinMatched = winRate(all), winRate(matched)
	return nil
}

// heldOutStream keeps the held-out prompts' draw apart from the training prompts'.
const heldOutStream = 1 << 32

func (l *loop) answers(ctx context.Context, checkpoint string, prompts []string) ([]answer, error) {
	requests := make([]inference.Request, len(prompts))
	for i, prompt := range prompts {
		requests[i] = inference.Request{Messages: conversation(prompt), Seed: uint64(l.Seed)<<20 + uint64(i)}
	}
	options := inference.Sampled
	options.MaxNew = l.size.maxNew
	replies, err := l.services.Engine.Generate(ctx, checkpoint, requests, options, nil)
	if err != nil {
		return nil, err
	}
	answers := make([]answer, len(replies))
	for i, reply := range replies {
		answers[i] = answer{reply, judge.Judge(prompts[i], reply.Text, reply.Ended)}
	}
	return answers, nil
}

func conversation(prompt string) []ranking.Message {
	return []ranking.Message{{Role: "user", Content: prompt}}
}

func gold(a answer) float64     { return a.verdict.Score }
func length(a answer) float64   { return float64(a.Tokens) }
func accepted(a answer) float64 { return indicator(a.verdict.Accepted) }
func ended(a answer) float64    { return indicator(a.Ended) }

func indicator(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

func mean(answers []answer, of func(answer) float64) float64 {
	sum := 0.0
	for _, a := range answers {
		sum += of(a)
	}
	return sum / float64(max(len(answers), 1))
}

// distinctBlock is how many replies distinct-2 looks at together: the more replies, the more of their pairs have been seen
// before, so only samples of one size can be compared.
const distinctBlock = 200

// distinct2 is the share of different ones among all pairs of neighbouring words of a block, the mean over blocks.
func distinct2(answers []answer) float64 {
	sum, blocks := 0.0, 0
	for block := range slices.Chunk(answers, distinctBlock) {
		seen := map[[2]string]bool{}
		total := 0
		for _, a := range block {
			words := strings.Fields(strings.ToLower(a.Text))
			for i := 1; i < len(words); i++ {
				seen[[2]string{words[i-1], words[i]}] = true
				total++
			}
		}
		sum += float64(len(seen)) / float64(max(total, 1))
		blocks++
	}
	return sum / float64(max(blocks, 1))
}

// lengthR2 is how much of the gold score a straight line over length explains.
func lengthR2(answers []answer) float64 {
	x, y := make([]float64, len(answers)), make([]float64, len(answers))
	for i, a := range answers {
		x[i], y[i] = length(a), gold(a)
	}
	r := stat.Correlation(x, y, nil)
	return r * r
}

// duel is the start's and the tuned policy's reply to one prompt.
type duel struct{ before, after answer }

// sameLength says that the longer reply has at most a quarter more tokens.
func (d duel) sameLength() bool {
	short, long := min(d.before.Tokens, d.after.Tokens), max(d.before.Tokens, d.after.Tokens)
	return 4*long <= 5*short
}

func winRate(duels []duel) WinRate {
	var rate WinRate
	for _, d := range duels {
		switch {
		case gold(d.after) > gold(d.before):
			rate.Wins++
		case gold(d.after) < gold(d.before):
			rate.Losses++
		default:
			rate.Ties++
		}
	}
	share := func(sample []duel) float64 {
		sum := 0.0
		for _, d := range sample {
			switch {
			case gold(d.after) > gold(d.before):
				sum++
			case gold(d.after) == gold(d.before):
				sum += 0.5
			}
		}
		return sum / float64(max(len(sample), 1))
	}
	rate.Value, rate.Interval = share(duels), bootstrap(duels, share)
	return rate
}

// bootstrap is the 95 % percentile interval of a statistic over prompts, from a fixed seed.
func bootstrap[T any](items []T, statistic func([]T) float64) [2]float64 {
	if len(items) == 0 {
		return [2]float64{}
	}
	const rounds = 2000
	random := rand.New(rand.NewPCG(1, 1))
	values := make([]float64, rounds)
	sample := make([]T, len(items))
	for round := range values {
		for i := range sample {
			sample[i] = items[random.IntN(len(items))]
		}
		values[round] = statistic(sample)
	}
	slices.Sort(values)
	return [2]float64{values[rounds*25/1000], values[rounds*975/1000]}
}
