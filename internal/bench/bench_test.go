package bench

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"testing"

	"rankloop/model"
	"rankloop/model/kernel"
)

var tiny = model.Config{Vocab: 61, Context: 24, Layers: 2, Heads: 2, Dim: 16, Hidden: 32, LayerNormEps: 1e-5, Head: model.LanguageModel}

// checkKeys compares the JSON form of a report with the keys that programs read.
// More keys are fine.
func checkKeys(t *testing.T, r Report, name string, lines int, keys ...string) []map[string]any {
	t.Helper()
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Bench       string
		CPU         map[string]string
		Calibration map[string]any
		Results     []map[string]any
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if got.Bench != name || got.CPU["model"] == "" || got.CPU["kernels"] != kernel.Name() || len(got.Results) != lines {
		t.Fatalf("want %d lines of %s, got %s", lines, name, text)
	}
	for _, key := range []string{"fma_gflops_1t", "fma_gflops_all", "bandwidth_gbs_1t", "bandwidth_gbs_all"} {
		if rate, ok := got.Calibration[key].(float64); !ok || !(rate > 0.01 && rate < 1e6) {
			t.Errorf("calibration has %s = %v", key, got.Calibration[key])
		}
	}
	if _, ok := got.Calibration["cores_shared"].(bool); !ok {
		t.Error("calibration has no cores_shared")
	}
	for _, line := range got.Results {
		for _, key := range keys {
			value, ok := line[key]
			if number, isNumber := value.(float64); !ok || isNumber && !(number >= 0 && !math.IsInf(number, 0)) {
				t.Errorf("%s has %s = %v", name, key, value)
			}
		}
	}
	return got.Results
}

func TestGemm(t *testing.T) {
	var told []string
	o := GemmOptions{Options: Options{Repeats: 3, Threads: []int{1, 2}, Progress: func(line string) { told = append(told, line) }}, Shapes: []Shape{{64, 32, 48}}}
	before := kernel.Threads()
	report, err := Gemm(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	lines := checkKeys(t, report, "gemm", 8, "form", "m", "n", "k", "threads", "gflops_median", "gflops_best", "ratio_to_peak", "relative_error", "repeats")
	var forms []string
	for _, l := range lines {
		forms = append(forms, l["form"].(string))
		if l["gflops_best"].(float64) < l["gflops_median"].(float64) || l["repeats"].(float64) != 3 || l["m"].(float64) != 64 || l["relative_error"].(float64) != 0 {
			t.Errorf("line %v", l)
		}
	}
	if want := []string{"NN", "NN", "NT", "NT", "TN", "TN", "packed", "packed"}; !slices.Equal(forms, want) || len(told) != 8 {
		t.Errorf("forms %v, told of %v", forms, told)
	}
	if kernel.Threads() != before {
		t.Errorf("%d threads before, %d after", before, kernel.Threads())
	}
}

func TestShapesAreChecked(t *testing.T) {
	for _, s := range []Shape{{0, 1, 1}, {1, -1, 1}, {1 << 20, 1, 1 << 20}, {1 << 62, 4, 4}} {
		if _, err := Gemm(t.Context(), GemmOptions{Options: Options{Repeats: 1}, Shapes: []Shape{s}}); err == nil {
			t.Errorf("%v was measured", s)
		}
	}
}

func TestElementwise(t *testing.T) {
	report, err := Elementwise(t.Context(), Options{Repeats: 1})
	if err != nil {
		t.Fatal(err)
	}
	lines := checkKeys(t, report, "elementwise", len(elementwiseOperations()), "name", "elements", "threads", "ns_per_element_median", "ns_per_element_best", "repeats")
	if lines[0]["name"] != "exp" {
		t.Errorf("the first line is %v", lines[0])
	}
}

func TestTrain(t *testing.T) {
	report, err := Train(t.Context(), Options{Repeats: 2, Threads: []int{1, 2}}, []TrainPreset{{"tiny", tiny, 3, 20}})
	if err != nil {
		t.Fatal(err)
	}
	lines := checkKeys(t, report, "train", 2, "name", "parameters", "batch", "context", "vocab", "threads", "step_s_median",
		"tokens_per_s_median", "tokens_per_s_best", "gflops_median", "ratio_to_peak", "allocs_per_step")
	for _, l := range lines {
		if l["parameters"].(float64) != float64(tiny.Parameters()) || l["allocs_per_step"].(float64) != 0 {
			t.Errorf("line %v", l)
		}
		if tokens := l["tokens_per_s_median"].(float64) * l["step_s_median"].(float64); math.Abs(tokens-60) > 1e-6 {
			t.Errorf("%g tokens a step, want 60", tokens)
		}
	}
}

func TestDecode(t *testing.T) {
	report, err := Decode(t.Context(), Options{Repeats: 2, Threads: []int{1, 2}}, []DecodePreset{{"tiny", tiny, 3, 5, 12}})
	if err != nil {
		t.Fatal(err)
	}
	lines := checkKeys(t, report, "decode", 2, "name", "parameters", "batch", "prompt_tokens", "new_tokens", "threads", "tokens_per_s_median",
		"tokens_per_s_best", "weight_bytes_per_step", "ratio_to_bandwidth", "ratio_to_peak", "log_prob_error", "allocs_per_step")
	for _, l := range lines {
		if off := l["log_prob_error"].(float64); off > 1e-5 {
			t.Errorf("tokens are drawn %g nats beside the forward pass", off)
		}
		// All parameters are read but those of the positions.
		if want := float64(4 * (tiny.Parameters() - tiny.Context*tiny.Dim)); l["weight_bytes_per_step"].(float64) != want {
			t.Errorf("%v bytes of weights, want %g", l["weight_bytes_per_step"], want)
		}
		if l["allocs_per_step"].(float64) != 0 {
			t.Errorf("%v allocations a step", l["allocs_per_step"])
		}
	}
	if _, err := Decode(t.Context(), Options{Repeats: 1}, []DecodePreset{{"tiny", tiny, 300, 20, 4}}); err == nil {
		t.Error("prompts that do not start together were measured")
	}
}

func TestMeasuringStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, gemm := Gemm(ctx, GemmOptions{Options: Options{Repeats: 1}, Shapes: []Shape{{8, 8, 8}}})
	_, decode := Decode(ctx, Options{Repeats: 1}, []DecodePreset{{"tiny", tiny, 1, 1, 2}})
	for _, err := range []error{gemm, decode} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("a cancelled measurement gave %v", err)
		}
	}
}

func TestMedian(t *testing.T) {
	for _, test := range []struct {
		x    []float64
		want float64
	}{{[]float64{3}, 3}, {[]float64{4, 1}, 2.5}, {[]float64{9, 1, 5}, 5}} {
		if got := median(test.x); got != test.want {
			t.Errorf("median of %v is %g", test.x, got)
		}
	}
}
