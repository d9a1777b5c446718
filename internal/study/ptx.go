package study

import (
	"context"
	"fmt"
	"slices"
	"time"

	"rankloop/internal/basemodel"
	"rankloop/internal/dataset"
	"rankloop/internal/jobs"
	"rankloop/model/kernel"
	"rankloop/ranking"
	"rankloop/trainer"
)

// PtxReport says what the pretraining mix of PPO does to the loss on pretraining text.
type PtxReport struct {
	Seed        int64              `json:"seed"`
	Quick       bool               `json:"quick"`
	DurationS   float64            `json:"duration_s"`
	Calibration kernel.Calibration `json:"calibration"`
	Kernels     string             `json:"kernels"`
	Simulated   bool               `json:"simulated"`
	Gamma       float64            `json:"gamma"`
	Documents   int                `json:"documents"`   // of held-out text
	Tokens      int64              `json:"tokens"`      // of it
	LossBefore  float64            `json:"loss_before"` // nats a token, of where all runs begin
	Seeds       []PtxSeed          `json:"seeds"`
	Recovered   float64            `json:"recovered"` // share of the rise without the mix that is not there with it, of the means
	Verdict
}

// PtxSeed is a run without the mix and one with it, which differ by nothing else.
type PtxSeed struct {
	Seed      int64   `json:"seed"`
	Without   PtxRun  `json:"without"`
	With      PtxRun  `json:"with"`
	Recovered float64 `json:"recovered"`
}

// PtxRun is a policy after PPO.
type PtxRun struct {
	LossAfter float64 `json:"loss_after"` // nats a token of held-out pretraining text
	Score     float64 `json:"score"`      // of the last rollout
	KL        float64 `json:"kl"`         // of the last rollout, nats a reply
}

const (
	recoversAtLeast = 0.5
	ptxGamma        = 1
	ptxTextBytes    = 400_000
	ptxTextSeed     = 7_777_777_777 // of no training
)

// ptxSettings are the demo's with a small β, so that there is more to forget, and a rate that ends low: the base model comes
// from the end of its own schedule, and at a high rate the mix itself would move it.
var ptxSettings = []string{
	"iterations=24", "episodes=384", "minibatches=4", "ppo_epochs=1", "warmup_iterations=3", "max_new=80", "rollout_batch=96",
	"learning_rate=0.0004", "lr_schedule=cosine", "lr_final=0.1", "value_learning_rate=0.0015", "kl_coef=0.02", "kl_controller=fixed",
	"lambda=1", "ema_decay=0.9", "rho=1", "ptx_context=128", "sample_every=0",
}

// RunPtx runs the study of the pretraining mix.
func RunPtx(ctx context.Context, o Options) (PtxReport, error) {
	started := time.Now()
	report := PtxReport{
		Seed: o.Seed, Quick: o.Quick, Calibration: kernel.Calibrate(), Kernels: kernel.Name(), Simulated: true, Gamma: ptxGamma, Verdict: newVerdict(),
	}
	err := inPrivate(ctx, o, func(l *lab) error { return l.ptx(ctx, &report) })
	report.DurationS = time.Since(started).Seconds()
	if err == nil {
		report.decide()
	}
	return report, err
}

func (l *lab) ptx(ctx context.Context, report *PtxReport) error {
	prompts, seeds, sets := 1500, 3, ptxSettings
	if l.Quick {
		prompts, seeds, sets = 150, 2, append(slices.Clone(sets), "iterations=2", "episodes=48")
	}
	campaign, _, err := l.collect(ctx, "pool", basemodel.PromptsOf(kinds, uint64(l.Seed), prompts, false), 13, 4, 0.25)
	if err != nil {
		return err
	}
	snapshots := dataset.Snapshots{Store: l.Store, Artifacts: l.Artifacts}
	if _, err := snapshots.Create(ctx, dataset.SnapshotRequest{Name: "pool", Campaigns: []ranking.Campaign{campaign}, Seed: l.Seed, ValidationShare: 0.1}); err != nil {
		return err
	}
	reward, err := l.train(ctx, jobs.Request{
		Kind: trainer.KindReward, Name: "reward", Snapshot: "pool", Seed: &l.Seed, Sets: sizeOfLabelers(false).reward,
	})
	if err != nil {
		return err
	}
	documents := heldOutDocuments()
	before, err := l.textLoss(ctx, jobs.DefaultBase, documents)
	if err != nil {
		return err
	}
	report.Documents, report.Tokens, report.LossBefore = before.Documents, before.Tokens, before.PerToken()
	for i := range seeds {
		seed := l.Seed + int64(i)
		run := func(name string, gamma float64) (PtxRun, error) {
			return l.ptxRun(ctx, documents, jobs.Request{
				Kind: trainer.KindPPO, Name: fmt.Sprintf("%s-s%d", name, seed), Reward: reward.Name, Campaign: campaign.Name, Seed: &seed,
				Sets: append(slices.Clone(sets), fmt.Sprintf("gamma_ptx=%g", gamma)),
			})
		}
		of := PtxSeed{Seed: seed}
		if of.Without, err = run("without", 0); err != nil {
			return err
		}
		if of.With, err = run("with", ptxGamma); err != nil {
			return err
		}
		of.Recovered = recovered(report.LossBefore, of.Without.LossAfter, of.With.LossAfter)
		report.Seeds = append(report.Seeds, of)
	}
	return nil
}

// heldOutDocuments are pretraining text of the base model that was drawn for no training.
func heldOutDocuments() (documents []string) {
	bytes := 0
	for text := range basemodel.Text(ptxTextSeed) {
		documents = append(documents, text)
		if bytes += len(text); bytes >= ptxTextBytes {
			break
		}
	}
	return documents
}

func (l *lab) ptxRun(ctx context.Context, documents []string, request jobs.Request) (of PtxRun, err error) {
	run, err := l.train(ctx, request)
	if err != nil {
		return of, err
	}
	last, err := l.lastMetrics(ctx, run.ID, run.Step)
	if err != nil {
		return of, err
	}
	of.Score, of.KL = last["objective/scores"], last["objective/kl"]
	loss, err := l.textLoss(ctx, run.Name, documents)
	of.LossAfter = loss.PerToken()
	return of, err
}

func (l *lab) textLoss(ctx context.Context, name string, documents []string) (trainer.TextLoss, error) {
	stored, err := l.Store.CheckpointByName(ctx, name)
	if err != nil {
		return trainer.TextLoss{}, err
	}
	checkpoint, err := jobs.LoadCheckpoint(ctx, l.Artifacts, stored.SHA256)
	if err != nil {
		return trainer.TextLoss{}, err
	}
	return trainer.MeasureText(ctx, checkpoint, documents, 0, func(done, total int) { l.step("pretraining text", done, total, name) })
}

// recovered is the share of the rise of a loss without the mix that the mix takes back; 0 where nothing rose.
func recovered(before, without, with float64) float64 {
	if without <= before {
		return 0
	}
	return (without - with) / (without - before)
}

func (r *PtxReport) decide() {
	var without, with float64
	for _, s := range r.Seeds {
		without += s.Without.LossAfter / float64(len(r.Seeds))
		with += s.With.LossAfter / float64(len(r.Seeds))
	}
	r.Recovered = recovered(r.LossBefore, without, with)
	r.require(without > r.LossBefore, "without the mix the loss on pretraining text does not rise: %.4f, then %.4f", r.LossBefore, without)
	r.require(r.Recovered >= recoversAtLeast, "the mix takes back %.2f of the rise, less than %.1f", r.Recovered, recoversAtLeast)
}
