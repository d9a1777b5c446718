package jobs

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSplitText(t *testing.T) {
	long := strings.Repeat("word ", 300)
	for _, test := range []struct {
		name, content string
		heldOut       float64
		train, held   int
		says          string
	}{
		{"a.txt", long + "\n\n" + long + "\n\n" + long + "\n", 0, 2, 0, ""},
		{"a.txt", long + "\n\n" + long + "\n\n" + long + "\n", 0.5, 1, 1, ""},
		{"a.txt", "short\r\n\r\nshorter", 0, 1, 0, ""},
		{"a.txt", "short\r\n\r\nshorter", 1, 0, 1, ""},
		{"a.txt", "\n\n\n", 0, 0, 0, "holds no text"},
		{"a.txt", "a\x00b", 0, 0, 0, "NUL"},
		{"a.jsonl", "{\"text\":\"one\"}\n{\"text\":\"two\"}\n", 0, 2, 0, ""},
		{"a.jsonl", "{\"text\":\"one\"}\n{\"text\":\"two\"}\n", 0.01, 1, 1, ""},
		{"a.jsonl", "{\"text\":\"one\"}\n{\"text\":\"two\"}\n", 0.51, 0, 2, ""},
		{"a.jsonl", "{\"text\":\"one\"}\n{\"words\":\"two\"}\n", 0, 0, 0, "a.jsonl:2"},
	} {
		train, held, err := splitText(test.name, []byte(test.content), test.heldOut)
		if len(train) != test.train || len(held) != test.held ||
			(err != nil) != (test.says != "") || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s %.20q, %v: %d and %d documents, %v", test.name, test.content, test.heldOut, len(train), len(held), err)
		}
	}
}

// TestHeldOutTextIsTheEnd: what is held out of plain text is its last bytes, as they are, and training sees none of them.
func TestHeldOutTextIsTheEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		content := rapid.StringOfN(rapid.RuneFrom([]rune("ab\n\r é狗")), 1, 400, -1).Draw(t, "content")
		share := rapid.Float64Range(0, 0.9).Draw(t, "share")
		train, held, err := splitText("a.txt", []byte(content), share)
		if err != nil {
			if strings.TrimSpace(content) != "" {
				t.Fatal(err)
			}
			return
		}
		end := strings.Join(held, "")
		if !strings.HasSuffix(content, end) {
			t.Fatalf("%q is not the end of %q", end, content)
		}
		if n, least := float64(len(end)), share*float64(len(content)); n < least-1e-9 || n >= least+5 {
			t.Fatalf("%d of %d bytes are held out, for a share of %v", len(end), len(content), share)
		}
		begin := content[:len(content)-len(end)]
		squeeze := strings.NewReplacer("\n", "", "\r", "")
		if got := squeeze.Replace(strings.Join(train, "")); got != squeeze.Replace(begin) {
			t.Fatalf("trained on %q of %q", got, begin)
		}
	})
}

// TestLastTenth is the split of a text of the size of tiny Shakespeare, as others make it.
func TestLastTenth(t *testing.T) {
	content := []byte(strings.Repeat("x", 1_115_394))
	_, held, err := splitText("a.txt", content, 0.1)
	if err != nil || len(held) != 1 || len(held[0]) != 111_540 {
		t.Errorf("%d bytes are held out, %v", len(strings.Join(held, "")), err)
	}
}
