package tokenizer

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"unicode"
)

// Every rune is a letter, a number, white space, a part of a word and a digit
// just where Hugging Face's tokenizers says so. Written by
// interop/tokenizer_vectors.py golden.
func TestClassesMatchHuggingFace(t *testing.T) {
	digest := sha256.New()
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if r >= 0xD800 && r < 0xE000 {
			continue
		}
		kind := byte(classOf(r))
		if isWord(r) {
			kind += 4
		}
		if digit, _ := charNumber(string(r)); digit {
			kind += 8
		}
		digest.Write([]byte{kind})
	}
	got, want := fmt.Sprintf("%x", digest.Sum(nil)), strings.TrimSpace(string(readTestdata(t, "classes.sha256")))
	if got != want {
		t.Errorf("the classes of all runes have the digest %s, want %s", got, want)
	}
}

// Every rune among marks is ordered and composed as Hugging Face's tokenizers
// does it, whose tables are older. Written by the same command.
func TestNFCMatchesHuggingFace(t *testing.T) {
	digest := sha256.New()
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if r < 0xD800 || r >= 0xE000 {
			digest.Write([]byte(nfc("a\u0345"+string(r)+"\u0334\u0301b") + "\n"))
		}
	}
	got, want := fmt.Sprintf("%x", digest.Sum(nil)), strings.TrimSpace(string(readTestdata(t, "compositions.sha256")))
	if got != want {
		t.Errorf("the compositions of all runes have the digest %s, want %s", got, want)
	}
	for _, text := range []string{"a\u0345\u0d3bb", "\U00011935\U00011930", "\U00011938\u0301"} {
		if got := nfc(text); got != text {
			t.Errorf("nfc(%+q) = %+q: what Unicode 9 did not have composes with nothing", text, got)
		}
	}
}
