package handlers

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"rankloop/ranking"
)

// The fields of a comparison's form: choice=<id>><id> for the better and the other, choice=<id>=<id> for a tie,
// choice=<id>~<id> for both bad; strength=<1..4>; edit_<id>=<text> for each of the two.
const editPrefix = "edit_"

var choicePattern = regexp.MustCompile(`^(\d{1,19})([>=~])(\d{1,19})$`)

// comparisonFromForm reads what a comparison's form has beyond the board's into the answer. Of other forms it changes
// nothing.
func comparisonFromForm(form url.Values, s *ranking.Submission, draft *ranking.Draft) error {
	if !form.Has("comparison") {
		return nil
	}
	draft.Edits = map[int64]string{}
	for field, values := range form {
		if name, ok := strings.CutPrefix(field, editPrefix); ok && len(draft.Edits) < responsesMax {
			if id, err := strconv.ParseInt(name, 10, 64); err == nil {
				draft.Edits[id] = text(values[0])
			}
		}
	}
	s.Edits = draft.Edits
	choice := choicePattern.FindStringSubmatch(form.Get("choice"))
	if choice == nil {
		return ranking.Errorf(ranking.CodeInvalid, "choose one of the answers: A, B, a tie, or both bad")
	}
	one, errOne := strconv.ParseInt(choice[1], 10, 64)
	other, errOther := strconv.ParseInt(choice[3], 10, 64)
	if errOne != nil || errOther != nil {
		return ranking.Errorf(ranking.CodeInvalid, "the request could not be read")
	}
	s.Tiers, draft.Ranks = ranking.Tiers{{one, other}}, map[int64]int{one: 1, other: 1}
	if choice[2] == ">" {
		s.Tiers, draft.Ranks = ranking.Tiers{{one}, {other}}, map[int64]int{one: 1, other: 2}
		// A strength that was chosen before a tie means nothing.
		s.Answers.Strength, _ = strconv.Atoi(form.Get("strength"))
	}
	s.Answers.BothBad = choice[2] == "~"
	draft.Answers = s.Answers
	return nil
}
