package trainer

import (
	"rankloop/model/tokenizer"
	"rankloop/ranking"
)

// sequencer lays out what a network reads: the prompt cut to context − maxNew tokens (whole oldest turns go first, then
// its left), then the reply, then the end token. Reward training, reward evaluation and PPO's scoring all build their
// input here, so the same reply to the same prompt is the same bytes in all three.
type sequencer struct {
	tokenizer *tokenizer.Tokenizer
	chat      tokenizer.Chat
	context   int // tokens
	maxNew    int // tokens kept free of the prompt
}

func newSequencer(t *tokenizer.Tokenizer, context, maxNew int) (sequencer, error) {
	chat, err := tokenizer.NewChat(t)
	if err != nil {
		return sequencer{}, err
	}
	if maxNew >= context {
		return sequencer{}, ranking.Errorf(ranking.CodeInvalid,
			"max_new is %d tokens, but the model's context is %d: write a smaller max_new to leave room for the prompt", maxNew, context)
	}
	return sequencer{tokenizer: t, chat: chat, context: context, maxNew: maxNew}, nil
}

// prompt returns the ids of a conversation with the opening of its reply; trimmed says that something had to go.
func (s sequencer) prompt(messages []ranking.Message) (ids []int32, trimmed bool) {
	turns := make([]tokenizer.Message, len(messages))
	for i, m := range messages {
		turns[i] = tokenizer.Message{Role: m.Role, Content: m.Content}
	}
	return s.chat.FitPrompt(turns, s.context-s.maxNew)
}

// complete appends a whole reply and its end token to a copy of prompt. fits is false when that is longer than the
// context: then nothing is returned, since a cut reply is another reply.
func (s sequencer) complete(prompt []int32, reply string) (ids []int32, fits bool) {
	tail := s.chat.Reply(reply)
	if len(prompt)+len(tail) > s.context {
		return nil, false
	}
	return append(append(make([]int32, 0, len(prompt)+len(tail)), prompt...), tail...), true
}

// completeOrCut is complete for a reply that must be scored whatever its length: one that does not fit keeps its first
// tokens and the end token, and counts as unfinished.
func (s sequencer) completeOrCut(prompt []int32, reply string) (ids []int32, fits bool) {
	if ids, fits := s.complete(prompt, reply); fits {
		return ids, true
	}
	tail := s.chat.Reply(reply)[:s.context-len(prompt)-1]
	return append(append(append([]int32(nil), prompt...), tail...), s.chat.End), false
}
