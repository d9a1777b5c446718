package tokenizer

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// metadata is a tokenizer's vocabulary as a converter to GGUF writes it.
func metadata(tok *Tokenizer, pre string) Vocabulary {
	v := Vocabulary{Model: "gpt2", Pre: pre, Before: tok.before, After: tok.after}
	for i := range tok.tokens {
		id, kind := int32(i), NormalToken
		if _, added := tok.contents[id]; added {
			kind = UserDefinedToken
		}
		if tok.isSpecial(id) {
			kind = ControlToken
		}
		v.Tokens, v.Types = append(v.Tokens, tok.spelling(id)), append(v.Types, kind)
	}
	for _, m := range tok.merges {
		v.Merges = append(v.Merges, tok.spelling(m.pair.left())+" "+tok.spelling(m.pair.right()))
	}
	return v
}

func TestFromVocabularyMatchesHuggingFace(t *testing.T) {
	for family, pre := range map[string]string{"gpt2": "gpt-2", "llama3": "llama-bpe", "qwen2": "qwen2", "smollm2": "smollm"} {
		t.Run(pre, func(t *testing.T) {
			v := metadata(parseTestdata(t, "family-"+family+".json"), pre)
			for i := range 3 { // a converter fills the table up
				v.Tokens, v.Types = append(v.Tokens, strings.Repeat("[PAD]", i+1)), append(v.Types, UnusedToken)
			}
			tok, err := FromVocabulary(v)
			if err != nil {
				t.Fatal(err)
			}
			checkVectors(t, tok, bytes.NewReader(readTestdata(t, "family-"+family+".jsonl")))
			data, err := tok.JSON()
			if err != nil {
				t.Fatal(err)
			}
			again, err := Parse(data)
			if err != nil {
				t.Fatal(err)
			}
			checkVectors(t, again, bytes.NewReader(readTestdata(t, "family-"+family+".jsonl")))
			if twice, err := again.JSON(); err != nil || !bytes.Equal(data, twice) {
				t.Errorf("JSON(Parse(JSON())) differs, %v", err)
			}
		})
	}
}

func TestFromVocabularyWithoutTypes(t *testing.T) {
	v := metadata(goldenTokenizer(t), "gpt-2")
	v.Types = nil
	tok, err := FromVocabulary(v)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := tok.Encode("it's some text"), goldenTokenizer(t).Encode("it's some text"); !slices.Equal(got, want) {
		t.Errorf("Encode = %v, want %v", got, want)
	}
}

func TestFromVocabularyRefuses(t *testing.T) {
	for want, change := range map[string]func(*Vocabulary){
		"tokenizer.ggml.model: \"llama\"":    func(v *Vocabulary) { v.Model = "llama" },
		"tokenizer.ggml.pre: \"\"":           func(v *Vocabulary) { v.Pre = "" },
		"tokenizer.ggml.token_type: 1 types": func(v *Vocabulary) { v.Types = v.Types[:1] },
		"tokenizer.ggml.merges[1]":           func(v *Vocabulary) { v.Merges[1] = "abc" },
		"over the limit":                     func(v *Vocabulary) { v.Tokens = make([]string, MaxVocabSize+1) },
		"merges are over the limit":          func(v *Vocabulary) { v.Merges = make([]string, maxMerges+1) },
		"is repeated":                        func(v *Vocabulary) { v.Tokens[300] = v.Tokens[301] },
		"byte-level alphabet":                func(v *Vocabulary) { v.Tokens[440] = "a b"; v.Merges = v.Merges[:10] },
		"id -1 is outside":                   func(v *Vocabulary) { v.Before = []int32{-1} },
		"id 444 is outside":                  func(v *Vocabulary) { v.After = []int32{444} },
		"more than 64 ids":                   func(v *Vocabulary) { v.After = make([]int32, 65) },
	} {
		v := metadata(goldenTokenizer(t), "gpt-2")
		change(&v)
		if _, err := FromVocabulary(v); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
}
