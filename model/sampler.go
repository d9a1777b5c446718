package model

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"rankloop/model/kernel"
)

// Sample is one reply.
type Sample struct {
	Tokens   []int32   // with the stop token at the end if Ended
	LogProbs []float32 // of each token in the model's own distribution (temperature 1, nothing truncated), in nats
	Ended    bool      // by a stop token, not by MaxNew or the end of the context
}

// Sampler generates replies for many prompts at once with cached keys and
// values. A reply depends on its prompt, seed and options alone, to the bit, and
// not on the others in the batch. It is not safe for concurrent use.
type Sampler struct {
	config   Config
	maxBatch int
	maxRows  int // tokens that one step can read

	weights   *Weights
	kernelSet string // that the matrices were packed for
	packed    []packedLayer
	packedOut *kernel.Packed // [C,V] language head

	cache   kvCache
	scratch chan *attentionScratch

	x, normed, qkv, attended, wide, activated []float32 // [maxRows,·]
	mean, rstd                                []float32 // [maxRows]
	last                                      []float32 // [maxBatch,C] each sequence's last token
	logits                                    []float32 // [maxBatch,V]

	active   []*reply // that the next step reads for
	replies  []reply  // one per slot of the cache
	options  SampleOptions
	layer    int
	attendFn func(i int)
	chooseFn func(i int)
}

type packedLayer struct{ qkv, attnOut, mlpIn, mlpOut *kernel.Packed }

// reply is the state of a sequence in the batch.
type reply struct {
	slot    int
	index   int     // of the prompt
	tokens  []int32 // that the next step reads: the prompt, then one at a time
	seen    int     // tokens in the cache
	row     int     // of the first of tokens in the step at hand
	random  rand.PCG
	draw    draw
	next    [1]int32 // the token chosen last
	logProb float32
}

// prefillTokens is how many tokens of prompts one step reads beside the
// sequences that are under way.
const prefillTokens = 1024

// NewSampler plans for at most maxBatch sequences at a time; more prompts wait
// for a free place.
func NewSampler(c Config, maxBatch int) *Sampler {
	if err := c.Validate(); err != nil {
		panic(err)
	}
	if c.Head != LanguageModel || maxBatch < 1 {
		panic(fmt.Sprintf("model: sampler of batch %d with head %q", maxBatch, c.Head))
	}
	s := newSamplerPlan(c, maxBatch)
	s.packed, s.active = make([]packedLayer, c.Layers), make([]*reply, 0, maxBatch)
	s.attendFn, s.chooseFn = s.attendTask, s.chooseTask
	allocate(s.plan)
	return s
}

// SamplerBytes is the memory that NewSampler would take, in bytes, without the
// packed copy of the weights.
func SamplerBytes(c Config, maxBatch int) int64 {
	var count arena
	newSamplerPlan(c, maxBatch).plan(&count)
	return int64(count.used) * 4
}

// newSamplerPlan has the sizes of everything, and no memory yet.
func newSamplerPlan(c Config, maxBatch int) *Sampler {
	s := &Sampler{
		config: c, maxBatch: maxBatch, maxRows: maxBatch + max(prefillTokens, c.Context),
		scratch: make(chan *attentionScratch, kernel.Threads()), replies: make([]reply, maxBatch),
	}
	for range cap(s.scratch) {
		s.scratch <- new(attentionScratch)
	}
	return s
}

func (s *Sampler) plan(a *arena) {
	n, c := s.maxRows, s.config
	s.cache.plan(a, c, s.maxBatch)
	s.x, s.normed, s.attended = a.take(n*c.Dim), a.take(n*c.Dim), a.take(n*c.Dim)
	s.qkv, s.wide, s.activated = a.take(n*3*c.Dim), a.take(n*c.Hidden), a.take(n*c.Hidden)
	s.mean, s.rstd = a.take(n), a.take(n)
	s.last, s.logits = a.take(s.maxBatch*c.Dim), a.take(s.maxBatch*c.Vocab)
	for range cap(s.scratch) {
		scratch := <-s.scratch
		scratch.plan(a, s.cache.length, c.headDim())
		s.scratch <- scratch
	}
	for i := range s.replies {
		s.replies[i].slot = i
		s.replies[i].draw.probs = a.take(c.Vocab)
		if a.data != nil {
			s.replies[i].draw.order = make([]int32, c.Vocab)
		}
	}
}

// SetWeights takes w for the replies that follow: its matrices are packed once,
// the rest is read in place. Call it again whenever w has changed.
func (s *Sampler) SetWeights(w *Weights) {
	if w.Config != s.config {
		panic(fmt.Sprintf("model: weights %+v in a sampler for %+v", w.Config, s.config))
	}
	s.weights = w
	dim, hidden := s.config.Dim, s.config.Hidden
	fresh := s.kernelSet != kernel.Name()
	s.kernelSet = kernel.Name()
	pack := func(p **kernel.Packed, transB bool, k, n int, b []float32, ldb int) {
		if fresh {
			*p = kernel.Pack(transB, k, n, b, ldb)
		} else {
			(*p).Repack(b, ldb)
		}
	}
	kernel.Parallel(len(s.packed)+1, func(i int) {
		if i == len(s.packed) {
			pack(&s.packedOut, true, dim, s.config.Vocab, w.tokens, dim)
			return
		}
		p, l := &s.packed[i], &w.layers[i]
		pack(&p.qkv, false, dim, 3*dim, l.qkv, 3*dim)
		pack(&p.attnOut, false, dim, dim, l.attnOut, dim)
		pack(&p.mlpIn, false, dim, hidden, l.mlpIn, hidden)
		pack(&p.mlpOut, false, hidden, dim, l.mlpOut, dim)
	})
}

// Generate draws one reply per prompt, with one seed each. A reply ends with a
// stop token, after MaxNew tokens, or when prompt and reply fill the context.
// onToken, if not nil, is told every token as it comes, in the calling
// goroutine. A step reads the prompts that join whole, beside one token of each
// reply under way. When ctx ends, so does Generate, with its error.
func (s *Sampler) Generate(ctx context.Context, prompts [][]int32, seeds []uint64, o SampleOptions, onToken func(i int, token int32)) ([]Sample, error) {
	if err := s.check(prompts, seeds, o); err != nil {
		return nil, err
	}
	samples := make([]Sample, len(prompts))
	for i, prompt := range prompts {
		most := min(o.MaxNew, s.config.Context-len(prompt))
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
		rows := len(s.active)
		for len(free) > 0 && waiting < len(prompts) && rows+len(prompts[waiting]) <= s.maxRows {
			r := free[len(free)-1]
			free = free[:len(free)-1]
			r.index, r.tokens, r.seen = waiting, prompts[waiting], 0
			r.random.Seed(seeds[waiting], 0x5a3)
			s.active = append(s.active, r)
			rows += len(r.tokens)
			waiting++
		}
		s.step(rows)
		going := s.active[:0]
		for _, r := range s.active {
			if !finite(r.logProb) {
				return nil, fmt.Errorf("model: the logits after prompt %d are not finite", r.index)
			}
			sample := &samples[r.index]
			sample.Tokens = append(sample.Tokens, r.next[0])
			sample.LogProbs = append(sample.LogProbs, r.logProb)
			if onToken != nil {
				onToken(r.index, r.next[0])
			}
			sample.Ended = slices.Contains(o.Stop, r.next[0])
			if sample.Ended || len(sample.Tokens) == cap(sample.Tokens) {
				free = append(free, r)
				continue
			}
			r.tokens = r.next[:]
			going = append(going, r)
		}
		s.active = going
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
		if len(prompt) < 1 || len(prompt) >= s.config.Context {
			return fmt.Errorf("model: prompt %d has %d tokens, outside of 1..%d", i, len(prompt), s.config.Context-1)
		}
		for _, token := range prompt {
			if token < 0 || int(token) >= s.config.Vocab {
				return fmt.Errorf("model: prompt %d has token %d, outside of the vocabulary of %d", i, token, s.config.Vocab)
			}
		}
	}
	return nil
}

// step reads the waiting tokens of every active reply, rows in all, and chooses
// the next token of each.
func (s *Sampler) step(rows int) {
	c, w := s.config, s.weights
	dim, row := c.Dim, 0
	for _, r := range s.active {
		r.row = row
		for i, token := range r.tokens {
			x := s.x[row*dim : (row+1)*dim]
			copy(x, tokenRow(w.tokens, token, dim))
			kernel.Axpy(x, 1, w.positions[(r.seen+i)*dim:(r.seen+i+1)*dim])
			row++
		}
	}
	for i := range s.packed {
		s.layerStep(i, rows)
	}
	n := len(s.active)
	for i, r := range s.active {
		end := r.row + len(r.tokens)
		copy(s.last[i*dim:(i+1)*dim], s.x[(end-1)*dim:end*dim])
		r.seen += len(r.tokens)
	}
	kernel.LayerNorm(s.last[:n*dim], s.mean[:n], s.rstd[:n], s.last[:n*dim], w.finalGain, w.finalBias, n, dim, c.LayerNormEps)
	kernel.GemmPacked(n, s.last, dim, s.packedOut, false, s.logits, c.Vocab)
	kernel.Parallel(n, s.chooseFn)
}

// layerStep is layerForward for the rows of a step.
func (s *Sampler) layerStep(i, n int) {
	c, w, p := s.config, &s.weights.layers[i], &s.packed[i]
	dim, hidden := c.Dim, c.Hidden
	x, normed := s.x[:n*dim], s.normed[:n*dim]

	kernel.LayerNorm(normed, s.mean[:n], s.rstd[:n], x, w.norm1Gain, w.norm1Bias, n, dim, c.LayerNormEps)
	kernel.GemmPacked(n, normed, dim, p.qkv, false, s.qkv, 3*dim)
	kernel.AddBias(s.qkv[:n*3*dim], w.qkvBias, n, 3*dim)
	s.layer = i
	kernel.Parallel(len(s.active)*c.Heads, s.attendFn)
	kernel.GemmPacked(n, s.attended, dim, p.attnOut, true, x, dim)
	kernel.AddBias(x, w.attnOutBias, n, dim)

	kernel.LayerNorm(normed, s.mean[:n], s.rstd[:n], x, w.norm2Gain, w.norm2Bias, n, dim, c.LayerNormEps)
	kernel.GemmPacked(n, normed, dim, p.mlpIn, false, s.wide, hidden)
	kernel.AddBias(s.wide[:n*hidden], w.mlpInBias, n, hidden)
	kernel.Gelu(s.activated[:n*hidden], s.wide[:n*hidden])
	kernel.GemmPacked(n, s.activated, hidden, p.mlpOut, true, x, dim)
	kernel.AddBias(x, w.mlpOutBias, n, dim)
}

// attendTask handles one head of one reply.
func (s *Sampler) attendTask(i int) {
	scratch := <-s.scratch
	r, head := s.active[i/s.config.Heads], i%s.config.Heads
	dim := s.config.Dim
	s.cache.attend(s.attended[r.row*dim:], s.qkv[r.row*3*dim:], r.slot, s.layer, head, r.seen, len(r.tokens), scratch)
	s.scratch <- scratch
}

// chooseTask draws the next token of one reply.
func (s *Sampler) chooseTask(i int) {
	r, o := s.active[i], s.options
	logits := s.logits[i*s.config.Vocab : (i+1)*s.config.Vocab]
	logSum := kernel.LogSumExp(logits)
	if o.Temperature == 0 {
		r.next[0] = argmax(logits)
	} else {
		probs := r.draw.probs
		copy(probs, logits)
		if o.Temperature != 1 {
			kernel.Scale(probs, float32(1/o.Temperature))
		}
		kernel.SoftmaxRow(probs, probs)
		r.next[0] = r.draw.choose(o, float64(r.random.Uint64()>>11)/(1<<53))
	}
	r.logProb = logits[r.next[0]] - logSum
}

// finite says whether x is a number.
func finite(x float32) bool { return !math.IsNaN(float64(x)) && !math.IsInf(float64(x), 0) }
