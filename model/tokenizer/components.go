package tokenizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
)

// parts are the components of tokenizer.json around the model, as they were
// read; nil is none. They have been checked by configure.
type parts struct {
	Normalizer    json.RawMessage
	PreTokenizer  json.RawMessage
	PostProcessor json.RawMessage
	Decoder       json.RawMessage
}

// component has the fields of all the components that are supported.
type component struct {
	Type string `json:"type"`

	Normalizers   []json.RawMessage `json:"normalizers"` // of a Sequence
	PreTokenizers []json.RawMessage `json:"pretokenizers"`
	Processors    []json.RawMessage `json:"processors"`

	AddPrefixSpace bool  `json:"add_prefix_space"` // of ByteLevel
	UseRegex       *bool `json:"use_regex"`        // absent means true

	IndividualDigits bool `json:"individual_digits"` // of Digits

	Pattern  splitPattern `json:"pattern"` // of Split
	Behavior string       `json:"behavior"`
	Invert   bool         `json:"invert"`

	Single        []templatePiece `json:"single"` // of TemplateProcessing
	SpecialTokens map[string]struct {
		IDs []int32 `json:"ids"`
	} `json:"special_tokens"`
}

type splitPattern struct {
	Regex  *string `json:"Regex"`
	String *string `json:"String"`
}

// templatePiece is a special token or the text itself, sequence A.
type templatePiece struct {
	SpecialToken *struct {
		ID string `json:"id"`
	} `json:"SpecialToken"`
	Sequence *struct {
		ID string `json:"id"`
	} `json:"Sequence"`
}

const (
	maxPartBytes  = 1 << 20 // the JSON of one component
	maxSequence   = 64      // components in one
	maxFrameIDs   = 64      // ids around a document
	maxPartsDepth = 4       // sequences in sequences
)

// regexes are the patterns of Split that have a scanner.
var regexes = map[string]pattern{
	`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`: scanner(gpt2Word).pattern(),
	llama3Regex:  scanner(llama3Word).pattern(),
	qwen2Regex:   scanner(qwen2Word).pattern(),
	`\p{N}`:      numbers(1, regexNumber),
	`\p{N}{1,3}`: numbers(3, regexNumber),
}

const (
	llama3Regex = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
	qwen2Regex  = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
)

// configure sets t up as the components say; what is not supported is refused
// by name.
func (p *parts) configure(t *Tokenizer) error {
	if err := read("normalizer", p.Normalizer, 0, t.addNormalizer); err != nil {
		return err
	}
	if isNull(p.PreTokenizer) {
		return errors.New("pre_tokenizer: there is none; it must end with ByteLevel")
	}
	if err := read("pre_tokenizer", p.PreTokenizer, 0, t.addStages); err != nil {
		return err
	}
	if err := read("post_processor", p.PostProcessor, 0, t.addFrame); err != nil {
		return err
	}
	if isNull(p.Decoder) {
		return errors.New("decoder: there is none; it must be ByteLevel")
	}
	return read("decoder", p.Decoder, 0, func(field string, c *component, _ int) error {
		if c.Type != "ByteLevel" {
			return fmt.Errorf("%s: type %q is not supported, only ByteLevel", field, c.Type)
		}
		return nil
	})
}

func isNull(data json.RawMessage) bool { return len(data) == 0 || string(data) == "null" }

// read decodes one component, or none, and hands it on.
func read(field string, data json.RawMessage, depth int, use func(string, *component, int) error) error {
	if isNull(data) {
		return nil
	}
	if len(data) > maxPartBytes {
		return fmt.Errorf("%s: %d bytes are over the limit of %d", field, len(data), maxPartBytes)
	}
	var c component
	if err := json.Unmarshal(data, &c); err != nil {
		return fmt.Errorf("%s: %w", field, err)
	}
	return use(field, &c, depth)
}

// readAll reads the members of a Sequence.
func readAll(field string, members []json.RawMessage, depth int, use func(string, *component, int) error) error {
	if len(members) > maxSequence || depth == maxPartsDepth {
		return fmt.Errorf("%s: more than %d members, or sequences nested deeper than %d", field, maxSequence, maxPartsDepth)
	}
	for i, member := range members {
		at := fmt.Sprintf("%s[%d]", field, i)
		if isNull(member) {
			return fmt.Errorf("%s: null is no component", at)
		}
		if err := read(at, member, depth+1, use); err != nil {
			return err
		}
	}
	return nil
}

func (t *Tokenizer) addNormalizer(field string, c *component, depth int) error {
	switch c.Type {
	case "Sequence":
		return readAll(field+".normalizers", c.Normalizers, depth, t.addNormalizer)
	case "NFC": // twice is as good as once
		t.normalize = nfc
		return nil
	}
	return fmt.Errorf("%s: type %q is not supported, only NFC", field, c.Type)
}

func (t *Tokenizer) addStages(field string, c *component, depth int) error {
	if c.Type == "Sequence" {
		if err := readAll(field+".pretokenizers", c.PreTokenizers, depth, t.addStages); err != nil {
			return err
		}
		if depth == 0 && !t.byteLevel {
			return fmt.Errorf("%s: the last member must be ByteLevel", field)
		}
		return nil
	}
	if t.byteLevel {
		return fmt.Errorf("%s: type %q after ByteLevel is not supported", field, c.Type)
	}
	switch c.Type {
	case "ByteLevel":
		t.byteLevel = true
		last := stage{prefixSpace: c.AddPrefixSpace}
		if c.UseRegex == nil || *c.UseRegex {
			last.next = cutters["Isolated"](scanner(gpt2Word).pattern())
		}
		t.stages = append(t.stages, last)
		return nil
	case "Digits":
		behavior, most := "Contiguous", math.MaxInt
		if c.IndividualDigits {
			behavior, most = "Isolated", 1
		}
		t.stages = append(t.stages, stage{next: cutters[behavior](numbers(most, charNumber))})
	case "Split":
		p, err := c.splitPattern(field)
		if err != nil {
			return err
		}
		behavior, known := cutters[c.Behavior]
		if !known {
			return fmt.Errorf("%s.behavior: %q is not known", field, c.Behavior)
		}
		t.stages = append(t.stages, stage{next: behavior(p)})
	default:
		return fmt.Errorf("%s: type %q is not supported, only Sequence, Split, Digits and ByteLevel", field, c.Type)
	}
	if depth == 0 {
		return fmt.Errorf("%s: %s alone is not supported, it must end with ByteLevel", field, c.Type)
	}
	return nil
}

func (c *component) splitPattern(field string) (pattern, error) {
	var p pattern
	switch {
	case c.Pattern.Regex != nil:
		p = regexes[*c.Pattern.Regex]
		if p == nil {
			return nil, fmt.Errorf("%s.pattern.Regex: %q is none of the patterns that are supported", field, *c.Pattern.Regex)
		}
	case c.Pattern.String != nil && *c.Pattern.String != "":
		p = literal(*c.Pattern.String)
	default:
		return nil, fmt.Errorf("%s.pattern: neither a Regex nor a String", field)
	}
	if c.Invert {
		p = p.inverted()
	}
	return p, nil
}

// addFrame reads the special tokens that a post-processor puts around a text.
func (t *Tokenizer) addFrame(field string, c *component, depth int) error {
	switch c.Type {
	case "Sequence":
		return readAll(field+".processors", c.Processors, depth, t.addFrame)
	case "ByteLevel": // changes offsets, which are not kept, and no ids
		return nil
	case "TemplateProcessing":
	default:
		return fmt.Errorf("%s: type %q is not supported, only Sequence, ByteLevel and TemplateProcessing", field, c.Type)
	}
	var before, after []int32
	texts := 0
	for i, piece := range c.Single {
		at := fmt.Sprintf("%s.single[%d]", field, i)
		switch {
		case piece.Sequence != nil && piece.Sequence.ID == "A":
			texts++
		case piece.SpecialToken != nil:
			special, known := c.SpecialTokens[piece.SpecialToken.ID]
			if !known {
				return fmt.Errorf("%s: %q is not in special_tokens", at, piece.SpecialToken.ID)
			}
			for _, id := range special.IDs {
				if id < 0 || int(id) >= len(t.tokens) {
					return fmt.Errorf("%s: id %d of %q is outside of 0..%d", at, id, piece.SpecialToken.ID, len(t.tokens)-1)
				}
			}
			if texts == 0 {
				before = append(before, special.IDs...)
			} else {
				after = append(after, special.IDs...)
			}
		default:
			return fmt.Errorf("%s: neither a SpecialToken nor the Sequence A", at)
		}
		if len(t.before)+len(t.after)+len(before)+len(after) > maxFrameIDs {
			return fmt.Errorf("%s: more than %d special ids around a text", field, maxFrameIDs)
		}
	}
	if texts != 1 {
		return fmt.Errorf("%s.single: the Sequence A is in it %d times, not once", field, texts)
	}
	t.before = append(before, t.before...) // a later template goes around an earlier one
	t.after = append(t.after, after...)
	return nil
}
