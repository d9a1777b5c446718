package jobs

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"iter"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"rankloop/internal/artifacts"
	"rankloop/internal/postgres/postgrestest"
	"rankloop/internal/store"
	"rankloop/model"
	"rankloop/model/tokenizer"
	"rankloop/ranking"
)

// bundle is a database with a tiny base model and a snapshot of rankings.
type bundle struct {
	t         *testing.T
	url       string
	folder    string
	pool      *pgxpool.Pool
	store     *store.Store
	artifacts *artifacts.Folder
	inputs    *Inputs
}

func setup(t *testing.T) *bundle {
	t.Helper()
	url := postgrestest.URL(t)
	b := openBundle(t, url, t.TempDir())
	b.t = t
	b.addBase()
	b.addCampaign("c", 3)
	b.addSnapshot("first", records(24, ranking.SplitTrain, 1), records(6, ranking.SplitValidation, 2))
	return b
}

// openBundle connects to a database and folder that are there; a worker process does this too.
func openBundle(t *testing.T, url, folder string) *bundle {
	pool, err := pgxpool.New(context.Background(), url)
	must(t, err)
	t.Cleanup(pool.Close)
	files, err := artifacts.Open(folder)
	must(t, err)
	b := &bundle{t: t, url: url, folder: folder, pool: pool, store: store.New(pool), artifacts: files}
	b.inputs = &Inputs{Store: b.store, Artifacts: files, OwnText: func(c store.Checkpoint) Text {
		if c.Name == DefaultBase {
			return lines
		}
		return nil
	}}
	return b
}

// addCampaign makes a campaign with prompts that nobody has judged and that lack their responses.
func (b *bundle) addCampaign(name string, prompts int) ranking.Campaign {
	b.t.Helper()
	campaign, err := b.store.CreateCampaign(b.t.Context(), store.NewCampaign{Name: name, K: 3, Overlap: 1, Seed: 5})
	must(b.t, err)
	var inputs []store.PromptInput
	for i := range prompts {
		id := fmt.Sprintf("open-%d", i)
		inputs = append(inputs, store.PromptInput{
			Prompt:        ranking.Prompt{ExternalID: id, Group: id, Messages: []ranking.Message{{Role: "user", Content: "say it " + id}}},
			ContentSHA256: [32]byte{byte(i)}, Line: i + 1,
		})
	}
	_, err = b.store.ImportPrompts(b.t.Context(), campaign.ID, inputs, store.ImportOptions{})
	must(b.t, err)
	return campaign
}

func (b *bundle) addBase() {
	b.t.Helper()
	vocabulary, err := tokenizer.Train(slices.Values([]string{"user\nassistant\nuser\nassistant\n", "say it again, say it now", "yes indeed"}), 300, tokenizer.ChatSpecials)
	must(b.t, err)
	weights := model.NewWeights(model.Config{
		Vocab: vocabulary.Size(), Context: 64, Layers: 1, Heads: 2, Dim: 16, Hidden: 32, LayerNormEps: 1e-5, Head: model.LanguageModel,
	})
	weights.Init(1)
	b.addCheckpoint(DefaultBase, &model.Checkpoint{Weights: weights, Tokenizer: vocabulary, Meta: model.Meta{Kind: model.PolicyKind, Name: DefaultBase}})
}

func (b *bundle) addCheckpoint(name string, c *model.Checkpoint) {
	b.t.Helper()
	row, files, err := SaveCheckpoint(b.t.Context(), b.artifacts, c, model.F32)
	must(b.t, err)
	for _, file := range files {
		must(b.t, b.store.PutArtifact(b.t.Context(), file.SHA256, file.Bytes))
	}
	row.Name, row.Base = name, name
	_, err = b.store.AddCheckpoint(b.t.Context(), row)
	must(b.t, err)
}

func (b *bundle) addSnapshot(name string, parts ...[]ranking.Record) {
	b.t.Helper()
	sha256, size, err := b.artifacts.Put(b.t.Context(), func(w io.Writer) error {
		_, err := w.Write(nativeLines(parts...))
		return err
	})
	must(b.t, err)
	_, err = b.store.CreateSnapshot(b.t.Context(), store.NewSnapshot{
		Name: name, SHA256: sha256, Bytes: size, Seed: 1, ValidationShare: 0.2, Counts: json.RawMessage("{}"),
	})
	must(b.t, err)
}

func nativeLines(parts ...[]ranking.Record) []byte {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	for _, record := range slices.Concat(parts...) {
		if err := encoder.Encode(record); err != nil {
			panic(err)
		}
	}
	return buffer.Bytes()
}

// records are rankings of three random short replies each.
func records(n int, split ranking.Split, seed uint64) []ranking.Record {
	random := rand.New(rand.NewPCG(seed, 1))
	out := make([]ranking.Record, n)
	for i := range out {
		id := fmt.Sprintf("%s-%d-%d", split, seed, i)
		r := ranking.Record{
			JudgmentID: int64(i + 1), Revision: 1, Campaign: "c", TaskID: int64(i + 1), PromptID: id, Group: id,
			Messages:   []ranking.Message{{Role: "user", Content: "say it " + id}},
			OrderShown: []int{0, 1, 2}, StartedAt: time.Unix(1, 0), SubmittedAt: time.Unix(2, 0),
			GuidelineVersion: 1, Annotator: "a-1", Simulated: true, Split: split,
		}
		for place, j := range random.Perm(3) {
			r.Responses = append(r.Responses, ranking.RecordResponse{FileIndex: place, Text: fmt.Sprintf("%c reply %d", 'a'+rune(random.IntN(26)), place)})
			r.Tiers = append(r.Tiers, []int{j})
		}
		out[i] = r
	}
	return out
}

// lines is a pretraining text that never ends.
func lines(seed uint64) iter.Seq[string] {
	random := rand.New(rand.NewPCG(seed, 2))
	return func(yield func(string) bool) {
		for yield(fmt.Sprintf("line %d says %d", random.IntN(100), random.IntN(1000))) {
		}
	}
}

// rewardRun and ppoRun are small runs of a dozen steps and more.
func rewardRun(name string) Request {
	return Request{Kind: "reward", Name: name, Sets: []string{
		"batch_tasks=4", "epochs=4", "max_new=24", "zero_samples=4", "eval_every=6", "micro_batch_tokens=256",
	}}
}

func ppoRun(name string) Request {
	return Request{Kind: "ppo", Name: name, Sets: []string{
		"iterations=4", "episodes=8", "minibatches=2", "ppo_epochs=2", "max_new=8", "rollout_batch=8", "warmup_iterations=1",
		"sample_every=2", "sample_prompts=3", "ptx_context=16", "micro_batch_tokens=256",
	}}
}

func (b *bundle) launch(r Request) store.Run {
	b.t.Helper()
	run, _, err := b.launcher().Launch(b.t.Context(), r)
	must(b.t, err)
	return run
}

func (b *bundle) launcher() *Launcher {
	return &Launcher{Store: b.store, Artifacts: b.artifacts, Inputs: b.inputs}
}

// owner works runs of this bundle, beating fast.
func (b *bundle) owner() *Owner {
	return &Owner{Store: b.store, Artifacts: b.artifacts, Inputs: b.inputs, Log: testLog(b.t), beatEvery: 20 * time.Millisecond}
}

// work launches a run and works it to its end.
func (b *bundle) work(r Request) store.Run {
	b.t.Helper()
	run := b.launch(r)
	_, err := b.owner().WorkRun(b.t.Context(), run.ID)
	must(b.t, err)
	return b.run(run.ID)
}

func (b *bundle) run(id int64) store.Run {
	b.t.Helper()
	run, err := b.store.RunByID(b.t.Context(), id)
	must(b.t, err)
	return run
}

// weights are the bytes of a checkpoint's weights.
func (b *bundle) weights(checkpoint string) []byte {
	b.t.Helper()
	c, err := b.store.CheckpointByName(b.t.Context(), checkpoint)
	must(b.t, err)
	files, err := b.artifacts.OpenFS(b.t.Context(), c.SHA256)
	must(b.t, err)
	file, err := files.Open("model.safetensors")
	must(b.t, err)
	defer file.Close()
	content, err := io.ReadAll(file)
	must(b.t, err)
	return content
}

// metrics are a run's stored metrics by step, without those that measure the machine.
func (b *bundle) metrics(runID int64) map[int]map[string]float64 {
	b.t.Helper()
	rows, err := b.store.RunMetrics(b.t.Context(), runID, -1, 10_000)
	must(b.t, err)
	all := map[int]map[string]float64{}
	for _, row := range rows {
		var metrics map[string]float64
		must(b.t, json.Unmarshal(row.Metrics, &metrics))
		for name := range metrics {
			if isTiming(name) {
				delete(metrics, name)
			}
		}
		if row.Histograms != nil { // whole, as one more number
			sum := crc32.ChecksumIEEE(row.Histograms)
			metrics["histograms"] = float64(sum)
		}
		all[row.Step] = metrics
	}
	return all
}

// artifactFiles lists the files of the artifact folder.
func (b *bundle) artifactFiles() []string {
	b.t.Helper()
	var files []string
	must(b.t, filepath.WalkDir(b.folder, func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			files = append(files, path)
		}
		return err
	}))
	return files
}

func testLog(t *testing.T) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
