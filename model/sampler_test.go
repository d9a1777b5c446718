package model

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"rankloop/model/kernel"
)

func newTestSampler(w *Weights, batch int) *Sampler {
	s := NewSampler(w.Config, batch)
	s.SetWeights(w)
	return s
}

// raggedPrompts draws prompts of many lengths, also beyond an attention block.
func raggedPrompts(c Config, lengths ...int) (prompts [][]int32, seeds []uint64) {
	for i, length := range lengths {
		prompts = append(prompts, randomBatch(c, uint64(100+i), length).Tokens)
		seeds = append(seeds, uint64(1000+i))
	}
	return prompts, seeds
}

func generate(t testing.TB, s *Sampler, prompts [][]int32, seeds []uint64, o SampleOptions) []Sample {
	t.Helper()
	samples, err := s.Generate(context.Background(), prompts, seeds, o, nil)
	if err != nil {
		t.Fatal(err)
	}
	return samples
}

// The log-probabilities of the sampler are those of the training pass.
func TestSamplerAgreesWithTheTrainingPass(t *testing.T) {
	inFamilies(t, small(LanguageModel), checkSamplerAgreesWithTheTrainingPass)
}

func checkSamplerAgreesWithTheTrainingPass(t *testing.T, c Config) {
	w := lively(c, 30)
	prompts, seeds := raggedPrompts(c, 1, 5, 64, 65, 100, 140)
	for _, temperature := range []float64{1, 0.7} {
		samples := generate(t, newTestSampler(w, 4), prompts, seeds, SampleOptions{MaxNew: 40, Temperature: temperature})
		p := NewPass(c, c.Context, 1, c.Context)
		for i, sample := range samples {
			tokens := slices.Concat(prompts[i], sample.Tokens)
			targets := append(slices.Clone(tokens[1:]), -1)
			logp, _ := results(p, w, Batch{Tokens: tokens, Lengths: []int{len(tokens)}}, targets)
			for j, got := range sample.LogProbs {
				if want := logp[len(prompts[i])-1+j]; math.Abs(float64(got-want)) > 1e-4 {
					t.Errorf("T=%g prompt %d token %d: log-probability %g, in training %g", temperature, i, j, got, want)
				}
			}
		}
	}
}

// A reply is the same to the bit alone, among others, in any batch size and with
// any number of threads.
func TestRepliesDoNotSeeTheirBatch(t *testing.T) {
	inFamilies(t, small(LanguageModel), checkRepliesDoNotSeeTheirBatch)
}

func checkRepliesDoNotSeeTheirBatch(t *testing.T, c Config) {
	w := lively(c, 31)
	prompts, seeds := raggedPrompts(c, 3, 70, 1, 12, 130, 9, 33)
	o := SampleOptions{MaxNew: 30, Temperature: 1, Stop: []int32{5}}
	want := generate(t, newTestSampler(w, 16), prompts, seeds, o)
	check := func(how string, got []Sample) {
		t.Helper()
		for i := range got {
			if !slices.Equal(got[i].Tokens, want[i].Tokens) || !slices.Equal(got[i].LogProbs, want[i].LogProbs) || got[i].Ended != want[i].Ended {
				t.Errorf("%s: reply %d differs", how, i)
			}
		}
	}
	check("batch of 3", generate(t, newTestSampler(w, 3), prompts, seeds, o))
	one := newTestSampler(w, 1)
	for i := range prompts {
		alone := generate(t, one, prompts[i:i+1], seeds[i:i+1], o)
		if !slices.Equal(alone[0].Tokens, want[i].Tokens) || !slices.Equal(alone[0].LogProbs, want[i].LogProbs) {
			t.Errorf("reply %d differs when it is alone", i)
		}
	}
	defer kernel.SetThreads(kernel.Threads())
	kernel.SetThreads(1)
	check("one thread", generate(t, newTestSampler(w, 16), prompts, seeds, o))
}

// A prompt longer than a step reads is read in pieces, to the same bits, beside
// others that go on, and a sampler planned for a shorter length has the same
// replies as long as they fit.
func TestLongPromptsInPieces(t *testing.T) {
	inFamilies(t, small(LanguageModel), func(t *testing.T, c Config) {
		c.Context = 2*prefillTokens + 200
		w := lively(c, 43)
		prompts, seeds := raggedPrompts(c, 30, 2*prefillTokens+77, 1, 700, 50)
		o := SampleOptions{MaxNew: 12, Temperature: 1}
		together := generate(t, newTestSampler(w, 4), prompts, seeds, o)
		one := NewSampler(c, 1, Within(prefillTokens))
		one.SetWeights(w)
		for _, i := range []int{0, 2, 3, 4} {
			alone := generate(t, one, prompts[i:i+1], seeds[i:i+1], o)
			if !slices.Equal(alone[0].Tokens, together[i].Tokens) || !slices.Equal(alone[0].LogProbs, together[i].LogProbs) {
				t.Errorf("reply %d differs when it is alone", i)
			}
		}
		if _, err := one.Generate(context.Background(), prompts[1:2], seeds[1:2], o, nil); err == nil {
			t.Error("a prompt beyond the planned length: no error")
		}
		tokens := slices.Concat(prompts[1], together[1].Tokens)
		targets := append(slices.Clone(tokens[1:]), -1)
		logp, _ := results(NewPass(c, len(tokens), 1, len(tokens)), w, Batch{Tokens: tokens, Lengths: []int{len(tokens)}}, targets)
		for j, got := range together[1].LogProbs {
			near(t, fmt.Sprint("log-probability ", j), float64(got), float64(logp[len(prompts[1])-1+j]), 1e-4)
		}
		if small, whole := SamplerBytes(c, 1, Within(prefillTokens)), SamplerBytes(c, 1); small >= whole {
			t.Errorf("%d bytes within a shorter length, %d without", small, whole)
		}
	})
}

func TestSeedsMatter(t *testing.T) {
	c := small(LanguageModel)
	prompts, _ := raggedPrompts(c, 8, 8)
	prompts[1] = prompts[0]
	s := newTestSampler(lively(c, 32), 2)
	o := SampleOptions{MaxNew: 30, Temperature: 1}
	differ := generate(t, s, prompts, []uint64{1, 2}, o)
	if slices.Equal(differ[0].Tokens, differ[1].Tokens) {
		t.Error("two seeds give one reply")
	}
	same := generate(t, s, prompts, []uint64{1, 1}, o)
	if !slices.Equal(same[0].Tokens, same[1].Tokens) || !slices.Equal(same[0].Tokens, differ[0].Tokens) {
		t.Error("one seed gives two replies")
	}
}

// Draws follow the distribution that the sampler reports (χ², 1e5 draws).
func TestDrawsFollowTheDistribution(t *testing.T) {
	c := tiny(LanguageModel)
	c.Vocab = 10
	w := lively(c, 33)
	prompt := []int32{1, 2, 3}
	p := NewPass(c, 3, 1, 3)
	logp := make([]float64, c.Vocab)
	for v := range logp {
		l, _ := results(p, w, Batch{Tokens: prompt, Lengths: []int{3}}, []int32{-1, -1, int32(v)})
		logp[v] = float64(l[2])
	}
	const draws = 100_000
	s := newTestSampler(w, 64)
	for _, temperature := range []float64{1, 0.5, 2} {
		want, total := make([]float64, c.Vocab), 0.0
		for v, l := range logp {
			want[v] = math.Exp(l / temperature)
			total += want[v]
		}
		prompts, seeds := make([][]int32, draws), make([]uint64, draws)
		for i := range prompts {
			prompts[i], seeds[i] = prompt, uint64(i)
		}
		counts := make([]float64, c.Vocab)
		for _, sample := range generate(t, s, prompts, seeds, SampleOptions{MaxNew: 1, Temperature: temperature}) {
			token := sample.Tokens[0]
			counts[token]++
			if math.Abs(float64(sample.LogProbs[0])-logp[token]) > 1e-4 {
				t.Fatalf("T=%g: log-probability %g of token %d, want %g: temperature 1", temperature, sample.LogProbs[0], token, logp[token])
			}
		}
		chi := 0.0
		for v, n := range counts {
			expected := want[v] / total * draws
			chi += (n - expected) * (n - expected) / expected
		}
		if chi > 27.9 { // 9 degrees of freedom, p = 0.001
			t.Errorf("T=%g: χ² = %.1f", temperature, chi)
		}
	}
}

func TestGreedyTakesTheMostProbable(t *testing.T) {
	inFamilies(t, small(LanguageModel), checkGreedyTakesTheMostProbable)
}

func checkGreedyTakesTheMostProbable(t *testing.T, c Config) {
	w := lively(c, 34)
	prompts, seeds := raggedPrompts(c, 20)
	greedy := generate(t, newTestSampler(w, 1), prompts, seeds, SampleOptions{MaxNew: 10})
	topOne := generate(t, newTestSampler(w, 1), prompts, seeds, SampleOptions{MaxNew: 10, Temperature: 1, TopK: 1})
	topTiny := generate(t, newTestSampler(w, 1), prompts, seeds, SampleOptions{MaxNew: 10, Temperature: 1, TopP: 1e-9})
	if !slices.Equal(greedy[0].Tokens, topOne[0].Tokens) || !slices.Equal(greedy[0].Tokens, topTiny[0].Tokens) {
		t.Error("greedy, TopK 1 and a tiny TopP differ")
	}
	o := newOracle(w)
	tokens := prompts[0]
	for i, token := range greedy[0].Tokens {
		row := o.logProbs(tokens)[len(tokens)-1]
		if row[token] < slices.Max(row)-1e-5 {
			t.Fatalf("token %d is not the most probable", i)
		}
		tokens = append(slices.Clone(tokens), token)
	}
}

// truncate against sorting.
func TestTruncation(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for trial := range 200 {
		n := 1 + random.IntN(40)
		d := draw{probs: make([]float32, n), order: make([]int32, n)}
		sum := float32(0)
		for i := range d.probs {
			d.probs[i] = float32(1 + random.IntN(6)) // with ties
			sum += d.probs[i]
		}
		sorted := make([]int32, n)
		for i := range d.probs {
			d.probs[i] /= sum
			sorted[i] = int32(i)
		}
		slices.SortStableFunc(sorted, func(a, b int32) int {
			return map[bool]int{true: -1, false: 1}[d.before(a, b)]
		})
		o := SampleOptions{TopK: random.IntN(n + 3), TopP: float64(random.IntN(11)) / 10}
		want := sorted
		if o.TopK > 0 && o.TopK < n {
			want = want[:o.TopK]
		}
		if o.TopP > 0 {
			total, cum := 0.0, 0.0
			for _, token := range want {
				total += float64(d.probs[token])
			}
			if o.TopK == 0 {
				total = 1
			}
			for i, token := range want {
				if i > 0 && cum >= o.TopP*total {
					want = want[:i]
					break
				}
				cum += float64(d.probs[token])
			}
		}
		if o.whole() {
			continue
		}
		if got := d.truncate(o); !slices.Equal(got, want) {
			t.Fatalf("trial %d %+v: kept %v, want %v", trial, o, got, want)
		}
		for range 20 {
			if token := d.choose(o, random.Float64()); !slices.Contains(want, token) {
				t.Fatalf("drew %d, which was cut off", token)
			}
		}
	}
}

func TestStopAndLimits(t *testing.T) { inFamilies(t, small(LanguageModel), checkStopAndLimits) }

func checkStopAndLimits(t *testing.T, c Config) {
	w := lively(c, 35)
	prompts, seeds := raggedPrompts(c, 10, 149, 145)
	s := newTestSampler(w, 2)
	free := generate(t, s, prompts, seeds, SampleOptions{MaxNew: 20, Temperature: 1})
	for i, want := range []int{20, 1, 5} {
		if len(free[i].Tokens) != want || free[i].Ended || len(free[i].LogProbs) != want {
			t.Errorf("reply %d has %d tokens, ended %v; want %d", i, len(free[i].Tokens), free[i].Ended, want)
		}
	}
	stop := free[0].Tokens[7]
	first := slices.Index(free[0].Tokens, stop)
	stopped := generate(t, s, prompts[:1], seeds[:1], SampleOptions{MaxNew: 20, Temperature: 1, Stop: []int32{stop}})[0]
	if !stopped.Ended || !slices.Equal(stopped.Tokens, free[0].Tokens[:first+1]) {
		t.Errorf("stopped reply is %v, ended %v", stopped.Tokens, stopped.Ended)
	}
}

func TestOnTokenHearsEveryToken(t *testing.T) {
	c := small(LanguageModel)
	prompts, seeds := raggedPrompts(c, 4, 9, 2, 30)
	heard := make([][]int32, len(prompts))
	samples, err := newTestSampler(lively(c, 36), 3).Generate(context.Background(), prompts, seeds,
		SampleOptions{MaxNew: 12, Temperature: 1, Stop: []int32{7}},
		func(i int, token int32) { heard[i] = append(heard[i], token) })
	if err != nil {
		t.Fatal(err)
	}
	for i := range samples {
		if !slices.Equal(heard[i], samples[i].Tokens) {
			t.Errorf("reply %d: heard %v of %v", i, heard[i], samples[i].Tokens)
		}
	}
}

func TestGenerateRefusesAndStops(t *testing.T) {
	c := small(LanguageModel)
	w := lively(c, 37)
	s := NewSampler(c, 2)
	ok := SampleOptions{MaxNew: 5, Temperature: 1}
	try := func(name string, prompt []int32, seeds []uint64, o SampleOptions) {
		t.Helper()
		if _, err := s.Generate(context.Background(), [][]int32{prompt}, seeds, o, nil); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	try("no weights", []int32{1}, []uint64{1}, ok)
	s.SetWeights(w)
	try("empty prompt", nil, []uint64{1}, ok)
	try("full context", make([]int32, c.Context), []uint64{1}, ok)
	try("unknown token", []int32{int32(c.Vocab)}, []uint64{1}, ok)
	try("no seed", []int32{1}, nil, ok)
	try("MaxNew 0", []int32{1}, []uint64{1}, SampleOptions{})
	try("temperature", []int32{1}, []uint64{1}, SampleOptions{MaxNew: 1, Temperature: -1})
	try("temperature NaN", []int32{1}, []uint64{1}, SampleOptions{MaxNew: 1, Temperature: math.NaN()})
	try("TopK", []int32{1}, []uint64{1}, SampleOptions{MaxNew: 1, TopK: -1})
	try("TopP", []int32{1}, []uint64{1}, SampleOptions{MaxNew: 1, TopP: 1.1})

	ctx, cancel := context.WithCancel(context.Background())
	count := 0
	_, err := s.Generate(ctx, [][]int32{{1}}, []uint64{1}, SampleOptions{MaxNew: 100, Temperature: 1}, func(int, int32) {
		if count++; count == 3 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || count != 3 {
		t.Errorf("after cancelling at 3: %v, %d tokens", err, count)
	}

	broken := w.Clone()
	broken.final.gain[0] = float32(math.NaN())
	s.SetWeights(broken)
	try("weights that are not numbers", []int32{1}, []uint64{1}, ok)
}

// SetWeights replaces everything that was packed before.
func TestSetWeightsAgain(t *testing.T) {
	c := small(LanguageModel)
	first, second := lively(c, 38), lively(c, 39)
	prompts, seeds := raggedPrompts(c, 6)
	o := SampleOptions{MaxNew: 20, Temperature: 1}
	s := newTestSampler(first, 2)
	generate(t, s, prompts, seeds, o)
	s.SetWeights(second)
	got, want := generate(t, s, prompts, seeds, o), generate(t, newTestSampler(second, 2), prompts, seeds, o)
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Error("replies after SetWeights still depend on the weights before")
	}
}

// Longer replies take no more allocations: a decode step takes none.
func TestNoAllocationsInADecodeStep(t *testing.T) {
	inFamilies(t, small(LanguageModel), checkNoAllocationsInADecodeStep)
}

func checkNoAllocationsInADecodeStep(t *testing.T, c Config) {
	prompts, seeds := raggedPrompts(c, 5, 20, 11)
	s := newTestSampler(lively(c, 40), 3)
	for _, o := range []SampleOptions{{Temperature: 1}, {Temperature: 0.8, TopK: 20, TopP: 0.9}} {
		allocs := func(n int) float64 {
			o.MaxNew = n
			return testing.AllocsPerRun(5, func() { generate(t, s, prompts, seeds, o) })
		}
		if few, many := allocs(3), allocs(100); few != many {
			t.Errorf("%+v: %v allocations for 3 tokens, %v for 100", o, few, many)
		}
	}
}

// The estimate grows with the batch by the cache of one sequence and its rows.
func TestSamplerBytes(t *testing.T) {
	c := benchmarkConfig()
	one, two := SamplerBytes(c, 1), SamplerBytes(c, 2)
	cache := int64(4 * 2 * c.Layers * c.Dim * c.Context)
	if more := two - one; more < cache || more > cache*5/4 {
		t.Errorf("a sequence takes %d bytes, its cache alone %d", more, cache)
	}
}
