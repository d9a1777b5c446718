package tokenizer

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// anyText draws valid text, arbitrary bytes and text with the names of
// specials in it.
func anyText() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.String(),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
		rapid.StringMatching(`([a-zA-Z' ]|\n|\t|<\|im_end\|>|[0-9]|é|人){0,60}`),
	)
}

func TestRoundTripIsLossless(t *testing.T) {
	tok := goldenTokenizer(t)
	rapid.Check(t, func(t *rapid.T) {
		text := anyText().Draw(t, "text")
		ids := tok.Encode(text)
		if got := string(tok.DecodeBytes(ids)); got != text {
			t.Fatalf("DecodeBytes(Encode(%q)) = %q", text, got)
		}
		if got := tok.Decode(ids); !utf8.ValidString(got) || utf8.ValidString(text) && got != text {
			t.Fatalf("Decode(Encode(%q)) = %q", text, got)
		}
		for _, id := range ids {
			if tok.isSpecial(id) {
				t.Fatalf("Encode(%q) contains special id %d", text, id)
			}
		}
	})
}

// The heap gives what the definition says: merge the leftmost pair of the
// lowest rank, again and again.
func TestEncodeMatchesDefinition(t *testing.T) {
	tok := goldenTokenizer(t)
	slow := func(word string) []int32 {
		var ids []int32
		for i := range len(word) {
			ids = append(ids, tok.byteIDs[word[i]])
		}
		for {
			best, at := int32(-1), 0
			for i := range len(ids) - 1 {
				rank := slices.IndexFunc(tok.merges, func(m merge) bool { return m.pair == pairOf(ids[i], ids[i+1]) })
				if rank >= 0 && (best < 0 || int32(rank) < best) {
					best, at = int32(rank), i
				}
			}
			if best < 0 {
				return ids
			}
			ids = slices.Replace(ids, at, at+2, tok.merges[best].id)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[aehinorst]{1,40}`).Draw(t, "word")
		if got, want := tok.Encode(word), slow(word); !slices.Equal(got, want) {
			t.Fatalf("Encode(%q) = %v, want %v", word, got, want)
		}
	})
}

func TestDecodeSkipsSpecialsAndUnknownIDs(t *testing.T) {
	tok := goldenTokenizer(t)
	end, ok := tok.Special(TurnEndToken)
	if !ok {
		t.Fatal("no end token")
	}
	ids := append(tok.Encode("one"), end, -1, int32(tok.Size()), 1<<30)
	ids = tok.AppendEncode(ids, " two")
	if got := tok.Decode(ids); got != "one two" {
		t.Errorf("Decode = %q", got)
	}
	if got := tok.Decode(tok.Encode("\xff\xfe")); got != "\uFFFD" {
		t.Errorf("Decode of invalid bytes = %q", got)
	}
}

func TestJSONRoundTrip(t *testing.T) {
	tok := goldenTokenizer(t)
	data, err := tok.JSON()
	if err != nil {
		t.Fatal(err)
	}
	again, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	twice, err := again.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(data, twice) {
		t.Error("JSON(Parse(JSON())) differs")
	}
	rapid.Check(t, func(t *rapid.T) {
		text := anyText().Draw(t, "text")
		if !slices.Equal(tok.Encode(text), again.Encode(text)) {
			t.Fatalf("%q encodes differently after a round trip", text)
		}
	})
}

func TestTrainDependsOnTheTextsAlone(t *testing.T) {
	lines := strings.SplitAfter(string(readTestdata(t, "corpus.txt")), "\n")
	train := func() []byte {
		tok, err := Train(slices.Values(lines), 500, ChatSpecials)
		if err != nil {
			t.Fatal(err)
		}
		data, err := tok.JSON()
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	first := train()
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	if !bytes.Equal(first, train()) {
		t.Error("another order of the texts gives another tokenizer")
	}
}

// A corpus full of a special's name must not make that name a normal token.
func TestTrainNeverMakesASpecialFromText(t *testing.T) {
	text := strings.Repeat("<|pad|> ", 50)
	tok, err := Train(slices.Values([]string{text}), 400, ChatSpecials)
	if err != nil {
		t.Fatal(err)
	}
	pad, _ := tok.Special(PadToken)
	ids := tok.Encode(text)
	if slices.Contains(ids, pad) || slices.Contains(tok.tokens, "<|pad|>") {
		t.Error("text became the pad token")
	}
	if tok.Decode(ids) != text {
		t.Error("round trip failed")
	}
	data, err := tok.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Parse(data); err != nil {
		t.Error(err)
	}
}

func TestTrainRefusesImpossibleSizes(t *testing.T) {
	texts := slices.Values([]string{"some text"})
	for name, c := range map[string]struct {
		size     int
		specials []string
	}{
		"no room for the bytes": {255, nil},
		"no room for specials":  {256, ChatSpecials},
		"over the limit":        {MaxVocabSize + 1, nil},
		"repeated special":      {300, []string{"<a>", "<a>"}},
		"one-byte special":      {300, []string{"a"}},
	} {
		if _, err := Train(texts, c.size, c.specials); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := Train(slices.Values([]string{"a", " "}), 300, nil); err == nil {
		t.Error("no words: no error")
	}
}

// Long texts that are one single word, of the kinds that make pair merging, the
// composition of marks and the search for added tokens slow. What a megabyte
// takes is BenchmarkLongWord's to say.
func TestEncodeLongWordsInTime(t *testing.T) {
	for _, family := range []string{"gpt2", "odd"} {
		tok := parseTestdata(t, "family-"+family+".json")
		for name, text := range longWords(1 << 18) {
			begin := time.Now()
			ids := tok.EncodeMarked(text)
			// A quadratic algorithm takes minutes.
			if took := time.Since(begin); took > 20*time.Second {
				t.Errorf("%s: %v for %d bytes", name, took, len(text))
			}
			if family == "gpt2" && string(tok.DecodeBytes(ids)) != text {
				t.Errorf("%s: not lossless", name)
			}
		}
	}
}

// longWords are hostile texts of about n bytes.
func longWords(n int) map[string]string {
	random := rand.New(rand.NewPCG(3, 4))
	letters, anything, han := make([]byte, n), make([]byte, n), make([]rune, n/3)
	for i := range letters {
		letters[i], anything[i] = "etaoinshr"[random.IntN(9)], byte(random.IntN(256))
	}
	for i := range han {
		han[i] = rune(0x4e00 + random.IntN(20000))
	}
	return map[string]string{
		"one letter": strings.Repeat("e", n),
		"letters":    string(letters),
		"bytes":      string(anything),
		"han":        string(han),
		"the":        strings.Repeat("the", n/3),
		"spaces":     strings.Repeat(" ", n),
		"breaks":     strings.Repeat("\r\n", n/2),
		"quotes":     strings.Repeat("'", n),
		"digits":     strings.Repeat("7", n),
		"marks":      strings.Repeat("\u0301\u0323", n/4),
		"bad bytes":  strings.Repeat("\xff", n),
		"openings":   strings.Repeat("<|im_star", n/9),
	}
}

func BenchmarkLongWord(b *testing.B) {
	tok := goldenTokenizer(b)
	for name, text := range longWords(1 << 20) {
		b.Run(name, func(b *testing.B) {
			var ids []int32
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				ids = tok.AppendEncode(ids[:0], text)
			}
		})
	}
}

// Texts of any bytes: nothing is lost but what the settings say, plain text has
// no special token, and a text cut by its markers is the sum of its parts.
func FuzzEncode(f *testing.F) {
	families := make(map[string]*Tokenizer)
	for _, family := range []string{"gpt2", "llama3", "qwen2", "smollm2", "odd", "split-removed", "unknown"} {
		families[family] = parseTestdata(f, "family-"+family+".json")
	}
	for _, seed := range []string{"", "it's  a\n\ttest ", "\xff\u00a0'll", "<|im_end|>", "12345e\u0301\r\n \r x", "<é> <word> the  \n\n\n<strip>"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for family, tok := range families {
			ids := tok.Encode(text)
			if slices.ContainsFunc(ids, tok.isSpecial) && tok.unknown == noToken {
				t.Fatalf("%s: %q has a special id", family, text)
			}
			if family == "gpt2" || family == "llama3" {
				if got := string(tok.DecodeBytes(ids)); got != text {
					t.Fatalf("%s: %q became %q", family, text, got)
				}
			}
			if got := tok.Decode(tok.EncodeDocument(text)); !utf8.ValidString(got) {
				t.Fatalf("%s: Decode gives %q", family, got)
			}
			marked := tok.EncodeMarked(text + "<|im_start|>" + text)
			if id, ok := tok.Special("<|im_start|>"); ok && family != "odd" {
				if want := append(append(tok.EncodeMarked(text), id), tok.EncodeMarked(text)...); !slices.Equal(marked, want) {
					t.Fatalf("%s: %q around a marker is %v, want %v", family, text, marked, want)
				}
			}
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	tok := goldenTokenizer(b)
	text := string(readTestdata(b, "corpus.txt"))
	var ids []int32
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		ids = tok.AppendEncode(ids[:0], text)
	}
}
