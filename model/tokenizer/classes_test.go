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
