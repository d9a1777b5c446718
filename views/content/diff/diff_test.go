package diff_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rankloop/views/content/diff"
)

// show writes a difference as text: [-deleted-]{+added+}.
func show(segments []diff.Segment) string {
	var out strings.Builder
	for _, s := range segments {
		switch s.Kind {
		case diff.Both:
			out.WriteString(s.Text)
		case diff.Deleted:
			out.WriteString("[-" + s.Text + "-]")
		case diff.Added:
			out.WriteString("{+" + s.Text + "+}")
		}
	}
	return out.String()
}

func TestDiff(t *testing.T) {
	for _, c := range []struct{ a, b, want string }{
		{"", "", ""},
		{"same words", "same words", "same words"},
		{"", "new", "{+new+}"},
		{"old", "", "[-old-]"},
		{"the quick fox", "the slow fox", "the [-quick-]{+slow+} fox"},
		{"bake it hot", "bake it very hot", "bake it {+very +}hot"},
		{"one two three", "one 2 3", "one [-two three-]{+2 3+}"},
		{"I don't know", "I do know", "I [-don't-]{+do+} know"},
		{"天空是蓝色的。", "天空是灰色的。", "天空是[-蓝-]{+灰+}色的。"},
		{"コーヒーを飲む", "コーヒーが飲む", "コーヒー[-を-]{+が+}飲む"},
		{"أحب القهوة", "أحب الشاي", "أحب [-القهوة-]{+الشاي+}"},
		{"cafe\u0301 noir", "cafe\u0301 au lait", "cafe\u0301 [-noir-]{+au lait+}"},
		{"a\nb\nc", "a\nc", "a\n[-b\n-]c"},
		{"x, y", "x. y", "x[-,-]{+.+} y"},
	} {
		if got := show(diff.Diff(c.a, c.b)); got != c.want {
			t.Errorf("Diff(%q, %q) = %s, want %s", c.a, c.b, got, c.want)
		}
	}
}

var piece = rapid.SampledFrom([]string{"a", "b", "c", "word", " ", "  ", "\n", ",", "字", "是", "don't", "é", "e\u0301", "\xff", "👩‍💻", "1"})

// The two texts can be read from their difference, and kinds alternate.
func TestDiffHoldsBothTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := strings.Join(rapid.SliceOfN(piece, 0, 30).Draw(t, "a"), "")
		b := strings.Join(rapid.SliceOfN(piece, 0, 30).Draw(t, "b"), "")
		segments := diff.Diff(a, b)
		var gotA, gotB strings.Builder
		last := diff.Kind(-1)
		for _, s := range segments {
			if s.Text == "" || s.Kind == last || s.Kind == diff.Deleted && last == diff.Added {
				t.Fatalf("segments %v", segments)
			}
			last = s.Kind
			if s.Kind != diff.Added {
				gotA.WriteString(s.Text)
			}
			if s.Kind != diff.Deleted {
				gotB.WriteString(s.Text)
			}
		}
		if d := cmp.Diff([]string{a, b}, []string{gotA.String(), gotB.String()}); d != "" {
			t.Fatal(d)
		}
	})
}

// As many words are kept as in a longest common subsequence, which a table finds.
func TestDiffIsShortest(t *testing.T) {
	letters := rapid.SliceOfN(rapid.SampledFrom([]string{"甲", "乙", "丙"}), 0, 14)
	rapid.Check(t, func(t *rapid.T) {
		a, b := letters.Draw(t, "a"), letters.Draw(t, "b")
		kept := 0
		for _, s := range diff.Diff(strings.Join(a, ""), strings.Join(b, "")) {
			if s.Kind == diff.Both {
				kept += len([]rune(s.Text))
			}
		}
		if want := longestCommon(a, b); kept != want {
			t.Fatalf("%d words of %v and %v are kept, %d could be", kept, a, b, want)
		}
	})
}

func longestCommon(a, b []string) int {
	row := make([]int, len(b)+1)
	for _, x := range a {
		diagonal := 0
		for j, y := range b {
			diagonal, row[j+1] = row[j+1], max(row[j+1], row[j], map[bool]int{true: diagonal + 1}[x == y])
		}
	}
	return row[len(b)]
}

// Long texts that have little in common are compared within a time, and still whole.
func TestDiffIsBounded(t *testing.T) {
	a, b := strings.Repeat("one two three ", 18_000), strings.Repeat("four five two ", 18_000)
	start := time.Now()
	segments := diff.Diff(a, b)
	if took := time.Since(start); took > 20*time.Second { // takes 0.1 s on a quiet machine
		t.Errorf("took %v", took)
	}
	length := 0
	for _, s := range segments {
		if s.Kind != diff.Added {
			length += len(s.Text)
		}
	}
	if length != len(a) {
		t.Errorf("%d of %d bytes are there", length, len(a))
	}
	if got := diff.Diff(strings.Repeat("a", diff.TextBytesMax+1), "a"); len(got) != 2 {
		t.Errorf("a text over the limit: %d segments", len(got))
	}
}
