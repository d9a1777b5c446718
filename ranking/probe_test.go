package ranking_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rankloop/ranking"
)

func TestReadRules(t *testing.T) {
	text := "# The first rules.\n\nno medicine: The model gives no medical advice.\n    Ask about doses.\n\n\tPlay a parent.\r\n不冒充真人：模型不自称是人。\nlinks: See https://example.org: none.\n"
	rules, err := ranking.ReadRules("rules.txt", text)
	if err != nil {
		t.Fatal(err)
	}
	want := []ranking.Rule{
		{Name: "no medicine", Text: "The model gives no medical advice.", Advice: "Ask about doses.\nPlay a parent."},
		{Name: "不冒充真人", Text: "模型不自称是人。"},
		{Name: "links", Text: "See https://example.org: none."},
	}
	if diff := cmp.Diff(want, rules); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
	again, err := ranking.ReadRules("", ranking.WriteRules(rules))
	if err != nil || !slices.Equal(rules, again) {
		t.Errorf("written and read again: %v, %v", again, err)
	}
	if err := ranking.KindProbe.CheckSchema(ranking.Schema{Rules: rules}); err != nil {
		t.Error(err)
	}
}

func TestReadRulesRefuses(t *testing.T) {
	many := strings.Builder{}
	for i := range ranking.RulesMax + 1 {
		many.WriteString(strings.Repeat("x", i%50+1) + string(rune('a'+i/50)) + ": y\n")
	}
	for _, c := range []struct {
		text   string
		code   ranking.Code
		line   int
		reason string
	}{
		{"", ranking.CodeInvalid, 0, "there is no rule"},
		{"# only a remark", ranking.CodeInvalid, 0, "there is no rule"},
		{"a: b\n\nsomething", ranking.CodeInvalid, 3, "a rule reads"},
		{"  advice first", ranking.CodeInvalid, 1, "there is none"},
		{"a: b\nc:\n", ranking.CodeInvalid, 2, "its text is one line"},
		{"a: b\n: c", ranking.CodeInvalid, 2, "a name is one line"},
		{"a: b\nb: c\na: d", ranking.CodeInvalid, 3, "that of the rule on line 1"},
		{strings.Repeat("n", 61) + ": c", ranking.CodeInvalid, 1, "1 to 60 characters"},
		{"a: " + strings.Repeat("t", 1001), ranking.CodeInvalid, 1, "1 to 1000 characters"},
		{"a: b\n " + strings.Repeat("t", 4001), ranking.CodeInvalid, 1, "4000 characters"},
		{"a: \xff", ranking.CodeInvalid, 0, "not valid text"},
		{strings.Repeat("# remark\n", 8000), ranking.CodeTooLarge, 0, "larger than"},
		{many.String(), ranking.CodeInvalid, 0, "more than 100 rules"},
	} {
		_, err := ranking.ReadRules("rules.txt", c.text)
		known, _ := err.(*ranking.Error)
		if known == nil || known.Code != c.code || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%.40q gives %v, want %s %q", c.text, err, c.code, c.reason)
			continue
		}
		if c.line > 0 && (len(known.Details) == 0 || known.Details[0].Line != c.line || known.Details[0].File != "rules.txt") {
			t.Errorf("%.40q is found at %+v, want line %d", c.text, known.Details, c.line)
		}
	}
	if err := ranking.KindProbe.CheckSchema(ranking.Schema{}); err == nil {
		t.Error("a probe without rules passes")
	}
	if err := ranking.KindDialogue.CheckSchema(ranking.Schema{Rules: []ranking.Rule{{Name: "a", Text: "b"}}}); err == nil {
		t.Error("a dialogue with rules passes")
	}
}

func TestSentences(t *testing.T) {
	for text, want := range map[string][]string{
		"":                                    nil,
		" \n ":                                nil,
		"One. Two!  Three?\nFour":             {"One.", "Two!", "Three?", "Four"},
		"He said \"no.\" Then left.":          {"He said \"no.\"", "Then left."},
		"It costs 3.50 euros. (Really.) Yes…": {"It costs 3.50 euros.", "(Really.)", "Yes…"},
		"你好。“真的吗？”是的！":                        {"你好。", "“真的吗？”", "是的！"},
		"- a list\n- of two\n\n```\nx = 1.0\n```": {"- a list", "- of two", "```", "x = 1.0", "```"},
		"😀 Emoji. Then.":                          {"😀 Emoji.", "Then."},
	} {
		var got []string
		for _, p := range ranking.Sentences(text) {
			got = append(got, p.In([]rune(text)))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := []rune(rapid.StringOf(rapid.SampledFrom([]rune("ab 。.!?\n…”\"(é😀"))).Draw(t, "text"))
		at, kept := 0, 0
		for _, p := range ranking.Sentences(string(text)) {
			if p.Start < at || p.End <= p.Start || p.End > len(text) {
				t.Fatalf("%v lies wrongly behind %d", p, at)
			}
			if rest := string(text[at:p.Start]); strings.TrimSpace(rest) != "" {
				t.Fatalf("%q is in no sentence", rest)
			}
			at, kept = p.End, kept+1
		}
		if strings.TrimSpace(string(text[at:])) != "" {
			t.Fatalf("%q is in none of %d sentences", string(text[at:]), kept)
		}
	})
}

// Spans are tidied without losing or gaining a code point.
func TestMarkTidy(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var mark ranking.Mark
		want := map[[2]int]bool{}
		for range rapid.IntRange(0, 8).Draw(t, "spans") {
			s := ranking.Span{Turn: rapid.IntRange(1, 2).Draw(t, "turn")}
			s.Start = rapid.IntRange(0, 20).Draw(t, "start")
			s.End = s.Start + rapid.IntRange(1, 6).Draw(t, "length")
			mark.Spans = append(mark.Spans, s)
			for at := s.Start; at < s.End; at++ {
				want[[2]int{s.Turn, at}] = true
			}
		}
		got := map[[2]int]bool{}
		tidy := mark.Tidy()
		for i, s := range tidy.Spans {
			if i > 0 && s.Turn == tidy.Spans[i-1].Turn && s.Start <= tidy.Spans[i-1].End {
				t.Fatalf("%v touches the one before", s)
			}
			for at := s.Start; at < s.End; at++ {
				got[[2]int{s.Turn, at}] = true
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
		if !tidy.Equal(&mark) || !mark.Equal(&tidy) {
			t.Fatal("a tidied mark says something else")
		}
	})
}

// Whoever asks gets the rule that was given least, and never the same twice in a row where there is another.
func TestNextRule(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "rules")
		var schema ranking.Schema
		for i := range n {
			schema.Rules = append(schema.Rules, ranking.Rule{Name: string(rune('a' + i)), Text: "x"})
		}
		people := make([]string, rapid.IntRange(1, 4).Draw(t, "people"))
		counts := map[string]int{}
		for range 60 {
			var given []ranking.Given
			for rule, count := range counts {
				given = append(given, ranking.Given{Rule: rule, Count: count})
			}
			person := rapid.IntRange(0, len(people)-1).Draw(t, "person")
			rule := schema.NextRule(given, people[person]).Name
			if n > 1 && rule == people[person] {
				t.Fatalf("%s twice in a row", rule)
			}
			people[person] = rule
			counts[rule]++
		}
		low, high := 60, 0
		for _, r := range schema.Rules {
			low, high = min(low, counts[r.Name]), max(high, counts[r.Name])
		}
		if high-low > 2 {
			t.Fatalf("given unevenly: %v", counts)
		}
	})
}

func probed() ranking.Dialogue {
	drawn := ranking.Drawn{Checkpoint: "base", SHA256: "ab", Seed: 5, K: 1}
	return ranking.Dialogue{
		Opening: []ranking.Message{{Role: "system", Content: "S"}, {Role: "user", Content: "Hello"}},
		Turns: []ranking.DialogueTurn{
			{Reply: "Hi 😀. I am a person.", Drawn: drawn, From: 1}, {Said: "Really?", Reply: "Yes.", Drawn: drawn, From: 1}, {Said: "Unanswered"},
		},
	}
}

func TestCheckMark(t *testing.T) {
	d := probed()
	span := func(turn, start, end int) ranking.Span {
		return ranking.Span{Turn: turn, Passage: ranking.Passage{Start: start, End: end}}
	}
	for _, bad := range []ranking.Span{span(3, 0, 1), span(2, 0, 5), span(1, 0, 21)} {
		if _, err := d.CheckMark(ranking.Mark{Verdict: ranking.VerdictViolated, Spans: []ranking.Span{bad}}); err == nil {
			t.Errorf("%v passes", bad)
		}
	}
	if _, err := (ranking.Dialogue{}).CheckMark(ranking.Mark{Verdict: ranking.VerdictKept}); err == nil {
		t.Error("a conversation without a reply can be marked")
	}
	mark, err := d.CheckMark(ranking.Mark{Verdict: ranking.VerdictViolated, Spans: []ranking.Span{span(2, 0, 4), span(1, 12, 20), span(1, 6, 12)}})
	if want := []ranking.Span{span(1, 6, 20), span(2, 0, 4)}; err != nil || !slices.Equal(mark.Spans, want) {
		t.Errorf("kept as %v, %v", mark.Spans, err)
	}
	schema := ranking.Schema{Rules: []ranking.Rule{{Name: "a", Text: "b"}}}
	for name, c := range map[string]struct {
		mark *ranking.Mark
		ok   bool
	}{
		"nothing":                   {nil, false},
		"no verdict":                {&ranking.Mark{Spans: mark.Spans}, false},
		"violated, nowhere":         {&ranking.Mark{Verdict: ranking.VerdictViolated}, false},
		"violated":                  {&mark, true},
		"kept":                      {&ranking.Mark{Verdict: ranking.VerdictKept}, true},
		"kept, and broken":          {&ranking.Mark{Verdict: ranking.VerdictKept, Spans: mark.Spans}, false},
		"unsure, with a passage":    {&ranking.Mark{Verdict: ranking.VerdictUnsure, Spans: mark.Spans}, true},
		"another verdict":           {&ranking.Mark{Verdict: "maybe"}, false},
		"an empty passage":          {&ranking.Mark{Verdict: ranking.VerdictUnsure, Spans: []ranking.Span{span(1, 3, 3)}}, false},
		"a passage before the text": {&ranking.Mark{Verdict: ranking.VerdictUnsure, Spans: []ranking.Span{span(1, -1, 3)}}, false},
	} {
		s := ranking.Submission{Answers: ranking.Answers{Mark: c.mark}}
		err := s.CheckKind(ranking.KindProbe)
		if err == nil {
			err = s.Answers.Check(schema, nil)
		}
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := (ranking.Answers{Mark: &mark}).Check(ranking.Schema{}, nil); err == nil {
		t.Error("a campaign without rules takes a mark")
	}
}

// The record stands on its own, and the rules export is what a classifier reads.
func TestProbeRecord(t *testing.T) {
	d := probed()
	mark := ranking.Mark{Verdict: ranking.VerdictViolated, Spans: []ranking.Span{
		{Turn: 1, Passage: ranking.Passage{Start: 6, End: 20}}, {Turn: 2, Passage: ranking.Passage{Start: 0, End: 4}},
	}}
	of := ranking.Record{JudgmentID: 9, TaskID: 4, Kind: ranking.KindProbe, PromptID: "p", Group: "g", Annotator: "a-1"}
	r := d.ProbeRecord(of, ranking.Probe{Rule: ranking.Rule{Name: "machine", Text: "No person."}, Version: 2, Of: 7}, mark)
	if err := r.Validate(); err != nil {
		t.Fatal(err)
	}
	whole := append(slices.Clone(r.Messages), ranking.Message{Role: "assistant", Content: r.Responses[0].Text})
	if len(whole) != 5 || r.PromptID != "p#4" || !r.Probe.Judge || r.Probe.Turns != 2 || len(r.Probe.Drawn) != 2 || len(r.Comparisons()) != 0 {
		t.Errorf("the record is %+v, %+v", r, r.Probe)
	}
	for _, s := range r.Probe.Spans {
		if got := s.In([]rune(whole[s.Message].Content)); got != s.Text || whole[s.Message].Role != "assistant" {
			t.Errorf("span %+v points at %q", s, got)
		}
	}
	if r.Probe.Spans[0].Text != "I am a person." || r.Probe.Spans[1].Text != "Yes." {
		t.Errorf("spans are %+v", r.Probe.Spans)
	}

	var out bytes.Buffer
	exporter, err := ranking.NewExporter("rules", &out)
	if err != nil {
		t.Fatal(err)
	}
	unsure := d.ProbeRecord(of, ranking.Probe{Rule: ranking.Rule{Name: "machine", Text: "No person."}, Version: 2}, ranking.Mark{Verdict: ranking.VerdictUnsure})
	for _, one := range []ranking.Record{r, unsure, {JudgmentID: 3, Responses: []ranking.RecordResponse{{Text: "x"}, {Text: "y"}}}} {
		if err := exporter.Add(one); err != nil {
			t.Fatal(err)
		}
	}
	if counts, err := exporter.Close(); err != nil || counts.Rows != 2 {
		t.Fatalf("%+v, %v", counts, err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	var row struct {
		Rule, Label string
		Violated    *bool
		Messages    []ranking.Message
		Spans       []ranking.RecordSpan
		Judge       bool
	}
	if err := json.Unmarshal([]byte(lines[0]), &row); err != nil {
		t.Fatal(err)
	}
	if row.Rule != "machine" || row.Label != "violated" || row.Violated == nil || !*row.Violated || !row.Judge || len(row.Spans) != 2 || !slices.Equal(row.Messages, whole) {
		t.Errorf("the row is %s", lines[0])
	}
	if !strings.Contains(lines[1], `"violated":null`) || !strings.Contains(lines[1], `"spans":[]`) {
		t.Errorf("the second row is %s", lines[1])
	}
}

func TestProbeStatistics(t *testing.T) {
	rules := []ranking.Rule{{Name: "a", Text: "x"}, {Name: "b", Text: "y"}}
	given := func(task int64, rule string, judge bool, verdict ranking.Verdict) ranking.GivenMark {
		return ranking.GivenMark{TaskID: task, Rule: rule, Judge: judge, Verdict: verdict}
	}
	stats := ranking.NewProbeStatistics(rules, []ranking.GivenMark{
		given(1, "a", false, ranking.VerdictViolated), given(1, "a", true, ranking.VerdictViolated), given(1, "a", true, ranking.VerdictKept),
		given(2, "a", false, ranking.VerdictKept), given(2, "a", true, ranking.VerdictKept),
		given(3, "a", false, ranking.VerdictUnsure), given(4, "old", false, ranking.VerdictKept),
	}, 1)
	a := stats.Rules[0]
	if len(stats.Rules) != 3 || stats.Rules[1].Rate != nil || stats.Rules[2].Rule != "old" || a.Probes() != 3 || a.Rate.Of != 2 || a.Rate.Value != 0.5 {
		t.Errorf("the rules are %+v", stats.Rules)
	}
	if stats.Agreement.Pairs != 4 || stats.Agreement.Value != 0.5 { // 1 of 3 pairs, and 1 of 1
		t.Errorf("the agreement is %+v", stats.Agreement)
	}
	// Wilson (1927): 1 of 10 is 0.0179 to 0.4042, 0 of 10 is 0 to 0.2775.
	for count, want := range map[int][2]float64{0: {0, 0.2775}, 1: {0.0179, 0.4042}} {
		got := ranking.NewRate(count, 10).Interval
		for i := range got {
			if diff := got[i] - want[i]; diff > 1e-4 || diff < -1e-4 {
				t.Errorf("%d of 10 is %v, want %v", count, got, want)
			}
		}
	}
}
