package study

import (
	"context"
	"fmt"
	"slices"
	"time"

	"rankloop/internal/basemodel"
	"rankloop/internal/dataset"
	"rankloop/internal/demo/judge"
	"rankloop/internal/jobs"
	"rankloop/model/kernel"
	"rankloop/ranking"
	"rankloop/trainer"
)

// LabelersReport says what noisy simulated annotators teach: a reward model, by how many comparisons it has seen; a policy; and
// a policy that nothing holds back.
type LabelersReport struct {
	Seed        int64              `json:"seed"`
	Quick       bool               `json:"quick"`
	DurationS   float64            `json:"duration_s"`
	Calibration kernel.Calibration `json:"calibration"`
	Kernels     string             `json:"kernels"`
	Judge       string             `json:"judge"`
	Simulated   bool               `json:"simulated"` // true: nothing here was judged by a person
	Annotators  int                `json:"annotators"`
	Flip        float64            `json:"flip"`
	Reversed    float64            `json:"reversed"` // of the pairs that are strict in the truth
	Prompts     LabelersPrompts    `json:"prompts"`
	Judgments   int                `json:"judgments"`
	Comparisons int                `json:"comparisons"`
	Kinds       []string           `json:"kinds"` // of request

	Accuracy   []AccuracyPoint `json:"accuracy"`
	Policies   []PolicySeed    `json:"policies"`
	WinRate    float64         `json:"win_rate"` // their mean
	Unhindered []DriftSeed     `json:"unhindered"`
	Verdict

	Drift ranking.OptimisationCurve `json:"-"` // of the first of Unhindered, to be drawn
}

// LabelersPrompts counts prompts by what they are for. None is in two.
type LabelersPrompts struct {
	Train      int `json:"train"`
	Unseen     int `json:"unseen"`     // accuracy of reward models
	Validation int `json:"validation"` // choosing checkpoints
	Test       int `json:"test"`       // everything that is said of policies
}

// labelersSize is how much of everything the study does.
type labelersSize struct {
	prompts              LabelersPrompts
	annotators, overlap  int
	flip                 float64
	seeds                int
	comparisons          []int // of reward models
	reward, ppo, freePPO []string
}

// sizeOfLabelers gives the full size, planned for 90 minutes on two full-speed cores, or the smoke run's. Reward models and PPO
// have the demo's settings, but for kl_target: nothing here asks for variety, so the policy may go further. With β = 0 there is
// no pretraining mix either, and the reward model has seen the most comparisons of the curve, far fewer than the other.
func sizeOfLabelers(quick bool) labelersSize {
	full := labelersSize{
		prompts:    LabelersPrompts{Train: 2500, Unseen: 300, Validation: 300, Test: 500},
		annotators: 13, overlap: 13, flip: 0.25, seeds: 5,
		comparisons: []int{250, 500, 1000, 2000, 4000},
		reward:      []string{"batch_tasks=10", "learning_rate=0.0008", "warmup_steps=10", "max_new=80", "eval_every=0"},
		ppo: []string{
			"iterations=30", "episodes=576", "minibatches=4", "ppo_epochs=1", "warmup_iterations=3", "max_new=80", "rollout_batch=96",
			"learning_rate=0.0006", "lr_schedule=cosine", "lr_final=0.2", "value_learning_rate=0.0015", "kl_coef=0.2", "kl_target=2", "lambda=1",
			"ema_decay=0.9", "gamma_ptx=1", "rho=0.5", "ptx_context=64", "sample_every=0", "publish_every=5",
		},
	}
	full.freePPO = append(slices.Clone(full.ppo), "iterations=24", "episodes=384", "learning_rate=0.001", "lr_schedule=constant",
		"kl_coef=0", "kl_controller=fixed", "gamma_ptx=0", "publish_every=3")
	if !quick {
		return full
	}
	smoke := full
	smoke.prompts = LabelersPrompts{Train: 150, Unseen: 60, Validation: 40, Test: 40}
	smoke.overlap, smoke.seeds, smoke.comparisons = 3, 2, []int{100, 200}
	smoke.ppo = append(slices.Clone(full.ppo), "iterations=2", "episodes=48", "publish_every=1")
	smoke.freePPO = append(slices.Clone(full.freePPO), "iterations=2", "episodes=48", "publish_every=1")
	return smoke
}

// What the study is to show.
const (
	winRateOnAverage = 0.8
	winRateOfEach    = 0.7
	fallsBy          = 2.0 // standard errors
	fallsIn          = 0.8 // of the seeds
	unseenAtLeast    = 200
)

// labelers is one study under way.
type labelers struct {
	*lab
	size   labelersSize
	report *LabelersReport

	validation, test []string
	pool, unseen     []ranking.Record
	campaign         ranking.Campaign
}

// RunLabelers runs the study of simulated labelers.
func RunLabelers(ctx context.Context, o Options) (LabelersReport, error) {
	started := time.Now()
	report := LabelersReport{
		Seed: o.Seed, Quick: o.Quick, Calibration: kernel.Calibrate(), Kernels: kernel.Name(), Judge: judge.Name, Simulated: true,
		Kinds: kinds, Verdict: newVerdict(),
	}
	err := inPrivate(ctx, o, func(l *lab) error {
		s := &labelers{lab: l, size: sizeOfLabelers(o.Quick), report: &report}
		for _, part := range []func(context.Context) error{s.collectRankings, s.learn, s.tune, s.tuneFreely} {
			if err := part(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	report.DurationS = time.Since(started).Seconds()
	if err == nil {
		report.decide()
	}
	return report, err
}

// collectRankings draws the prompts and has replies to those for training, and to the unseen ones, ranked.
func (s *labelers) collectRankings(ctx context.Context) error {
	n := s.size.prompts
	held := basemodel.PromptsOf(kinds, uint64(s.Seed)+heldOutStream, n.Unseen+n.Validation+n.Test, true)
	unseen := held[:n.Unseen]
	s.validation, s.test = held[n.Unseen:n.Unseen+n.Validation], held[n.Unseen+n.Validation:]

	campaign, simulated, err := s.collect(ctx, "pool", basemodel.PromptsOf(kinds, uint64(s.Seed), n.Train, false), s.size.annotators, s.size.overlap, s.size.flip)
	if err != nil {
		return fmt.Errorf("collecting judgments: %w", err)
	}
	apart, _, err := s.collect(ctx, "unseen", unseen, s.size.annotators, 1, s.size.flip)
	if err != nil {
		return fmt.Errorf("collecting judgments of unseen prompts: %w", err)
	}
	s.campaign = campaign
	r := s.report
	r.Prompts, r.Annotators, r.Flip = n, simulated.Annotators, simulated.Flip
	r.Judgments, r.Comparisons = simulated.JudgmentsSubmitted, simulated.Comparisons
	r.Reversed = float64(simulated.ComparisonsFlipped) / float64(max(1, simulated.ComparisonsStrict))
	if s.pool, err = s.records(ctx, campaign); err != nil {
		return err
	}
	if s.unseen, err = s.records(ctx, apart); err != nil {
		return err
	}
	snapshots := dataset.Snapshots{Store: s.Store, Artifacts: s.Artifacts}
	_, err = snapshots.Create(ctx, dataset.SnapshotRequest{Name: "pool", Campaigns: []ranking.Campaign{campaign}, Seed: s.Seed, ValidationShare: 0.05})
	return err
}

// heldOutStream keeps the held-out prompts' draw apart from the training prompts'.
const heldOutStream = 1 << 32

// seeds of the runs.
func (s *labelers) seeds() (seeds []int64) {
	for i := range s.size.seeds {
		seeds = append(seeds, s.Seed+int64(i))
	}
	return seeds
}

// rewardOf names the reward model that has seen so many comparisons.
func rewardOf(comparisons int, seed int64) string {
	return fmt.Sprintf("reward-%d-s%d", comparisons, seed)
}

// AccuracyPoint is how reward models that have seen so many comparisons order pairs of replies to unseen prompts.
type AccuracyPoint struct {
	Comparisons int            `json:"comparisons"` // strict; what was asked for, or just below
	Rankings    int            `json:"rankings"`
	Clean       float64        `json:"clean"`   // mean over seeds, against the judge's order
	Flipped     float64        `json:"flipped"` // against the simulated annotators'
	Seeds       []AccuracySeed `json:"seeds"`
}

// AccuracySeed is one of these reward models.
type AccuracySeed struct {
	Seed    int64         `json:"seed"`
	Clean   ranking.Share `json:"clean"`
	Flipped ranking.Share `json:"flipped"`
}

// learn trains reward models on more and more comparisons.
func (s *labelers) learn(ctx context.Context) error {
	clean := withoutNoise(s.unseen, judged)
	for _, wanted := range s.size.comparisons {
		some, comparisons := firstComparisons(s.pool, wanted)
		point := AccuracyPoint{Comparisons: comparisons, Rankings: len(some)}
		for _, seed := range s.seeds() {
			data, err := native(some)
			if err != nil {
				return err
			}
			run, err := s.train(ctx, jobs.Request{
				Kind: trainer.KindReward, Name: rewardOf(wanted, seed), Data: &jobs.File{Name: "rankings.jsonl", Content: data}, Seed: &seed, Sets: s.size.reward,
			})
			if err != nil {
				return err
			}
			of := AccuracySeed{Seed: seed}
			if of.Clean, err = s.accuracy(ctx, run.Name, clean); err != nil {
				return err
			}
			if of.Flipped, err = s.accuracy(ctx, run.Name, s.unseen); err != nil {
				return err
			}
			point.Clean += of.Clean.Value / float64(s.size.seeds)
			point.Flipped += of.Flipped.Value / float64(s.size.seeds)
			point.Seeds = append(point.Seeds, of)
		}
		s.report.Accuracy = append(s.report.Accuracy, point)
	}
	return nil
}

func (s *labelers) accuracy(ctx context.Context, reward string, records []ranking.Record) (ranking.Share, error) {
	stored, err := s.Store.CheckpointByName(ctx, reward)
	if err != nil {
		return ranking.Share{}, err
	}
	checkpoint, err := jobs.LoadCheckpoint(ctx, s.Artifacts, stored.SHA256)
	if err != nil {
		return ranking.Share{}, err
	}
	report, err := trainer.EvaluateReward(ctx, checkpoint, records, 4096, s.Seed, nil)
	if err != nil {
		return ranking.Share{}, err
	}
	return report.Accuracy, nil
}

func (r *LabelersReport) decide() {
	r.require(r.Prompts.Unseen >= unseenAtLeast, "accuracy is of %d unseen prompts, fewer than %d", r.Prompts.Unseen, unseenAtLeast)
	r.require(r.WinRate >= winRateOnAverage, "the mean win rate is %.3f, below %.2f", r.WinRate, winRateOnAverage)
	for _, p := range r.Policies {
		r.require(p.WinRate.Value >= winRateOfEach, "the win rate of seed %d is %.3f, below %.2f", p.Seed, p.WinRate.Value, winRateOfEach)
	}
	fell := 0
	for _, d := range r.Unhindered {
		if d.Overoptimised {
			fell++
		}
	}
	r.require(float64(fell) >= fallsIn*float64(len(r.Unhindered)),
		"with β = 0, gold falls by %g standard errors from its peak while the proxy rises in %d of %d seeds", fallsBy, fell, len(r.Unhindered))
}
