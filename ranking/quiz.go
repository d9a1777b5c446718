package ranking

import (
	"encoding/json"
	"math"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of a quiz.
const (
	QuizItemsMax     = 50
	QuizOptionsMin   = 2
	QuizOptionsMax   = 10 // of a question
	QuizResponsesMin = 2
	QuizResponsesMax = 6    // of a ranking: a small one
	QuizTextMax      = 5000 // characters of one text
	QuizAttemptsMax  = 20
	QuizBytesMax     = 256 << 10 // of a file
)

// What a quiz asks for where it does not say.
const (
	QuizPassMark = 0.8
	QuizAttempts = 3
)

// Quiz is what people answer before their first task of a campaign: questions and small rankings whose right answers are
// known. InstructGPT screened its labelers in this way, with soft cut-offs at 75 % agreement (arXiv 2203.02155, B.1).
//
// The zero quiz has no items: nothing is asked.
type Quiz struct {
	PassMark float64    `json:"pass_mark"` // the share of the items that must be right, above 0 and up to 1
	Attempts int        `json:"attempts"`  // how often somebody may try
	Items    []QuizItem `json:"items"`
}

// QuizItem is a question, which has options, or a ranking, which has responses.
type QuizItem struct {
	Text        string         `json:"text"` // Markdown: the question, or the prompt that the responses answer
	Options     []QuizOption   `json:"options,omitempty"`
	Responses   []QuizResponse `json:"responses,omitempty"`
	Explanation string         `json:"explanation,omitempty"` // Markdown: why the right answer is right
	FixedOrder  bool           `json:"fixed_order,omitempty"` // shown as listed: "Both of these" comes last; else each person's order is drawn
}

// QuizOption is one option of a question. The answer is right where exactly the right options are chosen.
type QuizOption struct {
	Text  string `json:"text"`
	Right bool   `json:"right,omitempty"`
}

// QuizResponse is one response of a ranking with its known rank: 1 is best, equal ranks tie, gaps do not matter.
type QuizResponse struct {
	Text string `json:"text"` // Markdown
	Rank int    `json:"rank"`
}

// QuizAnswer is what somebody answered to one item.
type QuizAnswer struct {
	Chosen []int `json:"chosen,omitempty"` // of a question: places of options, from 0
	Ranks  []int `json:"ranks,omitempty"`  // of a ranking: the rank of each response, 1 is best
}

// QuizSubmission is a whole quiz, answered. Number says which attempt of the person it is, so that one that is sent
// twice is stored once.
type QuizSubmission struct {
	CampaignID, UserID int64
	Version            int // of the quiz that was answered
	Number             int // from 1 on, over all versions
	Answers            []QuizAnswer
}

// QuizAttempt is a stored one.
type QuizAttempt struct {
	Number, Version int
	Answers         []QuizAnswer
	Marks           []bool // by item: right
	Passed          bool
	At              time.Time
	Voided          bool // an admin let the person start over: it does not count any more
}

// Right counts the items that were answered right.
func (a QuizAttempt) Right() int {
	n := 0
	for _, right := range a.Marks {
		if right {
			n++
		}
	}
	return n
}

// QuizStanding is where somebody stands with a campaign's quiz.
type QuizStanding struct {
	Quiz    Quiz // the one that is asked now; without items where there is none
	Version int  // its version, 0 where there is none
	Passed  bool // it, or an earlier version that still counts
	Used    int  // attempts at this version that count
	Next    int  // the number of the next attempt
	Last    *QuizAttempt
}

// Left is how many attempts somebody has left.
func (s QuizStanding) Left() int { return max(0, s.Quiz.Attempts-s.Used) }

// QuizResult is how somebody of a campaign did.
type QuizResult struct {
	User     User
	Passed   bool
	Used     int // attempts at the newest version that count
	Attempts int // all that were ever made
	Best     int // items right in the best attempt at the newest version that counts
	LastAt   *time.Time
}

// QuizItemResult counts the answers to one item of the newest version, over the first attempt of each person: later ones
// have seen the explanations.
type QuizItemResult struct {
	Answered, Wrong int
}

// Needed is how many items must be right.
func (q Quiz) Needed() int {
	return int(math.Ceil(q.PassMark*float64(len(q.Items)) - 1e-9)) // 0.7 of 10 is 7, not 8
}

// Validate checks a quiz's bounds; the error names the item.
func (q Quiz) Validate() error {
	reason := q.fault()
	if reason == nil {
		return nil
	}
	return noQuiz(reason)
}

func noQuiz(reason *Error) error {
	return Errorf(reason.Code, "the quiz cannot be used: %s", reason)
}

func (q Quiz) fault() *Error {
	switch {
	case !(q.PassMark > 0 && q.PassMark <= 1):
		return because("pass_mark must be above 0 and at most 1")
	case q.Attempts < 1 || q.Attempts > QuizAttemptsMax:
		return because("attempts must be 1 to %d", QuizAttemptsMax)
	case len(q.Items) == 0:
		return because("it has no items")
	case len(q.Items) > QuizItemsMax:
		return because("it has more than %d items", QuizItemsMax)
	}
	for i, item := range q.Items {
		if reason := item.fault(); reason != nil {
			return because("item %d: %s", i+1, reason)
		}
	}
	if encoded, err := json.Marshal(q); err != nil || len(encoded) > QuizBytesMax {
		return because("it is larger than %d bytes", QuizBytesMax)
	}
	return nil
}

func (i QuizItem) fault() *Error {
	if reason := textFault(because("the text"), i.Text, true); reason != nil {
		return reason
	}
	if reason := textFault(because("the explanation"), i.Explanation, false); reason != nil {
		return reason
	}
	switch {
	case len(i.Options) > 0 && len(i.Responses) > 0:
		return because("has options and responses; a question has options, a ranking has responses")
	case len(i.Options) == 0 && len(i.Responses) == 0:
		return because("has neither options nor responses")
	case len(i.Options) > 0:
		return i.optionsFault()
	}
	return i.responsesFault()
}

func (i QuizItem) optionsFault() *Error {
	if n := len(i.Options); n < QuizOptionsMin || n > QuizOptionsMax {
		return because("has %d options; a question has %d to %d", n, QuizOptionsMin, QuizOptionsMax)
	}
	right := 0
	seen := map[string]bool{}
	for n, o := range i.Options {
		if reason := textFault(because("the text"), o.Text, true); reason != nil {
			return because("option %d: %s", n+1, reason)
		}
		if seen[o.Text] {
			return because("option %d: has the text of an earlier one", n+1)
		}
		seen[o.Text] = true
		if o.Right {
			right++
		}
	}
	if right == 0 {
		return because("has no right option")
	}
	return nil
}

func (i QuizItem) responsesFault() *Error {
	if n := len(i.Responses); n < QuizResponsesMin || n > QuizResponsesMax {
		return because("has %d responses; a ranking has %d to %d", n, QuizResponsesMin, QuizResponsesMax)
	}
	seen := map[string]bool{}
	for n, r := range i.Responses {
		if reason := textFault(because("the text"), r.Text, true); reason != nil {
			return because("response %d: %s", n+1, reason)
		}
		if seen[r.Text] {
			return because("response %d: has the text of an earlier one", n+1)
		}
		seen[r.Text] = true
		if r.Rank < 1 || r.Rank > QuizResponsesMax {
			return because("response %d: the rank must be 1 to %d", n+1, QuizResponsesMax)
		}
	}
	return nil
}

func textFault(what *Error, text string, needed bool) *Error {
	switch {
	case needed && strings.TrimSpace(text) == "":
		return because("%s is missing", what)
	case utf8.RuneCountInString(text) > QuizTextMax:
		return because("%s has more than %d characters", what, QuizTextMax)
	case !storable(text):
		return because("%s is not valid text", what)
	}
	return nil
}

// SeveralRight reports whether more than one option of a question is right.
func (i QuizItem) SeveralRight() bool {
	n := 0
	for _, o := range i.Options {
		if o.Right {
			n++
		}
	}
	return n > 1
}

// Grade says which items are answered right. Every item must be answered: the error names the first that is not.
func (q Quiz) Grade(answers []QuizAnswer) (marks []bool, err error) {
	if len(answers) != len(q.Items) {
		return nil, Errorf(CodeInvalid, "the quiz has %d items, %d were answered", len(q.Items), len(answers))
	}
	marks = make([]bool, len(answers))
	for i, item := range q.Items {
		right, reason := item.grade(answers[i])
		if reason != nil {
			return nil, Errorf(CodeInvalid, "item %d: %s", i+1, reason)
		}
		marks[i] = right
	}
	return marks, nil
}

// Passes reports whether marks reach the pass mark.
func (q Quiz) Passes(marks []bool) bool {
	return QuizAttempt{Marks: marks}.Right() >= q.Needed()
}

func (i QuizItem) grade(a QuizAnswer) (right bool, reason *Error) {
	if len(i.Options) > 0 {
		return i.gradeChoice(a)
	}
	if len(a.Chosen) > 0 || len(a.Ranks) != len(i.Responses) {
		return false, because("every response needs a rank")
	}
	for _, rank := range a.Ranks {
		if rank < 1 || rank > len(i.Responses) {
			return false, because("a rank must be 1 to %d", len(i.Responses))
		}
	}
	right = true
	for p, rank := range a.Ranks {
		for q := range p {
			right = right && order(rank, a.Ranks[q]) == order(i.Responses[p].Rank, i.Responses[q].Rank)
		}
	}
	return right, nil
}

func (i QuizItem) gradeChoice(a QuizAnswer) (right bool, reason *Error) {
	if len(a.Ranks) > 0 || len(a.Chosen) == 0 {
		return false, because("choose an answer")
	}
	chosen := make([]bool, len(i.Options))
	for _, place := range a.Chosen {
		if place < 0 || place >= len(i.Options) || chosen[place] {
			return false, because("there is no such option")
		}
		chosen[place] = true
	}
	if len(a.Chosen) > 1 && !i.SeveralRight() {
		return false, because("choose one answer")
	}
	right = true
	for place, o := range i.Options {
		right = right && o.Right == chosen[place]
	}
	return right, nil
}

// order is -1, 0 or +1 as a is better than, ties with or is worse than b.
func order(a, b int) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
