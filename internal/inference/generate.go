package inference

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"rankloop/model"
	"rankloop/model/tokenizer"
	"rankloop/ranking"
)

// Request asks for one reply to a conversation. The same seed gives the same reply on the same kernel set, whatever
// else is in the batch.
type Request struct {
	Messages []ranking.Message
	Seed     uint64
	// Raw, if it is not empty, is continued instead of Messages: laid out in no way, the names of special tokens in it being
	// those tokens.
	Raw string
}

// Options say how replies are drawn. The zero value of MaxNew is half the context, and at most DefaultMaxNew; a Temperature
// of 0 takes the most probable token.
type Options struct {
	MaxNew      int
	Temperature float64
	TopK        int
	TopP        float64
}

// Sampled are the options of responses to rank: the policy's own distribution.
var Sampled = Options{Temperature: 1}

// Reply is one reply.
type Reply struct {
	Text    string
	IDs     []int32 // tokens as they were drawn, the end token included
	Tokens  int     // how many those are
	Ended   bool    // by its end token, and not for want of room
	LogProb float64 // nats, of the tokens under the model's own distribution
	Trimmed bool    // the conversation was too long: its oldest part was left out
}

// Generate draws one reply per request from a policy checkpoint. onText, if not nil, is told each piece of text as it
// comes, whole characters at a time. When ctx ends, so does Generate, with its error.
func (e *Engine) Generate(ctx context.Context, checkpoint string, requests []Request, o Options, onText func(i int, text string)) ([]Reply, error) {
	if len(requests) > MaxRequests {
		return nil, ranking.Errorf(ranking.CodeTooLarge, "at most %d replies can be asked for at once", MaxRequests)
	}
	if o.MaxNew < 0 || o.MaxNew > MaxNew {
		return nil, ranking.Errorf(ranking.CodeInvalid, "max new tokens must be between 1 and %d", MaxNew)
	}
	l, err := e.get(ctx, checkpoint)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.checkpoint.Weights.Config.Head != model.LanguageModel {
		return nil, ranking.Errorf(ranking.CodeInvalid, "%q is a %s model and writes no text", l.name, l.checkpoint.Meta.Kind)
	}
	return l.generate(ctx, requests, o, onText)
}

func (l *loaded) generate(ctx context.Context, requests []Request, o Options, onText func(int, string)) ([]Reply, error) {
	window := l.checkpoint.Weights.Config.Context
	if o.MaxNew == 0 {
		o.MaxNew = min(window/2, DefaultMaxNew)
	}
	o.MaxNew = min(o.MaxNew, window-minPrompt)
	prompts, seeds := make([][]int32, len(requests)), make([]uint64, len(requests))
	replies := make([]Reply, len(requests))
	longest := 0
	for i, request := range requests {
		var err error
		if prompts[i], replies[i].Trimmed, err = l.prompt(request, window-o.MaxNew); err != nil {
			return nil, err
		}
		seeds[i] = request.Seed
		longest = max(longest, len(prompts[i])+o.MaxNew)
	}
	l.readySampler(len(requests), longest)
	stop := l.stops()
	var onToken func(int, int32)
	if onText != nil {
		onToken = l.stream(len(requests), stop, onText)
	}
	samples, err := l.sampler.Generate(ctx, prompts, seeds, model.SampleOptions{
		MaxNew: o.MaxNew, Temperature: o.Temperature, TopK: o.TopK, TopP: o.TopP,
		Stop: stop,
	}, onToken)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("sampling from %s: %w", l.name, err)
	}
	for i, sample := range samples {
		tokens := sample.Tokens
		replies[i].IDs, replies[i].Tokens = tokens, len(tokens)
		if sample.Ended {
			replies[i].Ended = requests[i].Raw != "" || tokens[len(tokens)-1] == l.chat.End
			tokens = tokens[:len(tokens)-1]
		}
		replies[i].Text = l.checkpoint.Tokenizer.Decode(tokens)
		for _, logProb := range sample.LogProbs {
			replies[i].LogProb += float64(logProb)
		}
	}
	return replies, nil
}

// prompt is what the model reads of a request, in at most so many tokens.
func (l *loaded) prompt(request Request, room int) (ids []int32, trimmed bool, err error) {
	if request.Raw != "" {
		ids = l.checkpoint.Tokenizer.EncodeMarked(request.Raw)
		return ids[max(0, len(ids)-room):], len(ids) > room, nil
	}
	if l.noChat != nil {
		return nil, false, l.noChat
	}
	messages, err := turns(request.Messages)
	if err != nil {
		return nil, false, err
	}
	ids, trimmed = l.chat.FitPrompt(messages, room)
	return ids, trimmed, nil
}

// stops are the tokens that end a reply: those of the chat, and those that the model's own files name.
func (l *loaded) stops() []int32 {
	stop := slices.Clone([]int32(l.checkpoint.Special.EOS))
	if l.noChat == nil {
		stop = append(stop, l.chat.End, l.chat.Document)
	} else if id, ok := l.checkpoint.Tokenizer.Special(tokenizer.DocumentToken); ok {
		stop = append(stop, id)
	}
	slices.Sort(stop)
	return slices.Compact(stop)
}

// minPrompt is the room, in tokens, that a conversation always keeps.
const minPrompt = 16

// stream turns tokens into text as they come. Bytes that do not yet make a whole character wait for the next token. The
// pieces add up to the reply's text, where bytes that are no text at all count as one U+FFFD together.
func (l *loaded) stream(n int, stop []int32, onText func(int, string)) func(int, int32) {
	written, told := make([][]byte, n), make([]int, n)
	return func(i int, token int32) {
		if slices.Contains(stop, token) {
			return
		}
		written[i] = append(written[i], l.checkpoint.Tokenizer.DecodeBytes([]int32{token})...)
		text := strings.ToValidUTF8(string(written[i][:wholeCharacters(written[i])]), "\uFFFD")
		if len(text) > told[i] {
			onText(i, text[told[i]:])
			told[i] = len(text)
		}
	}
}

// wholeCharacters is the length of text without a character at its end that more bytes could complete.
func wholeCharacters(text []byte) int {
	for start := len(text) - 1; start >= 0 && start >= len(text)-utf8.UTFMax; start-- {
		if utf8.RuneStart(text[start]) {
			if !utf8.FullRune(text[start:]) {
				return start
			}
			break
		}
	}
	return len(text)
}
