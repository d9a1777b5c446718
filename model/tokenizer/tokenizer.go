// Package tokenizer turns text into token ids and back with byte-level byte
// pair encoding (Sennrich et al. 2016; Radford et al. 2019, GPT-2). Any byte
// sequence has an encoding, and decoding it gives the same bytes.
package tokenizer

import (
	"strings"
	"sync"
)

// MaxVocabSize is the largest vocabulary that Train and Parse accept.
const MaxVocabSize = 1 << 20

// Tokenizer is immutable and safe for concurrent use.
type Tokenizer struct {
	tokens   []string         // bytes of each id; "" for specials and holes
	specials map[string]int32 // by name
	names    map[int32]string // the reverse of specials
	byteIDs  [256]int32       // the token of each single byte
	merges   []merge          // by rank
	ranks    map[pair]int32   // rank of the merge of two neighbours
	scratch  *sync.Pool       // of *mergeScratch
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

// newTokenizer builds the lookup tables; tokens, specials, byteIDs and merges
// have been checked.
func newTokenizer(tokens []string, specials map[string]int32, byteIDs [256]int32, merges []merge) *Tokenizer {
	t := &Tokenizer{
		tokens: tokens, specials: specials, byteIDs: byteIDs, merges: merges,
		names:   make(map[int32]string, len(specials)),
		ranks:   make(map[pair]int32, len(merges)),
		scratch: &sync.Pool{New: func() any { return new(mergeScratch) }},
	}
	for name, id := range specials {
		t.names[id] = name
	}
	for rank, m := range merges {
		t.ranks[m.pair] = int32(rank)
	}
	return t
}

// Size is the number of ids: every id is in [0, Size).
func (t *Tokenizer) Size() int { return len(t.tokens) }

// Special returns the id of a special token by its name, such as "<|im_end|>".
func (t *Tokenizer) Special(name string) (int32, bool) {
	id, ok := t.specials[name]
	return id, ok
}

// Encode returns the ids of text. It never returns a special id: the name of
// a special token inside of text is encoded like any other text, so nobody can
// forge the end of a turn.
func (t *Tokenizer) Encode(text string) []int32 { return t.AppendEncode(nil, text) }

// AppendEncode appends the ids of text to dst.
func (t *Tokenizer) AppendEncode(dst []int32, text string) []int32 {
	s := t.scratch.Get().(*mergeScratch)
	for len(text) > 0 {
		n := nextWord(text)
		dst = t.appendWord(dst, text[:n], s)
		text = text[n:]
	}
	t.scratch.Put(s)
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
// U+FFFD.
func (t *Tokenizer) Decode(ids []int32) string {
	return strings.ToValidUTF8(string(t.DecodeBytes(ids)), "\uFFFD")
}

func (t *Tokenizer) bytesOf(id int32) string {
	if id < 0 || int(id) >= len(t.tokens) {
		return ""
	}
	return t.tokens[id]
}
