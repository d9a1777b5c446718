// Package tokenizer turns text into token ids and back with byte-level byte
// pair encoding (Sennrich et al. 2016; Radford et al. 2019, GPT-2), with the
// ids that Hugging Face's tokenizers library gives.
//
// Any byte sequence has an encoding, and decoding it gives the same bytes, as
// far as the tokenizer has no normalizer and a token for every byte.
package tokenizer

import (
	"strings"
	"sync"
)

// MaxVocabSize is the largest vocabulary that Train, Parse and FromVocabulary
// accept.
const MaxVocabSize = 1 << 20

// Tokenizer is immutable and safe for concurrent use.
type Tokenizer struct {
	tokens      []string         // bytes of each id; "" for specials and holes
	specials    map[string]int32 // by name
	contents    map[int32]string // of all added tokens, specials included
	byteIDs     [256]int32       // the token of each single byte, or noToken
	unknown     int32            // stands for a byte without a token; noToken leaves it out
	fuseUnknown bool             // one unknown for a run of such bytes
	merges      []merge          // by rank
	ranks       rankTable        // of the merges
	whole       map[string]int32 // words that are not merged but looked up; nil for none

	raw, normalized *finder             // of added tokens
	normalize       func(string) string // nil for none
	stages          []stage             // the pre-tokenizers
	byteLevel       bool                // the last of them is ByteLevel
	before, after   []int32             // what EncodeDocument adds

	added   []addedEntry
	parts   parts
	chat    *chatML    // the model's own template; nil for none
	scratch *sync.Pool // of *mergeScratch
}

// pair is two neighbouring tokens, the left one in the high half.
type pair uint64

func pairOf(left, right int32) pair { return pair(left)<<32 | pair(uint32(right)) }

func (p pair) left() int32  { return int32(p >> 32) }
func (p pair) right() int32 { return int32(uint32(p)) }

// merge replaces a pair by one token.
type merge struct {
	pair pair
	id   int32
}

// Size is the number of ids: every id is in [0, Size).
func (t *Tokenizer) Size() int { return len(t.tokens) }

// Special returns the id of a special token by its name, such as "<|im_end|>".
func (t *Tokenizer) Special(name string) (int32, bool) {
	id, ok := t.specials[name]
	return id, ok
}

// Encode returns the ids of text. It never finds a special token: the name of
// one inside of text is encoded like any other text, so nobody can forge the
// end of a turn. (A vocabulary with an unknown token, which byte-level ones
// hardly have, may give that for a byte it has no token for.)
func (t *Tokenizer) Encode(text string) []int32 { return t.AppendEncode(nil, text) }

// AppendEncode appends the ids of text to dst.
func (t *Tokenizer) AppendEncode(dst []int32, text string) []int32 {
	return t.appendText(dst, text, false)
}

// EncodeMarked returns the ids of text in which the names of special tokens
// stand for them: a text from a trusted source, such as a rendered chat
// template.
func (t *Tokenizer) EncodeMarked(text string) []int32 { return t.appendText(nil, text, true) }

// EncodeDocument is EncodeMarked with the special tokens around it that the
// tokenizer's post-processor adds, such as Llama-3's <|begin_of_text|>.
func (t *Tokenizer) EncodeDocument(text string) []int32 {
	ids := append([]int32(nil), t.before...)
	return append(t.appendText(ids, text, true), t.after...)
}

// appendText cuts the text at the added tokens, normalises what is between
// them, and cuts that at the added tokens that are normalised too.
func (t *Tokenizer) appendText(dst []int32, text string, specials bool) []int32 {
	s := t.scratch.Get().(*mergeScratch)
	defer t.scratch.Put(s)
	outer := search{finder: t.raw, text: text, specials: specials}
	for more := true; more; {
		var id int32
		if text, id, more = outer.next(); text != "" {
			dst = t.appendNormalized(dst, text, specials, s)
		}
		if more {
			dst = append(dst, id)
		}
	}
	return dst
}

func (t *Tokenizer) appendNormalized(dst []int32, text string, specials bool, s *mergeScratch) []int32 {
	if t.normalize != nil {
		text = t.normalize(text)
	}
	inner := search{finder: t.normalized, text: text, specials: specials}
	for more := true; more; {
		var id int32
		if text, id, more = inner.next(); text != "" {
			dst = t.appendPiece(dst, text, 0, s)
		}
		if more {
			dst = append(dst, id)
		}
	}
	return dst
}

// appendPiece appends what the stages from number on make of a piece.
func (t *Tokenizer) appendPiece(dst []int32, piece string, number int, s *mergeScratch) []int32 {
	if number == len(t.stages) {
		return t.appendWord(dst, piece, s)
	}
	st := &t.stages[number]
	if st.prefixSpace && piece[0] != ' ' {
		piece = " " + piece
	}
	if st.next == nil {
		return t.appendPiece(dst, piece, number+1, s)
	}
	for piece != "" {
		n, keep := st.next(piece)
		if keep {
			dst = t.appendPiece(dst, piece[:n], number+1, s)
		}
		piece = piece[n:]
	}
	return dst
}

// DecodeBytes returns exactly the bytes that the ids stand for; specials and
// ids outside of the vocabulary stand for none.
func (t *Tokenizer) DecodeBytes(ids []int32) []byte {
	n := 0
	for _, id := range ids {
		n += len(t.bytesOf(id))
	}
	out := make([]byte, 0, n)
	for _, id := range ids {
		out = append(out, t.bytesOf(id)...)
	}
	return out
}

// Decode returns the text of the ids for people and databases: DecodeBytes
// with each run of invalid UTF-8, which a model is free to sample, replaced by
// one U+FFFD. (The tokenizers library writes one for each broken character.)
func (t *Tokenizer) Decode(ids []int32) string {
	return strings.ToValidUTF8(string(t.DecodeBytes(ids)), "\uFFFD")
}

func (t *Tokenizer) bytesOf(id int32) string {
	if id < 0 || int(id) >= len(t.tokens) {
		return ""
	}
	return t.tokens[id]
}
