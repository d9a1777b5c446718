package demo

import (
	"context"
	"encoding/json"
	"fmt"

	"rankloop/internal/dataset"
	"rankloop/internal/jobs"
	"rankloop/internal/store"
	"rankloop/ranking"
	"rankloop/trainer"
)

// train makes a snapshot, a reward model from it, and a policy tuned against that. It returns the policy's name.
func (l *loop) train(ctx context.Context, campaign ranking.Campaign) (string, error) {
	snapshots := dataset.Snapshots{Store: l.services.Store, Artifacts: l.services.Artifacts}
	snapshot, err := snapshots.Create(ctx, dataset.SnapshotRequest{
		Name: "demo", Campaigns: []ranking.Campaign{campaign}, Seed: l.Seed, ValidationShare: 0.15,
	})
	if err != nil {
		return "", err
	}
	reward, err := l.work(ctx, jobs.Request{
		Kind: trainer.KindReward, Name: "demo-reward", Snapshot: snapshot.Snapshot, Seed: &l.Seed, Sets: l.size.reward,
	})
	if err != nil {
		return "", err
	}
	if err := l.describeReward(ctx, reward); err != nil {
		return "", err
	}
	policy, err := l.work(ctx, jobs.Request{
		Kind: trainer.KindPPO, Name: "demo-ppo", Reward: reward.Name, Campaign: campaign.Name, Seed: &l.Seed, Sets: l.size.ppo,
	})
	return policy.Name, err
}

// work launches a run and works it in this process to its end.
func (l *loop) work(ctx context.Context, request jobs.Request) (store.Run, error) {
	run, _, err := l.services.Launcher().Launch(ctx, request)
	if err != nil {
		return run, err
	}
	owner := l.services.Owner()
	owner.OnStep = func(_ store.Run, total int, report trainer.Report) {
		l.step(request.Kind, report.Step, total, note(request.Kind, report.Metrics))
	}
	if _, err := owner.WorkRun(ctx, run.ID); err != nil {
		return run, err
	}
	if run, err = l.services.Store.RunByID(ctx, run.ID); err != nil {
		return run, err
	}
	if run.State != "succeeded" {
		return run, fmt.Errorf("the run %s is %s: %s", run.Name, run.State, run.Error)
	}
	return run, nil
}

// note is what a line of progress says of a step.
func note(kind string, metrics map[string]float64) string {
	if kind == trainer.KindReward {
		return fmt.Sprintf("loss %.3f, accuracy %.2f", metrics["loss"], metrics["accuracy"])
	}
	return fmt.Sprintf("score %+.2f, KL %.1f nats", metrics["objective/scores"], metrics["objective/kl"])
}

// describeReward reads the last evaluation on the validation split.
func (l *loop) describeReward(ctx context.Context, run store.Run) error {
	rows, err := l.services.Store.RunMetrics(ctx, run.ID, 0, 1_000_000)
	if err != nil {
		return err
	}
	for _, row := range rows {
		var metrics map[string]float64
		if err := json.Unmarshal(row.Metrics, &metrics); err != nil {
			return err
		}
		if _, evaluated := metrics["eval/accuracy"]; !evaluated {
			continue
		}
		l.report.Reward = Reward{
			Accuracy:       metrics["eval/accuracy"],
			Interval:       [2]float64{metrics["eval/accuracy_low"], metrics["eval/accuracy_high"]},
			Pairs:          int(metrics["eval/pairs"]),
			LengthBaseline: metrics["eval/length_baseline"],
		}
	}
	return nil
}
