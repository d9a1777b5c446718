package web_test

import (
	"net/http"
	"net/url"
	"testing"

	"rankloop/ranking"
)

// ranked is a member who has ranked the first task: C, then A, B and D tied.
func ranked(t *testing.T) (*client, *fakeStore) {
	t.Helper()
	c, store := member(t)
	c.get("/campaigns/helpful/rank")
	c.postJSON("/api/leases/"+firstLease+"/submit", map[string]any{
		"tiers": [][]int64{{12}, {11, 13, 14}}, "comment": "close call", "active_ms": 30_000,
	}).want(t, http.StatusCreated)
	return c, store
}

func TestHistoryFilters(t *testing.T) {
	c, store := ranked(t)
	c.get("/history").want(t, http.StatusOK, "C › A = B = D", "sourdough", `href="/history/judgments/1"`, `<option value="helpful">`)
	c.get("/history?kind=revised&campaign=helpful&before=1700000000000000.17").want(t, http.StatusOK, `value="revised" selected`, `value="helpful" selected`)
	q := store.historyQuery
	if q.Kind != ranking.HistoryRevised || q.Campaign != "helpful" || q.Before.ID != 17 || q.Before.At.UnixMicro() != 1700000000000000 {
		t.Errorf("asked for %+v", q)
	}
	for _, before := range []string{"x", "1.x", "-1.1", "9999999999999999999.1", "999999999999999999.1"} {
		c.get("/history?kind=nonsense&before="+before).want(t, http.StatusOK)
		if q := store.historyQuery; q.Kind != ranking.HistoryAll || !q.Before.At.IsZero() {
			t.Errorf("before=%s asked for %+v", before, q)
		}
	}
}

func TestPastJudgment(t *testing.T) {
	c, store := ranked(t)
	c.get("/history/judgments/1").want(t, http.StatusOK, "C › A = B = D", "close call", `<fieldset class="responses" disabled`,
		`name="rank_12" value="1" checked`, `href="/history/judgments/1/edit"`)
	store.fixed = ranking.Errorf(ranking.CodeConflict, "the campaign %s is closed: its answers cannot be changed any more", "helpful")
	c.get("/history/judgments/1").want(t, http.StatusOK, "helpful is closed")
	c.get("/history/judgments/1/edit").want(t, http.StatusConflict, "helpful is closed")
	c.get("/history/judgments/2").want(t, http.StatusNotFound)
	c.get("/history/judgments/x").want(t, http.StatusNotFound)
	newClient(t, c.base).signIn("annotator@example.org").get("/history/judgments/1").want(t, http.StatusNotFound)
}

func TestPastSkip(t *testing.T) {
	c, _ := member(t)
	c.get("/campaigns/helpful/rank")
	c.post("/leases/"+firstLease+"/skip", url.Values{"reason": {"unclear"}, "note": {"which oven?"}}).want(t, http.StatusSeeOther)
	c.get("/history/skips/1").want(t, http.StatusOK, "sourdough", "The prompt is unclear: which oven?")
	c.get("/history/skips/2").want(t, http.StatusNotFound)
}

func TestReviseByForm(t *testing.T) {
	c, store := ranked(t)
	a := c.get("/campaigns/helpful/last").want(t, http.StatusSeeOther)
	edit := a.Header.Get("Location")
	if edit != "/history/judgments/1/edit?next=%2Fcampaigns%2Fhelpful%2Frank" {
		t.Fatalf("the last ranking is at %q", edit)
	}
	c.get(edit).want(t, http.StatusOK, `name="rank_13" value="2" checked`, "close call", `data-submit="/api/judgments/1/submit"`, `name="next" value="/campaigns/helpful/rank"`)
	form := url.Values{"rank_11": {"1"}, "rank_12": {"2"}, "rank_13": {"2"}, "comment": {"on second thought"}, "active_before": {"30000"}, "next": {"/campaigns/helpful/rank"}}
	c.post("/history/judgments/1", form).want(t, http.StatusUnprocessableEntity, "leaves out 1 of 4 responses", "on second thought")
	form.Set("rank_14", "3")
	a = c.post("/history/judgments/1", form).want(t, http.StatusSeeOther)
	if a.Header.Get("Location") != "/campaigns/helpful/rank" {
		t.Errorf("led to %q", a.Header.Get("Location"))
	}
	if r := store.revision; r.JudgmentID != 1 || !r.Tiers.Equal(ranking.Tiers{{11}, {12, 13}, {14}}) || r.Comment != "on second thought" || r.ActiveMS < 30_000 {
		t.Errorf("revision %+v", r)
	}
	form.Del("next")
	form.Set("kept_as_shown", "1")
	a = c.post("/history/judgments/1", form).want(t, http.StatusSeeOther)
	if r := store.revision; a.Header.Get("Location") != "/history?saved=1" || !r.KeptAsShown || !r.Tiers.Equal(ranking.Tiers{{14}, {13}, {12}, {11}}) {
		t.Errorf("led to %q with %+v", a.Header.Get("Location"), r)
	}
	// A step kept as a draft comes back; an open redirect does not.
	form.Set("go", "0")
	form.Set("next", "https://evil.example/")
	a = c.post("/history/judgments/1", form).want(t, http.StatusSeeOther)
	if a.Header.Get("Location") != "/history/judgments/1/edit?next=%2F&step=0" || store.revisionDraft.Ranks[14] != 3 {
		t.Errorf("led to %q with the draft %+v", a.Header.Get("Location"), store.revisionDraft)
	}
	store.fixed = ranking.Errorf(ranking.CodeExpired, "only your newest %d rankings of a campaign can be changed", 50)
	form.Del("go")
	c.post("/history/judgments/1", form).want(t, http.StatusGone, "newest 50 rankings")
}

func TestReviseAPI(t *testing.T) {
	c, store := ranked(t)
	c.postJSON("/api/judgments/1/draft", map[string]any{"comment": "half", "active_ms": 31_000, "answers": map[string]any{}}).want(t, http.StatusOK, `"saved_at"`)
	c.get("/history/judgments/1/edit").want(t, http.StatusOK, "half", "data-restored")
	c.postJSON("/api/judgments/1/submit", map[string]any{"tiers": [][]int64{{11}, {12}, {13}}}).want(t, http.StatusUnprocessableEntity)
	c.postJSON("/api/judgments/1/submit", map[string]any{"tiers": [][]int64{{11}, {12}, {13}, {14}}, "active_ms": 40_000}).
		want(t, http.StatusCreated, `"judgment":1001`)
	if store.revision.ActiveMS != 40_000 {
		t.Errorf("revision %+v", store.revision)
	}
	c.postJSON("/api/judgments/9/submit", map[string]any{"tiers": [][]int64{}}).want(t, http.StatusNotFound)
	c.postJSON("/api/judgments/9/draft", map[string]any{"answers": map[string]any{}}).want(t, http.StatusNotFound)
}

func TestWorkedHours(t *testing.T) {
	c, _ := member(t)
	a := c.get("/history/hours.csv").want(t, http.StatusOK)
	if a.body != "day,time_zone,campaign,judgments,changes,active_h\n2026-03-01,UTC,helpful,12,1,1.5000\n" || a.Header.Get("Content-Disposition") != `attachment; filename="hours.csv"` {
		t.Errorf("%v %q", a.Header, a.body)
	}
	c.get("/history").want(t, http.StatusOK, `href="/history/hours.csv"`)
	c.get("/history/hours.csv?zone=Asia/Shanghai").want(t, http.StatusOK, ",Asia/Shanghai,")
	c.get("/history/hours.csv?zone=Mars/Olympus").want(t, http.StatusUnprocessableEntity, "There is no time zone")
	c.get("/history/hours.csv?zone=Local").want(t, http.StatusUnprocessableEntity)
	for cookie, want := range map[string]string{"America/New_York": "America/New_York", "../etc/passwd": "UTC", "Local": "UTC"} {
		c.do(http.MethodGet, "/history/hours.csv", "", "Cookie", "rankloop_zone="+cookie).want(t, http.StatusOK, ","+want+",")
	}
}
