package tokenizer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// maxJSONBytes bounds the tokenizer.json that Parse reads; a vocabulary of
// 150,000 ids takes about 11 MB.
const maxJSONBytes = 64 << 20

// file is tokenizer.json as the Hugging Face tokenizers library writes it,
// reduced to the parts that change the ids.
type file struct {
	Version       string       `json:"version"`
	Truncation    *struct{}    `json:"truncation"`
	Padding       *struct{}    `json:"padding"`
	AddedTokens   []addedToken `json:"added_tokens"`
	Normalizer    *struct{}    `json:"normalizer"`
	PreTokenizer  *byteLevel   `json:"pre_tokenizer"`
	PostProcessor *byteLevel   `json:"post_processor"`
	Decoder       *byteLevel   `json:"decoder"`
	Model         bpe          `json:"model"`
}

type addedToken struct {
	ID         int32  `json:"id"`
	Content    string `json:"content"`
	SingleWord bool   `json:"single_word"`
	LStrip     bool   `json:"lstrip"`
	RStrip     bool   `json:"rstrip"`
	Normalized bool   `json:"normalized"`
	Special    bool   `json:"special"`
}

type byteLevel struct {
	Type           string `json:"type"`
	AddPrefixSpace bool   `json:"add_prefix_space"`
	TrimOffsets    bool   `json:"trim_offsets"`
	UseRegex       *bool  `json:"use_regex"` // absent means true
}

type bpe struct {
	Type         string      `json:"type"`
	Dropout      *float64    `json:"dropout"`
	UnkToken     *string     `json:"unk_token"`
	Prefix       *string     `json:"continuing_subword_prefix"`
	Suffix       *string     `json:"end_of_word_suffix"`
	FuseUnk      bool        `json:"fuse_unk"`
	ByteFallback bool        `json:"byte_fallback"`
	IgnoreMerges bool        `json:"ignore_merges"`
	Vocab        vocabulary  `json:"vocab"`
	Merges       []mergeText `json:"merges"`
}

// vocabulary is a JSON object in the order of the ids.
type vocabulary map[string]int32

// mergeText is "left right", or the newer ["left", "right"].
type mergeText struct{ left, right string }

func (m *mergeText) UnmarshalJSON(data []byte) error {
	var both []string
	if len(data) > 0 && data[0] == '[' {
		if err := json.Unmarshal(data, &both); err != nil {
			return err
		}
	} else {
		var text string
		if err := json.Unmarshal(data, &text); err != nil {
			return err
		}
		both = strings.Split(text, " ")
	}
	if len(both) != 2 {
		return fmt.Errorf("merge %s is not two tokens", data)
	}
	m.left, m.right = both[0], both[1]
	return nil
}

func (m mergeText) MarshalJSON() ([]byte, error) {
	return marshal(m.left + " " + m.right)
}

func (v vocabulary) MarshalJSON() ([]byte, error) {
	size := int32(0)
	for _, id := range v {
		size = max(size, id+1)
	}
	byID := make([]string, size)
	for text, id := range v {
		byID[id] = text
	}
	var out bytes.Buffer
	out.WriteByte('{')
	for id, text := range byID {
		if text == "" {
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

// JSON returns the tokenizer as a Hugging Face tokenizer.json. Equal
// tokenizers give equal bytes.
func (t *Tokenizer) JSON() ([]byte, error) {
	vocab := make(vocabulary, len(t.tokens))
	var added []addedToken
	for id, text := range t.tokens {
		if name, special := t.names[int32(id)]; special {
			added = append(added, addedToken{ID: int32(id), Content: name, Special: true})
			vocab[name] = int32(id)
		} else if text != "" {
			vocab[spell(text)] = int32(id)
		}
	}
	merges := make([]mergeText, len(t.merges))
	for i, m := range t.merges {
		merges[i] = mergeText{spell(t.tokens[m.pair.left()]), spell(t.tokens[m.pair.right()])}
	}
	regex := true
	stage := &byteLevel{Type: "ByteLevel", TrimOffsets: true, UseRegex: &regex}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	err := enc.Encode(file{
		Version: "1.0", AddedTokens: added, PreTokenizer: stage, Decoder: stage,
		Model: bpe{Type: "BPE", Vocab: vocab, Merges: merges},
	})
	return out.Bytes(), err
}

// Parse reads a Hugging Face tokenizer.json of a byte-level BPE with GPT-2's
// pre-tokenisation. What would silently change the ids is refused by name.
func Parse(tokenizerJSON []byte) (*Tokenizer, error) {
	if len(tokenizerJSON) > maxJSONBytes {
		return nil, fmt.Errorf("tokenizer.json: %d bytes are over the limit of %d", len(tokenizerJSON), maxJSONBytes)
	}
	var f file
	if err := json.Unmarshal(tokenizerJSON, &f); err != nil {
		return nil, fmt.Errorf("tokenizer.json: %w", err)
	}
	if err := f.supported(); err != nil {
		return nil, fmt.Errorf("tokenizer.json: %w", err)
	}
	t, err := f.build()
	if err != nil {
		return nil, fmt.Errorf("tokenizer.json: %w", err)
	}
	return t, nil
}

// supported refuses every setting that this package does not implement.
func (f *file) supported() error {
	m := f.Model
	switch {
	case m.Type != "BPE":
		return fmt.Errorf("model type %q is not supported, only BPE", m.Type)
	case m.Dropout != nil && *m.Dropout != 0:
		return errors.New("model.dropout is not supported")
	case m.Prefix != nil && *m.Prefix != "":
		return errors.New("model.continuing_subword_prefix is not supported")
	case m.Suffix != nil && *m.Suffix != "":
		return errors.New("model.end_of_word_suffix is not supported")
	case m.ByteFallback:
		return errors.New("model.byte_fallback is not supported")
	case m.IgnoreMerges:
		return errors.New("model.ignore_merges is not supported")
	case f.Normalizer != nil:
		return errors.New("a normalizer is not supported")
	case f.PreTokenizer == nil || f.PreTokenizer.Type != "ByteLevel":
		return errors.New("the pre_tokenizer must be ByteLevel")
	case f.PreTokenizer.AddPrefixSpace:
		return errors.New("pre_tokenizer.add_prefix_space is not supported")
	case f.PreTokenizer.UseRegex != nil && !*f.PreTokenizer.UseRegex:
		return errors.New("pre_tokenizer.use_regex=false is not supported")
	case f.PostProcessor != nil && f.PostProcessor.Type != "ByteLevel":
		return fmt.Errorf("post_processor %q is not supported, only ByteLevel", f.PostProcessor.Type)
	case f.Decoder == nil || f.Decoder.Type != "ByteLevel":
		return errors.New("the decoder must be ByteLevel")
	}
	for _, a := range f.AddedTokens {
		if !a.Special {
			return fmt.Errorf("added token %q is not special, which is not supported", a.Content)
		}
	}
	return nil
}

// build checks the tables against each other.
func (f *file) build() (*Tokenizer, error) {
	ids := f.Model.Vocab // by spelling
	for _, a := range f.AddedTokens {
		if id, ok := ids[a.Content]; ok && id != a.ID {
			return nil, fmt.Errorf("added token %q has id %d and, in the vocabulary, %d", a.Content, a.ID, id)
		}
	}
	size := 0
	claim := func(text string, id int32) error {
		if id < 0 || id >= MaxVocabSize {
			return fmt.Errorf("token %q has id %d, outside of 0..%d", text, id, MaxVocabSize-1)
		}
		size = max(size, int(id)+1)
		return nil
	}
	for text, id := range ids {
		if err := claim(text, id); err != nil {
			return nil, err
		}
	}
	specials := make(map[string]int32, len(f.AddedTokens))
	for _, a := range f.AddedTokens {
		if _, repeated := specials[a.Content]; repeated || a.Content == "" {
			return nil, fmt.Errorf("added token %q is empty or repeated", a.Content)
		}
		if err := claim(a.Content, a.ID); err != nil {
			return nil, err
		}
		specials[a.Content] = a.ID
	}
	// A handful of tokens with huge ids would make a table of nothing.
	if size > 2*(len(ids)+len(specials))+256 {
		return nil, fmt.Errorf("ids reach %d with only %d tokens", size-1, len(ids)+len(specials))
	}
	tokens, taken := make([]string, size), make([]bool, size)
	for _, id := range specials {
		if taken[id] {
			return nil, fmt.Errorf("two added tokens share id %d", id)
		}
		taken[id] = true
	}
	for text, id := range ids {
		if _, special := specials[text]; special {
			continue
		}
		raw, ok := unspell(text)
		if !ok || raw == "" {
			return nil, fmt.Errorf("token %q is empty or not in the byte-level alphabet", text)
		}
		if taken[id] {
			return nil, fmt.Errorf("token %q shares id %d with another", text, id)
		}
		taken[id], tokens[id] = true, raw
	}
	var byteIDs [256]int32
	for b := range 256 {
		text := spell(string([]byte{byte(b)}))
		id, ok := ids[text]
		if _, special := specials[text]; !ok || special {
			return nil, fmt.Errorf("the vocabulary has no token %q for byte %d", text, b)
		}
		byteIDs[b] = id
	}
	merges, err := f.merges(ids, specials)
	if err != nil {
		return nil, err
	}
	return newTokenizer(tokens, specials, byteIDs, merges), nil
}

// merges resolves the merge list to ids.
func (f *file) merges(ids vocabulary, specials map[string]int32) ([]merge, error) {
	merges := make([]merge, len(f.Model.Merges))
	seen := make(map[pair]bool, len(merges))
	for rank, m := range f.Model.Merges {
		var part [3]int32
		for i, text := range []string{m.left, m.right, m.left + m.right} {
			id, ok := ids[text]
			if _, special := specials[text]; !ok || special {
				return nil, fmt.Errorf("merge %d (%q %q): %q is not a token of the vocabulary", rank, m.left, m.right, text)
			}
			part[i] = id
		}
		p := pairOf(part[0], part[1])
		if seen[p] {
			return nil, fmt.Errorf("merge %d (%q %q) is repeated", rank, m.left, m.right)
		}
		seen[p] = true
		merges[rank] = merge{p, part[2]}
	}
	return merges, nil
}
