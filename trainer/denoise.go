package trainer

import (
	"math"
	"math/rand/v2"
	"slices"

	"rankloop/model/tokenizer"
	"rankloop/ranking"
)

// The parts of a pretraining mixture. A window of the first is text, all of whose tokens are predicted. In the others it is
//
//	document token, corrupted text, separator, the text
//
// and the text alone is predicted: denoising in a decoder, which reads the corrupted text and writes the original.
const (
	partNext      = iota // next token: UL2's sequential denoiser (Tay et al. 2022)
	partMasks            // single tokens are masked (Devlin et al. 2018)
	partSentences        // sentences are permuted (BART, Lewis et al. 2019, section 2.2)
	partSpans            // each span is one mask between its boundaries (T5, Raffel et al. 2019, section 3.1.4)
	partCount
)

// denoiser corrupts text.
type denoiser struct {
	config    DenoiseConfig
	tokenizer *tokenizer.Tokenizer
	mask      int32 // the padding token, which text and replies never hold; the end of a turn where there is none
	separator int32 // what begins a turn
	document  int32
}

func newDenoiser(t *tokenizer.Tokenizer, config DenoiseConfig) (*denoiser, error) {
	chat, err := tokenizer.NewChat(t)
	if err != nil {
		return nil, err
	}
	d := &denoiser{config: config, tokenizer: t, mask: chat.Pad, separator: chat.Start, document: chat.Document}
	if d.mask == d.document {
		d.mask = chat.End
	}
	return d, nil
}

// draw says which part of the mixture a window belongs to.
func (d *denoiser) draw(random *rand.Rand) int {
	c := d.config
	if random.Float64() >= c.Share {
		return partNext
	}
	at := random.Float64() * (c.Masks + c.Sentences + c.Spans)
	switch {
	case at < c.Masks:
		return partMasks
	case at < c.Masks+c.Sentences:
		return partSentences
	}
	return partSpans
}

// shortestDenoised is the least context that holds a corrupted text of two tokens and its original.
const shortestDenoised = 5

// original is how many tokens of text a denoised window has room for.
func original(context int) int { return (context - 1) / 2 }

// item lays a text out for a part other than partNext; the part returned is the one that the text allowed.
func (d *denoiser) item(part int, text []int32, random *rand.Rand) (item, int) {
	body := text
	if body[len(body)-1] == d.document { // its end is predicted and not corrupted
		body = body[:len(body)-1]
	}
	corrupted := []int32(nil)
	if part == partSentences {
		if corrupted = d.permute(body, random); corrupted == nil { // a single sentence
			part = partMasks
		}
	}
	switch part {
	case partMasks:
		corrupted = d.maskTokens(body, random)
	case partSpans:
		corrupted = d.maskSpans(body, random)
	}
	tokens := append(append([]int32{d.document}, corrupted...), d.separator)
	return item{tokens: append(tokens, text...), from: len(tokens)}, part
}

// maskTokens masks every token with the probability CorruptShare, and one at least.
func (d *denoiser) maskTokens(text []int32, random *rand.Rand) []int32 {
	masked := slices.Clone(text)
	words := 0 // tokens that may be masked
	for _, id := range text {
		if id != d.document {
			words++
		}
	}
	if words == 0 {
		return masked
	}
	always := random.IntN(words)
	for i, id := range text {
		if id == d.document {
			continue
		}
		if random.Float64() < d.config.CorruptShare || always == 0 {
			masked[i] = d.mask
		}
		always--
	}
	return masked
}

// maskSpans replaces spans by one mask each. They have CorruptShare of the tokens together and SpanTokens each on average,
// their lengths and places are drawn uniformly, and no two touch.
func (d *denoiser) maskSpans(text []int32, random *rand.Rand) []int32 {
	n := len(text)
	noise := max(1, int(math.Round(d.config.CorruptShare*float64(n))))
	if n < 2 {
		return slices.Repeat([]int32{d.mask}, n)
	}
	noise = min(noise, n-1)
	spans := max(1, int(math.Round(float64(noise)/d.config.SpanTokens)))
	spans = min(spans, noise, n-noise+1)
	lengths := composition(noise, spans, random)
	// Between two spans is a token at least; before the first and after the last there may be none.
	gaps := composition(n-noise+2, spans+1, random)
	gaps[0]--
	gaps[spans]--
	var out []int32
	at := 0
	for i, length := range lengths {
		out = append(append(out, text[at:at+gaps[i]]...), d.mask)
		at += gaps[i] + length
	}
	return append(out, text[at:]...)
}

// composition divides total into so many parts of at least 1, each way being as likely as any other.
func composition(total, parts int, random *rand.Rand) []int {
	cuts := random.Perm(total - 1)[:parts-1]
	slices.Sort(cuts)
	sizes := make([]int, parts)
	begun := 0
	for i, cut := range cuts {
		sizes[i] = cut + 1 - begun
		begun = cut + 1
	}
	sizes[parts-1] = total - begun
	return sizes
}

// permute puts sentences into another order; nil where there is only one.
func (d *denoiser) permute(text []int32, random *rand.Rand) []int32 {
	var sentences [][]int32
	begun := 0
	for i, id := range text {
		if d.endsSentence(id) || i == len(text)-1 {
			sentences = append(sentences, text[begun:i+1])
			begun = i + 1
		}
	}
	if len(sentences) < 2 {
		return nil
	}
	order := random.Perm(len(sentences))
	if slices.IsSorted(order) {
		order = append(order[1:], order[0])
	}
	out := make([]int32, 0, len(text))
	for _, i := range order {
		out = append(out, sentences[i]...)
	}
	return out
}

// endsSentence says whether a token ends in a full stop, a question or exclamation mark, ASCII or wide, or a line's end, or
// is the end of a document.
func (d *denoiser) endsSentence(id int32) bool {
	text := []rune(d.tokenizer.Decode([]int32{id}))
	return id == d.document || len(text) > 0 && slices.Contains([]rune(".?!\n。？！"), text[len(text)-1])
}

// fits says whether windows of a length can be denoised.
func (c DenoiseConfig) fits(context int) error {
	if c.Share > 0 && context < shortestDenoised {
		return ranking.Errorf(ranking.CodeInvalid, "a window of %d tokens is too short to be denoised; it needs %d", context, shortestDenoised)
	}
	return nil
}
