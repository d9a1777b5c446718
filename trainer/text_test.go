package trainer

import (
	"fmt"
	"iter"
	"slices"
	"testing"

	"rankloop/ranking"
)

func testText(t *testing.T, source func(uint64) iter.Seq[string], context int, windows bool) *textStream {
	t.Helper()
	s, err := newTextStream(Inputs{Base: tinyBase(1), Text: source}, 1, "test", context, windows)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func threeDocuments(uint64) iter.Seq[string] {
	return slices.Values([]string{"ab", "", "a much longer document than one window", "c"})
}

func TestWindowsCoverTheTextOnce(t *testing.T) {
	s := testText(t, threeDocuments, 7, true)
	var want []int32 // three epochs of the packed text
	want = append(want, s.document)
	for range 3 {
		for text := range threeDocuments(0) {
			if text != "" {
				want = append(append(want, testTokenizer.Encode(text)...), s.document)
			}
		}
	}
	got := []int32{s.document}
	for len(got)+7 <= len(want) {
		it, err := s.item()
		if err != nil || len(it.tokens) != 8 || it.from != 1 {
			t.Fatalf("%+v, %v", it, err)
		}
		if it.tokens[0] != got[len(got)-1] {
			t.Fatal("a window does not begin with the last target of the one before")
		}
		got = append(got, it.tokens[1:]...)
	}
	if !slices.Equal(got, want[:len(got)]) {
		t.Errorf("predicted %v, want %v", got, want)
	}
}

func TestDocumentsNeverCrossABoundary(t *testing.T) {
	s := testText(t, threeDocuments, 7, false)
	for range 30 {
		it, err := s.item()
		if err != nil || len(it.tokens) < 2 || len(it.tokens) > 8 {
			t.Fatalf("%+v, %v", it, err)
		}
		if inner := it.tokens[1 : len(it.tokens)-1]; slices.Contains(inner, s.document) {
			t.Errorf("item %v runs across a boundary", it.tokens)
		}
	}
	if s.cursor.Epoch == 0 {
		t.Error("a finite text did not begin anew")
	}
}

func TestTextGoesOnFromItsCursor(t *testing.T) {
	for _, windows := range []bool{true, false} {
		s := testText(t, lines, 9, windows)
		for range 13 {
			if _, err := s.item(); err != nil {
				t.Fatal(err)
			}
		}
		other := testText(t, lines, 9, windows)
		cursor := s.cursor
		cursor.Rest = slices.Clone(cursor.Rest)
		other.restore(cursor)
		for range 20 {
			a, _ := s.item()
			b, err := other.item()
			if err != nil || !slices.Equal(a.tokens, b.tokens) {
				t.Fatalf("windows=%v: %v and %v, %v", windows, a, b, err)
			}
		}
	}
}

func TestEmptyTextIsAnError(t *testing.T) {
	for _, documents := range [][]string{nil, {"", ""}} {
		s := testText(t, func(uint64) iter.Seq[string] { return slices.Values(documents) }, 8, true)
		if _, err := s.item(); ranking.ErrorCode(err) != ranking.CodeInvalid {
			t.Errorf("%q: %v", documents, err)
		}
	}
}

func TestShufflerVisitsEverythingEachEpoch(t *testing.T) {
	s := shuffler{seed: 3, purpose: "x", n: 10}
	var orders []string
	for epoch := range 3 {
		var order []int
		for i := range 10 {
			order = append(order, s.at(epoch*10+i))
		}
		orders = append(orders, fmt.Sprint(order))
		slices.Sort(order)
		if !slices.Equal(order, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}) {
			t.Errorf("epoch %d: %v", epoch, order)
		}
	}
	if orders[0] == orders[1] || orders[1] == orders[2] {
		t.Errorf("epochs have one order: %v", orders)
	}
	fresh := shuffler{seed: 3, purpose: "x", n: 10}
	if fresh.at(27) != s.at(27) {
		t.Error("the order depends on where one starts")
	}
}
