package ranking_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"rankloop/ranking"
)

func TestStoredMessages(t *testing.T) {
	for _, m := range []*ranking.Error{
		ranking.Errorf(ranking.CodeInvalid, "nothing to say, 100 %% sure"),
		ranking.Errorf(ranking.CodeInvalid, "%d prompts of %q: a share of %.3g, %5.1f%% of %s", 7, "a b", 0.12345, 12.34, "them"),
	} {
		encoded, err := json.Marshal(m.TextArgs())
		if err != nil {
			t.Fatal(err)
		}
		var texts []string
		if err := json.Unmarshal(encoded, &texts); err != nil {
			t.Fatal(err)
		}
		again := ranking.Stored(m.Code, m.Format, texts)
		if again.Error() != m.Error() {
			t.Errorf("%q became %q", m, again)
		}
		// A translation has its own order and its own verbs.
		if len(texts) == 5 {
			if got, want := fmt.Sprintf("%[3]v of %[1]d", again.Args...), "0.123 of 7"; got != want {
				t.Errorf("translated to %q, want %q", got, want)
			}
		}
	}
}
