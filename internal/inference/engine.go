// Package inference samples from and scores with checkpoints. An Engine keeps the few checkpoints used last in memory
// and runs one batch at a time on each; it knows no storage: a function gives it checkpoints by name.
package inference

import (
	"context"
	"sync"

	"rankloop/model"
	"rankloop/model/tokenizer"
	"rankloop/ranking"
)

// The limits of one call.
const (
	MaxRequests = 10_000 // replies or scores
	MaxNew      = 4096   // tokens of a reply
	// DefaultMaxNew is where a reply ends that nobody gave a length for.
	DefaultMaxNew = 1024

	maxLoaded   = 3  // checkpoints in memory
	maxBatch    = 32 // replies sampled together
	maxMessages = 256
)

// Loader reads a checkpoint by name.
type Loader func(ctx context.Context, name string) (*model.Checkpoint, error)

// Engine samples from and scores with checkpoints by name. It is safe for concurrent use.
type Engine struct {
	load Loader

	mu     sync.Mutex
	loaded []*loaded // the one used last comes last
}

// NewEngine makes an engine that reads checkpoints with load. A name must stand for one checkpoint for ever.
func NewEngine(load Loader) *Engine { return &Engine{load: load} }

// loaded is one checkpoint in memory. Its lock is held while a batch runs; other callers wait.
type loaded struct {
	name string
	ready
}

// ready is filled in once, by the first who asks for the checkpoint.
type ready struct {
	once sync.Once
	err  error

	mu         sync.Mutex
	checkpoint *model.Checkpoint
	chat       tokenizer.Chat
	noChat     error          // why the checkpoint knows no conversations; it can still continue text
	sampler    *model.Sampler // policies
	planned    plan           // what the sampler is for
	pass       *model.Pass    // reward models
	passTokens int            // that it has room for
}

// Forget drops a checkpoint from memory.
func (e *Engine) Forget(name string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.drop(name)
}

func (e *Engine) drop(name string) *loaded {
	for i, l := range e.loaded {
		if l.name == name {
			e.loaded = append(e.loaded[:i:i], e.loaded[i+1:]...)
			return l
		}
	}
	return nil
}

// get gives the checkpoint of that name, loading it where it is not in memory. Those not used for longest make room;
// a batch that still runs on one keeps it until it ends.
func (e *Engine) get(ctx context.Context, name string) (*loaded, error) {
	e.mu.Lock()
	l := e.drop(name)
	if l == nil {
		l = &loaded{name: name}
	}
	e.loaded = append(e.loaded, l)
	if len(e.loaded) > maxLoaded {
		e.loaded = append([]*loaded(nil), e.loaded[1:]...)
	}
	e.mu.Unlock()

	l.once.Do(func() { l.err = l.prepare(context.WithoutCancel(ctx), e.load) })
	if l.err != nil {
		e.mu.Lock()
		for i := range e.loaded {
			if e.loaded[i] == l { // the next one who asks tries again
				e.loaded = append(e.loaded[:i:i], e.loaded[i+1:]...)
				break
			}
		}
		e.mu.Unlock()
	}
	return l, l.err
}

func (l *loaded) prepare(ctx context.Context, load Loader) error {
	checkpoint, err := load(ctx, l.name)
	if err != nil {
		return err
	}
	l.checkpoint = checkpoint
	if l.chat, err = tokenizer.NewChat(checkpoint.Tokenizer); err != nil {
		l.noChat = ranking.Errorf(ranking.CodeInvalid, "the checkpoint %q has no chat tokens", l.name).WithCause(err)
	}
	return nil
}

// turns are a conversation as the tokenizer reads it.
func turns(messages []ranking.Message) ([]tokenizer.Message, error) {
	if len(messages) == 0 {
		return nil, ranking.Errorf(ranking.CodeInvalid, "the conversation is empty")
	}
	if len(messages) > maxMessages {
		return nil, ranking.Errorf(ranking.CodeTooLarge, "a conversation has at most %d messages", maxMessages)
	}
	converted := make([]tokenizer.Message, len(messages))
	for i, m := range messages {
		converted[i] = tokenizer.Message{Role: m.Role, Content: m.Content}
	}
	return converted, nil
}
