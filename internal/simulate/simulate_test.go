package simulate_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"rankloop/internal/postgres/postgrestest"
	"rankloop/internal/simulate"
	"rankloop/internal/store"
	"rankloop/ranking"
)

// site is a store behind the annotators' JSON API, as thin as can be, that fails as networks and servers do.
type site struct {
	*store.Store
	t        *testing.T
	url      string
	requests atomic.Int64
	// faults, by the number of the request: before it is worked, or after, when the answer is lost.
	before, after func(n int64) bool
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{Store: store.New(postgrestest.New(t)), t: t}
	never := func(int64) bool { return false }
	s.before, s.after = never, never
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/sign-in", s.signIn)
	mux.HandleFunc("GET /api/campaigns/{name}/next", s.next)
	mux.HandleFunc("POST /api/leases/{token}/submit", s.submit)
	mux.HandleFunc("POST /api/leases/{token}/skip", s.skip)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := s.requests.Add(1)
		if s.before(n) {
			w.WriteHeader(http.StatusServiceUnavailable)
			fmt.Fprint(w, `{"error":{"code":"unavailable","message":"later"}}`)
			return
		}
		if s.after(n) {
			mux.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler) // the work is done, its answer lost
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

func (s *site) user(r *http.Request) ranking.User {
	cookie, err := r.Cookie("email")
	if err != nil {
		panic(err)
	}
	user, _, err := s.UserByEmail(r.Context(), cookie.Value)
	if err != nil {
		panic(err)
	}
	return user
}

func (s *site) answer(w http.ResponseWriter, status int, err error, body any) {
	if err != nil {
		status = map[ranking.Code]int{ranking.CodeExpired: http.StatusGone}[ranking.ErrorCode(err)]
		body = map[string]any{"error": map[string]any{"code": ranking.ErrorCode(err), "message": err.Error()}}
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func (s *site) signIn(w http.ResponseWriter, r *http.Request) {
	var in struct{ Email, Password string }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		panic(err)
	}
	if _, hash, err := s.UserByEmail(r.Context(), in.Email); err != nil || hash != hashOf(in.Password) {
		s.answer(w, http.StatusUnauthorized, nil, map[string]any{"error": map[string]any{"code": "unauthorized", "message": "wrong"}})
		return
	}
	http.SetCookie(w, &http.Cookie{Name: "email", Value: in.Email, Path: "/"})
	s.answer(w, http.StatusOK, nil, map[string]any{})
}

func (s *site) next(w http.ResponseWriter, r *http.Request) {
	campaign, err := s.CampaignByName(r.Context(), r.PathValue("name"))
	if err != nil {
		panic(err)
	}
	lease, task, err := s.LeaseTask(r.Context(), campaign.ID, s.user(r).ID)
	if ranking.ErrorCode(err) == ranking.CodeNotFound {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	s.answer(w, http.StatusOK, err, map[string]any{
		"lease": lease.Token, "order": lease.OrderShown, "prompt": map[string]any{"id": task.Prompt.ExternalID},
	})
}

func (s *site) submit(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Tiers     ranking.Tiers `json:"tiers"`
		StartedAt time.Time     `json:"started_at"`
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		panic(err)
	}
	_, duplicate, err := s.Submit(r.Context(), ranking.Submission{
		LeaseToken: r.PathValue("token"), UserID: s.user(r).ID, Tiers: in.Tiers, StartedAt: in.StartedAt,
	})
	status := http.StatusCreated
	if duplicate {
		status = http.StatusOK
	}
	s.answer(w, status, err, map[string]any{"duplicate": duplicate})
}

func (s *site) skip(w http.ResponseWriter, r *http.Request) {
	var in struct{ Reason string }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		panic(err)
	}
	s.answer(w, http.StatusOK, s.Skip(r.Context(), r.PathValue("token"), s.user(r).ID, in.Reason), map[string]any{})
}

func hashOf(password string) string { return "hash of " + password }

// campaign makes one of n prompts with 4 responses each, and the truth about them.
func (s *site) campaign(n, overlap int) (ranking.Campaign, simulate.FileTruth) {
	s.t.Helper()
	campaign, err := s.CreateCampaign(s.t.Context(), store.NewCampaign{Name: "c", K: 4, Overlap: overlap, Seed: 1})
	if err != nil {
		s.t.Fatal(err)
	}
	truth := simulate.FileTruth{}
	var inputs []store.PromptInput
	for i := range n {
		id := fmt.Sprint("p", i)
		in := store.PromptInput{Prompt: ranking.Prompt{ExternalID: id, Messages: []ranking.Message{{Role: "user", Content: id}}}}
		for k := range 4 {
			in.Responses = append(in.Responses, ranking.Response{Text: fmt.Sprint(id, " ", k), Model: fmt.Sprint("m", k), FileIndexes: []int{k}})
			truth[id] = append(truth[id], math.Sin(float64(7*i+3*k*k))*3)
		}
		inputs = append(inputs, in)
	}
	if _, err := s.ImportPrompts(s.t.Context(), campaign.ID, inputs, store.ImportOptions{}); err != nil {
		s.t.Fatal(err)
	}
	return campaign, truth
}

func (s *site) run(o simulate.Options) (simulate.Report, error) {
	o.Server = s.url
	return simulate.Run(s.t.Context(), simulate.Accounts{
		Store:        s.Store,
		HashPassword: func(password string) (string, error) { return hashOf(password), nil },
	}, o)
}

func (s *site) mustRun(o simulate.Options) simulate.Report {
	s.t.Helper()
	report, err := s.run(o)
	if err != nil {
		s.t.Fatal(err)
	}
	return report
}

// rankings lists what each prompt's judgments say, in no order but that of their content.
func (s *site) rankings(campaign ranking.Campaign) map[string][]string {
	s.t.Helper()
	all := make(map[string][]string)
	err := s.EachRecord(context.Background(), store.Source{CampaignID: campaign.ID}, func(r ranking.Record) error {
		if !r.Simulated {
			s.t.Errorf("judgment %d is not marked simulated", r.JudgmentID)
		}
		all[r.PromptID] = append(all[r.PromptID], fmt.Sprint(r.Tiers))
		slices.Sort(all[r.PromptID])
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return all
}

// Whoever comes when, the tasks get the same judgments; the flip rate is met; a second run adds nothing.
func TestRun(t *testing.T) {
	t.Parallel()
	var first map[string][]string
	for _, annotators := range []int{3, 7} {
		t.Run(fmt.Sprint(annotators), func(t *testing.T) {
			s := newSite(t)
			campaign, truth := s.campaign(60, 3)
			o := simulate.Options{Campaign: campaign, Truth: truth, Annotators: annotators, Flip: 0.25, Seed: 4}
			report := s.mustRun(o)
			if report.JudgmentsSubmitted != 180 || report.TasksTotal != 60 || report.TasksComplete != 60 || report.TasksWithoutTruth != 0 || report.Comparisons != 1080 {
				t.Errorf("%+v", report)
			}
			if made := float64(report.ComparisonsFlipped) / float64(report.ComparisonsStrict); math.Abs(made-0.25) > 0.005 || report.FlipSolved == nil || *report.FlipSolved != made {
				t.Errorf("%g of the pairs are reversed, %v were foretold", made, report.FlipSolved)
			}
			if again := s.mustRun(o); again.JudgmentsSubmitted != 0 || again.TasksComplete != 60 {
				t.Errorf("a second run: %+v", again)
			}
			users, err := s.Members(t.Context(), campaign.ID)
			if err != nil || len(users) != annotators || !users[0].Simulated || users[0].Email != "sim-01@simulated.invalid" {
				t.Errorf("members %+v, %v", users, err)
			}
			rankings := s.rankings(campaign)
			if first == nil {
				first = rankings
			} else if !maps.EqualFunc(first, rankings, slices.Equal) {
				t.Error("other annotators made other judgments")
			}
		})
	}
}

// Requests that fail on the way, before or after their work is done, lose no judgment and make none twice.
func TestRunOnABadConnection(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.before = func(n int64) bool { return n%5 == 2 }
	s.after = func(n int64) bool { return n%7 == 3 }
	campaign, truth := s.campaign(20, 2)
	report := s.mustRun(simulate.Options{Campaign: campaign, Truth: truth, Annotators: 3})
	if report.JudgmentsSubmitted != 40 || report.TasksComplete != 20 || report.JudgmentsDuplicate == 0 {
		t.Errorf("%+v", report)
	}
	if n := len(s.rankings(campaign)); n != 20 {
		t.Errorf("%d prompts are judged", n)
	}
}

// A task without truth is skipped, counted, and never judged at random.
func TestRunWithoutTruth(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	campaign, truth := s.campaign(10, 1)
	delete(truth, "p3")
	truth["p4"] = truth["p4"][:2]
	report := s.mustRun(simulate.Options{Campaign: campaign, Truth: truth, Annotators: 2})
	if report.JudgmentsSubmitted != 8 || report.TasksComplete != 8 || report.TasksWithoutTruth != 2 {
		t.Errorf("%+v", report)
	}
	_, err := s.run(simulate.Options{Campaign: campaign, Truth: simulate.FileTruth{"other": {1}}, Annotators: 1})
	if ranking.ErrorCode(err) != ranking.CodeInvalid || !strings.Contains(err.Error(), "none of the 10 tasks") {
		t.Errorf("err = %v", err)
	}
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	campaign, truth := s.campaign(1, 1)
	paused := campaign
	paused.State = ranking.CampaignPaused
	good := simulate.Options{Campaign: campaign, Truth: truth, Annotators: 1}
	for name, change := range map[string]func(o *simulate.Options){
		"no annotator":  func(o *simulate.Options) { o.Annotators = 0 },
		"too many":      func(o *simulate.Options) { o.Annotators = simulate.MaxAnnotators + 1 },
		"all flipped":   func(o *simulate.Options) { o.Flip = 0.5 },
		"negative flip": func(o *simulate.Options) { o.Flip = -0.1 },
		"no number":     func(o *simulate.Options) { o.Temperature = math.NaN() },
		"tie margin":    func(o *simulate.Options) { o.TieMargin = math.Inf(1) },
		"two noises":    func(o *simulate.Options) { o.Flip, o.Temperature = 0.1, 1 },
		"paused":        func(o *simulate.Options) { o.Campaign = paused },
	} {
		o := good
		change(&o)
		if _, err := s.run(o); ranking.ErrorCode(err) != ranking.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.CreateUser(t.Context(), ranking.NewUser{Email: "sim-01@simulated.invalid", Role: ranking.RoleAnnotator, Locale: "en"}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.run(good); ranking.ErrorCode(err) != ranking.CodeConflict {
		t.Errorf("a person is simulated: %v", err)
	}
}
