package tokenizer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// maxJSONBytes bounds the tokenizer.json that Parse reads; a vocabulary of
// 150,000 ids takes about 11 MB.
const maxJSONBytes = 64 << 20

// fileIn is tokenizer.json as the tokenizers library writes it, reduced to the
// parts that change the ids. How long a text may be is the model's to say, so
// truncation and padding are passed over.
type fileIn struct {
	AddedTokens   []AddedToken    `json:"added_tokens"`
	Normalizer    json.RawMessage `json:"normalizer"`
	PreTokenizer  json.RawMessage `json:"pre_tokenizer"`
	PostProcessor json.RawMessage `json:"post_processor"`
	Decoder       json.RawMessage `json:"decoder"`

	Model bpe[vocabulary, mergeTexts] `json:"model"`
}

// bpe is the model; V and M hold its tables for reading or for writing.
type bpe[V, M any] struct {
	Type         string   `json:"type"`
	Dropout      *float64 `json:"dropout"`
	UnkToken     *string  `json:"unk_token"`
	Prefix       *string  `json:"continuing_subword_prefix"`
	Suffix       *string  `json:"end_of_word_suffix"`
	FuseUnk      bool     `json:"fuse_unk"`
	ByteFallback bool     `json:"byte_fallback"`
	IgnoreMerges bool     `json:"ignore_merges"`
	Vocab        V        `json:"vocab"`
	Merges       M        `json:"merges"`
}

// Parse reads a Hugging Face tokenizer.json of a byte-level BPE. What would
// silently change the ids is refused by name.
func Parse(tokenizerJSON []byte) (*Tokenizer, error) {
	t, err := parse(tokenizerJSON)
	if err != nil {
		return nil, fmt.Errorf("tokenizer.json: %w", err)
	}
	return t, nil
}

func parse(data []byte) (*Tokenizer, error) {
	if len(data) > maxJSONBytes {
		return nil, fmt.Errorf("%d bytes are over the limit of %d", len(data), maxJSONBytes)
	}
	if !utf8.Valid(data) {
		return nil, fmt.Errorf("byte %d is not UTF-8", validPrefix(data))
	}
	var f fileIn
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, err
	}
	m := &f.Model
	switch {
	case m.Type != "BPE":
		return nil, fmt.Errorf("model.type: %q is not supported, only BPE", m.Type)
	case m.Dropout != nil && *m.Dropout != 0:
		return nil, fmt.Errorf("model.dropout: %g is not supported", *m.Dropout)
	case m.Prefix != nil && *m.Prefix != "":
		return nil, fmt.Errorf("model.continuing_subword_prefix: %q is not supported", *m.Prefix)
	case m.Suffix != nil && *m.Suffix != "":
		return nil, fmt.Errorf("model.end_of_word_suffix: %q is not supported", *m.Suffix)
	case m.ByteFallback:
		return nil, fmt.Errorf("model.byte_fallback is not supported")
	}
	d := definition{
		vocab: m.Vocab, merges: m.Merges, added: f.AddedTokens,
		unknown: m.UnkToken, fuseUnknown: m.FuseUnk, ignoreMerges: m.IgnoreMerges,
		parts:  parts{f.Normalizer, f.PreTokenizer, f.PostProcessor, f.Decoder},
		fields: fields{"model.vocab", "model.merges", "added_tokens"},
	}
	return d.build()
}

func validPrefix(data []byte) int {
	n := 0
	for n < len(data) {
		r, size := utf8.DecodeRune(data[n:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		n += size
	}
	return n
}

// fileOut is a whole tokenizer.json.
type fileOut struct {
	Version       string          `json:"version"`
	Truncation    *struct{}       `json:"truncation"`
	Padding       *struct{}       `json:"padding"`
	AddedTokens   []AddedToken    `json:"added_tokens"`
	Normalizer    json.RawMessage `json:"normalizer"`
	PreTokenizer  json.RawMessage `json:"pre_tokenizer"`
	PostProcessor json.RawMessage `json:"post_processor"`
	Decoder       json.RawMessage `json:"decoder"`

	Model bpe[json.RawMessage, []string] `json:"model"`
}

// JSON returns the tokenizer as a Hugging Face tokenizer.json. Equal
// tokenizers give equal bytes.
func (t *Tokenizer) JSON() ([]byte, error) {
	vocab, err := t.vocabJSON()
	if err != nil {
		return nil, err
	}
	var added []AddedToken
	for _, a := range t.added {
		added = append(added, a.AddedToken)
	}
	merges := make([]string, len(t.merges))
	for i, m := range t.merges {
		merges[i] = t.spelling(m.pair.left()) + " " + t.spelling(m.pair.right())
	}
	var unknown *string
	if t.unknown != noToken {
		text := t.spelling(t.unknown)
		unknown = &text
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	err = enc.Encode(fileOut{
		Version: "1.0", AddedTokens: added,
		Normalizer: t.parts.Normalizer, PreTokenizer: t.parts.PreTokenizer,
		PostProcessor: t.parts.PostProcessor, Decoder: t.parts.Decoder,
		Model: bpe[json.RawMessage, []string]{
			Type: "BPE", UnkToken: unknown, FuseUnk: t.fuseUnknown, IgnoreMerges: t.whole != nil,
			Vocab: vocab, Merges: merges,
		},
	})
	return out.Bytes(), err
}

// spelling is a token as the tables of tokenizer.json have it.
func (t *Tokenizer) spelling(id int32) string {
	if content, added := t.contents[id]; added {
		return content
	}
	return spell(t.tokens[id])
}

// vocabJSON is the object of model.vocab in the order of the ids.
func (t *Tokenizer) vocabJSON() (json.RawMessage, error) {
	apart := make(map[int32]bool) // added tokens that the model does not have
	for _, a := range t.added {
		apart[a.ID] = !a.listed
	}
	var out bytes.Buffer
	out.WriteByte('{')
	for i := range t.tokens {
		id := int32(i)
		text := t.spelling(id)
		if text == "" || apart[id] {
			continue // a hole in the vocabulary
		}
		if out.Len() > 1 {
			out.WriteByte(',')
		}
		key, err := marshal(text)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&out, "%s:%d", key, id)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// marshal is json.Marshal without the escapes for HTML, which would make the
// names of specials unreadable.
func marshal(value any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(out.Bytes()), nil
}
