package app

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"rankloop/handlers"
	"rankloop/internal/inference"
	"rankloop/ranking"
	"rankloop/views"
)

// playgroundIdle is how long the playground's models stay in the server's memory after their last use: training, in a
// process beside it, needs the room.
const playgroundIdle = 5 * time.Minute

// playground samples for the page on which checkpoints are tried, and for dialogues.
type playground struct {
	engine *inference.Engine

	mu     sync.Mutex
	loaded map[string]*time.Timer // by checkpoint: when it is forgotten
}

func newPlayground(engine *inference.Engine) *playground {
	return &playground{engine: engine, loaded: map[string]*time.Timer{}}
}

// SampleReplies draws replies. Reply i depends on the seed and i alone, so that asking for more keeps the first ones.
func (p *playground) SampleReplies(ctx context.Context, r handlers.PlaygroundRequest, onText func(int, string)) ([]views.PlaygroundReply, error) {
	defer p.used(r.Checkpoint)
	seeds := rand.NewPCG(uint64(r.Seed), 0)
	requests := make([]inference.Request, r.K)
	for i := range requests {
		requests[i] = inference.Request{Messages: userTurn(r.Prompt), Seed: seeds.Uint64()}
	}
	drawn, err := p.engine.Generate(ctx, r.Checkpoint, requests,
		inference.Options{MaxNew: r.MaxNew, Temperature: r.Temperature, TopP: r.TopP}, onText)
	if err != nil {
		return nil, err
	}
	replies := make([]views.PlaygroundReply, len(drawn))
	for i, reply := range drawn {
		replies[i] = views.PlaygroundReply{Text: reply.Text, Tokens: reply.Tokens, Ended: reply.Ended, Trimmed: reply.Trimmed}
	}
	return replies, nil
}

// ScoreReplies gives the rewards of replies to a prompt.
func (p *playground) ScoreReplies(ctx context.Context, reward, prompt string, replies []string) ([]float64, error) {
	defer p.used(reward)
	items := make([]inference.Judged, len(replies))
	for i, reply := range replies {
		items[i] = inference.Judged{Messages: userTurn(prompt), Reply: reply}
	}
	return p.engine.Score(ctx, reward, items)
}

func userTurn(text string) []ranking.Message { return []ranking.Message{{Role: "user", Content: text}} }

// used puts off the moment at which a checkpoint is forgotten.
func (p *playground) used(checkpoint string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if timer := p.loaded[checkpoint]; timer != nil {
		timer.Stop()
	}
	p.loaded[checkpoint] = time.AfterFunc(playgroundIdle, func() { p.engine.Forget(checkpoint) })
}
