package model

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"rankloop/model/tokenizer"
)

// chatML is a template that writes a system message where there is none.
func chatML(system string) string {
	return `{% if messages[0]['role'] != 'system' %}{{ '<|im_start|>system\n` + system + `<|im_end|>\n' }}{% endif %}` + tokenizer.ChatMLTemplate
}

// A folder's chat template is found where Hugging Face's files have it, and followed.
func TestChatTemplateOfFolder(t *testing.T) {
	named := `{"chat_template":[{"name":"tools","template":"{{ x }}"},{"name":"default","template":` + quote(t, chatML("two")) + `}]}`
	for _, c := range []struct {
		name   string
		files  map[string]string
		system string // "" for none
	}{
		{"none", nil, ""},
		{"none in the file", map[string]string{tokenizerConfigFile: `{"chat_template":null}`}, ""},
		{"no default", map[string]string{tokenizerConfigFile: `{"chat_template":[{"name":"tools","template":"{{ x }}"}]}`}, ""},
		{"alone", map[string]string{tokenizerConfigFile: `{"chat_template":` + quote(t, chatML("one")) + `}`}, "one"},
		{"of several", map[string]string{tokenizerConfigFile: named}, "two"},
		{"a file of its own first", map[string]string{tokenizerConfigFile: named, templateFile: chatML("three")}, "three"},
	} {
		files := tinyLlamaFiles(t)
		delete(files, tokenizerConfigFile)
		for name, content := range c.files {
			files[name] = &fstest.MapFile{Data: []byte(content)}
		}
		loaded, err := LoadCheckpoint(files)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		chat, err := tokenizer.NewChat(loaded.Tokenizer)
		if err != nil {
			t.Fatal(err)
		}
		want := "<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\n"
		if c.system != "" {
			want = "<|im_start|>system\n" + c.system + "<|im_end|>\n" + want
		}
		got := chat.Prompt([]tokenizer.Message{{Role: "user", Content: "hello"}})
		if !slices.Equal(got, loaded.Tokenizer.EncodeMarked(want)) {
			t.Errorf("%s: %v is not %q", c.name, got, want)
		}
	}
}

// A template in another style is an error where conversations would be laid out otherwise, and no matter where there are
// none.
func TestChatTemplateOfAnotherStyle(t *testing.T) {
	const other = `{% for m in messages %}[INST] {{ m['content'] }} [/INST]{% endfor %}`
	files := tinyLlamaFiles(t)
	files[templateFile] = &fstest.MapFile{Data: []byte(other)}
	if _, err := LoadCheckpoint(files); err == nil || !strings.Contains(err.Error(), templateFile+": chat template") {
		t.Errorf("%v", err)
	}
	files["tokenizer.json"].Data = []byte(strings.NewReplacer("<|im_start|>", "<|a|>", "<|im_end|>", "<|b|>").Replace(string(files["tokenizer.json"].Data)))
	loaded, err := LoadCheckpoint(files)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tokenizer.NewChat(loaded.Tokenizer); err == nil || string(loaded.Companions[templateFile]) != other {
		t.Errorf("a chat: %v; kept %q", err, loaded.Companions[templateFile])
	}
}

func tinyLlamaFiles(t *testing.T) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	entries, err := os.ReadDir("testdata/tiny-llama")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		files[entry.Name()] = &fstest.MapFile{Data: testFile(t, "tiny-llama/"+entry.Name())}
	}
	return files
}

func quote(t *testing.T, text string) string {
	t.Helper()
	var out strings.Builder
	if err := jsonFile(text)(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
