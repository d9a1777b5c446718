package tokenizer

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

// hardText draws what the patterns tell apart, and neighbours of it.
func hardText() *rapid.Generator[string] {
	pieces := []string{
		" ", "  ", "\n", "\r", "\t", "\u00a0", "\u3000", "\u0085", "'", "'s", "'LL", "'ſ", "'Re", "a", "Zß", "é", "e\u0301", "中文", "\u0915\u094d",
		"7", "42", "٣", "Ⅷ", "½", "!", "...", "<|", "😀", "\u200d", "_", "\x00", "-", "\u0323\u0302", "\uac00", "\u1100\u1161\u11a8",
	}
	return rapid.Map(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 24), func(all []string) string { return strings.Join(all, "") })
}

// oracle is a pattern as the regular expression it comes from. Go's have no
// look-ahead, so \s+(?!\S)|\s+, the last alternatives of all, are done by hand.
func oracle(pattern string) func(text string) int {
	const space = `\t-\r \x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}`
	pattern = strings.TrimSuffix(pattern, `|\s+(?!\S)|\s+`)
	pattern = strings.ReplaceAll(strings.ReplaceAll(pattern, `[^\s`, `[^`+space), `\s*`, `[`+space+`]*`)
	first := regexp.MustCompile(`^(?:` + pattern + `)`)
	spaces := regexp.MustCompile(`^[` + space + `]+`)
	return func(text string) int {
		if at := first.FindStringIndex(text); at != nil {
			return at[1]
		}
		run := spaces.FindString(text)
		if _, last := utf8.DecodeLastRuneInString(run); run != text && last < len(run) {
			return len(run) - last
		}
		return len(run)
	}
}

func TestScannersMatchTheirPatterns(t *testing.T) {
	for pattern, scan := range map[string]scanner{
		`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`: gpt2Word,
		llama3Regex: llama3Word,
		qwen2Regex:  qwen2Word,
	} {
		slow := oracle(pattern)
		rapid.Check(t, func(t *rapid.T) {
			text := rapid.OneOf(hardText(), rapid.String()).Draw(t, "text")
			for r := range strings.SplitSeq(text, "") { // the oracle's Unicode is older
				if c, _ := utf8.DecodeRuneInString(r); unicode.In(c, laterLetters, laterNumbers) {
					return
				}
			}
			for rest := text; rest != ""; {
				got, want := scan(rest), slow(rest)
				if got != want {
					t.Fatalf("the first word of %q is %q, want %q", rest, rest[:got], rest[:want])
				}
				rest = rest[got:]
			}
		})
	}
}

// What is encoded is what is decoded, normalised where the family normalises.
func TestRoundTripIsTheNormalisedText(t *testing.T) {
	for _, family := range []string{"gpt2", "llama3", "qwen2"} {
		tok := parseTestdata(t, "family-"+family+".json")
		rapid.Check(t, func(t *rapid.T) {
			text := rapid.OneOf(anyText(), hardText()).Draw(t, "text")
			want := text
			if tok.normalize != nil {
				want = nfc(text)
			}
			ids := tok.Encode(text)
			if got := string(tok.DecodeBytes(ids)); got != want && !strings.Contains(text, "tool_call>") {
				t.Fatalf("%s: DecodeBytes(Encode(%q)) = %q, want %q", family, text, got, want)
			}
			if slices.ContainsFunc(ids, tok.isSpecial) {
				t.Fatalf("%s: Encode(%q) has a special id", family, text)
			}
		})
	}
}

func TestNFCIsTheDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(anyText(), hardText(), rapid.StringOf(rapid.RuneFrom(nil, unicode.M, unicode.Hangul, unicode.Latin))).Draw(t, "text")
		if longestMarks(text) > streamSafeMarks {
			return
		}
		want := norm.NFC.String(text)
		if got := composeByDefinition(text); got != want {
			t.Fatalf("composeByDefinition(%+q) = %+q, want %+q", text, got, want)
		}
		if got := compose(text); got != want {
			t.Fatalf("compose(%+q) = %+q, want %+q", text, got, want)
		}
	})
	marks := strings.Repeat("\u0301", 40)
	if got, want := nfc("a"+marks+"\xff\u0323"), "á"+marks[2:]+"\xff\u0323"; got != want {
		t.Errorf("40 marks became %+q, want %+q", got, want)
	}
}

// The trie finds what a search through all contents finds.
func TestFinderIsLeftmostLongest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		contents := rapid.SliceOfNDistinct(rapid.StringMatching(`[ab<]{1,4}`), 1, 6, rapid.ID[string]).Draw(t, "contents")
		text := rapid.StringMatching(`[ab<c]{0,30}`).Draw(t, "text")
		f := newFinder(make([]AddedToken, len(contents)), contents)
		for from := 0; ; {
			wantStart, want := len(text), -1
			for i, content := range contents {
				at := strings.Index(text[from:], content)
				if at < 0 {
					continue
				}
				if at += from; at < wantStart || at == wantStart && (want < 0 || len(content) > len(contents[want])) {
					wantStart, want = at, i
				}
			}
			got, start, end := f.match(text, from)
			if int(got) != want {
				t.Fatalf("from %d of %q: content %d, want %d", from, text, got, want)
			}
			if want < 0 {
				return
			}
			if start != wantStart || text[start:end] != contents[want] {
				t.Fatalf("from %d of %q: [%d:%d], want %q at %d", from, text, start, end, contents[want], wantStart)
			}
			from = end
		}
	})
}
