package handlers

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"rankloop/ranking"
	"rankloop/views"
)

// fakePlayground writes the same reply for everybody.
type fakePlayground struct {
	asked            []PlaygroundRequest
	failure, unfound error
}

func (f *fakePlayground) ListCheckpoints(context.Context) ([]ranking.Checkpoint, error) {
	return []ranking.Checkpoint{{Name: "tuned", Kind: "policy"}, {Name: "judge", Kind: "reward"}, {Name: "base", Kind: "policy"}}, nil
}

func (f *fakePlayground) SampleReplies(_ context.Context, r PlaygroundRequest, onText func(int, string)) ([]views.PlaygroundReply, error) {
	f.asked = append(f.asked, r)
	if f.failure != nil {
		return nil, f.failure
	}
	replies := make([]views.PlaygroundReply, r.K)
	for i := range replies {
		replies[i] = views.PlaygroundReply{Text: "A **bold** <b>reply</b>.", Tokens: 7 + i, Ended: i == 0}
		if onText != nil {
			onText(i, "A **bold** ")
			onText(i, "<b>reply</b>.")
		}
	}
	return replies, nil
}

func (f *fakePlayground) ScoreReplies(_ context.Context, _, _ string, replies []string) ([]float64, error) {
	scores := make([]float64, len(replies))
	for i := range scores {
		scores[i] = 0.25 * float64(i)
	}
	return scores, f.unfound
}

// playgroundForm is a form that asks for two replies, with some fields changed.
func playgroundForm(changes ...string) url.Values {
	form := url.Values{
		"checkpoint": {"tuned"}, "reward": {"judge"}, "prompt": {"Hello?"}, "k": {"2"}, "temperature": {"0.7"}, "top_p": {"0.9"},
		"max_new": {"50"}, "seed": {"-3"},
	}
	for i := 0; i < len(changes); i += 2 {
		form.Set(changes[i], changes[i+1])
	}
	return form
}

// post sends a form to a handler, as a researcher.
func post(t *testing.T, handler echo.HandlerFunc, form url.Values) (*httptest.ResponseRecorder, error) {
	t.Helper()
	request := httptest.NewRequest(http.MethodPost, "/playground", strings.NewReader(form.Encode()))
	request.Header.Set(echo.HeaderContentType, echo.MIMEApplicationForm)
	request = request.WithContext(WithUser(t.Context(), &ranking.User{ID: 1, Role: ranking.RoleResearcher}))
	answer := httptest.NewRecorder()
	return answer, handler(echo.New().NewContext(request, answer))
}

func TestPlaygroundReplies(t *testing.T) {
	fake := &fakePlayground{}
	answer, err := post(t, NewPlayground(fake, NewSamplingTurns()).Create, playgroundForm())
	if err != nil || answer.Code != http.StatusOK {
		t.Fatalf("status %d, %v", answer.Code, err)
	}
	want := PlaygroundRequest{Checkpoint: "tuned", Reward: "judge", Prompt: "Hello?", K: 2, Temperature: 0.7, TopP: 0.9, MaxNew: 50, Seed: -3}
	if len(fake.asked) != 1 || fake.asked[0] != want {
		t.Errorf("asked for %+v", fake.asked)
	}
	page := answer.Body.String()
	for _, part := range []string{"<strong>bold</strong>", "7 tokens", "8 tokens", "ended by itself", "cut off at its limit", "score 0.25", "highest score"} {
		if !strings.Contains(page, part) {
			t.Errorf("the page lacks %q", part)
		}
	}
	if strings.Contains(page, "<b>reply</b>") {
		t.Error("HTML of a reply reached the page")
	}
}

func TestPlaygroundLimits(t *testing.T) {
	for _, c := range []struct{ field, value, message string }{
		{"checkpoint", "judge", "Choose one of the list"},
		{"reward", "tuned", "Choose one of the list"},
		{"prompt", " \n", "Please write a prompt"},
		{"prompt", strings.Repeat("字", views.PlaygroundPromptMax+1), "more than 20000 characters"},
		{"prompt", "a\x00b", "not valid text"},
		{"k", "0", "A whole number from 1 to 8"},
		{"k", "9", "A whole number from 1 to 8"},
		{"max_new", "1025", "A whole number from 1 to 1024"},
		{"temperature", "0.001", "0, or a number from 0.01 to 5"},
		{"temperature", "NaN", "0, or a number from 0.01 to 5"},
		{"top_p", "0", "A number from 0.01 to 1"},
		{"top_p", "1.1", "A number from 0.01 to 1"},
		{"seed", "1.5", "A whole number"},
	} {
		fake := &fakePlayground{}
		answer, err := post(t, NewPlayground(fake, NewSamplingTurns()).Create, playgroundForm(c.field, c.value))
		if err != nil || answer.Code != http.StatusUnprocessableEntity || !strings.Contains(answer.Body.String(), c.message) ||
			!strings.Contains(answer.Body.String(), `id="error-`+c.field+`"`) {
			t.Errorf("%s = %.20q: status %d, %v; want %q beside the field", c.field, c.value, answer.Code, err, c.message)
		}
		if _, err := post(t, NewPlayground(fake, NewSamplingTurns()).Stream, playgroundForm(c.field, c.value)); ranking.ErrorCode(err) != ranking.CodeInvalid {
			t.Errorf("%s = %.20q: the stream says %v", c.field, c.value, err)
		}
		if len(fake.asked) > 0 {
			t.Errorf("%s = %.20q reached the model", c.field, c.value)
		}
	}
}

func TestPlaygroundStream(t *testing.T) {
	answer, err := post(t, NewPlayground(&fakePlayground{}, NewSamplingTurns()).Stream, playgroundForm("k", "1"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for line := range strings.Lines(answer.Body.String()) {
		if name, ok := strings.CutPrefix(line, "event: "); ok {
			names = append(names, strings.TrimSpace(name))
		}
	}
	if got := strings.Join(names, " "); got != "text text scoring done" {
		t.Errorf("events: %s", got)
	}
	if !strings.Contains(answer.Body.String(), `\u003cstrong\u003ebold`) {
		t.Errorf("the finished replies are not laid out:\n%s", answer.Body)
	}
}

// What fails is told on the page and in the stream; a failure of the scores leaves the replies.
func TestPlaygroundFailures(t *testing.T) {
	short := ranking.Errorf(ranking.CodeUnavailable, "memory is short")
	answer, err := post(t, NewPlayground(&fakePlayground{failure: short}, NewSamplingTurns()).Create, playgroundForm())
	if err != nil || answer.Code != http.StatusServiceUnavailable || !strings.Contains(answer.Body.String(), "Memory is short.") {
		t.Errorf("status %d, %v", answer.Code, err)
	}
	if answer, err = post(t, NewPlayground(&fakePlayground{failure: short}, NewSamplingTurns()).Stream, playgroundForm()); err != nil ||
		!strings.Contains(answer.Body.String(), "event: failed") || !strings.Contains(answer.Body.String(), "Memory is short.") {
		t.Errorf("%v in %s", err, answer.Body)
	}
	if answer, err = post(t, NewPlayground(&fakePlayground{unfound: short}, NewSamplingTurns()).Create, playgroundForm()); err != nil || answer.Code != http.StatusOK ||
		!strings.Contains(answer.Body.String(), "have no scores. Memory is short.") || !strings.Contains(answer.Body.String(), "<strong>bold</strong>") {
		t.Errorf("unscored: status %d, %v", answer.Code, err)
	}
	internal := errors.New("broken")
	if _, err = post(t, NewPlayground(&fakePlayground{failure: internal}, NewSamplingTurns()).Create, playgroundForm()); !errors.Is(err, internal) {
		t.Errorf("an internal error became %v", err)
	}
}

// One request runs at a time. A newer one of the same person takes the place of the one before; another person's waits,
// and is told after a while that the model is busy.
func TestSamplingTurns(t *testing.T) {
	turns := NewSamplingTurns()
	first, leave, err := turns.enter(t.Context(), 1, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := turns.enter(t.Context(), 2, time.Millisecond); ranking.ErrorCode(err) != ranking.CodeUnavailable {
		t.Errorf("a second person is told %v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := turns.enter(gone, 2, time.Minute); !errors.Is(err, context.Canceled) {
		t.Errorf("who has gone is told %v", err)
	}
	if first.Err() != nil {
		t.Error("other people's requests ended the one that runs")
	}
	go func() {
		<-first.Done() // what runs sees that it was replaced
		leave()
	}()
	second, leave, err := turns.enter(t.Context(), 1, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if err := context.Cause(first); ranking.ErrorCode(err) != ranking.CodeConflict {
		t.Errorf("the replaced request is told %v", err)
	}
	if second.Err() != nil {
		t.Error("the newer request has ended, too")
	}
	leave()
	if second.Err() == nil || len(turns.newest) > 0 || len(turns.turn) > 0 {
		t.Error("something is left behind")
	}
}
