package web_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"rankloop/ranking"
)

// newTalk is a server whose campaign collects conversations, with a member who is signed in and holds the first task.
func newTalk(t *testing.T) (*client, *fakeStore) {
	t.Helper()
	c, store := member(t)
	store.campaign.Kind, store.campaign.K, store.campaign.GenerateFrom, store.campaign.Seed = ranking.KindDialogue, 3, "secret-model", 5
	for i := range store.tasks {
		store.tasks[i].Responses = nil
	}
	return c, store
}

// wantNot fails the test if the answer has any of the texts.
func (a answer) wantNot(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(a.body, text) {
			t.Errorf("the answer has %q: %s", text, a.body)
		}
	}
}

// A whole conversation by forms alone, as browsers without scripts send them.
func TestDialogueByForms(t *testing.T) {
	c, store := newTalk(t)
	page := c.get("/campaigns/helpful/rank").want(t, http.StatusOK, "sourdough", `formaction="/leases/`+firstLease+`/turns/1/suggestions"`, `name="step" value="3"`)
	page.wantNot(t, "secret-model")
	form := url.Values{"campaign": {"helpful"}, "step": {"3"}, "active_before": {"1000"}, "started_at": {time.Now().Format(time.RFC3339Nano)}}
	c.post("/leases/"+firstLease+"/turns/1/suggestions", form).want(t, http.StatusSeeOther)
	page = c.get("/campaigns/helpful/rank").want(t, http.StatusOK, "<strong>one</strong>", "Second &lt;b&gt;one", `id="card-B"`, `name="take" value="2"`)
	page.wantNot(t, `id="card-C"`, "secret-model") // the same text is one suggestion
	if store.drawn.K != 3 || store.drawn.Checkpoint != "secret-model" || len(store.drawn.Messages) != 1 || store.drawn.Seed == 0 {
		t.Errorf("asked for %+v", store.drawn)
	}

	form.Set("written", "")
	c.post("/leases/"+firstLease+"/turns/1/reply", form).want(t, http.StatusUnprocessableEntity, "write the reply first")
	form.Set("take", "2")
	form.Set("comment", "A note.")
	c.post("/leases/"+firstLease+"/turns/1/reply", form).want(t, http.StatusSeeOther)
	c.get("/campaigns/helpful/rank").want(t, http.StatusOK, "Second &lt;b&gt;one&lt;/b&gt;.</textarea>", `value="2" selected`, "A note.")
	form.Del("take")
	form.Set("from", "2")
	form.Set("written", "Second one, edited.")
	form.Set("rank_1", "1")
	form.Set("rank_2", "2")
	c.post("/leases/"+firstLease+"/turns/1/reply", form).want(t, http.StatusUnprocessableEntity, "you rank below another", "Second one, edited.")
	form.Set("rank_1", "2")
	form.Set("rank_2", "1")
	c.post("/leases/"+firstLease+"/turns/1/reply", form).want(t, http.StatusSeeOther)
	first := store.talks[1][0]
	if first.Reply != "Second one, edited." || first.From != 2 || len(first.Tiers) != 2 || *first.Survival >= 1 || first.ActiveMS < 1000 {
		t.Errorf("stored %+v", first)
	}

	c.get("/campaigns/helpful/rank").want(t, http.StatusOK, "Second one, edited.", `id="end"`, "A note.", `name="step" value="4"`).wantNot(t, `id="suggestions"`)
	say := url.Values{"campaign": {"helpful"}, "step": {"4"}, "written": {"And then?"}}
	c.post("/leases/"+firstLease+"/submit", say).want(t, http.StatusUnprocessableEntity, "is not sent", "And then?") // nothing that was written is lost
	c.post("/leases/"+firstLease+"/turns/2/say", say).want(t, http.StatusSeeOther)
	c.get("/campaigns/helpful/rank").want(t, http.StatusOK, "And then?", `id="card-A"`) // drawn before the page comes
	c.post("/leases/"+firstLease+"/turns/2/back", url.Values{"campaign": {"helpful"}}).want(t, http.StatusSeeOther)
	c.get("/campaigns/helpful/rank").want(t, http.StatusOK, `id="end"`).wantNot(t, "And then?")
	c.post("/leases/"+firstLease+"/submit", url.Values{"campaign": {"helpful"}, "comment": {"Done."}}).want(t, http.StatusSeeOther)
	if store.submission.Comment != "Done." || len(store.submission.Tiers) != 0 {
		t.Errorf("submitted %+v", store.submission)
	}
}

// A model that fails is told plainly and without its name, and the person can go on.
func TestDialogueWithoutModel(t *testing.T) {
	c, store := newTalk(t)
	store.drawErr = errors.New("secret-model is broken")
	c.get("/campaigns/helpful/rank").want(t, http.StatusOK)
	form := url.Values{"campaign": {"helpful"}, "step": {"3"}, "written": {"My own reply."}}
	c.post("/leases/"+firstLease+"/turns/1/suggestions", form).
		want(t, http.StatusServiceUnavailable, "The model suggests nothing at the moment", "My own reply.").wantNot(t, "secret-model")
	c.post("/leases/"+firstLease+"/turns/1/suggestions/stream", nil).want(t, http.StatusOK, "event: failed", "The model suggests nothing").wantNot(t, "secret-model")
	c.postJSON("/api/leases/"+firstLease+"/turns/1/suggestions", nil).want(t, http.StatusServiceUnavailable, `"unavailable"`).wantNot(t, "secret-model")
	c.post("/leases/"+firstLease+"/turns/1/reply", form).want(t, http.StatusSeeOther)
	store.campaign.GenerateFrom = "none"
	c.post("/leases/"+firstLease+"/turns/2/say", url.Values{"campaign": {"helpful"}, "written": {"Both sides."}}).want(t, http.StatusSeeOther)
	c.get("/campaigns/helpful/rank").want(t, http.StatusOK, "Both sides.").wantNot(t, "/suggestions")
	c.postJSON("/api/leases/"+firstLease+"/turns/2/suggestions", nil).want(t, http.StatusUnprocessableEntity, "Nothing is suggested")
}

func TestDialogueJSON(t *testing.T) {
	c, store := newTalk(t)
	c.get("/api/campaigns/helpful/next").want(t, http.StatusOK, `"kind":"dialogue"`)
	turn := "/api/leases/" + firstLease + "/turns/1/"
	c.get("/api/leases/"+firstLease+"/dialogue").want(t, http.StatusOK, `"turn":1,"due":"reply","suggestions":[],"replies":0`)
	c.postJSON(turn+"say", map[string]any{"text": "Hello"}).want(t, http.StatusConflict, "moved on")
	c.postJSON(turn+"suggestions", nil).want(t, http.StatusOK, `"suggestions":[{"id":1,"text":"First **one**."},{"id":2`)
	c.postJSON(turn+"reply", map[string]any{"tiers": [][]int64{{1}, {2}, {3}}}).want(t, http.StatusUnprocessableEntity, "Rank all the suggestions")
	c.postJSON(turn+"reply", map[string]any{"unknown": 1}).want(t, http.StatusUnprocessableEntity)
	for range 2 {
		c.postJSON(turn+"reply", map[string]any{"tiers": [][]int64{{1, 2}}, "active_ms": 7}).want(t, http.StatusOK, `"turn":1`)
	}
	c.postJSON(turn+"reply", map[string]any{"from": 2}).want(t, http.StatusConflict)
	c.postJSON("/api/leases/"+firstLease+"/turns/2/say", map[string]any{"text": "So?"}).want(t, http.StatusOK)
	c.get("/api/leases/"+firstLease+"/dialogue").want(t, http.StatusOK, `{"role":"user","content":"So?"}`, `"turn":2,"due":"reply"`, `"replies":1`).wantNot(t, "secret-model")
	c.postJSON("/api/leases/"+firstLease+"/turns/2/back", map[string]any{}).want(t, http.StatusOK)
	if len(store.talks[1]) != 1 || store.talks[1][0].From != 1 {
		t.Errorf("stored %+v", store.talks[1])
	}
	for _, path := range []string{"turns/0/say", "turns/51/say", "turns/x/reply"} {
		c.postJSON("/api/leases/"+firstLease+"/"+path, map[string]any{}).want(t, http.StatusNotFound)
	}
}

// The stream has the pieces of each draw, and ends in the cards of the page.
func TestDialogueStream(t *testing.T) {
	c, _ := newTalk(t)
	c.get("/campaigns/helpful/rank").want(t, http.StatusOK, `data-draws="3"`)
	a := c.post("/leases/"+firstLease+"/turns/1/suggestions/stream", nil).want(t, http.StatusOK,
		"event: text", `data: {"draw":2,"text":"First **one**."}`, "event: done", `id=\"card-B\"`)
	a.wantNot(t, "secret-model", `id=\"card-C\"`)
	again := c.post("/leases/"+firstLease+"/turns/1/suggestions/stream", nil).want(t, http.StatusOK, "event: done")
	if strings.Contains(again.body, "event: text") {
		t.Error("what is stored was drawn again")
	}
	c.get("/campaigns/helpful/rank").want(t, http.StatusOK, `id="card-B"`).wantNot(t, "data-draws")
}
