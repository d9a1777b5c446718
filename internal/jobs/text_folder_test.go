package jobs

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestTextFolder(t *testing.T) {
	file := func(content string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(content)} }
	folder := fstest.MapFS{
		"b.txt":         file("second <&>\n\nstill second"),
		"a/z.MD":        file("first"),
		"c.jsonl":       file("{\"text\":\"third\"}\n{\"text\":\"fourth\\n\\nstill\"}\n"),
		"d.txt":         file(" \n"),
		".hidden.txt":   file("no"),
		".git/x.txt":    file("no"),
		"picture.png":   file("\x00"),
		"link.txt":      {Data: []byte("b.txt"), Mode: fs.ModeSymlink},
		"a/deeper/e.md": file("before first"),
	}
	text, err := TextFolder(folder, "corpus")
	if err != nil {
		t.Fatal(err)
	}
	documents, held, err := ReadText(text, 0)
	want := []string{"before first", "first", "second <&>\n\nstill second", "third", "fourth\n\nstill"}
	if err != nil || !slices.Equal(documents, want) || len(held) != 0 {
		t.Errorf("%q, %q, %v", documents, held, err)
	}
	if text.Name != "corpus.jsonl" {
		t.Errorf("named %s", text.Name)
	}
	for says, folder := range map[string]fstest.MapFS{
		"holds no text":            {"picture.png": file("\x00"), "d.txt": file("\n")},
		"corpus/a.txt is not text": {"a.txt": file("a\x00b")},
		"in UTF-8":                 {"a.txt": file("caf\xe9")},
		"corpus/x/a.jsonl:2":       {"x/a.jsonl": file("{\"text\":\"one\"}\n{}\n")},
	} {
		if _, err := TextFolder(folder, "corpus"); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v instead of %s", err, says)
		}
	}
}
