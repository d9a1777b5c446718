package diff_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rankloop/views/content/diff"
)

// marked writes places with [-what went-] and {+what came+}.
func marked(places [][]diff.Piece) string {
	var out []string
	for _, place := range places {
		var b strings.Builder
		for _, p := range place {
			switch p.Kind {
			case diff.Removed:
				b.WriteString("[-" + p.Text + "-]")
			case diff.Added:
				b.WriteString("{+" + p.Text + "+}")
			default:
				b.WriteString(p.Text)
			}
		}
		out = append(out, b.String())
	}
	return strings.Join(out, "…")
}

func TestChanges(t *testing.T) {
	for _, c := range []struct{ name, before, after, want string }{
		{"nothing", "a\nb\n", "a\nb\n", ""},
		{"a line end is no change", "a\nb", "a\nb\n", ""},
		{"one word", "Prefer the truthful response.\n", "Prefer the helpful response.\n", "Prefer the [-truthful-]{+helpful+} response.\n"},
		{"a new line", "one\ntwo", "one\ntwo\nthree", "two\n{+three\n+}"},
		{"a line less", "one\ntwo\nthree", "one\nthree", "one\n[-two\n-]three\n"},
		{"far apart", "a1\nb\nc\nd\ne\nf\ng1", "a2\nb\nc\nd\ne\nf\ng2", "[-a1\n-]{+a2\n+}b\n…f\n[-g1\n-]{+g2\n+}"},
		{"nothing in common", "red green blue\n", "seven eight nine\n", "[-red green blue\n-]{+seven eight nine\n+}"},
		{"without spaces", "优先选择真实的回答。\n", "优先选择有帮助的回答。\n", "优先选择[-真实-]{+有帮助+}的回答。\n"},
		{"from nothing", "", "all\nnew", "{+all\nnew\n+}"},
		{"to nothing", "all\nold", "", "[-all\nold\n-]"},
	} {
		got := diff.Changes(c.before, c.after, 1)
		if diff := cmp.Diff(c.want, marked(got)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

// side puts one of the two versions together again.
func side(places [][]diff.Piece, other diff.Kind) string {
	var b strings.Builder
	for _, place := range places {
		for _, p := range place {
			if p.Kind != other {
				b.WriteString(p.Text)
			}
		}
	}
	return b.String()
}

// With everything around shown, the pieces are both texts, whatever they are; and they mark as few lines as can be.
func TestChangesAreBothTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.Custom(func(t *rapid.T) string {
			return strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a b c", "a c", "x", "", "甲乙", "b b", "\xff"}), 0, 12).Draw(t, "lines"), "\n")
		})
		before, after := text.Draw(t, "before"), text.Draw(t, "after")
		whole := func(s string) string {
			if s != "" && !strings.HasSuffix(s, "\n") {
				s += "\n"
			}
			return s
		}
		places := diff.Changes(before, after, 1000)
		if whole(before) == whole(after) {
			if len(places) != 0 {
				t.Fatalf("no change became %v", places)
			}
			return
		}
		if got := side(places, diff.Added); whole(got) != whole(before) {
			t.Fatalf("the old text came back as %q", got)
		}
		if got := side(places, diff.Removed); whole(got) != whole(after) {
			t.Fatalf("the new text came back as %q", got)
		}
		for _, place := range places {
			if !slices.ContainsFunc(place, func(p diff.Piece) bool { return p.Kind != diff.Same }) {
				t.Fatalf("a place without a change: %v", place)
			}
		}
	})
}

// The longest guidelines with nothing in common are told apart in bounded time and memory.
func TestChangesOfHugeTexts(t *testing.T) {
	before, after := strings.Repeat("alpha beta\n", 18_000), strings.Repeat("gamma delta epsilon\n", 10_000)
	started := time.Now()
	places := diff.Changes(before, after, 2)
	if len(places) != 1 || side(places, diff.Added) != before || side(places, diff.Removed) != after {
		t.Errorf("%d places", len(places))
	}
	if took := time.Since(started); took > time.Minute {
		t.Errorf("it took %v", took)
	}
}
