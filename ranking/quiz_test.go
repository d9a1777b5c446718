package ranking_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"rankloop/ranking"
)

const quizFile = `{
  "pass_mark": 0.5, "attempts": 2,
  "items": [
    {"text": "Are ties allowed?", "options": [{"text": "Yes", "right": true}, {"text": "No"}], "explanation": "They are encouraged.", "fixed_order": true},
    {"text": "What counts?", "options": [{"text": "Truth", "right": true}, {"text": "Length"}, {"text": "Help", "right": true}]},
    {"text": "Name a colour.", "responses": [{"text": "Red.", "rank": 1}, {"text": "No.", "rank": 3}, {"text": "Blue.", "rank": 1}]}
  ]
}`

func TestReadQuiz(t *testing.T) {
	q, err := ranking.ReadQuiz([]byte(quizFile))
	if err != nil {
		t.Fatal(err)
	}
	if q.PassMark != 0.5 || q.Attempts != 2 || len(q.Items) != 3 || !q.Items[0].Options[0].Right || !q.Items[0].FixedOrder || q.Items[1].FixedOrder || q.Items[2].Responses[1].Rank != 3 {
		t.Errorf("read %+v", q)
	}
	again, err := json.Marshal(q)
	if err != nil {
		t.Fatal(err)
	}
	if back, err := ranking.ReadQuiz(again); err != nil || !reflect.DeepEqual(back, q) {
		t.Errorf("written and read again: %+v, %v", back, err)
	}
	short, err := ranking.ReadQuiz([]byte(`{"items":[{"text":"?","options":[{"text":"a","right":true},{"text":"b"}]}]}`))
	if err != nil || short.PassMark != ranking.QuizPassMark || short.Attempts != ranking.QuizAttempts {
		t.Errorf("without settings: %+v, %v", short, err)
	}
}

// Every fault is refused with an error that names the item and the reason.
func TestQuizFaults(t *testing.T) {
	options := `"options":[{"text":"a","right":true},{"text":"b"}]`
	good := `{"text":"?",` + options + `}`
	item := func(second string) string { return `{"items":[` + good + `,` + second + `]}` }
	for _, c := range []struct{ file, want string }{
		{``, "the file is not valid JSON"},
		{`[]`, "the file is not a JSON object"},
		{`{}`, "it has no items"},
		{`{"items":[]}`, "it has no items"},
		{`{"items":{}}`, "items must be a list"},
		{`{"pass_mark":0,"items":[` + good + `]}`, "pass_mark must be above 0 and at most 1"},
		{`{"pass_mark":80,"items":[` + good + `]}`, "pass_mark must be above 0 and at most 1"},
		{`{"pass_mark":null,"items":[` + good + `]}`, "pass_mark that is no number"},
		{`{"attempts":0,"items":[` + good + `]}`, "attempts must be 1 to 20"},
		{`{"attempts":1.5,"items":[` + good + `]}`, "attempts that is no whole number"},
		{`{"atempts":1,"items":[` + good + `]}`, `did you mean "attempts"?`},
		{`{"attempts":1,"attempts":2,"items":[` + good + `]}`, `the key "attempts" twice`},
		{item(`7`), "item 2: is not a JSON object"},
		{item(`{` + options + `}`), "item 2: the text is missing"},
		{item(`{"text":"  ",` + options + `}`), "item 2: the text is missing"},
		{item(`{"text":"?"}`), "item 2: has neither options nor responses"},
		{item(`{"text":"?",` + options + `,"responses":[{"text":"a","rank":1},{"text":"b","rank":2}]}`), "item 2: has options and responses"},
		{item(`{"text":"?","options":[{"text":"a","right":true}]}`), "item 2: has 1 options"},
		{item(`{"text":"?","options":[{"text":"a"},{"text":"b"}]}`), "item 2: has no right option"},
		{item(`{"text":"?","options":[{"text":"a","right":true},{"text":"a"}]}`), "item 2: option 2: has the text of an earlier one"},
		{item(`{"text":"?","options":[{"text":"a","right":true},{"text":""}]}`), "item 2: option 2: the text is missing"},
		{item(`{"text":"?","options":[{"text":"a","right":1},{"text":"b"}]}`), "item 2: option 1: has a right that is neither true nor false"},
		{item(`{"text":"?","options":[{"text":"a","correct":true},{"text":"b"}]}`), `item 2: option 1: has the unknown key "correct"`},
		{item(`{"text":"?","responses":[{"text":"a","rank":1},{"text":"b"}]}`), "item 2: response 2: the rank must be 1 to 6"},
		{item(`{"text":"?","responses":[{"text":"a","rank":1},{"text":"b","rank":"2"}]}`), "item 2: response 2: has a rank that is no whole number"},
		{item(`{"text":"?","responses":[{"text":"a","rank":1}]}`), "item 2: has 1 responses"},
		{item(`{"text":"` + strings.Repeat("é", ranking.QuizTextMax+1) + `",` + options + `}`), "item 2: the text has more than 5000 characters"},
		{item(`{"text":7,` + options + `}`), "item 2: text must be a string"},
		{item(`{"text":"a\ud800b",` + options + `}`), "half of a surrogate pair"},
		{item(`{"text":"a\u0000b",` + options + `}`), "item 2: the text is not valid text"},
		{`{"items":[` + strings.Repeat(good+",", ranking.QuizItemsMax) + good + `]}`, "more than 50 items"},
		{item(`{"text":"?","options":[` + strings.Repeat(`{"text":"a"},`, ranking.QuizOptionsMax) + `{"text":"b"}]}`), "item 2: has more than 10 items in options"},
		{strings.Repeat(" ", ranking.QuizBytesMax+1), "larger than 262144 bytes"},
	} {
		if _, err := ranking.ReadQuiz([]byte(c.file)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.120s: the error is %v, want …%s…", c.file, err, c.want)
		}
	}
}

func TestQuizGrade(t *testing.T) {
	q, err := ranking.ReadQuiz([]byte(quizFile))
	if err != nil {
		t.Fatal(err)
	}
	answers := func(first, second, third []int) []ranking.QuizAnswer {
		return []ranking.QuizAnswer{{Chosen: first}, {Chosen: second}, {Ranks: third}}
	}
	for _, c := range []struct {
		answers []ranking.QuizAnswer
		marks   []bool
		passed  bool
	}{
		{answers([]int{0}, []int{0, 2}, []int{1, 2, 1}), []bool{true, true, true}, true},
		{answers([]int{0}, []int{2, 0}, []int{2, 3, 2}), []bool{true, true, true}, true}, // gaps do not matter
		{answers([]int{1}, []int{0}, []int{1, 3, 2}), []bool{false, false, false}, false},
		{answers([]int{0}, []int{0, 1, 2}, []int{1, 2, 1}), []bool{true, false, true}, true},
		{answers([]int{0}, []int{0}, []int{1, 2, 2}), []bool{true, false, false}, false},
	} {
		marks, err := q.Grade(c.answers)
		if err != nil || !reflect.DeepEqual(marks, c.marks) || q.Passes(marks) != c.passed {
			t.Errorf("%v: marks %v, passes %v, %v", c.answers, marks, q.Passes(marks), err)
		}
	}
	for _, c := range []struct {
		answers []ranking.QuizAnswer
		want    string
	}{
		{nil, "3 items, 0 were answered"},
		{answers(nil, []int{0}, []int{1, 1, 1}), "item 1: choose an answer"},
		{answers([]int{0, 1}, []int{0}, []int{1, 1, 1}), "item 1: choose one answer"},
		{answers([]int{2}, []int{0}, []int{1, 1, 1}), "item 1: there is no such option"},
		{answers([]int{0}, []int{0, 0}, []int{1, 1, 1}), "item 2: there is no such option"},
		{answers([]int{0}, []int{0}, []int{1, 1}), "item 3: every response needs a rank"},
		{answers([]int{0}, []int{0}, []int{0, 1, 1}), "item 3: a rank must be 1 to 3"},
		{[]ranking.QuizAnswer{{Ranks: []int{1, 2}}, {Chosen: []int{0}}, {Chosen: []int{0}}}, "item 1: choose an answer"},
	} {
		if _, err := q.Grade(c.answers); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want %q", c.answers, err, c.want)
		}
	}
}

// A ranking is right exactly where it is the known weak order, however its ranks are numbered.
func TestQuizRankings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(ranking.QuizResponsesMin, ranking.QuizResponsesMax).Draw(t, "responses")
		ranks := rapid.SliceOfN(rapid.IntRange(1, n), n, n)
		known, answer := ranks.Draw(t, "known"), ranks.Draw(t, "answer")
		item := ranking.QuizItem{Text: "?"}
		for i, rank := range known {
			item.Responses = append(item.Responses, ranking.QuizResponse{Text: fmt.Sprint(i), Rank: rank})
		}
		q := ranking.Quiz{PassMark: 1, Attempts: 1, Items: []ranking.QuizItem{item}}
		if err := q.Validate(); err != nil {
			t.Fatal(err)
		}
		marks, err := q.Grade([]ranking.QuizAnswer{{Ranks: answer}})
		if err != nil {
			t.Fatal(err)
		}
		if want := reflect.DeepEqual(dense(known), dense(answer)); marks[0] != want {
			t.Errorf("known %v, answered %v: right %v", known, answer, marks[0])
		}
	})
}

// dense numbers ranks without gaps: how many distinct ranks are better.
func dense(ranks []int) []int {
	out := make([]int, len(ranks))
	for i, rank := range ranks {
		better := map[int]bool{}
		for _, other := range ranks {
			if other < rank {
				better[other] = true
			}
		}
		out[i] = len(better)
	}
	return out
}

func TestQuizPassMark(t *testing.T) {
	for _, c := range []struct {
		mark          float64
		items, needed int
	}{{0.8, 5, 4}, {0.7, 10, 7}, {0.1, 10, 1}, {1, 3, 3}, {0.75, 3, 3}, {0.01, 1, 1}, {0.3, 10, 3}, {0.55, 20, 11}} {
		if got := (ranking.Quiz{PassMark: c.mark, Items: make([]ranking.QuizItem, c.items)}).Needed(); got != c.needed {
			t.Errorf("%g of %d items are %d, want %d", c.mark, c.items, got, c.needed)
		}
	}
}
