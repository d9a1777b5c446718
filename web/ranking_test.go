package web_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"rankloop/ranking"
)

const firstLease = "lease-p1-000000000000"

func member(t *testing.T) (*client, *fakeStore) {
	t.Helper()
	c, store, _ := serve(t)
	return c.signIn("member@example.org"), store
}

func TestBoardIsBlindAndInTheOrderOfTheLease(t *testing.T) {
	c, _ := member(t)
	page := c.get("/campaigns/helpful/rank").want(t, http.StatusOK, "sourdough", `id="card-D"`).body
	if strings.Contains(page, "secret-model") {
		t.Error("the board names a model")
	}
	last := -1
	for _, field := range []string{"rank_14", "rank_13", "rank_12", "rank_11"} { // the lease reverses the file's order
		at := strings.Index(page, field)
		if at <= last {
			t.Errorf("%s stands at %d, after %d was expected", field, at, last)
		}
		last = at
	}
}

func TestRankByForm(t *testing.T) {
	c, store := member(t)
	c.get("/campaigns/helpful/rank")
	form := url.Values{
		"campaign": {"helpful"}, "started_at": {time.Now().Add(-90 * time.Second).Format(time.RFC3339Nano)},
		"rank_11": {"2"}, "rank_12": {"1"}, "rank_13": {"4"}, "comment": {" close call "},
	}
	// Incomplete: the board comes back with what was chosen.
	c.post("/leases/"+firstLease+"/submit", form).want(t, http.StatusUnprocessableEntity,
		"leaves out 1 of 4 responses", `name="rank_12" value="1" checked`, "close call")
	form.Set("rank_14", "2")
	a := c.post("/leases/"+firstLease+"/submit", form).want(t, http.StatusSeeOther)
	if a.Header.Get("Location") != "/campaigns/helpful/rank" {
		t.Errorf("led to %q", a.Header.Get("Location"))
	}
	if want := (ranking.Tiers{{12}, {11, 14}, {13}}); !slices.EqualFunc(store.submission.Tiers, want, slices.Equal) {
		t.Errorf("tiers %v, want %v", store.submission.Tiers, want)
	}
	if ms := store.submission.ActiveMS; ms < 89_000 || ms > 100_000 || store.submission.Comment != "close call" {
		t.Errorf("submission %+v", store.submission)
	}
	// The same form again, a double click: the next page all the same, and one judgment.
	c.post("/leases/"+firstLease+"/submit", form).want(t, http.StatusSeeOther)
	if len(store.judgments) != 1 {
		t.Errorf("%d judgments", len(store.judgments))
	}
	c.get("/campaigns/helpful/rank").want(t, http.StatusOK, "monad")
	c.get("/history").want(t, http.StatusOK, "C › A = D › B", "close call")
}

func TestKeepAsShownByForm(t *testing.T) {
	c, store := member(t)
	c.get("/campaigns/helpful/rank")
	c.post("/leases/"+firstLease+"/submit", url.Values{"kept_as_shown": {"1"}, "rank_11": {"1"}}).want(t, http.StatusSeeOther)
	want := ranking.Tiers{{14}, {13}, {12}, {11}}
	if !store.submission.KeptAsShown || !slices.EqualFunc(store.submission.Tiers, want, slices.Equal) {
		t.Errorf("submission %+v", store.submission)
	}
}

func TestAPI(t *testing.T) {
	c, store := member(t)
	var next struct {
		Lease     string  `json:"lease"`
		Order     []int64 `json:"order"`
		K         int     `json:"k"`
		Guideline int     `json:"guideline_version"`
		Prompt    struct {
			ID       string            `json:"id"`
			Messages []ranking.Message `json:"messages"`
		} `json:"prompt"`
		Responses []struct {
			ID   int64  `json:"id"`
			Text string `json:"text"`
		} `json:"responses"`
		ExpiresAt time.Time `json:"expires_at"`
	}
	body := c.get("/api/campaigns/helpful/next").want(t, http.StatusOK).body
	if strings.Contains(body, "secret-model") {
		t.Error("the API names a model")
	}
	if err := json.Unmarshal([]byte(body), &next); err != nil {
		t.Fatal(err)
	}
	if next.K != 4 || next.Guideline != 2 || next.Prompt.ID != "p1" || len(next.Prompt.Messages) != 1 ||
		!slices.Equal(next.Order, []int64{14, 13, 12, 11}) || next.Responses[0].ID != 14 || next.ExpiresAt.Before(time.Now()) {
		t.Errorf("next: %s", body)
	}
	c.postJSON("/api/leases/"+next.Lease+"/renew", nil).want(t, http.StatusOK, `"expires_at"`)
	submission := map[string]any{"tiers": [][]int64{{11}, {12, 13}, {14}}, "active_ms": 4200, "kept_as_shown": false}
	c.postJSON("/api/leases/"+next.Lease+"/submit", submission).want(t, http.StatusCreated, `{"judgment":1}`)
	c.postJSON("/api/leases/"+next.Lease+"/submit", submission).want(t, http.StatusOK, `"duplicate":true`, `"judgment":1`)
	if started := time.Since(store.submission.StartedAt); started < 4*time.Second || started > 10*time.Second {
		t.Errorf("without a start, the active time before now stands in; got %v ago", started)
	}
	c.get("/api/campaigns/helpful/next")
	c.postJSON("/api/leases/lease-p2-000000000000/skip", map[string]string{"reason": "unclear: two questions"}).want(t, http.StatusOK)
	c.get("/api/campaigns/helpful/next").want(t, http.StatusNoContent)
	c.get("/campaigns/helpful/rank").want(t, http.StatusOK, "Nothing left to rank")
}

func TestDrafts(t *testing.T) {
	c, store := member(t)
	store.campaign.Schema = ranking.DefaultSchema()
	c.get("/campaigns/helpful/rank").want(t, http.StatusOK, `data-stage="one"`, `data-step="1"`)
	draft := map[string]any{"ranks": map[string]int{"11": 2}, "comment": "half", "active_ms": 10, "answers": map[string]any{
		"prompt_flags": []string{"ambiguous"}, "responses": []map[string]any{{"response": 14, "score": 6, "flags": []string{"opinion"}, "comment": "so so"}}}}
	c.postJSON("/api/leases/"+firstLease+"/draft", draft).want(t, http.StatusOK, `"saved_at"`)
	// It is there again, at the first response without a score.
	c.get("/campaigns/helpful/rank").want(t, http.StatusOK, `data-step="2"`, `name="rank_11" value="2" checked`,
		`name="score_14" value="6" checked`, "so so", "half", `value="ambiguous" checked`)
	c.get("/campaigns/helpful/rank?step=0").want(t, http.StatusOK, `data-stage="two"`)
	c.postJSON("/api/leases/"+firstLease+"/draft", map[string]any{"answers": map[string]any{"prompt_flags": []string{"unknown"}}}).
		want(t, http.StatusUnprocessableEntity, `"code":"invalid"`)
	c.postJSON("/api/leases/lease-nobody-000000000000/draft", draft).want(t, http.StatusNotFound)

	// Without scripts the form's buttons keep the draft and lead to the next step; a ranking without scores comes back.
	form := url.Values{"campaign": {"helpful"}, "score_14": {"3"}, "go": {"2"}}
	a := c.post("/leases/"+firstLease+"/submit", form).want(t, http.StatusSeeOther)
	if a.Header.Get("Location") != "/campaigns/helpful/rank?step=2" || store.drafts[1].Answers.Of(14).Score != 3 {
		t.Errorf("led to %q with the draft %+v", a.Header.Get("Location"), store.drafts[1])
	}
	c.post("/leases/"+firstLease+"/submit", url.Values{"campaign": {"helpful"}, "rank_11": {"1"}, "rank_12": {"1"}, "rank_13": {"1"}, "rank_14": {"1"}}).
		want(t, http.StatusUnprocessableEntity, "4 of 4 responses have no score")
}

func TestAPIRefuses(t *testing.T) {
	c, store := member(t)
	c.get("/api/campaigns/helpful/next")
	for name, body := range map[string]string{
		"no JSON":               `tiers`,
		"an unknown key":        `{"tiers":[[11],[12],[13],[14]],"tires":1}`,
		"two values":            `{"tiers":[[11],[12],[13],[14]]} {}`,
		"a response twice":      `{"tiers":[[11],[12],[13],[14,11]]}`,
		"a foreign response":    `{"tiers":[[11],[12],[13],[99]]}`,
		"a missing response":    `{"tiers":[[11],[12],[13]]}`,
		"an empty tier":         `{"tiers":[[11],[],[12],[13],[14]]}`,
		"300 responses":         `{"tiers":[[` + strings.Repeat("1,", 299) + `1]]}`,
		"negative time":         `{"tiers":[[11],[12],[13],[14]],"active_ms":-1}`,
		"time of two days":      `{"tiers":[[11],[12],[13],[14]],"active_ms":172800000}`,
		"a start in the future": `{"tiers":[[11],[12],[13],[14]],"started_at":"2999-01-01T00:00:00Z"}`,
		"a comment with NUL":    `{"tiers":[[11],[12],[13],[14]],"comment":"a\u0000b"}`,
		"a comment too long":    `{"tiers":[[11],[12],[13],[14]],"comment":"` + strings.Repeat("字", 5001) + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			c.do(http.MethodPost, "/api/leases/"+firstLease+"/submit", body, "Content-Type", "application/json").
				want(t, http.StatusUnprocessableEntity, `"code":"invalid"`)
		})
	}
	if len(store.judgments) != 0 {
		t.Errorf("%d judgments were stored", len(store.judgments))
	}
	c.postJSON("/api/leases/short/renew", nil).want(t, http.StatusNotFound)
	c.postJSON("/api/leases/"+firstLease+"/skip", map[string]string{"reason": " "}).want(t, http.StatusUnprocessableEntity, "why you skip")
	// Somebody else's lease.
	other := newClient(t, c.base).signIn("annotator@example.org")
	other.postJSON("/api/leases/"+firstLease+"/submit", map[string]any{"tiers": [][]int64{{11}, {12}, {13}, {14}}}).want(t, http.StatusNotFound)
}

func TestLostLease(t *testing.T) {
	c, store := member(t)
	c.get("/campaigns/helpful/rank")
	store.submitErr = ranking.Errorf(ranking.CodeExpired, "the lease has ended")
	c.postJSON("/api/leases/"+firstLease+"/submit", map[string]any{"tiers": [][]int64{{11}, {12}, {13}, {14}}}).want(t, http.StatusGone, `"expired"`)
	form := url.Values{"rank_11": {"1"}, "rank_12": {"1"}, "rank_13": {"1"}, "rank_14": {"1"}}
	c.post("/leases/"+firstLease+"/submit", form).want(t, http.StatusGone, "Too late")
}

func TestSkipByForm(t *testing.T) {
	c, store := member(t)
	c.get("/campaigns/helpful/rank")
	c.post("/leases/"+firstLease+"/skip", url.Values{"campaign": {"helpful"}, "reason": {"unclear"}, "note": {"which oven?"}}).want(t, http.StatusSeeOther)
	if store.skips[firstLease] != "unclear: which oven?" {
		t.Errorf("reason %q", store.skips[firstLease])
	}
}

func TestGuidelines(t *testing.T) {
	c, _ := member(t)
	c.get("/campaigns/helpful/guidelines").want(t, http.StatusOK, "<strong>truthful</strong>", "Version 2 of 2")
	c.get("/campaigns/helpful/guidelines?version=1").want(t, http.StatusOK, "Version 1")
	c.get("/campaigns/helpful/guidelines?version=9").want(t, http.StatusNotFound)
	// To somebody outside, the campaign looks like one that does not exist.
	other := newClient(t, c.base).signIn("annotator@example.org")
	there, nowhere := other.get("/campaigns/helpful/guidelines"), other.get("/campaigns/nowhere/guidelines")
	if there.StatusCode != nowhere.StatusCode {
		t.Errorf("status %d for a campaign, %d for none", there.StatusCode, nowhere.StatusCode)
	}
}

// Whoever has not read the newest guidelines meets them before a task, with what changed, and says so; a program is told
// the same by a status and a code.
func TestUnreadGuidelinesComeFirst(t *testing.T) {
	c, store := member(t)
	store.read = 1
	if a := c.get("/campaigns/helpful/rank").want(t, http.StatusSeeOther); a.Header.Get("Location") != "/campaigns/helpful/guidelines" {
		t.Fatalf("led to %q", a.Header.Get("Location"))
	}
	c.get("/campaigns/helpful/guidelines").want(t, http.StatusOK, "changed since you read version 1", "<del>Version 1", "<ins>Prefer the **truthful** response.",
		"<strong>truthful</strong>", `action="/campaigns/helpful/guidelines/acknowledge"`, `name="version" value="2"`)
	c.get("/api/campaigns/helpful/next").want(t, http.StatusPreconditionRequired, `"code":"guidelines_unread"`, "Version 2 of the guidelines")
	c.get("/api/campaigns/helpful/guidelines").want(t, http.StatusOK, `"version":2`, `"read":1`, "Prefer the **truthful**")
	for _, version := range []string{"3", "0", "x", ""} {
		c.post("/campaigns/helpful/guidelines/acknowledge", url.Values{"version": {version}}).want(t, http.StatusNotFound)
	}
	c.postJSON("/api/campaigns/helpful/guidelines/acknowledge", map[string]int{"version": 3}).want(t, http.StatusNotFound)
	c.get("/api/campaigns/helpful/next").want(t, http.StatusPreconditionRequired)
	if a := c.post("/campaigns/helpful/guidelines/acknowledge", url.Values{"version": {"2"}}).want(t, http.StatusSeeOther); a.Header.Get("Location") != "/campaigns/helpful/rank" {
		t.Errorf("led to %q", a.Header.Get("Location"))
	}
	c.get("/campaigns/helpful/rank").want(t, http.StatusOK, "sourdough")
	if page := c.get("/campaigns/helpful/guidelines").want(t, http.StatusOK, "You read this version on").body; strings.Contains(page, "acknowledge") {
		t.Error("guidelines that were read ask to be read")
	}

	store.read = 0
	page := c.get("/campaigns/helpful/guidelines").want(t, http.StatusOK, "before your first task").body
	if strings.Contains(page, "<del>") {
		t.Error("somebody new is shown changes")
	}
	c.postJSON("/api/campaigns/helpful/guidelines/acknowledge", map[string]int{"version": 2}).want(t, http.StatusOK, `"version":2`, `"read_at"`)
	c.get("/api/campaigns/helpful/next").want(t, http.StatusOK, `"guideline_version":2`)
}

// The next task comes ahead as a whole page, and begins with the answer that names it.
func TestNextTaskAhead(t *testing.T) {
	c, store := member(t)
	c.get("/campaigns/helpful/rank").want(t, http.StatusOK, `data-ahead="/api/leases/`+firstLease+`/next"`)
	a := c.post("/api/leases/"+firstLease+"/next", nil).want(t, http.StatusOK, "monad", `id="board"`, `data-lease="lease-p2-`)
	if strings.Contains(a.body, "secret-model") || a.Header.Get("Cache-Control") != "no-store" {
		t.Error("the page ahead names a model, or may be kept")
	}
	if len(store.judgments) != 0 {
		t.Error("looking ahead stored something")
	}
	for i, next := range []string{"lease-p2-000000000000", "lease-p9-000000000000"} {
		submission := map[string]any{"tiers": [][]int64{{11}, {12}, {13}, {14}}, "next": next}
		c.postJSON("/api/leases/"+firstLease+"/submit", submission).want(t, []int{http.StatusCreated, http.StatusOK}[i], []string{`"next":true`, `"next":false`}[i])
	}
	c.post("/api/leases/lease-p2-000000000000/next", nil).want(t, http.StatusNoContent)
}
