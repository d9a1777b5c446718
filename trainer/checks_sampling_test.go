package trainer

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"rankloop/model"
	"rankloop/model/tokenizer"
	"rankloop/ranking"
)

// Checks 1 to 6 of 25: what is sampled, and with which probabilities. Each excludes a fault that was met in other
// programs; numbers are those of their issues and pull requests.

// Excludes: a reference that is another function than the start (dropout, another path), as in TRL's negative KL (#925, #1005).
// The policy is the reference, so its KL is 0 and every ratio is 1, not nearly but exactly.
func TestCheck01_KLIsZeroBeforeTheFirstUpdate(t *testing.T) {
	r := rolled(t)
	for i, e := range r.buffer.Episodes {
		if !sameBits(e.LogProbs, e.ReferenceLogProbs) {
			t.Errorf("episode %d: %v and %v", i, e.LogProbs, e.ReferenceLogProbs)
		}
	}
	report := advance(t, openLoop(t, loopInputs()))
	for name, want := range map[string]float64{
		metricKL: 0, metricKLPerToken: 0, metricNonScoreReward: 0, metricRatio: 1, metricRatioVar: 0,
		metricApproxKL: 0, metricClipFrac: 0, metricValueClipFrac: 0,
	} {
		if got, ok := report.Metrics[name]; !ok || got != want {
			t.Errorf("%s is %v, want exactly %v", name, got, want)
		}
	}
	if report.Metrics[metricRLHFReward] != report.Metrics[metricScores] {
		t.Error("without a KL the reward is the score")
	}
}

// Excludes: rollout numerics that are not the training's: padding on the wrong side (TRL #256), results that change with the
// inference engine's version (OpenRLHF #1108). On ragged prompts, after some steps.
func TestCheck02_SamplerAgreesWithTheTrainingPath(t *testing.T) {
	r := openLoop(t, loopInputs())
	for range r.total {
		report := advance(t, r)
		if gap := report.Metrics[metricSamplerGap]; !(gap < 1e-4) {
			t.Errorf("step %d: the sampler's log-probabilities are %v away", report.Step, gap)
		}
	}
	if kl := r.buffer; kl != nil {
		t.Error("a rollout is kept after its last step")
	}
	reports := finish(t, openLoop(t, loopInputs()))
	for i := 0; i < len(reports); i += 4 { // the first step of each iteration
		for name, want := range map[string]float64{metricRatio: 1, metricRatioVar: 0, metricApproxKL: 0, metricClipFrac: 0} {
			if got := reports[i].Metrics[name]; got != want {
				t.Errorf("step %d: %s is %v before the policy has moved, want %v", i+1, name, got, want)
			}
		}
	}
}

// Excludes: a rollout temperature that the loss does not know (the N+ details: KL then rises too fast). The rollout is at
// temperature 1, no setting can change it, and the scored log-probabilities are those of a whole distribution.
func TestCheck03_NothingScalesTheDistribution(t *testing.T) {
	for _, key := range []string{"temperature=0.7", "top_k=50", "top_p=0.9", "repetition_penalty=1.1", "min_length=5"} {
		if _, err := ResolveConfig(KindPPO, "", []string{key}, nil); ranking.ErrorCode(err) != ranking.CodeInvalid {
			t.Errorf("%s: %v", key, err)
		}
	}
	if o := replyOptions(9, 3); o.Temperature != 1 || o.TopK != 0 || o.TopP != 0 {
		t.Errorf("replies are drawn with %+v", o)
	}
	r := openLoop(t, loopInputs())
	finish(t, r)
	prompt := r.prompts[1].ids
	var items []item
	var logProbs [][]float32
	for v := range r.reference.Config.Vocab {
		items = append(items, item{tokens: append(slices.Clone(prompt), int32(v)), from: len(prompt)})
		logProbs = append(logProbs, make([]float32, 1))
	}
	for name, w := range map[string]*model.Weights{"policy": r.policy.weights, "reference": r.reference} {
		r.language.score(w, items, logProbs)
		var sum float64
		for _, p := range logProbs {
			sum += math.Exp(float64(p[0]))
		}
		near(t, name+": sum of all tokens' probabilities", sum, 1, 1e-5)
	}
}

// Excludes: top-k or forced end tokens in the rollout (TRL #235), which make the KL negative. χ² of 1e5 draws, made as a rollout
// makes them, against the probabilities of the training path, on a vocabulary of 10.
func TestCheck04_DrawsFollowTheScoredDistribution(t *testing.T) {
	config := tinyConfig()
	config.Vocab = 10
	w := model.NewWeights(config)
	w.Init(4)
	random := rand.New(rand.NewPCG(4, 4))
	for i := range w.Data {
		w.Data[i] += float32(random.NormFloat64() * 0.2)
	}
	prompt := []int32{1, 2, 3}
	e := newEngine(config, 64, config.Context)
	want := make([]float64, config.Vocab)
	for v := range want {
		out := [][]float32{make([]float32, 1)}
		e.score(w, []item{{tokens: append(slices.Clone(prompt), int32(v)), from: len(prompt)}}, out)
		want[v] = math.Exp(float64(out[0][0]))
	}
	const draws = 100_000
	ids, seeds := make([][]int32, draws), make([]uint64, draws)
	for i := range ids {
		ids[i], seeds[i] = prompt, streamKey(7, "rollout", uint64(i))[0]
	}
	sampler := model.NewSampler(config, 256)
	sampler.SetWeights(w)
	samples, err := sampler.Generate(context.Background(), ids, seeds, replyOptions(1, 9), nil)
	if err != nil {
		t.Fatal(err)
	}
	counts := make([]float64, config.Vocab)
	for _, sample := range samples {
		counts[sample.Tokens[0]]++
	}
	var chi float64
	for v, n := range counts {
		chi += (n - draws*want[v]) * (n - draws*want[v]) / (draws * want[v])
	}
	if chi > 27.9 { // 9 degrees of freedom, p = 0.001
		t.Errorf("χ² is %v: drawn %v, want shares %v", chi, counts, want)
	}
}

// Excludes: log-probabilities, values or rewards that belong to the neighbouring token (trlX #341 read the last position).
// A planted model knows the next token of every place for certain; a value is that of the state before its token.
func TestCheck05_NothingIsOffByOne(t *testing.T) {
	t.Run("log-probabilities", func(t *testing.T) {
		base, next := plantedBase()
		e := newEngine(base.Weights.Config, 256, base.Weights.Config.Context)
		prompt := []int32{7, 8, 9}
		certain := item{tokens: append(slices.Clone(prompt), next[len(prompt):12]...), from: len(prompt)}
		late := item{tokens: append(slices.Clone(prompt), next[len(prompt)+1:13]...), from: len(prompt)}
		out := [][]float32{make([]float32, certain.predicted()), make([]float32, late.predicted())}
		e.score(base.Weights, []item{certain, late}, out)
		for i := range out[0] {
			if !(out[0][i] > -1e-3 && out[1][i] < -5) {
				t.Errorf("token %d: %v where it is certain, %v where it is another place's", i, out[0][i], out[1][i])
			}
		}
		sampler := model.NewSampler(base.Weights.Config, 1)
		sampler.SetWeights(base.Weights)
		samples, err := sampler.Generate(context.Background(), [][]int32{prompt}, []uint64{1}, replyOptions(9, 1), nil)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(samples[0].Tokens, next[len(prompt):12]) || slices.Min(samples[0].LogProbs) < -1e-3 {
			t.Errorf("sampled %v with %v, want %v", samples[0].Tokens, samples[0].LogProbs, next[len(prompt):12])
		}
	})
	t.Run("values", func(t *testing.T) {
		r := openLoop(t, loopInputs())
		prompt := r.prompts[0].ids
		tail := []int32{5, 6, 7}
		values := func(tail []int32) []float32 {
			out := [][]float32{make([]float32, len(tail))}
			r.scalar.values(r.value.weights, []item{{tokens: append(slices.Clone(prompt), tail...), from: len(prompt)}}, out)
			return out[0]
		}
		first := values(tail)
		changed := values([]int32{5, 9, 7})
		if first[0] != changed[0] || first[1] != changed[1] || first[2] == changed[2] {
			t.Errorf("%v and %v after a change of the middle token", first, changed)
		}
		at := make([]float32, 1)
		r.scalar.rewards(r.value.weights, [][]int32{prompt}, at)
		if at[0] != first[0] {
			t.Errorf("the first value is %v, the prompt's is %v", first[0], at[0])
		}
	})
}

// plantedBase knows, at every position, the next token for certain, whatever came before: its layers add nothing, and a
// position's embedding is the next token's.
func plantedBase() (base *model.Checkpoint, next []int32) {
	base = tinyBase(1)
	base.Weights.Init(1)
	random := rand.New(rand.NewPCG(5, 5))
	next = make([]int32, base.Weights.Config.Context+1)
	for i, id := range random.Perm(200)[:len(next)] {
		next[i] = int32(20 + id)
	}
	dim := base.Weights.Config.Dim
	var tokens []float32
	for _, tensor := range base.Weights.Tensors() {
		switch {
		case tensor.Name == "transformer.wte.weight":
			tokens = tensor.Data
			for row := range slices.Chunk(tokens, dim) { // of one length, so that each is nearest to itself
				for i := range row {
					row[i] = float32(random.NormFloat64())
				}
				whiten([][]float32{row})
				for i := range row {
					row[i] *= 10
				}
			}
		case tensor.Name == "transformer.wpe.weight":
			for p := range base.Weights.Config.Context {
				for d := range dim {
					tensor.Data[p*dim+d] = 1000 * tokens[int(next[p+1])*dim+d]
				}
			}
		case strings.HasSuffix(tensor.Name, "c_proj.weight"):
			clear(tensor.Data)
		}
	}
	return base, next
}

// Excludes: pad := eos, after which the end is masked or learned as padding (TRL #1893, #3750, PR 5303; DeepSpeedExamples PR 672).
// One id for both is refused, and the end token is predicted, counted and never padded.
func TestCheck06_PadIsNotEnd(t *testing.T) {
	data, err := testTokenizer.JSON()
	if err != nil {
		t.Fatal(err)
	}
	end, _ := testTokenizer.Special(tokenizer.TurnEndToken)
	pad, _ := testTokenizer.Special(tokenizer.PadToken)
	merged := strings.ReplaceAll(string(data), fmt.Sprintf(`"id":%d,`, pad), fmt.Sprintf(`"id":%d,`, end))
	merged = strings.ReplaceAll(merged, fmt.Sprintf(`"id": %d,`, pad), fmt.Sprintf(`"id": %d,`, end))
	if merged == string(data) {
		t.Fatal("the pad token was not found, so this test says nothing")
	}
	one, err := tokenizer.Parse([]byte(merged))
	if err == nil {
		_, err = newSequencer(one, 64, 8)
	}
	if err == nil {
		t.Error("a tokenizer whose pad token is its end token is accepted")
	}

	s := testSequencer(t)
	in := Inputs{Base: tinyBase(1), Examples: []Example{{Messages: say("say it"), Reply: "yes indeed"}}}
	run := open(t, KindSFT, 1, in, "max_new=24", "pretrain_share=0").(*sftRun)
	learned := run.train[0]
	if want := len(testTokenizer.Encode("yes indeed")) + 1; learned.predicted() != want || learned.tokens[len(learned.tokens)-1] != s.chat.End {
		t.Errorf("%d tokens are learned, want the reply's and its end: %d", learned.predicted(), want)
	}
	r := rolled(t)
	for i, e := range r.buffer.Episodes {
		if e.Ended != (e.Tokens[len(e.Tokens)-1] == s.chat.End) {
			t.Errorf("episode %d ends in token %d, ended is %v", i, e.Tokens[len(e.Tokens)-1], e.Ended)
		}
		if n := len(e.Tokens) - e.From; e.item().predicted() != n || len(e.LogProbs) != n || len(e.Advantages) != n {
			t.Errorf("episode %d: %d tokens, %d in the loss", i, n, e.item().predicted())
		}
	}
}
