package ranking

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// TestQuestion is one line of a few-shot evaluation.
type TestQuestion struct {
	ID      string
	Prompt  string
	Options []string // of a choice; empty for a free answer
	Answer  string   // of a choice: one of Options
	Example bool     // shown as an example and not asked
}

// FewShotReport is what a policy answers after a few examples. Shares count questions, with 95 % intervals by bootstrap.
type FewShotReport struct {
	Shots   int `json:"shots"`
	Trimmed int `json:"trimmed"` // questions before which not all of their examples had room

	ExactMatch         *Share            `json:"exact_match"`         // of free answers and of choices: the greedy answer is the right text
	Accuracy           *Share            `json:"accuracy"`            // of choices: the right option is the most probable one
	AccuracyNormalized *Share            `json:"accuracy_normalized"` // the same by log-probability a byte, which does not favour short options
	Chance             *float64          `json:"chance"`              // of choices: what guessing gets
	Questions          []FewShotQuestion `json:"questions"`
}

// FewShotQuestion is one question with what the policy made of it.
type FewShotQuestion struct {
	ID             string    `json:"id"`
	Answer         string    `json:"answer"`          // the right one
	Greedy         string    `json:"greedy"`          // its own, most probable token by token
	Exact          bool      `json:"exact"`           // the two are one
	LogLikelihoods []float64 `json:"log_likelihoods"` // nats, by option; null of a free answer
	Chosen         *int      `json:"chosen"`          // the most probable option
}

// The limits of a file of questions.
const (
	questionsMax     = 10_000
	questionBytesMax = 1 << 20
	optionsMax       = 26
)

// ReadTestQuestions reads JSON lines {"id":"q1","prompt":"2 + 2 =","answer":"4"}, or of a choice
// {"id":"q2","prompt":"…","options":["a","b"],"answer":1} with the right option's index. Lines with "example":true are shown
// and not asked. A line that cannot be used is an error.
func ReadTestQuestions(name string, r io.Reader) ([]TestQuestion, error) {
	var questions []TestQuestion
	ids := make(map[string]bool)
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 64<<10), questionBytesMax)
	for number := 1; lines.Scan(); number++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		q, err := readTestQuestion(lines.Bytes())
		if q.ID == "" {
			q.ID = fmt.Sprint(number)
		}
		switch {
		case err != nil:
		case ids[q.ID]:
			err = fmt.Errorf("the id %q occurs twice", q.ID)
		case len(questions) == questionsMax:
			return nil, Errorf(CodeTooLarge, "%s has more than %d lines", name, questionsMax)
		}
		if err != nil {
			return nil, Errorf(CodeInvalid, "%s:%d: %s", name, number, err.Error())
		}
		ids[q.ID] = true
		questions = append(questions, q)
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return nil, Errorf(CodeTooLarge, "a line is longer than %d MiB", questionBytesMax>>20)
	}
	if lines.Err() == nil && !slices.ContainsFunc(questions, func(q TestQuestion) bool { return !q.Example }) {
		return nil, Errorf(CodeInvalid, "%s holds no question", name)
	}
	return questions, lines.Err()
}

func readTestQuestion(line []byte) (TestQuestion, error) {
	var raw struct {
		ID      string          `json:"id"`
		Prompt  string          `json:"prompt"`
		Options []string        `json:"options"`
		Answer  json.RawMessage `json:"answer"`
		Example bool            `json:"example"`
	}
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&raw); err != nil {
		return TestQuestion{}, err
	}
	q := TestQuestion{ID: raw.ID, Prompt: raw.Prompt, Options: raw.Options, Example: raw.Example}
	if strings.TrimSpace(q.Prompt) == "" {
		return q, errors.New(`there is no "prompt"`)
	}
	if len(raw.Options) == 0 {
		if json.Unmarshal(raw.Answer, &q.Answer) != nil || strings.TrimSpace(q.Answer) == "" {
			return q, errors.New(`"answer" must be the right answer's text`)
		}
		return q, nil
	}
	var right int
	switch err := json.Unmarshal(raw.Answer, &right); {
	case len(q.Options) < 2 || len(q.Options) > optionsMax:
		return q, fmt.Errorf(`"options" must be 2 to %d texts`, optionsMax)
	case slices.ContainsFunc(q.Options, func(o string) bool { return strings.TrimSpace(o) == "" }):
		return q, errors.New("an option is empty")
	case err != nil || right < 0 || right >= len(q.Options):
		return q, errors.New(`"answer" must be the index of the right option, from 0`)
	}
	q.Answer = q.Options[right]
	return q, nil
}
