package ranking_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rankloop/ranking"
)

// drawn are suggestions with these texts.
func drawn(texts ...string) ranking.Drawn {
	d := ranking.Drawn{Checkpoint: "base", SHA256: "ab", Seed: 7, K: len(texts)}
	for i, text := range texts {
		d.Suggestions = append(d.Suggestions, ranking.Suggestion{ID: int64(i + 1), Text: text, Ended: true})
	}
	return d
}

var opened = ranking.Prompt{ExternalID: "p1", Messages: []ranking.Message{{Role: "system", Content: "Be kind."}, {Role: "user", Content: "Hello?"}}}

func TestDialogueSteps(t *testing.T) {
	scenario := ranking.Prompt{Messages: opened.Messages, Metadata: map[string]any{"dialogue": "scenario"}}
	free := ranking.Prompt{Messages: opened.Messages[1:], Metadata: map[string]any{"dialogue": "free"}}
	replied := ranking.DialogueTurn{Said: "Hi", Reply: "Yes?"}
	for name, c := range map[string]struct {
		d    ranking.Dialogue
		turn int
		says bool
	}{
		"a prompt opens":            {ranking.NewDialogue(opened, nil), 1, false},
		"a scenario":                {ranking.NewDialogue(scenario, nil), 1, true},
		"free":                      {ranking.NewDialogue(free, nil), 1, true},
		"said":                      {ranking.NewDialogue(free, []ranking.DialogueTurn{{Said: "Hi"}}), 1, false},
		"replied":                   {ranking.NewDialogue(free, []ranking.DialogueTurn{replied}), 2, true},
		"said again":                {ranking.NewDialogue(free, []ranking.DialogueTurn{replied, {Said: "So"}}), 2, false},
		"suggested to the opening":  {ranking.NewDialogue(opened, []ranking.DialogueTurn{{Drawn: drawn("a", "b")}}), 1, false},
		"the opening's reply given": {ranking.NewDialogue(opened, []ranking.DialogueTurn{{Reply: "a"}}), 2, true},
	} {
		if turn, says := c.d.Next(); turn != c.turn || says != c.says {
			t.Errorf("%s: turn %d, says %t", name, turn, says)
		}
	}
	if d := ranking.NewDialogue(scenario, nil); d.Scenario != "Hello?" || len(d.Opening) != 1 {
		t.Errorf("a scenario is %+v", d)
	}
	if d := ranking.NewDialogue(free, nil); d.Scenario != "" || len(d.Before(1)) != 0 {
		t.Errorf("a free conversation is %+v", d)
	}
	said := ranking.NewDialogue(opened, []ranking.DialogueTurn{{Reply: "Yes."}, {Said: "And?"}})
	want := append(slices.Clone(opened.Messages), ranking.Message{Role: "assistant", Content: "Yes."}, ranking.Message{Role: "user", Content: "And?"})
	if diff := cmp.Diff(want, said.Before(2)); diff != "" {
		t.Errorf("before the second reply (-want +got):\n%s", diff)
	}
}

func TestDialogueSay(t *testing.T) {
	d := ranking.NewDialogue(opened, []ranking.DialogueTurn{{Reply: "Yes."}})
	if said, done, err := d.Say(2, " One\r\ntwo\n"); err != nil || done || said != "One\ntwo" {
		t.Errorf("%q, %t, %v", said, done, err)
	}
	d.Turns = append(d.Turns, ranking.DialogueTurn{Said: "One"})
	if _, done, err := d.Say(2, "One "); err != nil || !done {
		t.Errorf("a resend: %t, %v", done, err)
	}
	full := ranking.NewDialogue(opened, slices.Repeat([]ranking.DialogueTurn{{Said: "x", Reply: "y"}}, ranking.DialogueTurnsMax))
	for name, c := range map[string]struct {
		d    ranking.Dialogue
		turn int
		text string
		code ranking.Code
	}{
		"another text":    {d, 2, "Two", ranking.CodeConflict},
		"a later turn":    {d, 3, "One", ranking.CodeConflict},
		"the prompt's":    {ranking.NewDialogue(opened, nil), 1, "One", ranking.CodeConflict},
		"turn zero":       {d, 0, "One", ranking.CodeConflict},
		"nothing":         {ranking.NewDialogue(opened, d.Turns[:1]), 2, " \n", ranking.CodeInvalid},
		"too long":        {ranking.NewDialogue(opened, d.Turns[:1]), 2, strings.Repeat("x", ranking.WrittenMax+1), ranking.CodeInvalid},
		"a NUL":           {ranking.NewDialogue(opened, d.Turns[:1]), 2, "a\x00", ranking.CodeInvalid},
		"too many turns":  {full, ranking.DialogueTurnsMax + 1, "One", ranking.CodeInvalid},
		"too many in all": {ranking.NewDialogue(opened, []ranking.DialogueTurn{{Reply: strings.Repeat("x", ranking.DialogueCharactersMax)}}), 2, "One", ranking.CodeInvalid},
	} {
		if _, _, err := c.d.Say(c.turn, c.text); ranking.ErrorCode(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What a reply means: ranked, taken, edited, written; and what it becomes in the record of its turn.
func TestDialogueAnswer(t *testing.T) {
	suggested := drawn("One two three four", "Zwei", "Trois", "Cuatro")
	at := ranking.NewDialogue(opened, []ranking.DialogueTurn{{Drawn: suggested}})
	all := ranking.Tiers{{2}, {1, 4}, {3}}
	for name, c := range map[string]struct {
		in       ranking.DialogueReply
		reply    string
		survival float64 // −1 for none
		tiers    [][]int
		picked   bool
		pairs    int
		kept     int
	}{
		"ranked":           {ranking.DialogueReply{Tiers: all}, "Zwei", 1, [][]int{{1}, {0, 3}, {2}}, false, 6, 1},
		"taken":            {ranking.DialogueReply{From: 3}, "Trois", 1, [][]int{{2}, {0, 1, 3}}, true, 3, 2},
		"taken by tiers":   {ranking.DialogueReply{Tiers: ranking.Tiers{{3}}}, "Trois", 1, [][]int{{2}, {0, 1, 3}}, true, 3, 2},
		"taken, then left": {ranking.DialogueReply{From: 3, Text: "Trois\n"}, "Trois", 1, [][]int{{2}, {0, 1, 3}}, true, 3, 2},
		"edited":           {ranking.DialogueReply{From: 1, Text: "One two, four"}, "One two, four", 0.75, [][]int{{4}, {0}, {1, 2, 3}}, true, 7, 4},
		"ranked, edited":   {ranking.DialogueReply{Tiers: all, From: 2, Text: "Zwei!"}, "Zwei!", 1, [][]int{{4}, {1}, {0, 3}, {2}}, false, 10, 4},
		"ranked, written":  {ranking.DialogueReply{Tiers: all, Text: "Mine"}, "Mine", -1, [][]int{{4}, {1}, {0, 3}, {2}}, false, 10, 4},
		"written":          {ranking.DialogueReply{Text: "Mine"}, "Mine", -1, [][]int{{0}}, false, 0, 0},
	} {
		c.in.Turn, c.in.ActiveMS = 1, 500
		answered, done, err := at.Answer(c.in)
		if err != nil || done {
			t.Errorf("%s: %t, %v", name, done, err)
			continue
		}
		survival := -1.0
		if answered.Survival != nil {
			survival = *answered.Survival
		}
		if answered.Reply != c.reply || survival != c.survival {
			t.Errorf("%s: %q with %g kept", name, answered.Reply, survival)
		}
		d := ranking.NewDialogue(opened, []ranking.DialogueTurn{answered})
		if _, done, err := d.Answer(c.in); err != nil || !done {
			t.Errorf("%s sent again: %t, %v", name, done, err)
		}
		other := c.in
		other.Tiers, other.From, other.Text = nil, 0, "Quite another"
		if _, _, err := d.Answer(other); ranking.ErrorCode(err) != ranking.CodeConflict {
			t.Errorf("%s, then another: %v", name, err)
		}
		r := d.Records(ranking.Record{JudgmentID: 12, PromptID: "p1", Kind: ranking.KindDialogue}, ranking.ModelAnnotator)[0]
		if err := r.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(c.tiers, r.Tiers); diff != "" || r.Picked != c.picked || len(r.Comparisons()) != c.pairs || r.Dialogue.Reply != c.kept {
			t.Errorf("%s: picked %t, %d pairs, reply %d, tiers (-want +got):\n%s", name, r.Picked, len(r.Comparisons()), r.Dialogue.Reply, diff)
		}
		if r.PromptID != "p1#12.1" || r.Responses[r.Dialogue.Reply].Text != c.reply || (len(r.Dialogue.PassedBy) == 4) != (len(r.OrderShown) == 0) {
			t.Errorf("%s: %+v, %+v", name, r, r.Dialogue)
		}
		if _, counts := export(t, "native", r); counts.Comparisons != c.pairs {
			t.Errorf("%s: an export counts %d comparisons", name, counts.Comparisons)
		}
	}
	for name, in := range map[string]ranking.DialogueReply{
		"nothing":              {},
		"some ranked":          {Tiers: ranking.Tiers{{1}, {2}}},
		"one twice":            {Tiers: ranking.Tiers{{1}, {2}, {3}, {1}}},
		"no such":              {From: 5},
		"not the best":         {Tiers: all, From: 3},
		"taken, but not used":  {Tiers: ranking.Tiers{{1}}, From: 2},
		"picked, then written": {Tiers: ranking.Tiers{{1}}, Text: "Mine"},
		"another's words":      {From: 1, Text: "Zwei"},
		"written like one":     {Text: "Zwei"},
		"too long":             {Text: strings.Repeat("x", ranking.WrittenMax+1)},
	} {
		in.Turn = 1
		if _, _, err := at.Answer(in); ranking.ErrorCode(err) != ranking.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := at.Answer(ranking.DialogueReply{Turn: 2, Text: "Mine"}); ranking.ErrorCode(err) != ranking.CodeConflict {
		t.Errorf("a later turn: %v", err)
	}
}

// A conversation is one record a turn, each with all that was said before it; the sft format has every reply.
func TestDialogueRecords(t *testing.T) {
	whole, half := 1.0, 0.5
	d := ranking.NewDialogue(opened, []ranking.DialogueTurn{
		{Drawn: drawn("One", "Two"), Reply: "One", From: 1, Tiers: ranking.Tiers{{1}, {2}}, Survival: &whole, ActiveMS: 1000},
		{Said: "And?", Drawn: drawn("a b"), Reply: "a c", From: 1, Tiers: ranking.Tiers{{1}}, Survival: &half, ActiveMS: 1700},
		{Said: "So?", Reply: "Mine", Tiers: ranking.Tiers{}, ActiveMS: 1900},
		{Said: "Unanswered"},
	})
	records := d.Records(ranking.Record{
		JudgmentID: 12, Campaign: "c", PromptID: "p1", Group: "g", Kind: ranking.KindDialogue, Annotator: "a-1", ActiveMS: 4000,
	}, ranking.ModelAnnotator)
	if len(records) != 3 {
		t.Fatalf("%d records", len(records))
	}
	for i, want := range []struct {
		messages, pairs int
		activeMS        int64
	}{{2, 1, 1000}, {4, 1, 700}, {6, 0, 200}} {
		r := records[i]
		if err := r.Validate(); err != nil {
			t.Errorf("turn %d: %v", i+1, err)
		}
		if len(r.Messages) != want.messages || len(r.Comparisons()) != want.pairs || r.ActiveMS != want.activeMS || r.Group != "g" || r.Dialogue.Turns != 3 {
			t.Errorf("turn %d: %+v", i+1, r)
		}
	}
	statistics := ranking.NewStatisticsCollector()
	for _, r := range records {
		statistics.Add(r)
	}
	if got := statistics.Result(1).Replies; got == nil || got.Taken != 1 || got.Edited != 1 || got.Written != 1 || *got.Survival != 0.75 {
		t.Errorf("replies are counted as %+v", got)
	}
	out, counts := export(t, "sft", records...)
	if counts.Rows != 3 || !strings.Contains(out, `"text":"Mine","model":"annotator"`) || !strings.Contains(out, `"text":"One","model":"base"`) {
		t.Errorf("%+v:\n%s", counts, out)
	}
	out, counts = export(t, "trl", records...)
	if counts.Rows != 2 || !strings.Contains(out, `Assistant: One\n\nHuman: And?\n\nAssistant:","chosen":" a c","rejected":" a b","prompt_id":"p1#12.2"`) {
		t.Errorf("%+v:\n%s", counts, out)
	}
}

func TestSurvival(t *testing.T) {
	for _, c := range []struct {
		before, after string
		want          float64
	}{
		{"", "", 1}, {"", "a", 0}, {"a", "", 0}, {"a b", "a b", 1}, {"a b c d", "a c d e", 0.75}, {"a b", "b a", 0.5},
		{"don't go", "don't", 0.5}, {"你好世界", "你世界好", 0.75}, {"!", "?", 0}, {"A", "a", 0},
	} {
		if got := ranking.Survival(c.before, c.after); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("Survival(%q, %q) = %g, want %g", c.before, c.after, got, c.want)
		}
	}
}

// The bit-parallel length is that of the plain table.
func TestSurvivalIsLongestCommonSubsequence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "d"}), 1, 200)
		a, b := words.Draw(t, "a"), words.Draw(t, "b")
		table := make([][]int, len(a)+1)
		table[0] = make([]int, len(b)+1)
		for i := range a {
			table[i+1] = make([]int, len(b)+1)
			for j := range b {
				table[i+1][j+1] = max(table[i][j+1], table[i+1][j])
				if a[i] == b[j] {
					table[i+1][j+1] = table[i][j] + 1
				}
			}
		}
		want := float64(table[len(a)][len(b)]) / float64(len(a))
		if got := ranking.Survival(strings.Join(a, " "), strings.Join(b, " ")); got != want {
			t.Fatalf("%g, want %g", got, want)
		}
	})
}
