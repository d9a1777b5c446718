package study

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"rankloop/internal/basemodel"
	"rankloop/internal/jobs"
	"rankloop/ranking"
	"rankloop/trainer"
)

// pool is rankings of some prompts by some annotators, with a tie now and then.
func pool(prompts, annotators int) (all []ranking.Record) {
	for p := range prompts {
		for a := range annotators {
			r := ranking.Record{
				JudgmentID: int64(p*annotators + a + 1), PromptID: fmt.Sprintf("p%03d", p), Annotator: fmt.Sprintf("a%02d", (a+p)%annotators),
				Messages: []ranking.Message{{Role: "user", Content: "?"}}, Tiers: [][]int{{2}, {0}, {3}, {1}},
			}
			if (p+a)%3 == 0 {
				r.Tiers = [][]int{{2, 0}, {3}, {1}}
			}
			for i := range 4 {
				r.Responses = append(r.Responses, ranking.RecordResponse{FileIndex: i, Text: strings.Repeat("x", i+1)})
			}
			all = append(all, r)
		}
	}
	return all
}

func strict(records []ranking.Record) (n int) {
	for _, r := range records {
		for _, c := range r.Comparisons() {
			if !c.Tied {
				n++
			}
		}
	}
	return n
}

// TestFirstComparisons: as many strict comparisons as asked for, short of one ranking; one ranking a prompt, of annotators in
// turn; and more comparisons hold the fewer.
func TestFirstComparisons(t *testing.T) {
	all := pool(60, 13)
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(6, 250).Draw(t, "n")
		some, counted := firstComparisons(all, n)
		if counted != strict(some) || counted > n || counted <= n-6 {
			t.Fatalf("%d comparisons asked for, %d counted, %d there", n, counted, strict(some))
		}
		seen := map[string]bool{}
		perAnnotator := map[string]int{}
		for _, r := range some {
			if seen[r.PromptID] || r.Split != ranking.SplitTrain {
				t.Fatalf("%s again, or not for training: %q", r.PromptID, r.Split)
			}
			seen[r.PromptID] = true
			perAnnotator[r.Annotator]++
		}
		for name, judged := range perAnnotator {
			if judged > len(some)/13+1 {
				t.Fatalf("%s judged %d of %d", name, judged, len(some))
			}
		}
		more, _ := firstComparisons(all, n+20)
		if !reflect.DeepEqual(more[:len(some)], some) {
			t.Fatal("more comparisons do not begin with the fewer")
		}
	})
	if all[0].Split != "" {
		t.Error("the pool was changed")
	}
}

func TestTiersOf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scores := rapid.SliceOfN(rapid.SampledFrom([]float64{0, 0.25, 0.5, 1}), 1, 7).Draw(t, "scores")
		tiers := tiersOf(scores)
		place := make([]int, len(scores))
		for i := range place {
			place[i] = -1
		}
		for tier, members := range tiers {
			for _, i := range members {
				place[i] = tier
			}
		}
		for i := range scores {
			for j := range scores {
				if (scores[i] > scores[j]) != (place[i] < place[j]) || (scores[i] == scores[j]) != (place[i] == place[j]) {
					t.Fatalf("%v became %v", scores, tiers)
				}
			}
		}
	})
}

// TestWithoutNoise: clean labels are the truth's, and the noisy ones stay as they are.
func TestWithoutNoise(t *testing.T) {
	noisy := pool(2, 1)
	clean := withoutNoise(noisy, func(_ []ranking.Message, texts []string) []float64 {
		scores := make([]float64, len(texts))
		for i, text := range texts {
			scores[i] = float64(len(text) / 2)
		}
		return scores
	})
	if want := [][]int{{3}, {1, 2}, {0}}; !reflect.DeepEqual(clean[0].Tiers, want) || !reflect.DeepEqual(clean[1].Tiers, want) {
		t.Errorf("%v, not %v", clean[0].Tiers, want)
	}
	if !reflect.DeepEqual(noisy, pool(2, 1)) {
		t.Error("the noisy rankings were changed")
	}
}

func TestWinRate(t *testing.T) {
	before := []float64{0.5, 0.5, 0.5, 0.5}
	if got := winRate([]float64{1, 0.9, 0.5, 0}, before, 1); got.Value != 0.625 || got.Pairs != 4 || got.Interval[0] > got.Value || got.Interval[1] < got.Value {
		t.Errorf("two won, one tied and one lost give %+v", got)
	}
	if got := winRate(nil, nil, 1); got != (ranking.Share{}) {
		t.Errorf("nothing gives %+v", got)
	}
}

// TestFall: prompts are paired, so a small fall on every prompt stands out from large differences between prompts.
func TestFall(t *testing.T) {
	var before, after []float64
	for i := range 100 {
		before = append(before, float64(i))
		after = append(after, float64(i)-1+0.1*float64(i%2))
	}
	mean, errors := fall(before, after)
	// Half fall by 1, half by 0.9: the deviation is 0.05·√(100/99), the standard error a tenth of it.
	if want := 0.95 / (0.05 * math.Sqrt(100.0/99) / 10); math.Abs(mean-0.95) > 1e-9 || math.Abs(errors-want) > 1e-6 {
		t.Errorf("%.4f, %.2f standard errors, not 0.95 and %.2f", mean, errors, want)
	}
	if mean, errors := fall(before, before); mean != 0 || errors != 0 {
		t.Errorf("no fall is %g, %g standard errors", mean, errors)
	}
}

// replyOf is a measured reply.
func replyOf(policy string, prompt int, gold, proxy float64) ranking.ScoredReply {
	return ranking.ScoredReply{Prompt: prompt, Policy: policy, Gold: &gold, Proxy: proxy, Text: "x"}
}

func measuredOf(golds map[string]float64, proxies map[string]float64) measured {
	const prompts = 50
	m := measured{Sampled: &jobs.Sampled{
		Reference: "base", Proxy: "reward", Steps: map[string]int{"p@1": 1, "p@2": 2, "p@3": 3}, Prompts: make([]trainer.Prompt, prompts),
	}}
	for _, name := range []string{"base", "p@1", "p@2", "p@3"} {
		for prompt := range prompts {
			wobble := 0.05 * float64(prompt%5) // its own for each prompt
			m.Replies = append(m.Replies, replyOf(name, prompt, golds[name]+wobble*golds[name], proxies[name]))
		}
	}
	m.curve = ranking.NewOptimisationCurve("base", m.Steps, m.Replies, prompts, 1)
	return m
}

// TestDrift: the peak is the validation prompts', the fall the test prompts', and both scores decide.
func TestDrift(t *testing.T) {
	rising := map[string]float64{"base": 0, "p@1": 1, "p@2": 2, "p@3": 3}
	validation := measuredOf(map[string]float64{"base": 0.5, "p@1": 0.8, "p@2": 0.7, "p@3": 0.4}, rising)
	test := measuredOf(map[string]float64{"base": 0.5, "p@1": 0.7, "p@2": 0.75, "p@3": 0.45}, rising)
	d := driftOf(validation, test, 3)
	if d.Peak != "p@1" || d.Final != "p@3" || !d.Overoptimised || math.Abs(d.Fall-0.25*1.1) > 1e-9 || d.ProxyPeak != 1 || d.ProxyFinal != 3 {
		t.Errorf("%+v", d)
	}
	falling := map[string]float64{"base": 0, "p@1": 3, "p@2": 2, "p@3": 1}
	if d := driftOf(validation, measuredOf(map[string]float64{"base": 0.5, "p@1": 0.7, "p@2": 0.7, "p@3": 0.45}, falling), 3); d.Overoptimised {
		t.Errorf("the proxy falls as well: %+v", d)
	}
	steady := measuredOf(map[string]float64{"base": 0.5, "p@1": 0.6, "p@2": 0.7, "p@3": 0.8}, rising)
	if d := driftOf(steady, steady, 3); d.Overoptimised || d.Peak != "p@3" || d.Fall != 0 {
		t.Errorf("nothing fell: %+v", d)
	}
}

func TestRecovered(t *testing.T) {
	for _, c := range []struct{ before, without, with, want float64 }{
		{1, 2, 1, 1}, {1, 2, 1.5, 0.5}, {1, 2, 2, 0}, {1, 2, 0.9, 1.1}, {1, 2, 3, -1}, {1, 0.9, 0.8, 0},
	} {
		if got := recovered(c.before, c.without, c.with); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%+v: %g", c, got)
		}
	}
}

// TestVerdicts: each requirement can fail, and says so.
func TestVerdicts(t *testing.T) {
	good := func() LabelersReport {
		r := LabelersReport{Prompts: LabelersPrompts{Unseen: 300}, WinRate: 0.82, Verdict: newVerdict()}
		for i := range 5 {
			r.Policies = append(r.Policies, PolicySeed{WinRate: ranking.Share{Value: 0.8}})
			r.Unhindered = append(r.Unhindered, DriftSeed{Overoptimised: i > 0})
		}
		return r
	}
	for name, c := range map[string]struct {
		spoil func(*LabelersReport)
		want  string
	}{
		"good":   {func(*LabelersReport) {}, ""},
		"mean":   {func(r *LabelersReport) { r.WinRate = 0.79 }, "mean win rate is 0.790"},
		"one":    {func(r *LabelersReport) { r.Policies[2].WinRate.Value = 0.69 }, "is 0.690"},
		"unseen": {func(r *LabelersReport) { r.Prompts.Unseen = 100 }, "100 unseen"},
		"drift":  {func(r *LabelersReport) { r.Unhindered[1].Overoptimised = false }, "in 3 of 5"},
	} {
		r := good()
		c.spoil(&r)
		r.decide()
		if failed := strings.Join(r.Failed, "; "); r.Passed != (c.want == "") || !strings.Contains(failed, c.want) {
			t.Errorf("%s: %v, %q", name, r.Passed, failed)
		}
	}
	alpaca := AlpacaReport{Reward: &ranking.RewardReport{}, Verdict: newVerdict()}
	alpaca.Reward.SimilarLength.Difference = ranking.Share{Value: 0.05, Interval: [2]float64{-0.01, 0.1}, Pairs: 400}
	if alpaca.decide(); alpaca.Passed {
		t.Error("a difference that may be 0 passes")
	}
	ptx := PtxReport{LossBefore: 1, Seeds: []PtxSeed{{Without: PtxRun{LossAfter: 1.4}, With: PtxRun{LossAfter: 1.3}}}, Verdict: newVerdict()}
	if ptx.decide(); ptx.Passed || math.Abs(ptx.Recovered-0.25) > 1e-9 {
		t.Errorf("a quarter of the rise taken back passes: %+v", ptx)
	}
}

// TestCapReplies: what is too long goes from the prompts and from the scores, and a prompt with one reply left goes whole.
func TestCapReplies(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	prompts := write("prompts.jsonl", `{"id":"a","messages":[{"role":"user","content":"?"}],"responses":[{"text":"one","model":"m"},{"text":"far too long","model":"n"},{"text":"two","model":"o"}]}
{"id":"b","messages":[{"role":"user","content":"?"}],"responses":[{"text":"one","model":"m"},{"text":"far too long","model":"n"}]}
`)
	scores := write("scores.jsonl", `{"id":"a","scores":[3,2,1]}`+"\n"+`{"id":"b","scores":[1,2]}`+"\n")
	short := func(text string) bool { return len(text) < 5 }
	kept, truth, leftOut, err := capReplies(prompts, scores, short)
	if err != nil || leftOut != 2 {
		t.Fatal(leftOut, err)
	}
	for want, r := range map[string]io.Reader{`"text":"two","model":"o"`: kept, `{"id":"a","scores":[3,1]}`: truth} {
		if text, _ := io.ReadAll(r); !strings.Contains(string(text), want) || bytes.Count(text, []byte("\n")) != 1 || strings.Contains(string(text), "long") {
			t.Errorf("%s in %s", want, text)
		}
	}
	for _, broken := range []string{`{"id":"a","scores":[3,2]}` + "\n", `{"id":"a","scores":[3,2`} {
		if _, _, _, err := capReplies(prompts, write("broken.jsonl", broken), short); err == nil {
			t.Errorf("%s is taken", broken)
		}
	}
}

// TestSettings: every setting is one that runs know, at the full size and at the smoke run's; and there are prompts enough.
func TestSettings(t *testing.T) {
	for _, quick := range []bool{false, true} {
		size := sizeOfLabelers(quick)
		for kind, lists := range map[string][][]string{
			trainer.KindReward: {size.reward, alpacaSettings}, trainer.KindPPO: {size.ppo, size.freePPO, ptxSettings},
		} {
			for _, sets := range lists {
				if _, err := trainer.ResolveConfig(kind, "", sets, nil); err != nil {
					t.Errorf("quick %v: %v", quick, err)
				}
			}
		}
	}
	n := sizeOfLabelers(false).prompts
	held := basemodel.PromptsOf(kinds, 1+heldOutStream, n.Unseen+n.Validation+n.Test, true)
	for _, prompt := range basemodel.PromptsOf(kinds, 1, n.Train, false) {
		if slices.Contains(held, prompt) {
			t.Fatalf("%q is trained on and held out", prompt)
		}
	}
}

// TestReportsPrint: tables and charts come of reports with and without anything in them.
func TestReportsPrint(t *testing.T) {
	full := LabelersReport{Verdict: newVerdict(), Policies: []PolicySeed{{Checkpoint: "ppo-s1@120"}}, Unhindered: []DriftSeed{{Seed: 1, Overoptimised: true}},
		Accuracy: []AccuracyPoint{{Comparisons: 250, Clean: 0.7, Flipped: 0.6, Seeds: []AccuracySeed{{}}}, {Comparisons: 500, Clean: 0.8, Flipped: 0.65, Seeds: []AccuracySeed{{}}}}}
	for _, report := range []interface{ Write(io.Writer) error }{
		full, LabelersReport{}, AlpacaReport{Reward: &ranking.RewardReport{}}, PtxReport{Seeds: []PtxSeed{{Seed: 1}}},
	} {
		var text bytes.Buffer
		if err := report.Write(&text); err != nil || strings.Contains(text.String(), "%!") {
			t.Errorf("%v\n%s", err, text.String())
		}
	}
	if svg := full.AccuracyChart().File(); !strings.Contains(svg, "clean labels") || !strings.Contains(svg, "250 comparisons: 0.700") {
		t.Error("the chart lacks its lines")
	}
}
