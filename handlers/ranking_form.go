package handlers

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"rankloop/ranking"
)

// The fields of the board's form, each with a response's id behind it: rank_<id>=<1..K>, score_<id>=<1..>,
// flag_<id>=<key> for each flag, note_<id>=<text>.
const (
	rankPrefix  = "rank_"
	scorePrefix = "score_"
	flagPrefix  = "flag_"
	notePrefix  = "note_"
)

// answerFromForm reads the board's form, as a submission and as the draft that it would be. On an error the draft holds
// what could be read.
func answerFromForm(form url.Values) (ranking.Submission, ranking.Draft, error) {
	s := ranking.Submission{Comment: text(form.Get("comment")), KeptAsShown: form.Get("kept_as_shown") != ""}
	s.StartedAt, _ = time.Parse(time.RFC3339Nano, form.Get("started_at"))
	// Without scripts nobody measured the active time: the time since the page was shown stands in.
	if activeMS, err := strconv.ParseInt(form.Get("active_ms"), 10, 64); err == nil {
		s.ActiveMS = activeMS
	} else {
		if !s.StartedAt.IsZero() {
			s.ActiveMS = min(max(time.Since(s.StartedAt), 0), activeMax).Milliseconds()
		}
		if before, err := strconv.ParseInt(form.Get("active_before"), 10, 64); err == nil && before > 0 {
			s.ActiveMS = min(s.ActiveMS+before, activeMax.Milliseconds())
		}
	}
	answers, errAnswers := answersFromForm(form)
	ranks, errRanks := numbersFromForm(form, rankPrefix, responsesMax)
	s.Answers, s.Tiers, s.Written = answers, tiersOf(ranks), text(form.Get("written"))
	draft := ranking.Draft{Ranks: ranks, Answers: answers, Written: s.Written, Comment: truncate(s.Comment, 4*commentCharactersMax), ActiveMS: s.ActiveMS}
	draft.Step, _ = strconv.Atoi(form.Get("step")) // these two of a dialogue
	draft.From, _ = strconv.ParseInt(form.Get("from"), 10, 64)
	if errRanks != nil {
		return s, draft, errRanks
	}
	if errAnswers != nil {
		return s, draft, errAnswers
	}
	return s, draft, comparisonFromForm(form, &s, &draft)
}

// text is what somebody typed into a field of several lines, with the line ends that files have.
func text(typed string) string {
	return strings.TrimSpace(strings.ReplaceAll(typed, "\r\n", "\n"))
}

// tiersOf groups responses by rank. Gaps between ranks mean nothing.
func tiersOf(chosen map[int64]int) ranking.Tiers {
	ids := make([]int64, 0, len(chosen))
	for id := range chosen {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	ranks := make([]int, len(ids))
	for i, id := range ids {
		ranks[i] = chosen[id]
	}
	return ranking.TiersFromRanks(ids, ranks)
}

// answersFromForm reads what is said about the prompt and about single responses.
func answersFromForm(form url.Values) (ranking.Answers, error) {
	answers := ranking.Answers{PromptFlags: form["prompt_flag"]}
	scores, err := numbersFromForm(form, scorePrefix, ranking.ScoreMaxMax)
	if err != nil {
		return answers, err
	}
	said := map[int64]*ranking.ResponseAnswer{}
	about := func(id int64) *ranking.ResponseAnswer {
		if said[id] == nil {
			said[id] = &ranking.ResponseAnswer{ResponseID: id}
		}
		return said[id]
	}
	for id, score := range scores {
		about(id).Score = score
	}
	for field, values := range form {
		flagged, isFlag := strings.CutPrefix(field, flagPrefix)
		noted, isNote := strings.CutPrefix(field, notePrefix)
		if !isFlag && (!isNote || text(values[0]) == "") {
			continue
		}
		if !isFlag {
			flagged = noted
		}
		id, err := strconv.ParseInt(flagged, 10, 64)
		if err != nil || len(said) > responsesMax {
			return answers, ranking.Errorf(ranking.CodeInvalid, "the request could not be read")
		}
		if isFlag {
			about(id).Flags = values
		} else {
			about(id).Comment = text(values[0])
		}
	}
	for _, answer := range said {
		answers.Responses = append(answers.Responses, *answer)
	}
	if answers.Mark, err = markFromForm(form); err != nil {
		return answers, err
	}
	slices.SortFunc(answers.Responses, func(a, b ranking.ResponseAnswer) int { return int(a.ResponseID - b.ResponseID) })
	return answers, nil
}

// numbersFromForm reads the fields <prefix><response id>=<1..highest>: response id → number.
func numbersFromForm(form url.Values, prefix string, highest int) (map[int64]int, error) {
	numbers := map[int64]int{}
	for field, values := range form {
		name, ok := strings.CutPrefix(field, prefix)
		if !ok {
			continue
		}
		id, errID := strconv.ParseInt(name, 10, 64)
		number, errNumber := strconv.Atoi(values[0])
		if errID != nil || errNumber != nil || number < 1 || number > highest || len(values) != 1 {
			return nil, ranking.Errorf(ranking.CodeInvalid, "a rank is a number from 1 to %d", highest)
		}
		if numbers[id] = number; len(numbers) > responsesMax {
			return nil, ranking.Errorf(ranking.CodeInvalid, "a ranking has at most %d responses", responsesMax)
		}
	}
	return numbers, nil
}
