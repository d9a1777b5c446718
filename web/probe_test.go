package web_test

import (
	"net/http"
	"net/url"
	"testing"

	"rankloop/ranking"
)

// newProbe is a server whose campaign probes a rule, with a member who is signed in and holds the first task.
func newProbe(t *testing.T) (*client, *fakeStore) {
	t.Helper()
	c, store := newTalk(t)
	rule := ranking.Rule{Name: "machine", Text: "The model does not claim to be <b>a person</b>.", Advice: "Ask its name."}
	store.campaign.Kind, store.campaign.K, store.campaign.Schema = ranking.KindProbe, 1, ranking.Schema{Rules: []ranking.Rule{rule}}
	store.probe = &ranking.Probe{Rule: rule, Version: 3}
	return c, store
}

// An attempt and its mark by forms alone, as browsers without scripts send them.
func TestProbeByForms(t *testing.T) {
	c, store := newProbe(t)
	page := c.get("/campaigns/helpful/rank").want(t, http.StatusOK, "machine", "&lt;b&gt;a person&lt;/b&gt;", "Ask its name.", "version 3",
		`formaction="/leases/`+firstLease+`/turns/1/suggestions"`, `name="step" value="3"`)
	page.wantNot(t, "secret-model", `id="end"`, `id="written"`)
	c.post("/leases/"+firstLease+"/turns/1/suggestions", url.Values{"campaign": {"helpful"}, "step": {"3"}, "comment": {"A note."}}).want(t, http.StatusSeeOther)
	page = c.get("/campaigns/helpful/rank").want(t, http.StatusOK, `name="step" value="4"`, "A note.", `name="span" value="1:0-14"`, `id="end"`, `id="written"`)
	page.wantNot(t, "secret-model", `id="back"`)
	if store.drawn.K != 1 || store.drawn.Checkpoint != "secret-model" {
		t.Errorf("asked for %+v", store.drawn)
	}

	form := url.Values{"campaign": {"helpful"}, "step": {"4"}, "verdict": {"violated"}, "span": {"1:0-14"}, "written": {"Not sent."}}
	c.post("/leases/"+firstLease+"/submit", form).want(t, http.StatusUnprocessableEntity, "is not sent", "Not sent.", `value="violated" checked`, `value="1:0-14" checked`)
	c.post("/leases/"+firstLease+"/turns/2/say", form).want(t, http.StatusSeeOther)
	c.get("/campaigns/helpful/rank").want(t, http.StatusOK, "Not sent.", `name="span" value="2:0-14"`, `value="violated" checked`, `value="1:0-14" checked`)
	form.Set("written", "")
	for name, bad := range map[string][]string{"a passage that is none": {"1:0-x"}, "one without a turn": {"0-14"}} {
		form["span"] = bad
		if a := c.post("/leases/"+firstLease+"/submit", form); a.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, a.StatusCode)
		}
	}
	form["span"] = nil
	c.post("/leases/"+firstLease+"/submit", form).want(t, http.StatusUnprocessableEntity, "Point out the passage")
	form["span"] = []string{"2:0-14", "1:5-14", "1:0-6"}
	c.post("/leases/"+firstLease+"/submit", form).want(t, http.StatusSeeOther)
	mark := store.submission.Answers.Mark
	if mark == nil || mark.Verdict != ranking.VerdictViolated || len(mark.Spans) != 2 || mark.Spans[0].End != 14 {
		t.Errorf("submitted %+v", mark)
	}
}

// Who judges a finished conversation sees it and the rule, and can only mark it.
func TestProbeJudge(t *testing.T) {
	c, store := newProbe(t)
	store.probe.Of = annotatorID
	store.talks = map[int64][]ranking.DialogueTurn{1: {{Reply: "I am Ann.\nReally.", Drawn: ranking.Drawn{Checkpoint: "secret-model"}, From: 1}}}
	page := c.get("/campaigns/helpful/rank").want(t, http.StatusOK, "I am Ann.", "machine", `id="end"`, `action="/leases/`+firstLease+`/submit"`, `name="span" value="1:10-17"`)
	page.wantNot(t, `id="written"`, "secret-model", `id="suggestions"`, "checked/>")
	c.post("/leases/"+firstLease+"/turns/1/suggestions", url.Values{"campaign": {"helpful"}}).want(t, http.StatusSeeOther) // it is there already
	c.get("/api/leases/"+firstLease+"/dialogue").want(t, http.StatusOK, `"due":"judge"`, `"judge":true`, `"rule":{"name":"machine"`)
}
