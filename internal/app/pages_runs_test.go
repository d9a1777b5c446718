package app

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"rankloop/internal/store"
	"rankloop/ranking"
)

// judged is a site with a campaign that somebody has ranked, and a snapshot of it.
func judged(t *testing.T) (*site, visitor) {
	s := newSite(t)
	admin := s.as(ranking.RoleAdmin)
	campaign := admin.newCampaign("helpful", "none")
	var file strings.Builder
	for i := range 12 {
		fmt.Fprintf(&file, `{"id":"p%d","prompt":"Prompt %d","responses":[{"text":"good reply %d","model":"m1"},{"text":"bad","model":"m2"}]}`+"\n", i, i, i)
	}
	preview := admin.upload("/campaigns/helpful/upload", "p.jsonl", []byte(file.String())).location()
	path, _, _ := strings.Cut(preview, "?")
	admin.post(path, "file", "p.jsonl", "do", "import").location()
	s.judge(campaign, "judge@example.org")
	return s, s.as(ranking.RoleResearcher)
}

func TestSnapshotsAndExports(t *testing.T) {
	s, researcher := judged(t)
	researcher.get("/datasets/helpful").want(http.StatusOK, "The longer one wins", "m1", "100.0 %")
	researcher.post("/snapshots", "campaign", "nowhere", "validation", "2", "seed", "x", "name", "No Name").want(http.StatusUnprocessableEntity,
		`id="error-name"`, `id="error-validation"`, `id="error-seed"`, "Choose at least one campaign")
	made := researcher.post("/snapshots", "campaign", "helpful", "validation", "0.25", "seed", "7").location()
	if made != "/snapshots/snapshot-1" {
		t.Fatalf("the snapshot is at %s", made)
	}
	researcher.get(made).want(http.StatusOK, "25.0 % of the groups", "seed 7")
	researcher.get("/datasets").want(http.StatusOK, "snapshot-1", "helpful")

	for format, c := range map[string]struct {
		ending string
		rows   int
		has    string
	}{"native": {".jsonl", 12, `"tiers":`}, "trl": {".jsonl", 12, `"chosen":`}, "csv": {".csv", 13, "good reply 11"}} {
		for _, source := range []string{"/datasets/helpful", "/snapshots/snapshot-1"} {
			file := researcher.get(source+"/export?format="+format).want(http.StatusOK, c.has)
			if rows := strings.Count(strings.TrimSpace(file.body), "\n") + 1; rows != c.rows {
				t.Errorf("%s as %s has %d rows, want %d", source, format, rows, c.rows)
			}
			if name := file.header.Get("Content-Disposition"); !strings.HasPrefix(name, "attachment;") || !strings.Contains(name, "-"+format+c.ending) {
				t.Errorf("%s as %s is named %q", source, format, name)
			}
		}
	}
	researcher.get("/datasets/helpful/export?format=trll").want(http.StatusUnprocessableEntity, "did you mean trl")
	researcher.get("/datasets/nowhere/export?format=trl").want(http.StatusNotFound)
	if got := s.audited()[0]; !strings.HasPrefix(got, "data.export ") {
		t.Errorf("audit %q", got)
	}
}

func TestLaunchingARun(t *testing.T) {
	s, researcher := judged(t)
	researcher.get("/new/run?kind=reward").want(http.StatusOK, "No worker is running", `name="set.epochs"`)
	start := []string{"kind", "reward", "preset", "small", "seed", "1", "base", "base"}
	researcher.post("/runs", start...).want(http.StatusUnprocessableEntity, "There is no snapshot yet")
	researcher.post("/snapshots", "campaign", "helpful", "validation", "0.25", "seed", "7").location()

	researcher.post("/runs", append(start, "set.epochs", "many", "set.ties", "perhaps", "sets", "learning_rat=1", "name", "Bad Name", "snapshot", "gone")...).want(http.StatusUnprocessableEntity,
		`id="error-set.epochs"`, "epochs must be a whole number", `id="error-set.ties"`, `id="error-sets"`, "did you mean learning_rate?",
		`id="error-name"`, `id="error-snapshot"`, `value="many"`, "learning_rat=1")
	researcher.post("/runs", "kind", "ppo", "preset", "small", "seed", "1", "base", "base").want(http.StatusUnprocessableEntity, "There is no reward model")
	if runs, err := s.Store.ListRuns(t.Context()); err != nil || len(runs) != 0 {
		t.Fatalf("runs %v, %v", runs, err)
	}

	asked := append(start, "set.epochs", "2", "sets", "batch_tasks=4\r\n\r\nties = half\r\n")
	run := researcher.post("/runs", asked...).location()
	if run != "/runs/reward-1" {
		t.Fatalf("the run is at %s", run)
	}
	researcher.get(run).want(http.StatusOK, "waiting", "No worker is running", "snapshot-1", "<code>half</code>")
	stored, err := s.Store.RunByName(t.Context(), "reward-1")
	s.must(err)
	if stored.State != ranking.RunQueued || stored.CreatedBy == nil || *stored.CreatedBy != researcher.user.ID {
		t.Errorf("run %+v", stored)
	}
	researcher.post("/runs", append(start, "name", "reward-1", "set.epochs", "3")...).want(http.StatusUnprocessableEntity, `id="error-name"`, "epochs=2 instead of 3")
	researcher.get(researcher.post(run+"/stop").location()).want(http.StatusOK, "stopped", "Resume")
	researcher.get(researcher.post(run+"/resume").location()).want(http.StatusOK, "waiting", "Stop")
	researcher.get("/runs").want(http.StatusOK, "reward-1")
	researcher.get("/checkpoints").want(http.StatusOK, "base")
	researcher.post("/runs/nothing/stop").want(http.StatusNotFound)
	if got := s.audited()[:3]; !equal(got, []string{"run.resume reward-1", "run.stop reward-1", "run.create reward-1"}) {
		t.Errorf("audit %q", got)
	}
}

// TestPreviewOfARun: the form comes back as it was, with what the run would take, and nothing is started.
func TestPreviewOfARun(t *testing.T) {
	s, researcher := judged(t)
	researcher.post("/snapshots", "campaign", "helpful", "validation", "0.25", "seed", "7").location()
	start := []string{"kind", "reward", "preset", "small", "seed", "1", "base", "base", "set.epochs", "2", "set.eval_every", "0"}
	researcher.post("/runs", append(start, "preview", "1")...).want(http.StatusOK,
		`id="preview"`, "What the run would take", "FLOP in", "Training", "Zero point, sampling", "GiB", "at most about", `name="set.epochs"`, `value="2"`)
	researcher.post("/runs", append(start, "preview", "1", "sets", "micro_batch_tokens=16777216")...).want(http.StatusOK,
		`id="preview"`, `role="alert"`, "The run needs about", "FLOP in")
	researcher.post("/runs", append(start, "preview", "1", "sets", "learning_rat=1")...).want(http.StatusUnprocessableEntity, "did you mean learning_rate?")
	researcher.post("/runs", "kind", "ppo", "preset", "small", "seed", "1", "base", "base", "preview", "1").want(http.StatusUnprocessableEntity, "There is no reward model")
	if runs, err := s.Store.ListRuns(t.Context()); err != nil || len(runs) != 0 {
		t.Errorf("the previews started %v, %v", runs, err)
	}
}

func TestLaunchingDPO(t *testing.T) {
	s, researcher := judged(t)
	researcher.post("/snapshots", "campaign", "helpful", "validation", "0.25", "seed", "7").location()
	researcher.get("/new/run?kind=dpo").want(http.StatusOK, "Tune with DPO", `name="set.beta"`, `name="set.loss"`, "sigmoid or ipo", "drop or half", `name="snapshot"`)
	start := []string{"kind", "dpo", "preset", "small", "seed", "1", "base", "base"}
	researcher.post("/runs", append(start, "set.loss", "hinge", "set.ties", "davidson")...).want(http.StatusUnprocessableEntity,
		`id="error-set.loss"`, "sigmoid, ipo", `id="error-set.ties"`)
	researcher.post("/runs", append(start, "preview", "1")...).want(http.StatusOK, "Reference", "FLOP in")
	run := researcher.post("/runs", append(start, "set.loss", "ipo", "set.beta", "0.2")...).location()
	if run != "/runs/dpo-1" {
		t.Fatalf("the run is at %s", run)
	}
	researcher.get(run).want(http.StatusOK, "waiting", "snapshot-1", "<code>ipo</code>", "<code>0.2</code>")
	stored, err := s.Store.RunByName(t.Context(), "dpo-1")
	s.must(err)
	if stored.Kind != "dpo" || stored.State != ranking.RunQueued {
		t.Errorf("run %+v", stored)
	}
}

// event is one server-sent event.
type event struct{ name, id, data string }

// follow opens a run's stream. Events come until the stream ends; then the channel is closed.
func (v visitor) follow(ctx context.Context, base, path, lastEventID string) (<-chan event, int) {
	v.t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+path, nil)
	v.must(err)
	if lastEventID != "" {
		request.Header.Set("Last-Event-ID", lastEventID)
	}
	response, err := v.client.Do(request)
	v.must(err)
	events := make(chan event, 1000)
	go func() {
		defer close(events)
		defer response.Body.Close()
		lines := bufio.NewScanner(response.Body)
		lines.Buffer(nil, 1<<20)
		var e event
		for lines.Scan() {
			field, value, _ := strings.Cut(lines.Text(), ": ")
			switch field {
			case "event":
				e.name = value
			case "id":
				e.id = value
			case "data":
				e.data = value
			case "":
				if e.name != "" {
					events <- e
				}
				e = event{}
			}
		}
	}()
	return events, response.StatusCode
}

// next waits for the next event of a name.
func next(t *testing.T, events <-chan event, name string) event {
	t.Helper()
	for {
		select {
		case e, open := <-events:
			if !open {
				t.Fatalf("the stream ended before an event %q", name)
			}
			if e.name == name {
				return e
			}
		case <-time.After(15 * time.Second):
			t.Fatalf("no event %q within 15 s", name)
		}
	}
}

// training is a run that the test works itself.
type training struct {
	*site
	run ranking.Run
}

func (s *site) train(researcher visitor) training {
	s.t.Helper()
	researcher.post("/snapshots", "campaign", "helpful", "validation", "0.25", "seed", "7").location()
	researcher.post("/runs", "kind", "reward", "preset", "small", "seed", "1", "base", "base", "name", "r").location()
	run, claimed, err := s.Store.ClaimRun(s.t.Context(), "test", "generic", 0)
	if err != nil || !claimed {
		s.t.Fatal(claimed, err)
	}
	return training{s, run}
}

func row(step int) ranking.MetricRow {
	return ranking.MetricRow{Step: step, At: time.Now(), Metrics: json.RawMessage(fmt.Sprintf(`{"loss": %d.5, "tokens_per_s": 1}`, step))}
}

func (r training) commit(state string, from, to int) {
	r.t.Helper()
	c := store.Commit{RunID: r.run.ID, Fence: r.run.Fence, Step: to, StepsTotal: 10, State: state}
	for step := from; step <= to; step++ {
		c.Metrics = append(c.Metrics, row(step))
	}
	r.must(r.Store.CommitRun(r.t.Context(), c))
}

func steps(t *testing.T, e event) []int {
	t.Helper()
	var data struct {
		Rows []struct {
			Step    int                `json:"step"`
			Metrics map[string]float64 `json:"metrics"`
		} `json:"rows"`
	}
	if err := json.Unmarshal([]byte(e.data), &data); err != nil {
		t.Fatal(err)
	}
	var all []int
	for _, r := range data.Rows {
		all = append(all, r.Step)
		if _, drawn := r.Metrics["tokens_per_s"]; drawn || r.Metrics["loss"] != float64(r.Step)+0.5 {
			t.Errorf("step %d has %v", r.Step, r.Metrics)
		}
	}
	return all
}

func TestEventsOfARun(t *testing.T) {
	s, researcher := judged(t)
	r := s.train(researcher)
	r.commit("", 1, 3)
	events, status := researcher.follow(t.Context(), s.base, "/runs/r/events", "")
	if status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	past := next(t, events, "metrics")
	if got := fmt.Sprint(steps(t, past)); got != "[1 2 3]" || past.id != "3" {
		t.Errorf("the past: steps %s, id %s", got, past.id)
	}
	if state := next(t, events, "state"); !strings.Contains(state.data, `"state":"running"`) || state.id != "3" {
		t.Errorf("state %+v", state)
	}
	s.must(s.Store.NotifyMetrics(t.Context(), r.run.ID, row(4)))
	live := next(t, events, "metrics")
	if got := fmt.Sprint(steps(t, live)); got != "[4]" || live.id != "4" {
		t.Errorf("live: steps %s, id %s", got, live.id)
	}
	// Steps 4 and 5 are stored; 4 has been sent, 5 was missed by the notifications.
	r.commit("", 4, 5)
	if got := fmt.Sprint(steps(t, next(t, events, "metrics"))); got != "[5]" {
		t.Errorf("caught up: steps %s", got)
	}

	again, _ := researcher.follow(t.Context(), s.base, "/runs/r/events", "4")
	if got := fmt.Sprint(steps(t, next(t, again, "metrics"))); got != "[5]" {
		t.Errorf("after Last-Event-ID 4: steps %s", got)
	}
	r.commit(ranking.RunSucceeded, 6, 10)
	for _, stream := range []<-chan event{events, again} {
		if got := fmt.Sprint(steps(t, next(t, stream, "metrics"))); got != "[6 7 8 9 10]" {
			t.Errorf("the end: steps %s", got)
		}
		next(t, stream, "end")
		if _, open := <-stream; open {
			t.Error("the stream goes on after its end")
		}
	}
	annotator := s.as(ranking.RoleAnnotator)
	if _, status := annotator.follow(t.Context(), s.base, "/runs/r/events", ""); status != http.StatusForbidden {
		t.Errorf("an annotator gets %d", status)
	}
}

func TestStreamsAreCappedAndEndWithTheServer(t *testing.T) {
	s, researcher := judged(t)
	s.train(researcher)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	s.must(err)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	served := make(chan error, 1)
	go func() { served <- s.server(false).Serve(ctx, listener) }()
	base := "http://" + listener.Addr().String()

	var streams []<-chan event
	for range 6 {
		events, status := researcher.follow(t.Context(), base, "/runs/r/events", "")
		if status != http.StatusOK {
			t.Fatalf("status %d", status)
		}
		next(t, events, "state")
		streams = append(streams, events)
	}
	if _, status := researcher.follow(t.Context(), base, "/runs/r/events", ""); status != http.StatusTooManyRequests {
		t.Errorf("one stream too many: status %d", status)
	}
	stop()
	select {
	case err := <-served:
		s.must(err)
	case <-time.After(8 * time.Second):
		t.Fatal("open streams hold the server up")
	}
	for _, events := range streams {
		for range events { // to its end
		}
	}
}

// A run learns from a file that the researcher sends: it is kept beside the form, is nobody else's, and the launch takes it.
func TestLaunchingFromAFile(t *testing.T) {
	s, researcher := judged(t)
	researcher.get("/new/run?kind=pretrain").want(http.StatusOK, "Pretrain on text", `name="set.steps"`, `name="file"`).lacks(`name="snapshot"`)
	start := []string{"kind", "pretrain", "preset", "small", "seed", "1", "base", "base", "set.steps", "3"}
	researcher.do(http.MethodPost, "/new/run/data?kind=pretrain", "text/plain", strings.NewReader("no form")).want(http.StatusUnprocessableEntity, `id="error-file"`, "Choose a file first.")

	text := strings.Repeat("A line of text to learn.\n\n", 400)
	form := researcher.upload("/new/run/data?kind=pretrain&preset=small&base=base", "notes.txt", []byte(text)).location()
	sum := sha256.Sum256([]byte(text))
	file := []string{"data", hex.EncodeToString(sum[:]), "file", "notes.txt"}
	researcher.get(form).want(http.StatusOK, "notes.txt", "11 KiB", file[1])
	researcher.post("/runs", append(slices.Clone(start), append(file, "preview", "1")...)...).want(http.StatusOK, "FLOP in", "notes.txt", file[1])
	other := s.as(ranking.RoleResearcher)
	other.post("/runs", append(slices.Clone(start), file...)...).want(http.StatusUnprocessableEntity, `id="error-file"`, "no longer here")
	run := researcher.post("/runs", append(slices.Clone(start), file...)...).location()
	researcher.get(run).want(http.StatusOK, "waiting", "notes.txt").lacks("snapshot-1")
	stored, err := s.Store.RunByName(t.Context(), "pretrain-1")
	s.must(err)
	if !strings.Contains(string(stored.Spec), file[1]) {
		t.Errorf("the run does not pin the file: %s", stored.Spec)
	}

	replies := `{"id":"a","prompt":"Say hello.","responses":["Hello."]}` + "\n" + `{"id":"b","prompt":"Say bye.","responses":["Bye."]}` + "\n"
	researcher.get("/new/run?kind=sft").want(http.StatusOK, "Tune on demonstrations", `name="snapshot"`, "None: the file above", `name="set.epochs"`)
	form = researcher.upload("/new/run/data?kind=sft&preset=small&base=base", "replies.jsonl", []byte(replies)).location()
	sum = sha256.Sum256([]byte(replies))
	run = researcher.post("/runs", "kind", "sft", "preset", "small", "seed", "1", "base", "base", "data", hex.EncodeToString(sum[:]), "file", "replies.jsonl").location()
	researcher.get(form).want(http.StatusOK, "replies.jsonl")
	researcher.get(run).want(http.StatusOK, "waiting", "replies.jsonl")
}
