package study

import (
	"context"

	"rankloop/internal/app"
	"rankloop/internal/dataset"
	"rankloop/internal/jobs"
	"rankloop/internal/simulate"
	"rankloop/internal/store"
	"rankloop/model/kernel"
	"rankloop/ranking"
	"rankloop/trainer"
)

// AlpacaOptions say what the study of real preferences reads.
type AlpacaOptions struct {
	Options
	Model   string // SmolLM2-135M-Instruct, a GGUF or a folder
	Prompts string // a prompt set with the replies of seven models
	Scores  string // what the judge gave them
}

// AlpacaReport is what a reward model of SmolLM2-135M learned from real preferences.
type AlpacaReport struct {
	Base        string                `json:"base"`
	Calibration kernel.Calibration    `json:"calibration"` // of this moment
	Settings    []string              `json:"settings"`
	ReplyTokens int                   `json:"reply_tokens"` // longer replies are left out
	LeftOut     int                   `json:"left_out"`
	TrainS      float64               `json:"train_s"` // of the run, whatever else the machine did
	Reward      *ranking.RewardReport `json:"reward"`
	Verdict
}

// The names in the data folder, which is kept: what was done once is found there again.
const (
	alpacaName    = "alpaca"
	alpacaBase    = "smollm2"
	alpacaReplies = 512  // tokens of a reply at most, its end included
	alpacaReads   = 1024 // tokens of context: the longest prompts are 500
	heldOut       = 0.2  // of the prompts
)

// alpacaSettings are those of the run: adapters, at ten times the rate of full training, which leaves a third of the work out;
// four prompts a step make 121 steps of one epoch.
var alpacaSettings = []string{
	"max_new=512", "lora_r=16", "learning_rate=0.0004", "batch_tasks=4", "warmup_steps=10", "eval_every=0", "zero_samples=32",
}

// RunAlpaca trains SmolLM2-135M as a reward model on the judge's order of seven models' replies and holds it against rules
// that read no text. The services' data folder keeps everything: the study goes on where it was cut off.
func RunAlpaca(ctx context.Context, services *app.Services, o AlpacaOptions) (AlpacaReport, error) {
	l := &lab{services, o.Options}
	report := AlpacaReport{Base: o.Model, Calibration: kernel.Calibrate(), Settings: alpacaSettings, ReplyTokens: alpacaReplies, Verdict: newVerdict()}
	leftOut, err := l.alpacaRankings(ctx, o)
	if err != nil {
		return report, err
	}
	report.LeftOut = leftOut
	run, err := l.train(ctx, jobs.Request{
		Kind: trainer.KindReward, Name: alpacaName + "-reward", Base: alpacaBase, Snapshot: alpacaName, Sets: alpacaSettings,
	})
	if err != nil {
		return report, err
	}
	report.TrainS = float64(run.TrainedMS) / 1000
	launcher := services.Launcher()
	spec, err := launcher.SpecifyEvaluation(ctx, jobs.EvaluationRequest{
		Kind: ranking.EvaluationReport, Checkpoint: run.Name, Request: jobs.Request{Snapshot: alpacaName},
	})
	if err != nil {
		return report, err
	}
	measured, err := launcher.Evaluate(ctx, spec, jobs.EvaluationProgress{
		OnProgress: func(done, total int) { l.step("scoring", done, total, "held-out replies") },
	})
	if err != nil {
		return report, err
	}
	report.Reward = measured.(*ranking.RewardReport)
	report.decide()
	return report, nil
}

func (r *AlpacaReport) decide() {
	difference := r.Reward.SimilarLength.Difference
	r.require(difference.Pairs > 0 && difference.Interval[0] > 0,
		"on pairs of similar length the lower end of reward model minus length is %.3f, not above 0", difference.Interval[0])
}

// alpacaRankings brings the model, the replies and the judge's order of them into the data folder, and holds prompts out. It
// returns how many replies were too long.
func (l *lab) alpacaRankings(ctx context.Context, o AlpacaOptions) (leftOut int, err error) {
	base, err := l.alpacaModel(ctx, o.Model)
	if err != nil {
		return 0, err
	}
	checkpoint, err := jobs.LoadCheckpoint(ctx, l.Artifacts, base.SHA256)
	if err != nil {
		return 0, err
	}
	prompts, scores, leftOut, err := capReplies(o.Prompts, o.Scores, func(text string) bool {
		return len(checkpoint.Tokenizer.AppendEncode(nil, text))+1 <= alpacaReplies
	})
	if err != nil {
		return 0, err
	}
	if _, err := l.Store.SnapshotByName(ctx, alpacaName); ranking.ErrorCode(err) != ranking.CodeNotFound {
		return leftOut, err
	}
	campaign, err := l.Store.CampaignByName(ctx, alpacaName)
	if ranking.ErrorCode(err) == ranking.CodeNotFound {
		campaign, err = l.Store.CreateCampaign(ctx, store.NewCampaign{Name: alpacaName, K: 7, Overlap: 1, Seed: 1, LeaseSeconds: 600})
	}
	if err != nil {
		return 0, err
	}
	importer := dataset.Importer{Store: l.Store, Enqueue: l.EnqueueGeneration}
	loaded, err := importer.Load(ctx, campaign, alpacaName+".jsonl", prompts, ranking.PromptIDs{})
	if err != nil {
		return 0, err
	}
	if _, err := importer.Import(ctx, campaign, []ranking.PromptSetFile{loaded}, false); err != nil {
		return 0, err
	}
	truth, err := ranking.LoadTruth(alpacaName+"-scores.jsonl", scores, ranking.TruthScores, ranking.DefaultPromptSetLimits())
	if err != nil {
		return 0, err
	}
	// The one annotator is the judge whose scores are the truth, so nothing is reversed.
	if _, err := l.rank(ctx, campaign, simulate.FileTruth(truth), 1, 0); err != nil {
		return 0, err
	}
	snapshots := dataset.Snapshots{Store: l.Store, Artifacts: l.Artifacts}
	_, err = snapshots.Create(ctx, dataset.SnapshotRequest{
		Name: alpacaName, Campaigns: []ranking.Campaign{campaign}, Seed: 1, ValidationShare: heldOut,
	})
	return leftOut, err
}

func (l *lab) alpacaModel(ctx context.Context, path string) (store.Checkpoint, error) {
	checkpoint, err := l.Store.CheckpointByName(ctx, alpacaBase)
	if ranking.ErrorCode(err) == ranking.CodeNotFound {
		return l.ImportModel(ctx, path, alpacaBase, alpacaReads)
	}
	return checkpoint, err
}
