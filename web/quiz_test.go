package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"rankloop/ranking"
)

// screened is a member of a campaign with a quiz: a question of one answer, one of several, and a ranking.
func screened(t *testing.T) (*client, *fakeStore) {
	t.Helper()
	c, store := member(t)
	store.quiz.quiz = ranking.Quiz{PassMark: 0.6, Attempts: 2, Items: []ranking.QuizItem{
		{Text: "Are **ties** allowed?", Options: []ranking.QuizOption{{Text: "Yes", Right: true}, {Text: "<b>No</b>"}}, Explanation: "They are *encouraged*."},
		{Text: "What counts?", Options: []ranking.QuizOption{{Text: "Truth", Right: true}, {Text: "Length"}, {Text: "Help", Right: true}}},
		{Text: "Name a colour.", Responses: []ranking.QuizResponse{{Text: "Red.", Rank: 1}, {Text: "No.", Rank: 2}}, Explanation: "No is no colour."},
	}}
	return c, store
}

func quizPost(number, first string, second []string, ranks ...string) url.Values {
	form := url.Values{"version": {"1"}, "number": {number}, "choice_0": {first}, "choice_1": second}
	for i, rank := range ranks {
		form.Set(fmt.Sprintf("rank_2_%d", i), rank)
	}
	return form
}

func TestQuizPages(t *testing.T) {
	c, store := screened(t)
	const path = "/campaigns/helpful/quiz"
	if a := c.get("/campaigns/helpful/rank").want(t, http.StatusSeeOther); a.Header.Get("Location") != path {
		t.Errorf("the first task leads to %s", a.Header.Get("Location"))
	}
	page := c.get(path).want(t, http.StatusOK, "At least 2 of them must be right", "2 attempts left",
		"<strong>ties</strong>", "&lt;b&gt;No&lt;/b&gt;", `type="radio"`, `type="checkbox"`, `name="rank_2_1"`).body
	for _, secret := range []string{"encouraged", "no colour"} {
		if strings.Contains(page, secret) {
			t.Errorf("the quiz shows %q before it is answered", secret)
		}
	}

	// What is missing comes back beside what was answered.
	c.post(path, quizPost("1", "0", []string{"0", "2"}, "1", "")).want(t, http.StatusUnprocessableEntity, "Item 3: a rank must be 1 to 2", `value="2" checked`)
	if len(store.quiz.attempts) != 0 {
		t.Fatal("an incomplete attempt was stored")
	}

	// Not passed: explanations, and no right answers while there is another attempt.
	wrong := quizPost("1", "1", []string{"0", "1"}, "1", "2")
	for range 2 { // sent twice
		if a := c.post(path, wrong).want(t, http.StatusSeeOther); a.Header.Get("Location") != path+"/attempts/1" {
			t.Errorf("the result is at %s", a.Header.Get("Location"))
		}
	}
	if len(store.quiz.attempts) != 1 {
		t.Errorf("%d attempts are stored", len(store.quiz.attempts))
	}
	page = c.get(path+"/attempts/1").want(t, http.StatusOK, "Not passed", "1 of 3 right; 2 are needed", "<em>encouraged</em>", "Try again", "your answer, wrong", "1 attempt left").body
	for _, secret := range []string{"would have been right", "Known rank", "your answer, right"} {
		if strings.Contains(page, secret) {
			t.Errorf("the result shows %q while there is another attempt", secret)
		}
	}
	c.get(path).want(t, http.StatusOK, "Your last attempt had 1 of 3 right", `name="number" value="2"`)
	if a := c.get("/campaigns/helpful/rank").want(t, http.StatusSeeOther); a.Header.Get("Location") != path {
		t.Errorf("a failed attempt leads to %s", a.Header.Get("Location"))
	}

	c.post(path, quizPost("2", "0", []string{"0", "1"}, "1", "2")).want(t, http.StatusSeeOther)
	c.get(path+"/attempts/2").want(t, http.StatusOK, "Passed", "would have been right", "Known rank: 2", `href="/campaigns/helpful/rank"`)
	if a := c.get(path).want(t, http.StatusSeeOther); a.Header.Get("Location") != path+"/attempts/2" {
		t.Errorf("a passed quiz leads to %s", a.Header.Get("Location"))
	}
	c.get("/campaigns/helpful/rank").want(t, http.StatusOK, "sourdough")
	c.get(path+"/attempts/3").want(t, http.StatusNotFound)
	c.get(path+"/attempts/x").want(t, http.StatusNotFound)
}

func TestQuizUsedUp(t *testing.T) {
	c, _ := screened(t)
	const path = "/campaigns/helpful/quiz"
	for number := range 2 {
		c.post(path, quizPost(fmt.Sprint(number+1), "1", []string{"1"}, "2", "1")).want(t, http.StatusSeeOther)
	}
	if a := c.get("/campaigns/helpful/rank").want(t, http.StatusSeeOther); a.Header.Get("Location") != path {
		t.Errorf("leads to %s", a.Header.Get("Location"))
	}
	c.get(path+"/attempts/2").want(t, http.StatusOK, "You have used all your attempts", "would have been right")
	c.post(path, quizPost("3", "0", []string{"0", "2"}, "1", "2")).want(t, http.StatusSeeOther)
}

func TestQuizComesAfterTheGuidelines(t *testing.T) {
	c, store := screened(t)
	store.read = 1
	for _, a := range []answer{c.get("/campaigns/helpful/quiz"), c.post("/campaigns/helpful/quiz", quizPost("1", "0", []string{"0", "2"}, "1", "2"))} {
		if a.want(t, http.StatusSeeOther); a.Header.Get("Location") != "/campaigns/helpful/guidelines" {
			t.Errorf("leads to %s", a.Header.Get("Location"))
		}
	}
}

func TestQuizForPrograms(t *testing.T) {
	c, store := screened(t)
	const path = "/api/campaigns/helpful/quiz"
	c.get("/api/campaigns/helpful/next").want(t, http.StatusPreconditionRequired, `"code":"quiz_unpassed"`)
	page := c.get(path).want(t, http.StatusOK, `"version":1`, `"number":1`, `"attempts_left":2`, `"several":true`, `"responses":["Red.","No."]`).body
	if strings.Contains(page, `"right"`) || strings.Contains(page, "encouraged") {
		t.Errorf("the quiz tells its answers: %s", page)
	}
	body := map[string]any{"version": 1, "number": 1, "answers": []map[string]any{{"chosen": []int{0}}, {"chosen": []int{0, 2}}, {"ranks": []int{1, 2}}}}
	c.postJSON(path, body).want(t, http.StatusOK, `"passed":true`, `"right":3`, `"duplicate":false`, "encouraged")
	c.postJSON(path, body).want(t, http.StatusOK, `"duplicate":true`)
	c.postJSON(path, map[string]any{"version": 1, "nummer": 1}).want(t, http.StatusUnprocessableEntity)
	store.quiz = fakeQuiz{}
	c.get(path).want(t, http.StatusNotFound)
}
