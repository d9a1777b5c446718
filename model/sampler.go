package model

import (
	"fmt"
	"math/rand/v2"

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
	config    Config
	maxBatch  int
	maxLength int // longest prompt and reply in tokens
	maxRows   int // tokens that one step can read

	weights *Weights
	packed  packedWeights // of weights

	rope    ropeTable
	cache   kvCache
	scratch chan *attentionScratch

	x, normed, qkv, attended, wide, up, activated []float32 // [maxRows,·]
	norm                                          normState
	positions                                     []int     // of the rows
	last                                          []float32 // [maxBatch,C] each sequence's last token
	logits                                        []float32 // [maxBatch,V]

	active   []*reply // in the order in which they joined
	reading  []*reply // those that the step at hand reads for
	choosing []*reply // those of them that get a next token
	replies  []reply  // one per slot of the cache
	options  SampleOptions
	layer    int
	attendFn func(i int)
	chooseFn func(i int)
}

// reply is the state of a sequence in the batch.
type reply struct {
	slot    int
	index   int     // of the prompt
	pending []int32 // not read yet: the rest of the prompt, then one at a time
	reads   int     // how many of them the step at hand reads
	seen    int     // tokens in the cache
	row     int     // of the first that the step at hand reads
	random  rand.PCG
	draw    draw
	next    [1]int32 // the token chosen last
	logProb float32
}

// prefillTokens is how many tokens of prompts one step reads beside the
// sequences that are under way. A longer prompt takes several steps.
const prefillTokens = 1024

// SamplerOption changes what a sampler is planned for.
type SamplerOption func(*Sampler)

// Within plans for prompts and replies of together at most maxLength tokens
// instead of the whole context, which in large models takes much memory.
func Within(maxLength int) SamplerOption { return func(s *Sampler) { s.maxLength = maxLength } }

// NewSampler plans for at most maxBatch sequences at a time; more prompts wait
// for a free place.
func NewSampler(c Config, maxBatch int, options ...SamplerOption) *Sampler {
	if err := c.Validate(); err != nil {
		panic(err)
	}
	s := newSamplerPlan(c, maxBatch, options)
	if c.Head != LanguageModel || maxBatch < 1 || s.maxLength < 2 && c.Context > 1 || s.maxLength > c.Context {
		panic(fmt.Sprintf("model: sampler of batch %d, length %d with head %q, context %d", maxBatch, s.maxLength, c.Head, c.Context))
	}
	s.active = make([]*reply, 0, maxBatch)
	s.reading, s.choosing = make([]*reply, 0, maxBatch), make([]*reply, 0, maxBatch)
	s.positions = make([]int, 0, s.maxRows)
	s.attendFn, s.chooseFn = s.attendTask, s.chooseTask
	allocate(s.plan)
	s.rope.fill(c)
	return s
}

// SamplerBytes is the memory that NewSampler would take, in bytes, without the
// packed copy of the weights.
func SamplerBytes(c Config, maxBatch int, options ...SamplerOption) int64 {
	var count arena
	newSamplerPlan(c, maxBatch, options).plan(&count)
	return int64(count.used) * 4
}

// newSamplerPlan has the sizes of everything, and no memory yet.
func newSamplerPlan(c Config, maxBatch int, options []SamplerOption) *Sampler {
	s := &Sampler{
		config: c, maxBatch: maxBatch, maxLength: c.Context,
		scratch: make(chan *attentionScratch, kernel.Threads()), replies: make([]reply, maxBatch),
	}
	for _, option := range options {
		option(s)
	}
	s.maxRows = maxBatch + max(prefillTokens, c.attention().blockTokens())
	for range cap(s.scratch) {
		s.scratch <- new(attentionScratch)
	}
	return s
}

func (s *Sampler) plan(a *arena) {
	n, c := s.maxRows, s.config
	s.cache.plan(a, c, s.maxBatch, s.maxLength)
	s.rope.plan(a, c, s.maxLength)
	s.x, s.normed, s.attended = a.take(n*c.Dim), a.take(n*c.Dim), a.take(n*c.attentionDim())
	s.qkv, s.wide, s.activated = a.take(n*c.qkvDim()), a.take(n*c.Hidden), a.take(n*c.Hidden)
	if c.MLP == SwiGLU {
		s.up = a.take(n * c.Hidden)
	}
	s.norm.plan(a, c, n)
	s.last, s.logits = a.take(s.maxBatch*c.Dim), a.take(s.maxBatch*c.Vocab)
	for range cap(s.scratch) {
		scratch := <-s.scratch
		scratch.plan(a, c.attention().blockRows(), s.cache.length, c.headDim())
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

// SetWeights takes w for the replies that follow: its matrices, with their
// adapters added to them, are packed once, the rest is read in place. Call it
// again whenever w has changed.
func (s *Sampler) SetWeights(w *Weights) {
	if w.Config != s.config {
		panic(fmt.Sprintf("model: weights %+v in a sampler for %+v", w.Config, s.config))
	}
	s.weights = w
	s.packed.set(w)
}
