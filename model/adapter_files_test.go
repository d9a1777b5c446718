package model

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"rankloop/model/kernel"
)

// peftCases are adapters that PEFT wrote (interop/lora.py --golden), and the models of transformers below them.
var peftCases = map[string]string{"gpt2": "gpt2", "llama": "llama", "qwen2": "qwen2", "llama-score": "llama"}

func peftFolder(name string) fs.FS { return os.DirFS(path.Join("testdata", "peft", name)) }

func peftBase(t testing.TB, name string) *Weights {
	t.Helper()
	w, err := LoadWeights(os.DirFS(path.Join("testdata", "transformers", peftCases[name])))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// Logits, scores and the gradients of every A, B and score, as PEFT and PyTorch
// compute them, on every kernel set; merged weights give the same outputs.
func TestAgreesWithPEFT(t *testing.T) {
	defer func(name string) {
		if err := kernel.Select(name); err != nil {
			t.Error(err)
		}
	}(kernel.Name())
	for name := range peftCases {
		a, err := LoadAdapter(peftFolder(name), peftBase(t, name))
		if err != nil {
			t.Fatal(err)
		}
		w := peftBase(t, name).Attach(a)
		want, batch := readReference(t, peftFolder(name))
		for _, set := range kernel.Sets() {
			if err := kernel.Select(set); err != nil {
				t.Fatal(err)
			}
			t.Run(name+"/"+set, func(t *testing.T) {
				p := NewPass(w.Config, len(batch.Tokens), len(batch.Lengths), slices.Max(batch.Lengths), Adapters(a.LoRA.Rank))
				for _, weights := range []*Weights{w.Merge(), w} {
					p.Forward(weights, batch)
					if w.Config.Head == Scalar {
						compareScores(t, p, batch, want)
					} else {
						compareLogits(t, p, batch, want)
					}
				}
				compareAdapterGradient(t, p, batch, w, want)
			})
		}
	}
}

// compareAdapterGradient looks at the mean cross-entropy of every next token, or
// at the mean score.
func compareAdapterGradient(t *testing.T, p *Pass, batch Batch, w *Weights, want map[string][]float32) {
	n := len(batch.Tokens)
	grad, d := w.NewGradient(), make([]float32, n)
	if w.Config.Head == Scalar {
		for i := range d {
			d[i] = 1 / float32(n)
		}
		p.BackwardScalars(d, grad)
	} else {
		targets, at := make([]int32, n), 0
		for _, length := range batch.Lengths {
			for row := range length {
				targets[at] = -1
				if row+1 < length {
					targets[at], d[at] = batch.Tokens[at+1], -1/float32(n-len(batch.Lengths))
				}
				at++
			}
		}
		p.LogProbs(targets, make([]float32, n), nil)
		p.BackwardLogProbs(d, grad)
	}
	whole := 0.0
	for name, values := range want {
		if strings.HasPrefix(name, "grad.") {
			whole += norm2(values)
		}
	}
	compared := 0
	for _, tensor := range grad.Tensors() {
		if tensor.Name == scoreBiasName {
			continue // PEFT's scores have none
		}
		values := want["grad."+tensor.Name]
		if len(values) != len(tensor.Data) {
			t.Fatalf("%s has %d numbers, want %d", tensor.Name, len(tensor.Data), len(values))
		}
		difference := slices.Clone(tensor.Data)
		for i, x := range values {
			difference[i] -= x
		}
		if d, limit := math.Sqrt(norm2(difference)), 1e-4*math.Sqrt(norm2(values))+1e-7*math.Sqrt(whole); !(d <= limit) {
			t.Errorf("gradient of %s is off by %g, at most %g is allowed", tensor.Name, d, limit)
		}
		compared++
	}
	if outputs := len(batch.Lengths); compared != len(want)-outputs {
		t.Errorf("%d gradients compared, the reference has %d", compared, len(want)-outputs)
	}
}

// What PEFT wrote is written again with the same tensors, and a configuration
// that says the same.
func TestAdapterFilesAreAsPEFTWritesThem(t *testing.T) {
	for name := range peftCases {
		a, err := LoadAdapter(peftFolder(name), peftBase(t, name))
		if err != nil {
			t.Fatal(err)
		}
		checkpoint := &Checkpoint{Weights: peftBase(t, name).Attach(a).Merge(), Adapter: a, Meta: Meta{Kind: PolicyKind, Base: peftCases[name]}}
		folder := adapterInMemory(t, checkpoint)
		want, got := readTensors(t, peftFolder(name)), readTensors(t, folder)
		if len(want) != len(got) {
			t.Errorf("%s: %d tensors, PEFT has %d", name, len(got), len(want))
		}
		for key, tensor := range want {
			if !slices.Equal(got[key].Shape, tensor.Shape) || !slices.Equal(got[key].Data, tensor.Data) {
				t.Errorf("%s: %s differs from PEFT's", name, key)
			}
		}
		var theirs, ours map[string]any
		readJSON(t, peftFolder(name), adapterConfigFile, &theirs)
		readJSON(t, folder, adapterConfigFile, &ours)
		for _, key := range []string{"peft_type", "task_type", "base_model_name_or_path", "r", "lora_alpha", "use_rslora", "bias", "fan_in_fan_out", "inference_mode"} {
			if fmt.Sprint(ours[key]) != fmt.Sprint(theirs[key]) {
				t.Errorf("%s: %s is %v, PEFT writes %v", name, key, ours[key], theirs[key])
			}
		}
		// PEFT may write the names of small models' modules in full.
		mine, peft := ours["target_modules"].([]any), theirs["target_modules"].([]any)
		meant := func(full, target any) bool { return matchesModule(full.(string), target.(string)) }
		for _, full := range peft {
			if !slices.ContainsFunc(mine, func(target any) bool { return meant(full, target) }) {
				t.Errorf("%s: target %v is not among %v", name, full, mine)
			}
		}
		for _, target := range mine {
			if !slices.ContainsFunc(peft, func(full any) bool { return meant(full, target) }) {
				t.Errorf("%s: target %v is none of PEFT's %v", name, target, peft)
			}
		}
	}
}

func readJSON(t *testing.T, fsys fs.FS, name string, value any) {
	t.Helper()
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, value); err != nil {
		t.Fatal(err)
	}
}

func readTensors(t *testing.T, fsys fs.FS) map[string]Tensor {
	t.Helper()
	data, err := fs.ReadFile(fsys, adapterWeightsFile)
	if err != nil {
		t.Fatal(err)
	}
	list, _, err := ReadSafetensors(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	tensors := make(map[string]Tensor)
	for _, tensor := range list {
		tensors[tensor.Name] = tensor
	}
	return tensors
}

func adapterInMemory(t testing.TB, c *Checkpoint) fstest.MapFS {
	t.Helper()
	files, err := c.AdapterFiles(F32)
	if err != nil {
		t.Fatal(err)
	}
	folder := fstest.MapFS{}
	for name, write := range files {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		folder[name] = &fstest.MapFile{Data: b.Bytes()}
	}
	return folder
}

// A checkpoint with an adapter is a folder that other programs read as merged,
// with the adapter in a folder of its own; both come back.
func TestCheckpointWithAdapter(t *testing.T) {
	base, err := LoadCheckpoint(os.DirFS("testdata/tiny-llama"))
	if err != nil {
		t.Fatal(err)
	}
	base.Meta.Name = "below"
	tuned := adapted(t, base.Weights.Config, 2, AllLinear, Scalar, 160)
	source := &Checkpoint{Adapter: tuned.Adapter(), Meta: Meta{Kind: RewardKind, Base: "below", RewardMean: 0.5, RewardStd: 2, RewardMaxNew: 8}}
	source.Adapter.scoreBias[0] = 0
	c, err := base.WithAdapter(adapterInMemory(t, source))
	if err != nil {
		t.Fatal(err)
	}
	if c.Meta.Kind != RewardKind || c.Meta.RewardStd != 2 || c.Meta.Base != "below" || c.Weights.Config.Head != Scalar {
		t.Errorf("%+v", c.Meta)
	}
	dir := filepath.Join(t.TempDir(), "out")
	if err := c.SaveFolder(dir, F32); err != nil {
		t.Fatal(err)
	}
	if IsAdapterFolder(os.DirFS(dir)) || !IsAdapterFolder(os.DirFS(filepath.Join(dir, "adapter"))) {
		t.Error("the model's folder is taken for an adapter's, or the reverse")
	}
	again, err := LoadCheckpoint(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	if again.Adapter == nil || again.Adapter.LoRA != source.Adapter.LoRA || !slices.Equal(again.Adapter.Data, source.Adapter.Data) ||
		!slices.Equal(again.Weights.Data, c.Weights.Data) || again.Meta != c.Meta {
		t.Error("the checkpoint came back as another")
	}
	if derived := again.Derive(again.Weights, again.Meta); derived.Adapter != nil {
		t.Error("what is trained further still claims the adapter")
	}
	alone := filepath.Join(t.TempDir(), "alone")
	if err := again.SaveAdapter(alone, F32); err != nil {
		t.Fatal(err)
	}
	if third, err := base.WithAdapter(os.DirFS(alone)); err != nil || !slices.Equal(third.Weights.Data, c.Weights.Data) {
		t.Errorf("the exported adapter merges to something else: %v", err)
	}
	if err := base.SaveAdapter(alone+"2", F32); err == nil || !strings.Contains(err.Error(), "trained whole") {
		t.Errorf("the adapter of a whole model: %v", err)
	}
	if _, err := (&Checkpoint{Weights: tuned, Tokenizer: base.Tokenizer, Meta: source.Meta}).Files(F32); err == nil || !strings.Contains(err.Error(), "merge") {
		t.Errorf("weights with an adapter are stored as they are: %v", err)
	}
}

// What would silently compute something else is refused by name.
func TestLoadAdapterRefuses(t *testing.T) {
	w := lively(llamaLike(tiny(LanguageModel)), 170)
	good := adapterInMemory(t, &Checkpoint{Adapter: adapted(t, w.Config, 2, "q_proj,v_proj", LanguageModel, 171).Adapter()})
	if _, err := LoadAdapter(good, w); err != nil {
		t.Fatal(err)
	}
	withConfig := func(key string, value any) fs.FS {
		var config map[string]any
		if err := json.Unmarshal(good[adapterConfigFile].Data, &config); err != nil {
			t.Fatal(err)
		}
		config[key] = value
		data, err := json.Marshal(config)
		if err != nil {
			t.Fatal(err)
		}
		return fstest.MapFS{adapterConfigFile: {Data: data}, adapterWeightsFile: good[adapterWeightsFile]}
	}
	withTensors := func(change func([]Tensor) []Tensor) fs.FS {
		var b bytes.Buffer
		a := adapted(t, w.Config, 2, "q_proj,v_proj", LanguageModel, 171).Adapter()
		if err := WriteSafetensors(&b, change(a.fileTensors()), F32, nil); err != nil {
			t.Fatal(err)
		}
		return fstest.MapFS{adapterConfigFile: good[adapterConfigFile], adapterWeightsFile: {Data: b.Bytes()}}
	}
	for want, folder := range map[string]fs.FS{
		"adapter_config.json":           fstest.MapFS{},
		"only LORA":                     withConfig("peft_type", "IA3"),
		"use_dora":                      withConfig("use_dora", true),
		"use_qalora":                    withConfig("use_qalora", true),
		`bias "lora_only"`:              withConfig("bias", "lora_only"),
		"lora_bias":                     withConfig("lora_bias", true),
		"rank_pattern":                  withConfig("rank_pattern", map[string]int{"q_proj": 4}),
		"alpha_pattern":                 withConfig("alpha_pattern", map[string]int{"q_proj": 4}),
		"layer_replication":             withConfig("layer_replication", [][]int{{0, 1}}),
		"alora_invocation_tokens":       withConfig("alora_invocation_tokens", []int{1}),
		"outside of 1..1024":            withConfig("r", 0),
		"the 448 of rank 8":             withConfig("r", 8),
		"rank 1 need":                   withConfig("r", 1),
		"positive number":               withConfig("lora_alpha", -1),
		"cannot unmarshal":              withConfig("r", "two"),
		"saved as safetensors first":    fstest.MapFS{adapterConfigFile: good[adapterConfigFile]},
		`v_proj.lora_B.weight" is miss`: withTensors(func(list []Tensor) []Tensor { return list[:len(list)-1] }),
		"is not one that this network": withTensors(func(list []Tensor) []Tensor {
			return append(list, Tensor{Name: "base_model.model.model.embed_tokens.weight", Shape: []int{1}, Data: []float32{1}})
		}),
		"was it trained on another": withTensors(func(list []Tensor) []Tensor {
			for i := range list {
				list[i].Name = strings.Replace(list[i].Name, "self_attn.", "attention.", 1)
			}
			return list
		}),
	} {
		if _, err := LoadAdapter(folder, w); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
}
