package views

import (
	"fmt"
	"slices"
	"strconv"

	"rankloop/ranking"
)

// QuizData is a campaign's quiz before it is answered, or as it came back.
type QuizData struct {
	Campaign string
	Quiz     ranking.Quiz
	Version  int
	Number   int // of this attempt, over all versions
	Left     int // attempts, this one included
	Last     *ranking.QuizAttempt
	Orders   [][]int // by item: in which order its options or responses are shown
	Answers  []ranking.QuizAnswer
	Error    string
	Sample   bool // an admin looks at it: nothing is stored
}

// action is where the form goes.
func (d QuizData) action() string {
	if d.Sample {
		return QuizSamplePath(d.Campaign)
	}
	return QuizPath(d.Campaign)
}

// chosen reports whether an option was chosen.
func (d QuizData) chosen(item, option int) bool {
	return item < len(d.Answers) && slices.Contains(d.Answers[item].Chosen, option)
}

// rank is what was chosen for a response, 0 for nothing yet.
func (d QuizData) rank(item, response int) int {
	if item < len(d.Answers) && response < len(d.Answers[item].Ranks) {
		return d.Answers[item].Ranks[response]
	}
	return 0
}

// QuizResultData is an attempt with what was right about it.
type QuizResultData struct {
	Campaign string
	Kind     ranking.CampaignKind
	Quiz     ranking.Quiz // the version that was answered
	Attempt  ranking.QuizAttempt
	Orders   [][]int // by item, as they were shown
	Left     int     // attempts left at the quiz that is asked now
	Passed   bool    // may work: this attempt or another one
	MayRank  bool    // the campaign is open
	Sample   bool
}

// showsRight reports whether the right answers are shown: not while somebody can still try.
func (d QuizResultData) showsRight() bool { return d.Sample || d.Passed || d.Left == 0 }

// heading says how it went, as a key of the catalog.
func (d QuizResultData) heading() string {
	if d.Attempt.Passed {
		return "quiz.result_passed"
	}
	return "quiz.result_failed"
}

// mark is what there is to say about an option: its key in the catalog and its style; "" for nothing.
func (d QuizResultData) mark(item, option int) (key, style string) {
	right := d.Quiz.Items[item].Options[option].Right
	chosen := slices.Contains(d.Attempt.Answers[item].Chosen, option)
	switch {
	case chosen && !d.showsRight() && !d.Attempt.Marks[item] && d.Quiz.Items[item].SeveralRight():
		return "quiz.chosen", "" // which of them are right is left to find out
	case chosen && right:
		return "quiz.chosen_right", "right"
	case chosen:
		return "quiz.chosen_wrong", "wrong"
	case right && d.showsRight():
		return "quiz.not_chosen_right", "right"
	}
	return "", ""
}

// QuizPath is the quiz of a campaign, for those who work on it.
func QuizPath(campaign string) string { return "/campaigns/" + campaign + "/quiz" }

// QuizAttemptPath is the result of an attempt.
func QuizAttemptPath(campaign string, number int) string {
	return fmt.Sprintf("%s/attempts/%d", QuizPath(campaign), number)
}

// QuizSamplePath is the quiz as an admin tries it out.
func QuizSamplePath(campaign string) string { return SamplePath(campaign) + "/quiz" }

// QuizEditPath is the form of a campaign's quiz.
func QuizEditPath(campaign string) string { return QuizPath(campaign) + "/edit" }

// QuizResultsPath is who passed, for admins.
func QuizResultsPath(campaign string) string { return QuizPath(campaign) + "/results" }

// The fields of the form: choice_<item>=<option>, once for each that is chosen, and rank_<item>_<response>=<rank>.
func quizChoiceField(item int) string         { return "choice_" + strconv.Itoa(item) }
func quizRankField(item, response int) string { return fmt.Sprintf("rank_%d_%d", item, response) }
func quizItemID(item int) string              { return "item-" + strconv.Itoa(item+1) }

// QuizEditData is the form that makes a campaign's quiz. It holds what was typed, checked or not.
type QuizEditData struct {
	Campaign           string
	Version            int // that is asked now, 0 for none
	PassMark, Attempts string
	Items              []QuizFormItem
	Everybody          bool
	Error, FileError   string
	File               string // the quiz as its file has it
}

// QuizFormItem is one item as it is being written.
type QuizFormItem struct {
	Ranking           bool // else a question
	Fixed             bool // shown in the order of its rows
	Text, Explanation string
	Rows              []QuizFormRow
}

// QuizFormRow is an option, or a response with its rank. Rows without text are left out.
type QuizFormRow struct {
	Text  string
	Right bool
	Rank  string
}

// What the buttons of the form do, with an item's number behind those that concern one.
const (
	QuizDoSave     = "save"
	QuizDoQuestion = "question"
	QuizDoRanking  = "ranking"
	QuizDoRemove   = "remove-"
	QuizDoUp       = "up-"
	QuizDoDown     = "down-"
	QuizDoRow      = "row-"
)

// quizDo leads a button of the form back to the item that it concerns.
func quizDo(campaign string, item int) string {
	return QuizEditPath(campaign) + "#" + quizItemID(max(0, item))
}

// The fields of an item in the form, and of one of its rows.
func quizField(item int, name string) string { return fmt.Sprintf("item_%d_%s", item, name) }
func quizRowField(item, row int, name string) string {
	return fmt.Sprintf("item_%d_%d_%s", item, row, name)
}

// rowsMax is how many rows an item may have.
func (i QuizFormItem) rowsMax() int {
	if i.Ranking {
		return ranking.QuizResponsesMax
	}
	return ranking.QuizOptionsMax
}

// QuizResultsData is who passed a campaign's quiz.
type QuizResultsData struct {
	Campaign string
	Quiz     ranking.Quiz
	Version  int // 0 where none is asked
	People   []ranking.QuizResult
	Items    []ranking.QuizItemResult
	Notice   string // catalog key
}

// hardest are the places of the items that were answered, most often wrong first.
func (d QuizResultsData) hardest() []int {
	places := make([]int, len(d.Items))
	for i := range places {
		places[i] = i
	}
	slices.SortStableFunc(places, func(a, b int) int { return d.Items[b].Wrong - d.Items[a].Wrong })
	return places
}

// standing says where somebody stands, as a key of the catalog and the kind of its badge.
func (d QuizResultsData) standing(r ranking.QuizResult) (key, badge string) {
	switch {
	case r.Passed:
		return "quiz.stands_passed", "succeeded"
	case r.Used >= d.Quiz.Attempts:
		return "quiz.stands_used_up", "failed"
	case r.Used > 0:
		return "quiz.stands_failed", "paused"
	}
	return "quiz.stands_open", "open-none"
}

// passed counts those who did.
func (d QuizResultsData) passed() int {
	n := 0
	for _, r := range d.People {
		if r.Passed {
			n++
		}
	}
	return n
}
