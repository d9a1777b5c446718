package tokenizer

import (
	"encoding/json"
	"strings"
	"testing"
)

// edit returns the golden tokenizer.json after change has had its way with it.
func edit(t *testing.T, change func(doc map[string]any)) []byte {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal(readTestdata(t, "tokenizer.json"), &doc); err != nil {
		t.Fatal(err)
	}
	change(doc)
	data, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func model(doc map[string]any) map[string]any { return doc["model"].(map[string]any) }
func vocab(doc map[string]any) map[string]any { return model(doc)["vocab"].(map[string]any) }
func special(doc map[string]any) map[string]any {
	return doc["added_tokens"].([]any)[1].(map[string]any)
}

func TestParseRefuses(t *testing.T) {
	for want, change := range map[string]func(map[string]any){
		"only BPE":             func(d map[string]any) { model(d)["type"] = "Unigram" },
		"dropout":              func(d map[string]any) { model(d)["dropout"] = 0.1 },
		"byte_fallback":        func(d map[string]any) { model(d)["byte_fallback"] = true },
		"ignore_merges":        func(d map[string]any) { model(d)["ignore_merges"] = true },
		"subword_prefix":       func(d map[string]any) { model(d)["continuing_subword_prefix"] = "##" },
		"end_of_word_suffix":   func(d map[string]any) { model(d)["end_of_word_suffix"] = "</w>" },
		"normalizer":           func(d map[string]any) { d["normalizer"] = map[string]any{"type": "NFC"} },
		"pre_tokenizer must":   func(d map[string]any) { d["pre_tokenizer"] = nil },
		"add_prefix_space":     func(d map[string]any) { d["pre_tokenizer"].(map[string]any)["add_prefix_space"] = true },
		"use_regex=false":      func(d map[string]any) { d["pre_tokenizer"].(map[string]any)["use_regex"] = false },
		"post_processor":       func(d map[string]any) { d["post_processor"] = map[string]any{"type": "TemplateProcessing"} },
		"decoder must":         func(d map[string]any) { d["decoder"] = nil },
		"not special":          func(d map[string]any) { special(d)["special"] = false },
		"and, in the vocab":    func(d map[string]any) { special(d)["id"] = 5 },
		"empty or repeated":    func(d map[string]any) { special(d)["content"] = "<|endoftext|>"; special(d)["id"] = 0 },
		"outside of":           func(d map[string]any) { vocab(d)["zz"] = 1 << 28 },
		"ids reach":            func(d map[string]any) { vocab(d)["zz"] = MaxVocabSize - 1 },
		"byte-level alphabet":  func(d map[string]any) { vocab(d)["a b"] = 699 },
		"shares id":            func(d map[string]any) { vocab(d)["zz"] = 300 },
		"no token \"a\"":       func(d map[string]any) { delete(vocab(d), "a"); vocab(d)["zzz"] = 68 },
		"not a token of the":   func(d map[string]any) { model(d)["merges"] = []any{"zz zz"} },
		"is repeated":          func(d map[string]any) { m := model(d)["merges"].([]any); model(d)["merges"] = append(m, m[0]) },
		"is not two tokens":    func(d map[string]any) { model(d)["merges"] = []any{"a b c"} },
		"cannot unmarshal":     func(d map[string]any) { model(d)["merges"] = []any{7} },
		"\"<|pad|>\" is not a": func(d map[string]any) { model(d)["merges"] = []any{[]any{"<|pad|", ">"}}; vocab(d)["<|pad|"] = 698 },
	} {
		_, err := Parse(edit(t, change))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
	for _, text := range []string{"", "{", "[]", "null", "{}", `{"model":{"vocab":{"a":-1}}}`} {
		if _, err := Parse([]byte(text)); err == nil {
			t.Errorf("Parse(%q): no error", text)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(readTestdata(f, "tokenizer.json"))
	f.Add([]byte(`{"model":{"type":"BPE","vocab":{"a":0},"merges":["a b"]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		tok, err := Parse(data)
		if err != nil {
			return
		}
		const text = "any text's bytes \xff"
		if got := string(tok.DecodeBytes(tok.Encode(text))); got != text {
			t.Fatalf("an accepted tokenizer loses text: %q", got)
		}
	})
}
