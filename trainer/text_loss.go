package trainer

import (
	"context"

	"rankloop/model"
	"rankloop/model/tokenizer"
	"rankloop/ranking"
)

// TextLoss is how well a language model predicts texts. Losses by byte can be compared between tokenizers.
type TextLoss struct {
	Documents int
	Bytes     int64
	Tokens    int64
	Nats      float64 // Σ −log p of all tokens
	Exact     bool    // the tokens spell the texts byte for byte; a tokenizer that normalises may not
}

// PerByte is the mean in nats a byte.
func (l TextLoss) PerByte() float64 { return l.Nats / float64(l.Bytes) }

// PerToken is the mean in nats a token.
func (l TextLoss) PerToken() float64 { return l.Nats / float64(l.Tokens) }

// MeasureText predicts every token of every document exactly once, in windows of at most window tokens (0: the model's
// context) that do not overlap: a window reads the last token of the one before it, the first one the document token.
// onWindows, which may be nil, hears how many are done.
func MeasureText(ctx context.Context, c *model.Checkpoint, documents []string, window int, onWindows func(done, total int)) (TextLoss, error) {
	config := c.Weights.Config
	if config.Head != model.LanguageModel {
		return TextLoss{}, ranking.Errorf(ranking.CodeInvalid, "%q predicts no text, since it is a reward model", c.Meta.Name)
	}
	if window == 0 {
		window = config.Context
	}
	if window < 1 || window > config.Context {
		return TextLoss{}, ranking.Errorf(ranking.CodeInvalid, "the window must be between 1 and %d tokens, the model's context, not %d", config.Context, window)
	}
	held, err := newHeldOutText(c.Tokenizer, documents, window)
	if err != nil {
		return TextLoss{}, err
	}
	e := newEngine(config, evaluationTokens, window)
	return held.measure(ctx, e, c.Weights, onWindows)
}

// evaluationTokens are held in one forward pass of MeasureText.
const evaluationTokens = 4096

// heldOutText is text that is predicted and never trained on.
type heldOutText struct {
	items []item
	size  TextLoss // without Nats
}

func newHeldOutText(t *tokenizer.Tokenizer, documents []string, window int) (*heldOutText, error) {
	chat, err := tokenizer.NewChat(t)
	if err != nil {
		return nil, err
	}
	h := &heldOutText{size: TextLoss{Exact: true}}
	for _, text := range documents {
		if text == "" {
			continue
		}
		ids := t.AppendEncode([]int32{chat.Document}, text)
		h.size.Documents++
		h.size.Bytes += int64(len(text))
		h.size.Tokens += int64(len(ids) - 1)
		h.size.Exact = h.size.Exact && t.Decode(ids[1:]) == text
		for from := 0; from < len(ids)-1; from += window {
			h.items = append(h.items, item{tokens: ids[from:min(from+window+1, len(ids))], from: 1})
		}
	}
	if h.size.Tokens == 0 {
		return nil, ranking.Errorf(ranking.CodeInvalid, "there is no text to predict")
	}
	return h, nil
}

// measuredWindows is how many windows are predicted between two words on the progress.
const measuredWindows = 64

func (h *heldOutText) measure(ctx context.Context, e *engine, w *model.Weights, onWindows func(done, total int)) (TextLoss, error) {
	loss := h.size
	for from := 0; from < len(h.items); from += measuredWindows {
		if err := ctx.Err(); err != nil {
			return TextLoss{}, err
		}
		part := h.items[from:min(from+measuredWindows, len(h.items))]
		loss.Nats += e.crossEntropy(w, nil, part, 1) * float64(countTokens(part))
		if onWindows != nil {
			onWindows(from+len(part), len(h.items))
		}
	}
	return loss, nil
}
