package inference

import (
	"context"

	"rankloop/model"
	"rankloop/ranking"
)

// Judged is a conversation with the reply to score.
type Judged struct {
	Messages []ranking.Message
	Reply    string
}

// Score gives each reply's reward r(x, y) from a reward checkpoint: the scalar at the reply's end token, shifted once so
// that the replies which define zero have mean 0. A reply that does not fit the model's context is an error.
func (e *Engine) Score(ctx context.Context, checkpoint string, items []Judged) ([]float64, error) {
	if len(items) > MaxRequests {
		return nil, ranking.Errorf(ranking.CodeTooLarge, "at most %d replies can be scored at once", MaxRequests)
	}
	l, err := e.get(ctx, checkpoint)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	config := l.checkpoint.Weights.Config
	if config.Head != model.Scalar {
		return nil, ranking.Errorf(ranking.CodeInvalid, "%q is a %s model and gives no scores", l.name, l.checkpoint.Meta.Kind)
	}
	sequences, longest := make([][]int32, len(items)), 1
	for i, item := range items {
		if sequences[i], err = l.lay(item); err != nil {
			return nil, err
		}
		longest = max(longest, len(sequences[i]))
	}
	l.readyPass(longest)
	scores := make([]float64, len(items))
	batch := l.newBatch()
	for i, ids := range sequences {
		if !batch.fits(ids) {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			batch.run(scores)
		}
		batch.add(i, ids)
	}
	batch.run(scores)
	return scores, nil
}

// scoreTokens is how many tokens one forward pass reads, unless a single sequence has more.
const scoreTokens = 4096

// readyPass makes sure that the pass has room for the longest sequence. It goes forward only, so it keeps little of a layer.
func (l *loaded) readyPass(longest int) {
	if tokens := max(scoreTokens, longest); l.pass == nil || l.passTokens < tokens {
		config := l.checkpoint.Weights.Config
		l.pass = nil // its memory is free before the next one's is asked for
		l.pass = model.NewPass(config, tokens, tokens, min(tokens, config.Context), model.Recompute())
		l.passTokens = tokens
	}
}

// lay writes a conversation and its whole reply as the reward model was trained to read them.
func (l *loaded) lay(item Judged) ([]int32, error) {
	if l.noChat != nil {
		return nil, l.noChat
	}
	messages, err := turns(item.Messages)
	if err != nil {
		return nil, err
	}
	window := l.checkpoint.Weights.Config.Context
	reply := l.chat.Reply(item.Reply)
	prompt, _ := l.chat.FitPrompt(messages, window-max(l.checkpoint.Meta.RewardMaxNew, minPrompt))
	if len(prompt)+len(reply) > window {
		return nil, ranking.Errorf(ranking.CodeTooLarge, "a prompt of %d tokens and its reply of %d do not fit the context of %q, %d tokens",
			len(prompt), len(reply), l.name, window)
	}
	return append(prompt, reply...), nil
}

// scoreBatch collects sequences for one forward pass.
type scoreBatch struct {
	*loaded
	model.Batch
	items   []int // which score each sequence gives
	scalars []float32
}

func (l *loaded) newBatch() *scoreBatch {
	return &scoreBatch{loaded: l, scalars: make([]float32, l.passTokens)}
}

func (b *scoreBatch) fits(ids []int32) bool {
	return len(b.Tokens)+len(ids) <= len(b.scalars)
}

func (b *scoreBatch) add(item int, ids []int32) {
	b.Tokens = append(b.Tokens, ids...)
	b.Lengths = append(b.Lengths, len(ids))
	b.items = append(b.items, item)
}

// run scores what was added and starts over.
func (b *scoreBatch) run(scores []float64) {
	if len(b.items) == 0 {
		return
	}
	b.pass.Forward(b.checkpoint.Weights, b.Batch)
	b.pass.Scalars(b.scalars[:len(b.Tokens)])
	end := 0
	for i, length := range b.Lengths {
		end += length
		scores[b.items[i]] = float64(b.checkpoint.Meta.Reward(b.scalars[end-1]))
	}
	b.Tokens, b.Lengths, b.items = b.Tokens[:0], b.Lengths[:0], b.items[:0]
}
