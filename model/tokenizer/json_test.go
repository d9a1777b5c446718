package tokenizer

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"runtime"
	"slices"
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

func part(kind string) any { return map[string]any{"type": kind} }

func sequence(field string, members ...any) any {
	return map[string]any{"type": "Sequence", field: members}
}

func splitBy(kind, text string) any {
	return map[string]any{"type": "Split", "pattern": map[string]any{kind: text}, "behavior": "None"}
}

// template puts a special token of the ids before a text, several times.
func template(times int, ids any) any {
	var single []any
	for range times {
		single = append(single, map[string]any{"SpecialToken": map[string]any{"id": "<x>"}})
	}
	single = append(single, map[string]any{"Sequence": map[string]any{"id": "A"}})
	tokens := map[string]any{}
	if ids != nil {
		tokens["<x>"] = map[string]any{"ids": ids}
	}
	return map[string]any{"type": "TemplateProcessing", "single": single, "special_tokens": tokens}
}

func TestParseRefuses(t *testing.T) {
	for want, change := range map[string]func(map[string]any){
		"model.type":                   func(d map[string]any) { model(d)["type"] = "Unigram" },
		"model.dropout":                func(d map[string]any) { model(d)["dropout"] = 0.1 },
		"model.byte_fallback":          func(d map[string]any) { model(d)["byte_fallback"] = true },
		"model.continuing_subword":     func(d map[string]any) { model(d)["continuing_subword_prefix"] = "##" },
		"model.end_of_word_suffix":     func(d map[string]any) { model(d)["end_of_word_suffix"] = "</w>" },
		"model.unk_token":              func(d map[string]any) { model(d)["unk_token"] = "<unk>" },
		"normalizer: type \"NFKC\"":    func(d map[string]any) { d["normalizer"] = part("NFKC") },
		"normalizer.normalizers[1]":    func(d map[string]any) { d["normalizer"] = sequence("normalizers", part("NFC"), part("Strip")) },
		"pre_tokenizer: there is none": func(d map[string]any) { d["pre_tokenizer"] = nil },
		"pre_tokenizer: json":          func(d map[string]any) { d["pre_tokenizer"] = 7 },
		"pre_tokenizer: type \"Metasp": func(d map[string]any) { d["pre_tokenizer"] = part("Metaspace") },
		"pre_tokenizer: Digits alone":  func(d map[string]any) { d["pre_tokenizer"] = part("Digits") },
		"the last member must be":      func(d map[string]any) { d["pre_tokenizer"] = sequence("pretokenizers", part("Digits")) },
		"after ByteLevel": func(d map[string]any) {
			d["pre_tokenizer"] = sequence("pretokenizers", part("ByteLevel"), part("Digits"))
		},
		"pretokenizers[0]: null":       func(d map[string]any) { d["pre_tokenizer"] = sequence("pretokenizers", nil) },
		"pretokenizers[0].pattern.Reg": func(d map[string]any) { d["pre_tokenizer"] = sequence("pretokenizers", splitBy("Regex", `\w+`)) },
		"pattern: neither":             func(d map[string]any) { d["pre_tokenizer"] = sequence("pretokenizers", splitBy("String", "")) },
		"pretokenizers[0].behavior":    func(d map[string]any) { d["pre_tokenizer"] = sequence("pretokenizers", splitBy("String", "a")) },
		"nested deeper": func(d map[string]any) {
			inner := part("ByteLevel")
			for range 6 {
				inner = sequence("pretokenizers", inner)
			}
			d["pre_tokenizer"] = inner
		},
		"more than 64 members":        func(d map[string]any) { d["pre_tokenizer"] = sequence("pretokenizers", make([]any, 65)...) },
		"pre_tokenizer: 1":            func(d map[string]any) { d["pre_tokenizer"] = part(strings.Repeat("x", maxPartBytes)) },
		"post_processor: type \"Bert": func(d map[string]any) { d["post_processor"] = part("BertProcessing") },
		"Sequence A is in it 0 times": func(d map[string]any) { d["post_processor"] = part("TemplateProcessing") },
		"not in special_tokens":       func(d map[string]any) { d["post_processor"] = template(1, nil) },
		"id 700 of":                   func(d map[string]any) { d["post_processor"] = template(1, []any{700}) },
		"more than 64 special ids":    func(d map[string]any) { d["post_processor"] = template(65, []any{1}) },
		"decoder: there is none":      func(d map[string]any) { d["decoder"] = nil },
		"decoder: type \"Fuse\"":      func(d map[string]any) { d["decoder"] = part("Fuse") },
		"added_tokens[1]":             func(d map[string]any) { special(d)["id"] = 5 },
		"id 900 is not 444":           func(d map[string]any) { special(d)["id"] = 900; special(d)["content"] = "<new>" },
		"id -1 is outside of":         func(d map[string]any) { special(d)["id"] = -1; special(d)["content"] = "<new>" },
		"empty or repeated":           func(d map[string]any) { special(d)["content"] = "<|endoftext|>"; special(d)["id"] = 0 },
		"longer than 256 bytes":       func(d map[string]any) { special(d)["content"] = strings.Repeat("a", 257) },
		"model.vocab is not an":       func(d map[string]any) { model(d)["vocab"] = []any{} },
		"model.vocab is empty":        func(d map[string]any) { model(d)["vocab"] = map[string]any{} },
		"is not an id":                func(d map[string]any) { vocab(d)["zz"] = 1.5 },
		"outside of 0..":              func(d map[string]any) { vocab(d)["zz"] = 1 << 28 },
		"model.vocab: ids reach":      func(d map[string]any) { vocab(d)["zz"] = MaxVocabSize - 1 },
		"byte-level alphabet":         func(d map[string]any) { vocab(d)["a b"] = 700 },
		"shares id 300 with another":  func(d map[string]any) { vocab(d)["zz"] = 300 },
		"with the added token":        func(d map[string]any) { delete(vocab(d), "<|pad|>"); vocab(d)["zz"] = 444; special(d)["id"] = 444 },
		"\"a\" is not a token of the": func(d map[string]any) { delete(vocab(d), "a"); vocab(d)["zzz"] = 68 },
		"model.merges[0]":             func(d map[string]any) { model(d)["merges"] = []any{"zz zz"} },
		"is repeated":                 func(d map[string]any) { m := model(d)["merges"].([]any); model(d)["merges"] = append(m, m[0]) },
		"is not two tokens":           func(d map[string]any) { model(d)["merges"] = []any{"a b c"} },
		"not two tokens":              func(d map[string]any) { model(d)["merges"] = []any{[]any{"a", "b", "c"}} },
		"model.merges[0]: not a str":  func(d map[string]any) { model(d)["merges"] = []any{7} },
		"model.merges is not":         func(d map[string]any) { model(d)["merges"] = "a b" },
		"\"<|pad|>\" is not a":        func(d map[string]any) { model(d)["merges"] = []any{[]any{"<|pad|", ">"}}; vocab(d)["<|pad|"] = 700 },
	} {
		data := edit(t, change)
		_, err := Parse(data)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
	for _, text := range []string{"", "{", "[]", "null", "{}", `{"model":{"vocab":{"a":-1}}}`, "{\"version\":\"\xff\"}",
		`{"model":{"type":"BPE","vocab":{"a":0,"b":1,"a":2}}}`, `{"model":{"type":"BPE","vocab":{"a":{}}}}`} {
		if _, err := Parse([]byte(text)); err == nil {
			t.Errorf("Parse(%q): no error", text)
		}
	}
}

// What is accepted writes itself, reads itself and keeps its ids; reading takes
// no more memory than the file justifies.
func FuzzParse(f *testing.F) {
	f.Add(readTestdata(f, "tokenizer.json"))
	families, err := filepath.Glob("testdata/family-*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range families {
		f.Add(readTestdata(f, filepath.Base(name)))
	}
	f.Add([]byte(`{"model":{"type":"BPE","vocab":{"a":0},"merges":["a b"]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		tok, err := Parse(data)
		runtime.ReadMemStats(&after)
		if used, limit := after.TotalAlloc-before.TotalAlloc, uint64(1<<20+100*len(data)); used > limit {
			t.Fatalf("%d bytes allocated for a file of %d", used, len(data))
		}
		if err != nil {
			return
		}
		written, err := tok.JSON()
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse(written)
		if err != nil {
			t.Fatalf("%v in what it wrote itself: %s", err, written)
		}
		if twice, err := again.JSON(); err != nil || !bytes.Equal(written, twice) {
			t.Fatalf("JSON(Parse(JSON())) differs, %v", err)
		}
		const text = "Any text's bytes, e\u0301 12 \xff <|im_end|>\r\n  <tool_call> the-end"
		ids := tok.EncodeDocument(text)
		if !slices.Equal(ids, again.EncodeDocument(text)) {
			t.Fatal("other ids after a round trip")
		}
		for _, id := range append(ids, tok.Encode(text)...) {
			if id < 0 || int(id) >= tok.Size() {
				t.Fatalf("id %d of %d", id, tok.Size())
			}
		}
		if slices.ContainsFunc(tok.Encode(text), tok.isSpecial) && tok.unknown == noToken {
			t.Fatal("plain text became a special token")
		}
	})
}
