package textgen

import (
	"fmt"
	"hash/fnv"
	"math"
	"regexp"
	"sort"
	"strings"
	"testing"
)

// goldenExamples is the FNV-1a hash of the first 1000 examples of seed 1. It
// changes only where the text is changed on purpose.
const goldenExamples = 0xe2ca30d8c36261a5

func hashExamples(seed uint64, n int) uint64 {
	h := fnv.New64a()
	g := New(seed, Options{})
	for range n {
		e := g.Example()
		fmt.Fprintf(h, "%s\x1f%s\x1f%s\x1f%q\x1f%q\x1e", e.Kind, e.Prompt, e.Reply, e.Defects, e.Facts)
	}
	return h.Sum64()
}

func TestSameSeedSameStream(t *testing.T) {
	got := hashExamples(1, 1000)
	if got != goldenExamples {
		t.Errorf("the first 1000 examples hash to %#x, want %#x", got, uint64(goldenExamples))
	}
	if hashExamples(1, 1000) != got {
		t.Error("the same seed gave another stream")
	}
	if hashExamples(2, 1000) == got {
		t.Error("another seed gave the same stream")
	}
}

func TestKinds(t *testing.T) {
	if n := len(Kinds()); n < 24 {
		t.Fatalf("%d kinds, want at least 24", n)
	}
	seen := map[string]bool{}
	for _, name := range Kinds() {
		if seen[name] {
			t.Errorf("kind %s twice", name)
		}
		seen[name] = true
	}
}

func TestEveryKindHasSixPhrasings(t *testing.T) {
	g := New(3, Options{})
	used := map[string]map[string]bool{}
	for range 20_000 {
		r := g.request()
		if used[r.kind.name] == nil {
			used[r.kind.name] = map[string]bool{}
		}
		used[r.kind.name][r.phrasing] = true
	}
	for _, name := range Kinds() {
		if n := len(used[name]); n < 6 {
			t.Errorf("kind %s: %d phrasings occur, want at least 6", name, n)
		}
	}
}

func TestPromptsAreManyAndHeldOutOnesAreNeverTrainedOn(t *testing.T) {
	g := New(4, Options{})
	distinct := map[string]bool{}
	for range 50_000 {
		_, prompt := g.Prompt()
		if HeldOut(prompt) {
			t.Fatalf("held-out prompt in the training stream: %s", prompt)
		}
		distinct[prompt] = true
	}
	if len(distinct) < 20_000 {
		t.Errorf("%d distinct prompts, want at least 20000", len(distinct))
	}
	for doc := range Corpus(5, 500_000) {
		text := doc.Prompt
		if _, dialogue, found := strings.Cut(doc.Text, "Question: "); found && doc.Prompt == "" {
			text, _, _ = strings.Cut(dialogue, " Answer: ")
		}
		if text != "" && HeldOut(text) {
			t.Fatalf("held-out prompt in the corpus: %s", text)
		}
	}
}

func TestHeldOutPromptsCoverTheKinds(t *testing.T) {
	g := New(6, Options{HeldOut: true})
	kinds := map[string]int{}
	for range 5000 {
		kind, prompt := g.Prompt()
		if !HeldOut(prompt) {
			t.Fatalf("a prompt of the training side: %s", prompt)
		}
		kinds[kind]++
	}
	for _, name := range Kinds() {
		if kinds[name] == 0 {
			t.Errorf("no held-out prompt of kind %s", name)
		}
	}
}

func TestSplitIgnoresWordingAndOrder(t *testing.T) {
	for _, pair := range [][2]string{
		{"Compare a cat and a horse.", "Please tell me how a horse is different from a cat."},
		{"What is 3 + 4?", "Please add 4 and 3."},
		{"Describe an apple.", "Hello! What is an apple like?"},
	} {
		if a, b := contentKey(pair[0]), contentKey(pair[1]); a != b || a == "" {
			t.Errorf("contents %q and %q of %q differ", a, b, pair)
		}
	}
	g, held := newDice(9), 0
	const n = 20_000
	for range n {
		k := &kinds[g.roll(len(kinds))]
		if HeldOut((&Generator{dice: g}).word(k, k.draw(g)).prompt) {
			held++
		}
	}
	if share := float64(held) / n; share < 0.07 || share > 0.13 {
		t.Errorf("the held-out share is %.3f, want about 0.1", share)
	}
}

var (
	ascii        = regexp.MustCompile(`^[ -~]+$`)
	wellFormed   = regexp.MustCompile(`^[A-Z0-9].*[.!?]$`)
	wrongArticle = regexp.MustCompile(`(?i)\b(a [aeiou]|an [^aeiou ])`)
	slot         = regexp.MustCompile(`[{}]|  | [.,!?]( |$)`)
)

func TestGoodRepliesAreWellFormed(t *testing.T) {
	g := New(8, Options{GoodShare: 1})
	for range 30_000 {
		e := g.Example()
		if len(e.Defects) != 0 {
			t.Fatalf("defects at a good share of 1: %+v", e)
		}
		if !ascii.MatchString(e.Reply) || !ascii.MatchString(e.Prompt) {
			t.Errorf("odd characters: %+v", e)
		}
		if !wellFormed.MatchString(e.Reply) {
			t.Errorf("no capital or no end: %+v", e)
		}
		for _, text := range []string{e.Reply, e.Prompt} {
			if slot.MatchString(strings.ReplaceAll(text, " ...", "")) {
				t.Errorf("an unfilled slot or stray space: %+v", e)
			}
			if e.Kind != "letter" && !(e.Kind == "fix" && text == e.Prompt) && wrongArticle.MatchString(strings.ReplaceAll(text, " a useful", "")) {
				t.Errorf("wrong article: %+v", e)
			}
		}
		said := map[string]bool{}
		for _, s := range sentences(e.Reply) {
			if said[s] {
				t.Errorf("a sentence twice: %+v", e)
			}
			said[s] = true
		}
		parts := strings.Fields(strings.ToLower(e.Reply))
		for i := range len(parts) - 1 {
			if parts[i] == parts[i+1] {
				t.Errorf("a word twice: %+v", e)
			}
		}
		for _, fact := range e.Facts {
			if !strings.Contains(strings.ToLower(e.Reply), strings.ToLower(fact)) {
				t.Errorf("fact %q is missing: %+v", fact, e)
			}
		}
	}
}

func TestPassagesAreWellFormed(t *testing.T) {
	g := New(10, Options{})
	for range 20_000 {
		p := g.Passage()
		if !ascii.MatchString(p) || !wellFormed.MatchString(p) || slot.MatchString(strings.ReplaceAll(p, " ...", "")) {
			t.Errorf("badly formed: %s", p)
		}
		if n := len(sentences(p)); n > 8 {
			t.Errorf("%d sentences: %s", n, p)
		}
	}
}

// TestDefectsSpoil checks each defect by what it must do to a reply.
func TestDefectsSpoil(t *testing.T) {
	g := New(11, Options{})
	seen := map[string]int{}
	for range 30_000 {
		r := g.request()
		good := pick(g.dice, r.task.good)
		spoiled, defects := g.spoil(r, good)
		if contains(r.task.good, spoiled) {
			t.Fatalf("%v left a good reply to %q: %s", defects, r.prompt, spoiled)
		}
		if !ascii.MatchString(spoiled) {
			t.Fatalf("odd characters: %q", spoiled)
		}
		for _, d := range defects {
			seen[d]++
		}
		switch {
		case len(defects) > 1:
		case defects[0] == SloppyForm && wellFormed.MatchString(spoiled):
			t.Errorf("well formed: %s", spoiled)
		case (defects[0] == Repetition || defects[0] == Rambling) && len(spoiled) <= len(good):
			t.Errorf("%s did not grow %q: %q", defects[0], good, spoiled)
		}
	}
	for _, name := range Defects() {
		if seen[name] < 500 {
			t.Errorf("defect %q occurs %d times", name, seen[name])
		}
	}
}

func TestGoodShare(t *testing.T) {
	for _, share := range []float64{0.4, DefaultGoodShare} {
		g, good := New(12, Options{GoodShare: share}), 0
		const n = 20_000
		for range n {
			if len(g.Example().Defects) == 0 {
				good++
			}
		}
		if got := float64(good) / n; math.Abs(got-share) > 0.02 {
			t.Errorf("good share %.3f, want %.2f", got, share)
		}
	}
}

func TestVocabularyIsSmall(t *testing.T) {
	counts := map[string]int{}
	g := New(13, Options{})
	for range 30_000 {
		e := g.Example()
		for _, w := range words(e.Prompt + " " + e.Reply + " " + g.Passage()) {
			counts[w]++
		}
	}
	t.Logf("%d distinct words", len(counts))
	if len(counts) > 1400 {
		t.Errorf("%d distinct words, want at most 1400", len(counts))
	}
}

func TestLengthSaysLittleAboutQuality(t *testing.T) {
	g := New(14, Options{})
	const n = 30_000
	var lengths, quality []float64
	for range n {
		e := g.Example()
		lengths = append(lengths, float64(len(words(e.Reply))))
		quality = append(quality, map[bool]float64{true: 1}[len(e.Defects) == 0])
	}
	r := correlation(lengths, quality)
	sort.Float64s(lengths)
	p95 := lengths[n*95/100]
	t.Logf("correlation of length with quality %.3f (R2 %.4f); median %v, p95 %v, longest %v words", r, r*r, lengths[n/2], p95, lengths[n-1])
	if r*r > 0.1 {
		t.Errorf("R2 = %.3f, want at most 0.1", r*r)
	}
	if p95 > 45 {
		t.Errorf("p95 = %v words, want at most 45", p95)
	}
}

func correlation(x, y []float64) float64 {
	n := float64(len(x))
	var sx, sy, sxx, syy, sxy float64
	for i := range x {
		sx, sy = sx+x[i], sy+y[i]
		sxx, syy, sxy = sxx+x[i]*x[i], syy+y[i]*y[i], sxy+x[i]*y[i]
	}
	return (sxy - sx*sy/n) / math.Sqrt((sxx-sx*sx/n)*(syy-sy*sy/n))
}

func TestCorpusHoldsTheBytes(t *testing.T) {
	total, last, passages := 0, 0, 0
	for doc := range Corpus(15, 100_000) {
		last = len(doc.Prompt) + len(doc.Text)
		total += last
		if doc.Prompt == "" {
			passages++
		}
	}
	if total < 100_000 || total-last >= 100_000 {
		t.Errorf("%d bytes with %d in the last document, want just over 100000", total, last)
	}
	if passages == 0 {
		t.Error("no passage")
	}
}

func TestBadShareIsRefused(t *testing.T) {
	for _, share := range []float64{-0.1, 1.1, math.NaN()} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("a good share of %v was taken", share)
				}
			}()
			New(1, Options{GoodShare: share})
		}()
	}
}
