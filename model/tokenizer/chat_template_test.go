package tokenizer

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func parseTestdata(t testing.TB, name string) *Tokenizer {
	t.Helper()
	tok, err := Parse(readTestdata(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// Conversations are laid out as Jinja renders the templates. Written by
// interop/tokenizer_vectors.py golden.
func TestChatFollowsTheTemplate(t *testing.T) {
	checkChats(t, parseTestdata(t, "family-qwen2.json"), readTestdata(t, "chats.jsonl"))
}

func checkChats(t *testing.T, tok *Tokenizer, chats []byte) {
	t.Helper()
	for line := range bytes.Lines(chats) {
		var c struct {
			Template, Text string
			Messages       []Message
		}
		if err := json.Unmarshal(line, &c); err != nil {
			t.Fatal(err)
		}
		with, err := tok.WithChatTemplate(c.Template)
		if err != nil {
			t.Fatal(err)
		}
		chat, err := NewChat(with)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := chat.Prompt(c.Messages), tok.EncodeMarked(c.Text); !slices.Equal(got, want) {
			t.Errorf("Prompt = %q, want %q", show(tok, got), show(tok, want))
		}
		whole := len(chat.Prompt(c.Messages))
		if ids, trimmed := chat.FitPrompt(c.Messages, whole); trimmed || len(ids) != whole {
			t.Errorf("FitPrompt leaves %d of %d ids, trimmed %v", len(ids), whole, trimmed)
		}
		if with.ChatTemplate() != c.Template || tok.ChatTemplate() != "" {
			t.Error("ChatTemplate is not the one given")
		}
	}
}

func TestChatMLTemplateIsTheUsualLayout(t *testing.T) {
	tok, plain := goldenChat(t)
	with, err := tok.WithChatTemplate(ChatMLTemplate)
	if err != nil {
		t.Fatal(err)
	}
	chat, err := NewChat(with)
	if err != nil {
		t.Fatal(err)
	}
	messages := []Message{{"user", " Hi "}, {"assistant", "Hello.\n"}, {"user", "Bye"}}
	if !slices.Equal(chat.Prompt(messages), plain.Prompt(messages)) {
		t.Error("the layouts differ")
	}
}

func TestWithChatTemplateRefuses(t *testing.T) {
	tok := goldenTokenizer(t)
	for want, source := range map[string]string{
		"no turn":            "",
		"no opening":         strings.ReplaceAll(ChatMLTemplate, "assistant", "model"),
		"is no special":      strings.ReplaceAll(ChatMLTemplate, "im_start", "start"),
		"}} is missing":      "{{ '<|im_start|>' ",
		"%} is missing":      "{% for x in 'unfinished %}",
		"#} is missing":      "{# a comment",
		"over the limit":     strings.Repeat(" ", maxTemplateBytes+1),
		"bos_token":          "{{ bos_token }}" + ChatMLTemplate,
		"outside of an":      "Hello" + ChatMLTemplate,
		`writes "\n"`:        strings.ReplaceAll(ChatMLTemplate, "}}{%", "}}\n{%"),
		"differ from each":   ChatMLTemplate + strings.ReplaceAll(ChatMLTemplate, "im_end", "im_stop"),
		"two system":         ChatMLTemplate + "{{ '<|im_start|>system\\nA<|im_end|>\\n' }}{{ '<|im_start|>system\\nB<|im_end|>\\n' }}",
		"not of the ChatML ": "{% for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] | upper }}{% endfor %}",
	} {
		if _, err := tok.WithChatTemplate(source); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
}

func FuzzChatTemplate(f *testing.F) {
	for line := range bytes.Lines(readTestdata(f, "chats.jsonl")) {
		var c struct{ Template string }
		if err := json.Unmarshal(line, &c); err != nil {
			f.Fatal(err)
		}
		f.Add(c.Template)
	}
	tok := goldenTokenizer(f)
	f.Fuzz(func(t *testing.T, source string) {
		with, err := tok.WithChatTemplate(source)
		if err != nil {
			return
		}
		chat, err := NewChat(with)
		if err != nil {
			return
		}
		if ids := chat.Prompt([]Message{{"user", "Hi"}}); len(ids) < 5 {
			t.Fatalf("a conversation of %d ids", len(ids))
		}
	})
}
