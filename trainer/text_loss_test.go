package trainer

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"rankloop/model"
	"rankloop/ranking"
)

// TestMeasureText compares with one forward pass a token.
func TestMeasureText(t *testing.T) {
	base := tinyBase(3)
	documents := []string{"say it again and again, 狗", "", "no"}
	for _, window := range []int{1, 3, 7, 0} {
		got, err := MeasureText(t.Context(), base, documents, window, nil)
		if err != nil {
			t.Fatal(err)
		}
		want := TextLoss{Documents: 2, Exact: true}
		for _, text := range documents {
			want.Bytes += int64(len(text))
			if text == "" {
				continue
			}
			chat := newTestSequencer(t).chat
			ids := append([]int32{chat.Document}, testTokenizer.Encode(text)...)
			for i := 1; i < len(ids); i++ {
				from := 0
				if window > 0 {
					from = (i - 1) / window * window
				}
				want.Tokens++
				want.Nats -= logProbOf(base, ids[from:i], ids[i])
			}
		}
		if got.Documents != want.Documents || got.Bytes != want.Bytes || got.Tokens != want.Tokens || !got.Exact || math.Abs(got.Nats-want.Nats) > 1e-4 {
			t.Errorf("window %d: %+v, want %+v", window, got, want)
		}
		if math.Abs(got.PerByte()*float64(want.Bytes)-want.Nats) > 1e-4 || math.Abs(got.PerToken()*float64(want.Tokens)-want.Nats) > 1e-4 {
			t.Errorf("means %v and %v of %+v", got.PerByte(), got.PerToken(), want)
		}
	}
}

// logProbOf is the log-probability of next after context.
func logProbOf(c *model.Checkpoint, context []int32, next int32) float64 {
	pass := model.NewPass(c.Weights.Config, len(context), 1, len(context))
	pass.Forward(c.Weights, model.Batch{Tokens: context, Lengths: []int{len(context)}})
	targets := slices.Repeat([]int32{-1}, len(context))
	targets[len(context)-1] = next
	logProbs := make([]float32, len(context))
	pass.LogProbs(targets, logProbs, nil)
	return float64(logProbs[len(context)-1])
}

func newTestSequencer(t *testing.T) sequencer {
	t.Helper()
	s, err := newSequencer(testTokenizer, tinyConfig().Context, 8)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestMeasureTextRefuses(t *testing.T) {
	base := tinyBase(1)
	for _, c := range []struct {
		checkpoint *model.Checkpoint
		documents  []string
		window     int
	}{
		{base, nil, 0}, {base, []string{""}, 0}, {base, []string{"a"}, -1}, {base, []string{"a"}, base.Weights.Config.Context + 1},
		{tinyReward(base), []string{"a"}, 0},
	} {
		if _, err := MeasureText(t.Context(), c.checkpoint, c.documents, c.window, nil); ranking.ErrorCode(err) != ranking.CodeInvalid {
			t.Errorf("%q in windows of %d: %v", c.documents, c.window, err)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := MeasureText(ended, base, []string{"a"}, 0, nil); err == nil {
		t.Error("went on after the end of its context")
	}
}

// TestPretrainPredictsHeldOutText: the last evaluation is that of the published checkpoint, evaluations come when they are
// due, and the work counted is what the preview says.
func TestPretrainPredictsHeldOutText(t *testing.T) {
	for _, packing := range []string{"windows", "documents"} {
		in := Inputs{Base: tinyBase(1), Text: lines, HeldOutText: []string{strings.Repeat("line 5 says 17\n", 9)}}
		sets := []string{"steps=7", "batch_windows=2", "context=16", "eval_every=3", "packing=" + packing}
		run := open(t, KindPretrain, 1, in, sets...)
		reports := finish(t, run)
		for i, report := range reports {
			_, measured := report.Metrics[metricEvalPerByte]
			if due := slices.Contains([]int{3, 6, 7}, i+1); measured != due {
				t.Errorf("%s: step %d: measured %v", packing, i+1, measured)
			}
		}
		want, err := MeasureText(t.Context(), published(t, run), in.HeldOutText, 16, nil)
		if err != nil {
			t.Fatal(err)
		}
		last := reports[len(reports)-1].Metrics
		if last[metricEvalPerByte] != want.PerByte() || last[metricEvalLoss] != want.PerToken() {
			t.Errorf("%s: %v and %v, want %+v", packing, last[metricEvalPerByte], last[metricEvalLoss], want)
		}
		if first := reports[2].Metrics[metricEvalPerByte]; first == last[metricEvalPerByte] {
			t.Errorf("%s: the loss stayed at %v", packing, first)
		}
		if packing == "documents" {
			continue // their lengths are random
		}
		workload, err := MeasureWorkload(Spec{Kind: KindPretrain, Seed: 1, Config: resolve(t, KindPretrain, sets...)}, in)
		if err != nil {
			t.Fatal(err)
		}
		cost, err := EstimateCost(Spec{Kind: KindPretrain, Config: resolve(t, KindPretrain, sets...)}, workload)
		if err != nil {
			t.Fatal(err)
		}
		perToken := in.Base.Weights.Config.FLOPsPerToken(16)
		if got, want := last[metricFLOP], 7*2*16*perToken; math.Abs(got/want-1) > 1e-12 || math.Abs(cost.Parts[0].FLOP/want-1) > 1e-12 {
			t.Errorf("%v FLOP, said to be %+v, want %v", got, cost.Parts, want)
		}
		held := want.Tokens
		if len(cost.Parts) != 2 || cost.Parts[1].Name != CostEvaluation || cost.Parts[1].Tokens != 3*held {
			t.Errorf("evaluations of %d tokens cost %+v", held, cost.Parts)
		}
	}
}
