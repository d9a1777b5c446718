package trainer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"testing/fstest"

	"rankloop/model"
	"rankloop/model/tokenizer"
	"rankloop/ranking"
)

// testTokenizer has all bytes, the chat's specials and a few merges.
var testTokenizer = func() *tokenizer.Tokenizer {
	texts := slices.Values([]string{"user\nassistant\nuser\nassistant\n", "say it again, say it now", "yes indeed", "no never", "maybe so"})
	t, err := tokenizer.Train(texts, 300, tokenizer.ChatSpecials)
	if err != nil {
		panic(err)
	}
	return t
}()

func tinyConfig() model.Config {
	return model.Config{
		Vocab: testTokenizer.Size(), Context: 64, Layers: 2, Heads: 2, Dim: 24, Hidden: 48,
		LayerNormEps: 1e-5, Head: model.LanguageModel,
	}
}

// tinyLlama is tinyConfig with Llama's parts, two query heads to each head of keys and values.
func tinyLlama() model.Config {
	c := tinyConfig()
	c.Heads, c.KVHeads = 4, 2
	c.Norm, c.MLP, c.Bias, c.Rope = model.RMSNorm, model.SwiGLU, model.NoBiases, model.Rope{Theta: 1000}
	return c
}

// tinyBase is an untrained language model.
func tinyBase(seed uint64) *model.Checkpoint { return untrained(tinyConfig(), seed) }

// untrained has weights far enough from their symmetric start that all of them matter.
func untrained(c model.Config, seed uint64) *model.Checkpoint {
	w := model.NewWeights(c)
	w.Init(seed)
	random := rand.New(rand.NewPCG(seed, 3))
	for i := range w.Data {
		w.Data[i] += float32(random.NormFloat64() * 0.05)
	}
	return &model.Checkpoint{Weights: w, Tokenizer: testTokenizer, Meta: model.Meta{Kind: model.PolicyKind, Name: "tiny"}}
}

// tinyReward is an untrained reward model with a scale.
func tinyReward(base *model.Checkpoint) *model.Checkpoint {
	w := base.Weights.WithScalarHead(5)
	return publishReward(base, w, zeroPoint{Mean: 0.25, Spread: 0.5}, 16)
}

func say(text string) []ranking.Message { return []ranking.Message{{Role: "user", Content: text}} }

// record is a ranking of texts; tiers index them.
func record(prompt string, texts []string, tiers ...[]int) ranking.Record {
	r := ranking.Record{Campaign: "c", PromptID: prompt, Group: prompt, Messages: say(prompt), Tiers: tiers, Annotator: "a-1", Split: ranking.SplitTrain}
	for i, text := range texts {
		r.Responses = append(r.Responses, ranking.RecordResponse{FileIndex: i, Text: text})
	}
	return r
}

// randomRecords are rankings of random short texts, with ties.
func randomRecords(n, k int, split ranking.Split, seed uint64) []ranking.Record {
	random := rand.New(rand.NewPCG(seed, 11))
	var records []ranking.Record
	for i := range n {
		texts := make([]string, k)
		for j := range texts {
			texts[j] = fmt.Sprintf("%c reply %d%d", 'a'+rune(random.IntN(26)), i, j)
		}
		tiers := make([][]int, 0, k)
		for _, j := range random.Perm(k) {
			if len(tiers) > 0 && random.IntN(4) == 0 {
				last := len(tiers) - 1
				tiers[last] = append(tiers[last], j)
			} else {
				tiers = append(tiers, []int{j})
			}
		}
		r := record(fmt.Sprintf("prompt %s %d", split, i), texts, tiers...)
		r.JudgmentID, r.TaskID, r.Split = int64(i+1), int64(i+1), split
		records = append(records, r)
	}
	return records
}

func prompts(n int) []Prompt {
	var out []Prompt
	for i := range n {
		out = append(out, Prompt{ID: fmt.Sprint(i), Messages: say(fmt.Sprintf("say it %d", i))})
	}
	return out
}

// lines is a pretraining text that never ends.
func lines(seed uint64) iter.Seq[string] {
	random := rand.New(rand.NewPCG(seed, 17))
	return func(yield func(string) bool) {
		for yield(fmt.Sprintf("line %d says %d", random.IntN(100), random.IntN(1000))) {
		}
	}
}

func resolve(t testing.TB, kind string, sets ...string) json.RawMessage {
	t.Helper()
	config, err := ResolveConfig(kind, "", sets, nil)
	if err != nil {
		t.Fatal(err)
	}
	return config
}

func open(t testing.TB, kind string, seed int64, in Inputs, sets ...string) Run {
	t.Helper()
	run, err := Open(Spec{Kind: kind, Seed: seed, Config: resolve(t, kind, sets...)}, in)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func advance(t testing.TB, run Run) Report {
	t.Helper()
	report, err := run.Advance(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// finish advances to the end and returns the reports.
func finish(t testing.TB, run Run) []Report {
	t.Helper()
	var reports []Report
	for run.Step() < run.StepsTotal() {
		reports = append(reports, advance(t, run))
	}
	if _, err := run.Advance(context.Background()); !errors.Is(err, ErrDone) {
		t.Fatalf("Advance after the last step: %v", err)
	}
	return reports
}

func published(t testing.TB, run Run) *model.Checkpoint {
	t.Helper()
	c, err := run.Checkpoint()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// parts is a state in memory.
type parts map[string][]byte

func save(t testing.TB, run Run) parts {
	t.Helper()
	saved := parts{}
	err := run.Save(func(name string, write func(io.Writer) error) error {
		var b bytes.Buffer
		err := write(&b)
		saved[name] = b.Bytes()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return saved
}

func (p parts) open(name string) (io.ReadCloser, error) {
	data, ok := p[name]
	if !ok {
		return nil, os.ErrNotExist
	}
	return io.NopCloser(bytes.NewReader(data)), nil
}

// untimed drops what measures the machine.
func untimed(metrics map[string]float64) map[string]float64 {
	out := make(map[string]float64)
	for name, value := range metrics {
		if !IsTiming(name) {
			out[name] = value
		}
	}
	return out
}

func sameBits(a, b []float32) bool { return slices.Equal(a, b) }

// throughFiles saves a checkpoint and loads it again.
func throughFiles(t testing.TB, c *model.Checkpoint) *model.Checkpoint {
	t.Helper()
	files, err := c.Files(model.F32)
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
	loaded, err := model.LoadCheckpoint(folder)
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}
