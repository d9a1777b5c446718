package handlers

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"rankloop/ranking"
	"rankloop/views"
)

// quizRows is how many rows a new item has, and at least an old one.
const quizRows = 4

// quizForm lays a quiz out as its form; an empty one begins with a question.
func quizForm(campaign string, quiz ranking.Quiz, version int) views.QuizEditData {
	page := views.QuizEditData{Campaign: campaign, Version: version}
	if len(quiz.Items) == 0 {
		quiz.PassMark, quiz.Attempts = ranking.QuizPassMark, ranking.QuizAttempts
		page.Items = []views.QuizFormItem{newQuizItem(false)}
	}
	page.PassMark, page.Attempts = percent(quiz.PassMark), strconv.Itoa(quiz.Attempts)
	for _, item := range quiz.Items {
		shown := views.QuizFormItem{Ranking: len(item.Responses) > 0, Fixed: item.FixedOrder, Text: item.Text, Explanation: item.Explanation}
		for _, o := range item.Options {
			shown.Rows = append(shown.Rows, views.QuizFormRow{Text: o.Text, Right: o.Right})
		}
		for _, r := range item.Responses {
			shown.Rows = append(shown.Rows, views.QuizFormRow{Text: r.Text, Rank: strconv.Itoa(r.Rank)})
		}
		page.Items = append(page.Items, shown)
	}
	if len(quiz.Items) > 0 {
		text, err := json.MarshalIndent(quiz, "", "  ")
		if err != nil {
			panic(err) // strings and numbers always encode
		}
		page.File = string(text)
	}
	return page
}

func newQuizItem(isRanking bool) views.QuizFormItem {
	return views.QuizFormItem{Ranking: isRanking, Rows: make([]views.QuizFormRow, quizRows)}
}

// quizFormOf reads the form as it was sent. Its items are numbered without gaps.
func quizFormOf(form url.Values) views.QuizEditData {
	page := views.QuizEditData{PassMark: form.Get("pass_mark"), Attempts: form.Get("attempts"), Everybody: form.Get("everybody") != ""}
	for i := range ranking.QuizItemsMax {
		field := func(name string) string { return fmt.Sprintf("item_%d_%s", i, name) }
		if !form.Has(field("kind")) {
			break
		}
		item := views.QuizFormItem{
			Ranking: form.Get(field("kind")) == views.QuizDoRanking, Fixed: form.Get(field("fixed")) != "", Text: text(form.Get(field("text"))), Explanation: text(form.Get(field("explanation"))),
		}
		for n := range ranking.QuizOptionsMax {
			row := func(name string) string { return fmt.Sprintf("item_%d_%d_%s", i, n, name) }
			if !form.Has(row("text")) {
				break
			}
			item.Rows = append(item.Rows, views.QuizFormRow{
				Text: text(form.Get(row("text"))), Right: form.Get(row("right")) != "", Rank: strings.TrimSpace(form.Get(row("rank"))),
			})
		}
		page.Items = append(page.Items, item)
	}
	return page
}

// quizOfForm is the quiz that a form describes, to be checked. Rows without text are left out; what is no number becomes
// one that is refused.
func quizOfForm(page views.QuizEditData) (quiz ranking.Quiz) {
	if mark, err := strconv.ParseFloat(page.PassMark, 64); err == nil {
		quiz.PassMark = mark / 100
	}
	quiz.Attempts, _ = strconv.Atoi(page.Attempts)
	for _, shown := range page.Items {
		item := ranking.QuizItem{Text: shown.Text, Explanation: shown.Explanation, FixedOrder: shown.Fixed}
		for _, row := range shown.Rows {
			switch {
			case row.Text == "":
			case shown.Ranking:
				rank, _ := strconv.Atoi(row.Rank)
				item.Responses = append(item.Responses, ranking.QuizResponse{Text: row.Text, Rank: rank})
			default:
				item.Options = append(item.Options, ranking.QuizOption{Text: row.Text, Right: row.Right})
			}
		}
		quiz.Items = append(quiz.Items, item)
	}
	return quiz
}

// changeQuizForm does what a button of the form says. A button that does not fit the form changes nothing.
func changeQuizForm(page *views.QuizEditData, do string) {
	items := page.Items
	switch do {
	case views.QuizDoQuestion, views.QuizDoRanking:
		if len(items) < ranking.QuizItemsMax {
			page.Items = append(items, newQuizItem(do == views.QuizDoRanking))
		}
		return
	}
	verb, number, _ := strings.Cut(do, "-")
	i, err := strconv.Atoi(number)
	if err != nil || i < 0 || i >= len(items) {
		return
	}
	switch verb + "-" {
	case views.QuizDoRemove:
		page.Items = append(items[:i:i], items[i+1:]...)
	case views.QuizDoUp:
		if i > 0 {
			items[i-1], items[i] = items[i], items[i-1]
		}
	case views.QuizDoDown:
		if i+1 < len(items) {
			items[i+1], items[i] = items[i], items[i+1]
		}
	case views.QuizDoRow:
		items[i].Rows = append(items[i].Rows, views.QuizFormRow{})
	}
}
