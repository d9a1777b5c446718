package model

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"rankloop/model/kernel"
)

// Logits, scores and gradients of small random networks, as transformers and
// PyTorch compute them (interop/logits.py --golden): logits to 1e-4, gradients
// to 1e-4 of their own norm and 1e-7 of the whole one, on every kernel set.
func TestAgreesWithTransformers(t *testing.T) {
	defer func(name string) {
		if err := kernel.Select(name); err != nil {
			t.Error(err)
		}
	}(kernel.Name())
	for _, family := range []string{"gpt2", "llama", "qwen2", "llama-score"} {
		folder := os.DirFS(path.Join("testdata", "transformers", family))
		w, err := LoadWeights(folder)
		if err != nil {
			t.Fatal(err)
		}
		want, batch := readReference(t, folder)
		for _, set := range kernel.Sets() {
			if err := kernel.Select(set); err != nil {
				t.Fatal(err)
			}
			t.Run(family+"/"+set, func(t *testing.T) {
				p := NewPass(w.Config, len(batch.Tokens), len(batch.Lengths), slices.Max(batch.Lengths))
				p.Forward(w, batch)
				if w.Config.Head == Scalar {
					compareScores(t, p, batch, want)
					return
				}
				compareLogits(t, p, batch, want)
				compareGradient(t, p, batch, want)
			})
		}
	}
}

func readReference(t *testing.T, folder fs.FS) (map[string][]float32, Batch) {
	t.Helper()
	data, err := fs.ReadFile(folder, "reference.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	tensors, _, err := ReadSafetensors(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	want := make(map[string][]float32)
	for _, tensor := range tensors {
		want[tensor.Name] = tensor.Data
	}
	if data, err = fs.ReadFile(folder, "sequences.json"); err != nil {
		t.Fatal(err)
	}
	var sequences [][]int32
	if err := json.Unmarshal(data, &sequences); err != nil {
		t.Fatal(err)
	}
	var batch Batch
	for _, tokens := range sequences {
		batch.Tokens = append(batch.Tokens, tokens...)
		batch.Lengths = append(batch.Lengths, len(tokens))
	}
	return want, batch
}

func within(t *testing.T, what string, got, want []float32, tolerance float64) {
	t.Helper()
	if len(got) != len(want) || len(want) == 0 {
		t.Fatalf("%s: %d numbers, want %d", what, len(got), len(want))
	}
	for i := range want {
		if d := math.Abs(float64(got[i]) - float64(want[i])); !(d <= tolerance) {
			t.Fatalf("%s[%d] = %g, want %g", what, i, got[i], want[i])
		}
	}
}

func compareScores(t *testing.T, p *Pass, batch Batch, want map[string][]float32) {
	got := make([]float32, len(batch.Tokens))
	p.Scalars(got)
	for i, length := range batch.Lengths {
		within(t, fmt.Sprint("scores of sequence ", i), got[:length], want[fmt.Sprint("scores.", i)], 1e-4)
		got = got[length:]
	}
}

func compareLogits(t *testing.T, p *Pass, batch Batch, want map[string][]float32) {
	vocab, at := p.config.Vocab, 0
	for i, length := range batch.Lengths {
		got := make([]float32, length*vocab)
		for row := range length {
			p.Logits(got[row*vocab:(row+1)*vocab], at)
			at++
		}
		within(t, fmt.Sprint("logits of sequence ", i), got, want[fmt.Sprint("logits.", i)], 1e-4)
	}
}

// compareGradient looks at the mean cross-entropy of every next token.
func compareGradient(t *testing.T, p *Pass, batch Batch, want map[string][]float32) {
	n := len(batch.Tokens)
	targets, dlogp := make([]int32, n), make([]float32, n)
	at := 0
	for _, length := range batch.Lengths {
		for row := range length {
			targets[at] = -1
			if row+1 < length {
				targets[at], dlogp[at] = batch.Tokens[at+1], -1/float32(n-len(batch.Lengths))
			}
			at++
		}
	}
	grad := NewWeights(p.config)
	p.LogProbs(targets, make([]float32, n), nil)
	p.BackwardLogProbs(dlogp, grad)
	whole, count := 0.0, 0
	for name, values := range want {
		if strings.HasPrefix(name, "grad.") {
			whole += norm2(values)
			count++
		}
	}
	if count != len(grad.Tensors()) {
		t.Errorf("%d gradients, want %d", len(grad.Tensors()), count)
	}
	for _, tensor := range grad.Tensors() {
		values := want["grad."+tensor.Name]
		difference := slices.Clone(tensor.Data)
		if len(values) != len(difference) {
			t.Fatalf("%s has %d numbers, want %d", tensor.Name, len(difference), len(values))
		}
		for i, x := range values {
			difference[i] -= x
		}
		if d, limit := math.Sqrt(norm2(difference)), 1e-4*math.Sqrt(norm2(values))+1e-7*math.Sqrt(whole); !(d <= limit) {
			t.Errorf("gradient of %s is off by %g, at most %g is allowed", tensor.Name, d, limit)
		}
	}
}

func norm2(x []float32) (sum float64) {
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return sum
}
