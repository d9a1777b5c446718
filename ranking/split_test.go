package ranking_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"rankloop/ranking"
)

func promptRecord(id, group string, turns ...string) ranking.Record {
	r := ranking.Record{Campaign: "c", PromptID: id, Group: group}
	for i, turn := range turns {
		r.Messages = append(r.Messages, ranking.Message{Role: []string{"user", "assistant"}[i%2], Content: turn})
	}
	return r
}

func splitOf(seed uint64, share float64, records ...ranking.Record) func(id string) ranking.Split {
	s := ranking.NewSplitter(seed, share)
	for i := range records {
		s.Add(&records[i])
	}
	sides := s.Split()
	return func(id string) ranking.Split { return sides[ranking.PromptKey{Campaign: "c", ID: id}] }
}

// What belongs together never comes apart, whatever the seed.
func TestSplitKeepsTogether(t *testing.T) {
	story := "Write a short story about a lighthouse keeper who finds a letter in a bottle and decides to answer it before the storm comes"
	records := []ranking.Record{
		promptRecord("group1", "g", "Name three rivers of Europe for me."), promptRecord("group2", "g", "Bake bread without any yeast, how?"),
		promptRecord("near1", "n1", story), promptRecord("near2", "n2", strings.ToUpper(story)+"!!"), promptRecord("near3", "n3", "Please. "+story),
		promptRecord("root", "r1", "How do I change a bicycle tube?"), promptRecord("leaf", "r2", "How do I change a bicycle tube?", "Take off the wheel.", "Which tools?"),
		promptRecord("hello1", "h1", "Hello", "Hi! How can I help?", "What is the capital of Peru?"), promptRecord("hello2", "h2", "Hello", "Hi there.", "Sort 3 1 2, please."),
	}
	for i := range 40 {
		records = append(records, promptRecord(fmt.Sprint("other", i), fmt.Sprint("o", i), fmt.Sprintf("Question %d asks about item %d of the list number %d", i, i*i, 7*i)))
	}
	apart := 0
	for seed := range uint64(60) {
		side := splitOf(seed, 0.3, records...)
		for _, pair := range [][2]string{{"group1", "group2"}, {"near1", "near2"}, {"near1", "near3"}, {"root", "leaf"}} {
			if side(pair[0]) != side(pair[1]) {
				t.Fatalf("seed %d: %v came apart", seed, pair)
			}
		}
		if side("hello1") != side("hello2") {
			apart++
		}
	}
	if apart == 0 {
		t.Error("two conversations that both begin with Hello are always together")
	}
}

// The share is met by groups, the order of arrival does not matter, and every prompt has a side.
func TestSplitShare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 200).Draw(t, "groups")
		share := rapid.SampledFrom([]float64{0, 0.1, 0.25, 0.5, 0.9}).Draw(t, "share")
		seed := rapid.Uint64().Draw(t, "seed")
		var records []ranking.Record
		for i := range n {
			for j := range 1 + i%3 {
				records = append(records, promptRecord(fmt.Sprint(i, ".", j), fmt.Sprint("g", i), fmt.Sprint("q", i, " ", j)))
			}
		}
		side := splitOf(seed, share, records...)
		shuffled := rapid.Permutation(records).Draw(t, "order")
		again := splitOf(seed, share, shuffled...)
		validation := map[string]bool{}
		for _, r := range records {
			if side(r.PromptID) != again(r.PromptID) {
				t.Fatalf("%s depends on the order of arrival", r.PromptID)
			}
			switch side(r.PromptID) {
			case ranking.SplitValidation:
				validation[r.Group] = true
			case ranking.SplitTrain:
			default:
				t.Fatalf("%s has no side", r.PromptID)
			}
		}
		want := int(math.Round(share * float64(n)))
		if share > 0 && n > 1 {
			want = min(max(want, 1), n-1)
		} else {
			want = 0
		}
		if len(validation) != want {
			t.Fatalf("%d of %d groups are validation, want %d", len(validation), n, want)
		}
	})
}
