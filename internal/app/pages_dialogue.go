package app

import (
	"context"
	"math/rand/v2"

	"rankloop/handlers"
	"rankloop/internal/inference"
	"rankloop/ranking"
)

// DrawSuggestions draws replies to a conversation at temperature 1, the policy's own distribution. Draw i depends on the
// checkpoint, the messages, the seed and i alone.
func (p pages) DrawSuggestions(ctx context.Context, r handlers.SuggestionRequest, onText func(int, string)) (ranking.Drawn, error) {
	checkpoint, err := p.CheckpointByName(ctx, r.Checkpoint)
	if err != nil {
		p.services.Log.WarnContext(ctx, "a dialogue gets no suggestions", "checkpoint", r.Checkpoint, "error", err)
		return ranking.Drawn{}, err
	}
	defer p.playground.used(r.Checkpoint)
	seeds := rand.NewPCG(uint64(r.Seed), 0)
	requests := make([]inference.Request, r.K)
	for i := range requests {
		requests[i] = inference.Request{Messages: r.Messages, Seed: seeds.Uint64()}
	}
	replies, err := p.services.Engine.Generate(ctx, r.Checkpoint, requests, inference.Sampled, onText)
	if err != nil {
		if ctx.Err() == nil {
			p.services.Log.WarnContext(ctx, "a dialogue gets no suggestions", "checkpoint", r.Checkpoint, "error", err)
		}
		return ranking.Drawn{}, err
	}
	drawn := ranking.Drawn{Checkpoint: r.Checkpoint, SHA256: checkpoint.SHA256, Seed: r.Seed, K: r.K}
	texts, tokens, ended := make([]string, r.K), make([]int, r.K), make([]bool, r.K)
	for i, reply := range replies {
		texts[i], tokens[i], ended[i] = reply.Text, reply.Tokens, reply.Ended
		drawn.Trimmed = drawn.Trimmed || reply.Trimmed
	}
	drawn.Suggestions = ranking.Suggest(texts, tokens, ended)
	return drawn, nil
}
