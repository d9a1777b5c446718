package ranking

import (
	"strings"
	"testing"
)

func TestReadTestQuestions(t *testing.T) {
	questions, err := ReadTestQuestions("q.jsonl", strings.NewReader(`{"prompt":"2 + 2 =","answer":"4"}

{"id":"c","prompt":"The sky is","options":["blue","green"],"answer":0,"example":true}
`))
	if err != nil || len(questions) != 2 || questions[0].ID != "1" || questions[0].Answer != "4" || questions[1].Answer != "blue" || !questions[1].Example {
		t.Fatalf("%+v, %v", questions, err)
	}
	for line, want := range map[string]string{
		`{"prompt":"a","options":["x"],"answer":0}`:       "2 to 26 texts",
		`{"prompt":"a","options":["x","y"],"answer":2}`:   "index of the right option",
		`{"prompt":"a","options":["x","y"],"answer":"x"}`: "index of the right option",
		`{"prompt":"a","options":["x"," "],"answer":0}`:   "an option is empty",
		`{"prompt":"a","answer":1}`:                       "the right answer's text",
		`{"prompt":" ","answer":"b"}`:                     "prompt",
		`{"prompt":"a","answr":"b"}`:                      "answr",
		`{"prompt":"a","answer":"b","example":true}`:      "holds no question",
		"{\"id\":\"z\",\"prompt\":\"a\",\"answer\":\"b\"}\n{\"id\":\"z\",\"prompt\":\"a\",\"answer\":\"b\"}": "occurs twice",
		"": "holds no question",
	} {
		if _, err := ReadTestQuestions("q.jsonl", strings.NewReader(line)); ErrorCode(err) != CodeInvalid || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", line, err)
		}
	}
}
