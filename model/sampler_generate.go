package model

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// Generate draws one reply per prompt, with one seed each. A reply ends with a
// stop token, after MaxNew tokens, or when prompt and reply fill the context or
// the length that the sampler was planned for; its place is then free for the
// next prompt. onToken, if not nil, is told every token as it comes, in the
// calling goroutine. When ctx ends, so does Generate, with its error.
func (s *Sampler) Generate(ctx context.Context, prompts [][]int32, seeds []uint64, o SampleOptions, onToken func(i int, token int32)) ([]Sample, error) {
	if err := s.check(prompts, seeds, o); err != nil {
		return nil, err
	}
	samples := make([]Sample, len(prompts))
	for i, prompt := range prompts {
		most := min(o.MaxNew, s.maxLength-len(prompt))
		samples[i] = Sample{Tokens: make([]int32, 0, most), LogProbs: make([]float32, 0, most)}
	}
	s.options = o
	free := make([]*reply, 0, s.maxBatch)
	for i := range s.replies {
		free = append(free, &s.replies[i])
	}
	s.active = s.active[:0]
	for waiting := 0; waiting < len(prompts) || len(s.active) > 0; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for len(free) > 0 && waiting < len(prompts) {
			r := free[len(free)-1]
			free = free[:len(free)-1]
			r.index, r.pending, r.seen = waiting, prompts[waiting], 0
			r.random.Seed(seeds[waiting], 0x5a3)
			s.active = append(s.active, r)
			waiting++
		}
		s.step(s.share())
		for _, r := range s.choosing {
			if !finite(r.logProb) {
				return nil, fmt.Errorf("model: the logits after prompt %d are not finite", r.index)
			}
			sample := &samples[r.index]
			sample.Tokens = append(sample.Tokens, r.next[0])
			sample.LogProbs = append(sample.LogProbs, r.logProb)
			if onToken != nil {
				onToken(r.index, r.next[0])
			}
			r.pending = r.next[:]
			sample.Ended = slices.Contains(o.Stop, r.next[0])
			if sample.Ended || len(sample.Tokens) == cap(sample.Tokens) {
				r.pending = nil
				free = append(free, r)
			}
		}
		s.active = slices.DeleteFunc(s.active, func(r *reply) bool { return r.pending == nil })
	}
	return samples, nil
}

func (s *Sampler) check(prompts [][]int32, seeds []uint64, o SampleOptions) error {
	if s.weights == nil {
		return fmt.Errorf("model: Generate before SetWeights")
	}
	if len(seeds) != len(prompts) {
		return fmt.Errorf("model: %d seeds for %d prompts", len(seeds), len(prompts))
	}
	if err := o.validate(); err != nil {
		return err
	}
	for i, prompt := range prompts {
		if len(prompt) < 1 || len(prompt) >= s.maxLength {
			return fmt.Errorf("model: prompt %d has %d tokens, outside of 1..%d", i, len(prompt), s.maxLength-1)
		}
		for _, token := range prompt {
			if token < 0 || int(token) >= s.config.Vocab {
				return fmt.Errorf("model: prompt %d has token %d, outside of the vocabulary of %d", i, token, s.config.Vocab)
			}
		}
	}
	return nil
}

// share decides what the next step reads, and returns how many tokens: one of
// every reply under way, and as much of the prompts, the oldest first, as there
// is room for. Where a prompt is cut changes no bit of it: attention handles
// tokens in blocks, and only whole blocks are cut off.
func (s *Sampler) share() (rows int) {
	room := s.maxRows
	for _, r := range s.active {
		if len(r.pending) == 1 {
			room--
		}
	}
	block := s.config.attention().blockTokens()
	s.reading, s.choosing = s.reading[:0], s.choosing[:0]
	for _, r := range s.active {
		r.reads = len(r.pending)
		if r.reads > 1 {
			if r.reads > room {
				r.reads = room - room%block
			}
			room -= r.reads
		}
		if r.reads == 0 {
			continue
		}
		r.row = rows
		rows += r.reads
		s.reading = append(s.reading, r)
		if r.reads == len(r.pending) {
			s.choosing = append(s.choosing, r)
		}
	}
	return rows
}

// finite says whether x is a number.
func finite(x float32) bool { return !math.IsNaN(float64(x)) && !math.IsInf(float64(x), 0) }
