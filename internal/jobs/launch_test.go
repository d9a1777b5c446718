package jobs

import (
	"io"
	"slices"
	"strings"
	"testing"

	"rankloop/internal/store"
	"rankloop/model"
	"rankloop/ranking"
)

func file(name, content string) *File { return &File{Name: name, Content: strings.NewReader(content)} }

func TestLaunchRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	reward := b.launch(rewardRun("taken"))
	foreign, err := LoadCheckpoint(t.Context(), b.artifacts, b.checkpoint(DefaultBase).SHA256)
	must(t, err)
	b.addCheckpoint("foreign", foreign)
	b.addSnapshot("ties", []ranking.Record{allTied()})
	with := func(r Request, change func(*Request)) Request {
		change(&r)
		return r
	}
	for _, test := range []struct {
		name    string
		request Request
		code    ranking.Code
		says    string
	}{
		{"unknown kind", Request{Kind: "rewards"}, ranking.CodeInvalid, "rewards"},
		{"unknown setting", with(rewardRun(""), func(r *Request) { r.Sets = []string{"epoch=2"} }), ranking.CodeInvalid, "did you mean epochs?"},
		{"unknown preset", Request{Kind: "reward", Preset: "huge"}, ranking.CodeInvalid, "small"},
		{"unknown base", Request{Kind: "reward", Base: "bas"}, ranking.CodeNotFound, "there are foreign, base"},
		{"unknown snapshot", Request{Kind: "reward", Snapshot: "second"}, ranking.CodeNotFound, "second"},
		{"snapshot and data", Request{Kind: "reward", Snapshot: "first", Data: file("r.jsonl", "{}")}, ranking.CodeInvalid, "not both"},
		{"nothing but ties", Request{Kind: "reward", Snapshot: "ties"}, ranking.CodeInvalid, "no comparison to learn from"},
		{"data that is no record", Request{Kind: "reward", Data: file("r.jsonl", "{\"id\":1}\n")}, ranking.CodeInvalid, "line 1"},
		{"empty data", Request{Kind: "reward", Data: file("r.jsonl", "")}, ranking.CodeInvalid, "is empty"},
		{"input of another kind", Request{Kind: "reward", Reward: "r"}, ranking.CodeInvalid, "does not use --reward"},
		{"no reward model", Request{Kind: "ppo"}, ranking.CodeNotFound, "rankloop train reward"},
		{"policy as reward model", Request{Kind: "ppo", Reward: "foreign"}, ranking.CodeInvalid, "a policy checkpoint, but a reward"},
		{"examples missing", Request{Kind: "sft"}, ranking.CodeInvalid, "--data FILE"},
		{"examples without replies", Request{Kind: "sft", Data: file("p.jsonl", `{"id":"a","prompt":"hello"}`)}, ranking.CodeInvalid, "no reply to learn"},
		{"text that is not there", Request{Kind: "pretrain", Base: "foreign"}, ranking.CodeInvalid, "needs text"},
		{"name of a checkpoint", rewardRun(DefaultBase), ranking.CodeConflict, "choose another name"},
		{"name of another run", with(rewardRun("taken"), func(r *Request) { r.Sets = append(r.Sets, "epochs=5") }), ranking.CodeConflict, "epochs=4 instead of 5"},
		{"name of a run with another seed", with(rewardRun("taken"), func(r *Request) { seed := int64(2); r.Seed = &seed }), ranking.CodeConflict, "seed 1 instead of 2"},
		{"bad name", with(rewardRun("Not A Name"), func(r *Request) { r.Snapshot = "first" }), ranking.CodeInvalid, "Not A Name"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := b.launcher().Launch(t.Context(), test.request)
			if ranking.ErrorCode(err) != test.code || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %s: %v\nwant %s with %q", ranking.ErrorCode(err), err, test.code, test.says)
			}
		})
	}
	runs, err := b.store.ListRuns(t.Context())
	must(t, err)
	if len(runs) != 1 || runs[0].ID != reward.ID {
		t.Errorf("a refused request left a run behind: %d runs", len(runs))
	}
}

func allTied() ranking.Record {
	r := records(1, ranking.SplitTrain, 9)[0]
	r.Tiers = [][]int{{0, 1, 2}}
	return r
}

func (b *bundle) checkpoint(name string) store.Checkpoint {
	b.t.Helper()
	c, err := b.store.CheckpointByName(b.t.Context(), name)
	must(b.t, err)
	return c
}

// TestSameNameResumes: what a request leaves open, an existing run of that name has decided.
func TestSameNameResumes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.launch(rewardRun("again"))
	b.addSnapshot("second", records(4, ranking.SplitTrain, 7))
	for _, request := range []Request{
		rewardRun("again"), // the newest snapshot is another one by now
		{Kind: "reward", Name: "again"},
		func() Request { r := rewardRun("again"); r.Snapshot, r.Base = "first", DefaultBase; return r }(),
	} {
		run, created, err := b.launcher().Launch(t.Context(), request)
		must(t, err)
		if created || run.ID != first.ID || run.Snapshot != "first" {
			t.Errorf("created %v: %+v", created, run)
		}
	}
	if other := b.launch(rewardRun("")); other.Name != "reward-1" || other.Snapshot != "second" {
		t.Errorf("without a name the run is %s on %s", other.Name, other.Snapshot)
	}
	if other := b.launch(rewardRun("")); other.Name != "reward-2" {
		t.Errorf("the next one is %s", other.Name)
	}
	must(t, b.store.StopRun(t.Context(), "again"))
	if run := b.launch(rewardRun("again")); run.State != store.RunQueued {
		t.Errorf("a stopped run that is asked for again is %s", run.State)
	}
}

// TestPromptsOfPPO checks which prompts a run takes, and that validation prompts are never among them.
func TestPromptsOfPPO(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.work(rewardRun("judge"))
	validation := records(6, ranking.SplitValidation, 2)
	named := `{"id":"x","prompt":"something new"}
{"id":"y","prompt":"` + validation[0].Messages[0].Content + `"}
{"id":"z","prompt":"` + records(24, ranking.SplitTrain, 1)[0].Messages[0].Content + `"}
`
	for _, test := range []struct {
		name                            string
		change                          func(*Request)
		given, unjudged, train, overlap int
		source                          string
	}{
		{"default", func(*Request) {}, 0, 3, 24, 24, "unjudged and training prompts"},
		{"campaign", func(r *Request) { r.Campaign = "c" }, 3, 0, 0, 0, "c"},
		{"file", func(r *Request) { r.Prompts = file("p.jsonl", named) }, 2, 0, 0, 1, "p.jsonl"},
	} {
		t.Run(test.name, func(t *testing.T) {
			request := ppoRun("")
			test.change(&request)
			spec, err := ReadSpec(b.launch(request).Spec)
			must(t, err)
			p := spec.Prompts
			if p.Given != test.given || p.Unjudged != test.unjudged || p.Train != test.train || p.Overlap != test.overlap || p.HeldOut != 6 || p.Name != test.source {
				t.Errorf("the prompts are %+v", *p)
			}
			inputs, err := b.inputs.Load(t.Context(), spec)
			must(t, err)
			for _, prompt := range inputs.Prompts {
				if slices.ContainsFunc(validation, func(r ranking.Record) bool { return r.Messages[0] == prompt.Messages[0] }) {
					t.Errorf("the validation prompt %s is trained on", prompt.ID)
				}
			}
			if len(inputs.Prompts) != test.given+test.unjudged+test.train || len(inputs.HeldOutPrompts) != 6 {
				t.Errorf("%d prompts and %d held out", len(inputs.Prompts), len(inputs.HeldOutPrompts))
			}
		})
	}
}

// TestPretrainingMix: text is given, or the base's own, or the mix is off with a note, or it was asked for by name.
func TestPretrainingMix(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.work(rewardRun("judge"))
	base, err := LoadCheckpoint(t.Context(), b.artifacts, b.checkpoint(DefaultBase).SHA256)
	must(t, err)
	b.addCheckpoint("textless", &model.Checkpoint{Weights: base.Weights, Tokenizer: base.Tokenizer, Meta: base.Meta})
	ppo := func(name string, change func(*Request)) Request {
		r := ppoRun(name)
		r.Reward = "judge"
		change(&r)
		return r
	}
	launch := func(r Request) (Spec, error) {
		run, _, err := b.launcher().Launch(t.Context(), r)
		if err != nil {
			return Spec{}, err
		}
		return ReadSpec(run.Spec)
	}

	spec, err := launch(ppo("own", func(*Request) {}))
	must(t, err)
	if spec.Ptx == nil || spec.Ptx.Source != DefaultBase || len(spec.Notes) != 0 {
		t.Errorf("with the base's own text: %+v, %v", spec.Ptx, spec.Notes)
	}
	spec, err = launch(ppo("given", func(r *Request) { r.Base, r.Ptx = "textless", file("book.txt", "one page\n\nanother page\n") }))
	must(t, err)
	inputs, err := b.inputs.Load(t.Context(), spec)
	must(t, err)
	if texts := slices.Collect(inputs.Text(1)); !slices.Equal(texts, []string{"one page\n\nanother page"}) {
		t.Errorf("the given text reads %q", texts)
	}
	spec, err = launch(ppo("off", func(r *Request) { r.Base = "textless" }))
	must(t, err)
	if mixed, err := positive(spec.Config, []string{"gamma_ptx"}); spec.Ptx != nil || mixed || err != nil || len(spec.Notes) != 1 {
		t.Errorf("without text: %+v, mixed %v, %v", spec.Ptx, mixed, spec.Notes)
	}
	if again, err := launch(Request{Kind: "ppo", Name: "off"}); err != nil || len(again.Notes) != 1 {
		t.Errorf("the same again: %v, %v", again.Notes, err)
	}
	_, err = launch(ppo("asked", func(r *Request) { r.Base = "textless"; r.Sets = append(r.Sets, "gamma_ptx=2") }))
	if ranking.ErrorCode(err) != ranking.CodeInvalid || !strings.Contains(err.Error(), "--ptx") {
		t.Errorf("asked for by name without text: %v", err)
	}
}

// TestNativeFile trains on a file of judgments without splits: they are drawn by group.
func TestNativeFile(t *testing.T) {
	t.Parallel()
	b := setup(t)
	request := rewardRun("from-file")
	request.Data = file("mine.jsonl", string(nativeLines(records(30, "", 4))))
	run := b.launch(request)
	spec, err := ReadSpec(run.Spec)
	must(t, err)
	inputs, err := b.inputs.Load(t.Context(), spec)
	must(t, err)
	validation := 0
	for _, r := range inputs.Records {
		if r.Split == ranking.SplitValidation {
			validation++
		}
	}
	if len(inputs.Records) != 30 || validation != 3 || run.Snapshot != "" || spec.Data.Name != "mine.jsonl" {
		t.Errorf("%d records with %d for validation, snapshot %q, data %+v", len(inputs.Records), validation, run.Snapshot, spec.Data)
	}
}

func TestMemoryGuard(t *testing.T) {
	const gib = 1 << 30
	if err := fits(6*gib, 10*gib); err != nil {
		t.Errorf("60 %% of memory was refused: %v", err)
	}
	if err := fits(6*gib+1<<20, 10*gib); err == nil || !strings.Contains(err.Error(), "micro_batch_tokens") {
		t.Errorf("more than 60 %% gave %v", err)
	}
	billion := model.Config{Vocab: 1 << 15, Context: 1 << 10, Layers: 76, Heads: 16, Dim: 1 << 10, Hidden: 1 << 12, LayerNormEps: 1e-5, Head: model.LanguageModel}
	if err := modelFits(billion, 1, 7*gib); err != nil {
		t.Errorf("%d parameters in 7 GiB: %v", billion.Parameters(), err)
	}
	for _, c := range []struct {
		copies int
		total  int64
	}{{1, 6 * gib}, {2, 12 * gib}} {
		if err := modelFits(billion, c.copies, c.total); err == nil || !strings.Contains(err.Error(), "of memory") {
			t.Errorf("%d copies of %d parameters in %d bytes: %v", c.copies, billion.Parameters(), c.total, err)
		}
	}
	if total := totalMemory(); total < 1<<28 {
		t.Errorf("this machine seems to have %d bytes of memory", total)
	}
}

// TestSweepKeepsWhatRunsName: whatever a stored run reads or has written survives a sweep.
func TestSweepKeepsWhatRunsName(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.work(rewardRun("judge"))
	request := ppoRun("tuned")
	request.Ptx = file("book.txt", "one page")
	run := b.launch(request)
	spec, err := ReadSpec(run.Spec)
	must(t, err)
	for _, sha := range spec.artifacts() {
		must(t, b.artifacts.Verify(t.Context(), sha))
	}
	if len(spec.artifacts()) != 5 {
		t.Errorf("the spec names %d artifacts; base, reward, snapshot, prompts and text make 5", len(spec.artifacts()))
	}
	stray, _, err := b.artifacts.Put(t.Context(), func(w io.Writer) error { _, err := io.WriteString(w, "stray"); return err })
	must(t, err)
	b.age()
	removed, _, err := sweep(t.Context(), b.store, b.artifacts)
	must(t, err)
	if err := b.artifacts.Verify(t.Context(), stray); err == nil || removed == 0 {
		t.Errorf("the stray file is still there after %d removals", removed)
	}
	_, err = b.owner().WorkRun(t.Context(), run.ID)
	must(t, err)
	if run = b.run(run.ID); run.State != store.RunSucceeded {
		t.Errorf("after the sweep the run is %s: %s", run.State, run.Error)
	}
}
