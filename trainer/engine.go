package trainer

import (
	"math"

	"rankloop/model"
)

// item is a sequence of which the tokens from index `from` on (at least 1) are predicted, each from those before it. The
// last token is only a target, so the network reads len(tokens)−1 tokens.
type item struct {
	tokens []int32
	from   int
}

func (it item) input() []int32 { return it.tokens[:len(it.tokens)-1] }

func (it item) predicted() int { return len(it.tokens) - it.from }

// engine runs batches of any size through one pass, micro-batch by micro-batch in a fixed order. All networks of a run
// that share a shape share an engine. Losses divide by the counts of the whole batch, so the size of a micro-batch changes
// memory and rounding, nothing else.
type engine struct {
	pass      *model.Pass
	maxTokens int
	maxLength int

	tokens    []int32
	lengths   []int
	targets   []int32
	logProbs  []float32
	entropies []float32
	scalars   []float32
	gradients []float32 // by log-probability or by scalar
}

// passPlan sizes a pass: micro-batches of at most tokens, which must hold the longest sequence.
func passPlan(config model.Config, microBatchTokens, longest int) (maxTokens, maxSequences, maxLength int) {
	maxTokens = max(microBatchTokens, longest)
	return maxTokens, maxTokens, min(longest, config.Context)
}

func newEngine(config model.Config, microBatchTokens, longest int, options ...model.PassOption) *engine {
	maxTokens, maxSequences, maxLength := passPlan(config, microBatchTokens, longest)
	return &engine{
		pass:      model.NewPass(config, maxTokens, maxSequences, maxLength, options...),
		maxTokens: maxTokens, maxLength: maxLength,
		tokens:    make([]int32, 0, maxTokens),
		targets:   make([]int32, maxTokens),
		logProbs:  make([]float32, maxTokens),
		entropies: make([]float32, maxTokens),
		scalars:   make([]float32, maxTokens),
		gradients: make([]float32, maxTokens),
	}
}

// engineBytes is what an engine of these sizes holds.
func engineBytes(config model.Config, microBatchTokens, longest int, options ...model.PassOption) int64 {
	maxTokens, maxSequences, maxLength := passPlan(config, microBatchTokens, longest)
	return model.PassBytes(config, maxTokens, maxSequences, maxLength, options...) + int64(maxTokens)*4*6
}

// microBatches calls visit with consecutive ranges of n sequences that fit the pass together.
func (e *engine) microBatches(n int, length func(i int) int, visit func(from, to int)) {
	for from := 0; from < n; {
		tokens, to := 0, from
		for to < n && (to == from || tokens+length(to) <= e.maxTokens) {
			tokens += length(to)
			to++
		}
		visit(from, to)
		from = to
	}
}

func (e *engine) itemBatches(items []item, visit func(part []item, first int)) {
	e.microBatches(len(items), func(i int) int { return len(items[i].tokens) - 1 }, func(from, to int) {
		visit(items[from:to], from)
	})
}

// forward reads the inputs of items.
func (e *engine) forward(w *model.Weights, items []item) {
	e.tokens, e.lengths = e.tokens[:0], e.lengths[:0]
	for _, it := range items {
		e.tokens = append(e.tokens, it.input()...)
		e.lengths = append(e.lengths, len(it.tokens)-1)
	}
	e.pass.Forward(w, model.Batch{Tokens: e.tokens, Lengths: e.lengths})
}

// forwardLogProbs is forward, then the log-probabilities of the predicted tokens, 0 elsewhere.
func (e *engine) forwardLogProbs(w *model.Weights, items []item, entropies bool) {
	e.forward(w, items)
	n := e.aim(items)
	var wanted []float32
	if entropies {
		wanted = e.entropies[:n]
	}
	e.pass.LogProbs(e.targets[:n], e.logProbs[:n], wanted)
}

// aim fills targets with the token after each one read, -1 where that is not predicted, and returns their number.
func (e *engine) aim(items []item) int {
	at := 0
	for _, it := range items {
		for i := 1; i < len(it.tokens); i++ {
			e.targets[at] = -1
			if i >= it.from {
				e.targets[at] = it.tokens[i]
			}
			at++
		}
	}
	return at
}

// rows calls visit with the place, in the arrays of one entry per token read, of each item's predicted tokens.
func (e *engine) rows(items []item, visit func(i, from, to int)) {
	start := 0
	for i, it := range items {
		end := start + len(it.tokens) - 1
		visit(i, end-it.predicted(), end)
		start = end
	}
}

// score fills logProbs[i] with the log-probabilities of item i's predicted tokens under w.
func (e *engine) score(w *model.Weights, items []item, logProbs [][]float32) {
	e.itemBatches(items, func(part []item, first int) {
		e.forwardLogProbs(w, part, false)
		e.rows(part, func(i, from, to int) { copy(logProbs[first+i], e.logProbs[from:to]) })
	})
}

// values fills values[i] with the scalar head of w before each of item i's predicted tokens: the value of the state that
// the token is drawn in.
func (e *engine) values(w *model.Weights, items []item, values [][]float32) {
	e.itemBatches(items, func(part []item, first int) {
		e.forward(w, part)
		n := len(e.tokens)
		e.pass.Scalars(e.scalars[:n])
		e.rows(part, func(i, from, to int) { copy(values[first+i], e.scalars[from:to]) })
	})
}

// rewards fills rewards[i] with the scalar head of w on the last token of sequence i.
func (e *engine) rewards(w *model.Weights, sequences [][]int32, rewards []float32) {
	e.microBatches(len(sequences), func(i int) int { return len(sequences[i]) }, func(from, to int) {
		e.forwardRewards(w, sequences[from:to], rewards[from:to])
	})
}

// forwardRewards is rewards for sequences that fit the pass together; backwardRewards may follow.
func (e *engine) forwardRewards(w *model.Weights, sequences [][]int32, rewards []float32) {
	e.tokens, e.lengths = e.tokens[:0], e.lengths[:0]
	for _, s := range sequences {
		e.tokens = append(e.tokens, s...)
		e.lengths = append(e.lengths, len(s))
	}
	e.pass.Forward(w, model.Batch{Tokens: e.tokens, Lengths: e.lengths})
	n := len(e.tokens)
	e.pass.Scalars(e.scalars[:n])
	end := 0
	for i, s := range sequences {
		end += len(s)
		rewards[i] = e.scalars[end-1]
	}
}

// backwardRewards adds Σ dRewards[i]·∂reward_i/∂w to grad, for the sequences of the last forwardRewards.
func (e *engine) backwardRewards(dRewards []float32, grad *model.Weights) {
	n := len(e.tokens)
	clear(e.gradients[:n])
	end := 0
	for i, length := range e.lengths {
		end += length
		e.gradients[end-1] = dRewards[i]
	}
	e.pass.BackwardScalars(e.gradients[:n], grad)
}

// crossEntropy is the mean over all predicted tokens of all items of −log p; scale times its gradient is added to grad,
// which may be nil.
func (e *engine) crossEntropy(w, grad *model.Weights, items []item, scale float64) float64 {
	return e.crossEntropies(w, grad, items, scale, nil)
}

// crossEntropies is crossEntropy; nats, unless nil, is filled with each item's sum of −log p.
func (e *engine) crossEntropies(w, grad *model.Weights, items []item, scale float64, nats []float64) float64 {
	predicted := 0
	for _, it := range items {
		predicted += it.predicted()
	}
	if predicted == 0 {
		return 0
	}
	var sum float64
	weight := float32(-scale / float64(predicted))
	e.itemBatches(items, func(part []item, first int) {
		if grad == nil {
			e.forwardLogProbs(w, part, false)
		} else {
			e.learn(w, grad, part, weight)
		}
		e.rows(part, func(at, from, to int) {
			if nats != nil {
				nats[first+at] = 0
			}
			for _, logProb := range e.logProbs[from:to] {
				sum -= float64(logProb)
				if nats != nil {
					nats[first+at] -= float64(logProb)
				}
			}
		})
	})
	return sum / float64(predicted)
}

// learn is forwardLogProbs, and adds weight times the gradient of their sum to grad.
func (e *engine) learn(w, grad *model.Weights, items []item, weight float32) {
	e.forward(w, items)
	n := e.aim(items)
	for i, target := range e.targets[:n] {
		e.gradients[i] = 0
		if target >= 0 {
			e.gradients[i] = weight
		}
	}
	e.pass.LearnLogProbs(e.targets[:n], e.gradients[:n], e.logProbs[:n], nil, grad)
}

func finite(values ...float64) bool {
	for _, x := range values {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return false
		}
	}
	return true
}
