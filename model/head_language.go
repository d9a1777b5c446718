package model

import (
	"fmt"

	"rankloop/model/kernel"
)

// languageHead is the workspace of log-probabilities: logits exist for one chunk
// of rows at a time, and only for tokens whose target counts.
type languageHead struct {
	targets []int32
	ready   bool // LogProbs has run since the last Forward

	rows      []int     // tokens of the chunk at hand
	gathered  []float32 // [R,C] their hidden states
	dgathered []float32 // [R,C]
	logits    []float32 // [R,V]
	spare     []float32 // [R,V] probabilities, where entropies are asked for

	// Operands of the parallel tasks.
	vocab            int
	logp, entropy    []float32
	dlogp            []float32
	score, scoreGrad func(i int)
}

const headChunkFloats = 1 << 22 // logits of one chunk: 16 MiB stay in the L3 cache

func headChunkRows(c Config) int { return min(1024, max(64, headChunkFloats/c.Vocab)) }

func (h *languageHead) plan(a *arena, c Config, maxTokens int) {
	rows := min(headChunkRows(c), maxTokens)
	h.gathered, h.dgathered = a.take(rows*c.Dim), a.take(rows*c.Dim)
	h.logits, h.spare = a.take(rows*c.Vocab), a.take(rows*c.Vocab)
	h.vocab = c.Vocab
	if a.data != nil {
		h.rows = make([]int, 0, rows)
		h.targets = make([]int32, 0, maxTokens)
	}
}

func (h *languageHead) init() { h.score, h.scoreGrad = h.scoreTask, h.scoreGradTask }

// LogProbs writes the log-probability, in nats, of targets[t] after token t to
// logp[t], and the entropy of that distribution to entropy[t] unless entropy is
// nil. All have one entry per token of the last Forward; a target of -1 does not
// count and gets 0 in both.
func (p *Pass) LogProbs(targets []int32, logp, entropy []float32) {
	h := &p.head
	p.startLogProbs(targets, logp, entropy)
	for next := 0; next < len(targets); {
		next = p.gather(next, nil)
		kernel.Parallel(len(h.rows), h.score)
	}
	h.logp, h.entropy = nil, nil
}

func (p *Pass) startLogProbs(targets []int32, logp, entropy []float32) {
	h := &p.head
	p.checkLanguage(len(targets), len(logp))
	if entropy != nil && len(entropy) != len(logp) {
		panic(fmt.Sprintf("model: %d entropies for %d log-probabilities", len(entropy), len(logp)))
	}
	for i, target := range targets {
		if target < -1 || int(target) >= h.vocab {
			panic(fmt.Sprintf("model: target %d at %d is outside of the vocabulary of %d", target, i, h.vocab))
		}
	}
	h.targets = append(h.targets[:0], targets...)
	h.ready = true
	clear(logp)
	clear(entropy)
	h.logp, h.entropy = logp, entropy
}

// Logits writes the logits of the token that follows token at of the last
// Forward to out[V].
func (p *Pass) Logits(out []float32, at int) {
	p.checkLanguage(len(p.tokens), len(p.tokens))
	if at < 0 || at >= len(p.tokens) {
		panic(fmt.Sprintf("model: logits after token %d of %d", at, len(p.tokens)))
	}
	dim, vocab := p.config.Dim, p.config.Vocab
	kernel.Gemm(false, true, 1, vocab, dim, p.hidden[at*dim:], dim, p.weights.language, dim, false, out, vocab)
}

// BackwardLogProbs adds Σ dlogp_t · ∂logp_t/∂w to grad, for the targets of the
// last LogProbs. Every loss on text is a function of these log-probabilities:
// cross-entropy over n tokens is dlogp = -1/n.
func (p *Pass) BackwardLogProbs(dlogp []float32, grad *Weights) {
	h := &p.head
	p.checkLanguage(len(dlogp), len(dlogp))
	p.checkGrad(grad)
	if !h.ready {
		panic("model: BackwardLogProbs before LogProbs")
	}
	clear(p.dhidden[:len(dlogp)*p.config.Dim])
	h.dlogp = dlogp
	for next := 0; next < len(dlogp); {
		next = p.gather(next, dlogp)
		p.backwardChunk(grad)
	}
	h.dlogp = nil
	p.backward(grad)
}

// LearnLogProbs is LogProbs, then BackwardLogProbs, for a loss whose gradient
// is known beforehand, as that of cross-entropy is: the logits of a chunk are
// computed once instead of twice. The bits are the same where no dlogp of a
// target that counts is 0.
func (p *Pass) LearnLogProbs(targets []int32, dlogp, logp, entropy []float32, grad *Weights) {
	h := &p.head
	p.checkLanguage(len(targets), len(dlogp))
	p.checkGrad(grad)
	p.startLogProbs(targets, logp, entropy)
	clear(p.dhidden[:len(dlogp)*p.config.Dim])
	h.dlogp = dlogp
	for next := 0; next < len(targets); {
		next = p.gather(next, nil)
		kernel.Parallel(len(h.rows), h.score)
		p.backwardChunk(grad)
	}
	h.logp, h.entropy, h.dlogp = nil, nil, nil
	p.backward(grad)
}

// backwardChunk turns the logits of the chunk at hand into their gradients and
// hands these on to the hidden states and the head's weights.
func (p *Pass) backwardChunk(grad *Weights) {
	h, dim := &p.head, p.config.Dim
	n := len(h.rows)
	kernel.Parallel(n, h.scoreGrad)
	kernel.Gemm(false, false, n, dim, h.vocab, h.logits, h.vocab, p.weights.language, dim, false, h.dgathered, dim)
	if grad.language != nil {
		kernel.Gemm(true, false, h.vocab, dim, n, h.logits, h.vocab, h.gathered, dim, true, grad.language, dim)
	}
	for i, row := range h.rows {
		copy(p.dhidden[row*dim:(row+1)*dim], h.dgathered[i*dim:(i+1)*dim])
	}
}

// gather fills a chunk with the counted tokens from position from on, leaving
// out those of zero gradient if dlogp is given, computes their logits and
// returns the first position after the chunk.
func (p *Pass) gather(from int, dlogp []float32) (next int) {
	h, dim := &p.head, p.config.Dim
	h.rows = h.rows[:0]
	for next = from; next < len(h.targets) && len(h.rows) < cap(h.rows); next++ {
		if h.targets[next] < 0 || dlogp != nil && dlogp[next] == 0 {
			continue
		}
		i := len(h.rows)
		copy(h.gathered[i*dim:(i+1)*dim], p.hidden[next*dim:(next+1)*dim])
		h.rows = append(h.rows, next)
	}
	kernel.Gemm(false, true, len(h.rows), h.vocab, dim, h.gathered, dim, p.weights.language, dim, false, h.logits, h.vocab)
	return next
}

// scoreTask turns row i of logits into a log-probability and an entropy
// H = log Σe^x − Σp·x.
func (h *languageHead) scoreTask(i int) {
	logits, token := h.logits[i*h.vocab:(i+1)*h.vocab], h.rows[i]
	logSum := kernel.LogSumExp(logits)
	h.logp[token] = logits[h.targets[token]] - logSum
	if h.entropy != nil {
		probs := h.spare[i*h.vocab : (i+1)*h.vocab]
		kernel.SoftmaxRow(probs, logits)
		h.entropy[token] = logSum - kernel.Dot(probs, logits)
	}
}

// scoreGradTask turns row i of logits into dlogp·(onehot − p).
func (h *languageHead) scoreGradTask(i int) {
	logits, token := h.logits[i*h.vocab:(i+1)*h.vocab], h.rows[i]
	d := h.dlogp[token]
	kernel.SoftmaxRow(logits, logits)
	kernel.Scale(logits, -d)
	logits[h.targets[token]] += d
}

func (p *Pass) checkLanguage(targets, logp int) {
	if p.weights == nil || p.weights.Config.Head != LanguageModel || p.config.Head != LanguageModel {
		panic("model: log-probabilities need a pass and a Forward of a language model")
	}
	if targets != len(p.tokens) || logp != len(p.tokens) {
		panic(fmt.Sprintf("model: %d targets and %d log-probabilities for %d tokens", targets, logp, len(p.tokens)))
	}
}
