package views

import (
	"strings"
	"testing"

	"rankloop/ranking"
)

func TestCountWords(t *testing.T) {
	for text, want := range map[string]int{
		"":                       0,
		"one two  three":         3,
		"don't stop":             2,
		"3.5 km":                 3,
		"天空是蓝色的":                 6,
		"用 Go 写":                 3,
		"**bold** — and a dash.": 4,
		"naïve café":             2,
		"السماء زرقاء":           2,
	} {
		if got := CountWords(text); got != want {
			t.Errorf("CountWords(%q) = %d, want %d", text, got, want)
		}
	}
}

func TestExpression(t *testing.T) {
	order := []int64{40, 10, 30, 20} // A, B, C, D
	if got := Expression(ranking.Tiers{{10}, {20, 40}, {30}}, order); got != "B › A = D › C" {
		t.Errorf("got %q", got)
	}
	if got := Expression(ranking.Tiers{{10, 99}}, order); got != "B = ✎" {
		t.Errorf("a response that was not shown: %q", got)
	}
}

func TestExcerpt(t *testing.T) {
	if got := excerpt("  one\n two ", 120); got != "one two" {
		t.Errorf("got %q", got)
	}
	if got := excerpt(strings.Repeat("字", 500), 10); got != strings.Repeat("字", 10)+"…" {
		t.Errorf("got %q", got)
	}
}

func TestInitials(t *testing.T) {
	for name, want := range map[string]string{"Ada Lovelace": "AL", "ada": "A", "李 雷": "李雷", "王小明": "王", "": "X"} {
		if got := initials(ranking.User{Name: name, Email: "x@example.org"}); got != want {
			t.Errorf("initials of %q: %q", name, got)
		}
	}
}
