package tokenizer

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Vocabulary is a tokenizer as the metadata of a GGUF file holds it, under the
// keys named.
type Vocabulary struct {
	Model  string      // tokenizer.ggml.model, which must be "gpt2"
	Pre    string      // tokenizer.ggml.pre: gpt-2, llama-bpe, qwen2 or smollm
	Tokens []string    // tokenizer.ggml.tokens: by id, in the byte-level alphabet
	Types  []TokenType // tokenizer.ggml.token_type: by id; nil means all normal
	Merges []string    // tokenizer.ggml.merges: "left right", by rank
	Before []int32     // put before a document: the bos_token_id, if add_bos_token
	After  []int32     // put after a document: the eos_token_id, if add_eos_token
}

// TokenType is a value of tokenizer.ggml.token_type.
type TokenType int32

// The types of tokens. Unknown and byte tokens have no meaning in byte-level
// BPE and count as normal ones.
const (
	NormalToken      TokenType = 1
	UnknownToken     TokenType = 2
	ControlToken     TokenType = 3 // special
	UserDefinedToken TokenType = 4 // added, but text
	UnusedToken      TokenType = 5 // fills the table up; no token at all
	ByteToken        TokenType = 6
)

const (
	byteLevelWords = `{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}`
	byteLevelBare  = `{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}`
)

// preset is what the name of a pre-tokenizer in GGUF stands for.
type preset struct {
	normalizer, preTokenizer string
	ignoreMerges             bool
}

var presets = map[string]preset{
	"gpt-2":     {preTokenizer: byteLevelWords},
	"llama-bpe": {preTokenizer: splitWords(llama3Regex), ignoreMerges: true},
	"qwen2":     {preTokenizer: splitWords(qwen2Regex), normalizer: `{"type":"NFC"}`},
	"smollm": {preTokenizer: `{"type":"Sequence","pretokenizers":[{"type":"Digits","individual_digits":true},` +
		byteLevelWords + `]}`},
}

// splitWords is the pre_tokenizer of a pattern.
func splitWords(regex string) string {
	quoted, err := marshal(regex)
	if err != nil {
		panic(err) // a constant of this package
	}
	return `{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":` + string(quoted) +
		`},"behavior":"Isolated","invert":false},` + byteLevelBare + `]}`
}

// FromVocabulary makes the tokenizer of a GGUF file: the one that its
// tokenizer.json described before the conversion, as far as the file tells. It
// checks what it is given like Parse; errors name the key at fault.
func FromVocabulary(v Vocabulary) (*Tokenizer, error) {
	t, err := v.build()
	if err != nil {
		return nil, fmt.Errorf("tokenizer: %w", err)
	}
	return t, nil
}

func (v *Vocabulary) build() (*Tokenizer, error) {
	if v.Model != "gpt2" {
		return nil, fmt.Errorf("tokenizer.ggml.model: %q is not supported, only gpt2", v.Model)
	}
	with, known := presets[v.Pre]
	if !known {
		return nil, fmt.Errorf("tokenizer.ggml.pre: %q is not supported, only gpt-2, llama-bpe, qwen2 and smollm", v.Pre)
	}
	switch {
	case len(v.Tokens) > MaxVocabSize:
		return nil, fmt.Errorf("tokenizer.ggml.tokens: %d tokens are over the limit of %d", len(v.Tokens), MaxVocabSize)
	case v.Types != nil && len(v.Types) != len(v.Tokens):
		return nil, fmt.Errorf("tokenizer.ggml.token_type: %d types for %d tokens", len(v.Types), len(v.Tokens))
	case len(v.Merges) > maxMerges:
		return nil, fmt.Errorf("tokenizer.ggml.merges: %d merges are over the limit of %d", len(v.Merges), maxMerges)
	}
	d := definition{
		ignoreMerges: with.ignoreMerges,
		fields:       fields{"tokenizer.ggml.tokens", "tokenizer.ggml.merges", "control tokens of tokenizer.ggml.tokens"},
		parts: parts{
			PreTokenizer: json.RawMessage(with.preTokenizer),
			Decoder:      json.RawMessage(byteLevelWords),
		},
	}
	if with.normalizer != "" {
		d.parts.Normalizer = json.RawMessage(with.normalizer)
	}
	for i, text := range v.Tokens {
		kind := NormalToken
		if v.Types != nil {
			kind = v.Types[i]
		}
		if kind == UnusedToken {
			continue
		}
		d.vocab = append(d.vocab, vocabularyEntry{text, int32(i)})
		if kind == ControlToken || kind == UserDefinedToken {
			d.added = append(d.added, AddedToken{ID: int32(i), Content: text, Special: kind == ControlToken})
		}
	}
	for rank, text := range v.Merges {
		m, err := splitMerge(text)
		if err != nil {
			return nil, fmt.Errorf("tokenizer.ggml.merges[%d]: %w", rank, err)
		}
		d.merges = append(d.merges, m)
	}
	var err error
	if d.parts.PostProcessor, err = v.template(); err != nil {
		return nil, err
	}
	return d.build()
}

// template is the post_processor that puts Before and After around a text.
func (v *Vocabulary) template() (json.RawMessage, error) {
	if len(v.Before)+len(v.After) == 0 {
		return nil, nil
	}
	type named struct {
		ID     string   `json:"id"`
		IDs    []int32  `json:"ids"`
		Tokens []string `json:"tokens"`
	}
	type place struct {
		ID   string `json:"id"`
		Type int    `json:"type_id"`
	}
	if len(v.Before)+len(v.After) > maxFrameIDs {
		return nil, fmt.Errorf("more than %d ids around a document", maxFrameIDs)
	}
	tokens := make(map[string]named)
	for _, id := range slices.Concat(v.Before, v.After) {
		if id < 0 || int(id) >= len(v.Tokens) {
			return nil, fmt.Errorf("the bos or eos id %d is outside of 0..%d", id, len(v.Tokens)-1)
		}
		tokens[v.Tokens[id]] = named{v.Tokens[id], []int32{id}, []string{v.Tokens[id]}}
	}
	frame := func(kind int, sequence string) (pieces []map[string]place) {
		for _, id := range v.Before {
			pieces = append(pieces, map[string]place{"SpecialToken": {v.Tokens[id], kind}})
		}
		pieces = append(pieces, map[string]place{"Sequence": {sequence, kind}})
		for _, id := range v.After {
			pieces = append(pieces, map[string]place{"SpecialToken": {v.Tokens[id], kind}})
		}
		return pieces
	}
	return marshal(map[string]any{
		"type": "TemplateProcessing", "special_tokens": tokens,
		"single": frame(0, "A"), "pair": append(frame(0, "A"), frame(1, "B")...),
	})
}
