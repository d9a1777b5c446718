package study

import (
	"context"
	"fmt"

	"rankloop/internal/jobs"
	"rankloop/ranking"
	"rankloop/trainer"
)

// PolicySeed is one tuned policy, on prompts that neither training nor the choice of its checkpoint has seen.
type PolicySeed struct {
	Seed       int64         `json:"seed"`
	Checkpoint string        `json:"checkpoint"` // the one that won most often on the validation prompts
	Validation ranking.Share `json:"validation"` // its win rate there
	WinRate    ranking.Share `json:"win_rate"`   // on the test prompts, over where it began; a tie is half a win
	GoldBefore float64       `json:"gold_before"`
	GoldAfter  float64       `json:"gold_after"`
	KL         float64       `json:"kl"` // nats a reply
}

// tune trains a reward model on all judgments and a policy against it, seed by seed.
func (s *labelers) tune(ctx context.Context) error {
	for _, seed := range s.seeds() {
		reward, err := s.train(ctx, jobs.Request{
			Kind: trainer.KindReward, Name: fmt.Sprintf("reward-all-s%d", seed), Snapshot: "pool", Seed: &seed, Sets: s.size.reward,
		})
		if err != nil {
			return err
		}
		run, err := s.policy(ctx, fmt.Sprintf("ppo-s%d", seed), reward.Name, seed, s.size.ppo)
		if err != nil {
			return err
		}
		of, err := s.choose(ctx, run, seed)
		if err != nil {
			return err
		}
		s.report.Policies = append(s.report.Policies, of)
		s.report.WinRate += of.WinRate.Value / float64(s.size.seeds)
	}
	return nil
}

func (s *labelers) policy(ctx context.Context, name, reward string, seed int64, sets []string) (string, error) {
	run, err := s.train(ctx, jobs.Request{
		Kind: trainer.KindPPO, Name: name, Reward: reward, Snapshot: "pool", Campaign: s.campaign.Name, Seed: &seed, Sets: sets,
	})
	return run.Name, err
}

// choose takes the checkpoint that wins most often on the validation prompts to the test prompts.
func (s *labelers) choose(ctx context.Context, run string, seed int64) (PolicySeed, error) {
	of := PolicySeed{Seed: seed}
	validation, err := s.measure(ctx, run, "validation", s.validation)
	if err != nil {
		return of, err
	}
	wins := func(m measured, name string) ranking.Share {
		return winRate(m.golds(name), m.golds(m.Reference), uint64(s.Seed))
	}
	of.Checkpoint = best(validation.curve.Checkpoints[1:], func(name string) float64 { return wins(validation, name).Value })
	of.Validation = wins(validation, of.Checkpoint)
	test, err := s.measure(ctx, run, "test", s.test, of.Checkpoint)
	if err != nil {
		return of, err
	}
	of.WinRate = wins(test, of.Checkpoint)
	of.GoldBefore, of.GoldAfter = meanOf(test.golds(test.Reference)), meanOf(test.golds(of.Checkpoint))
	of.KL = test.curve.Checkpoints[1].KL.Value
	return of, nil
}

// DriftSeed is a policy with β = 0. Its peak is chosen on the validation prompts; what is said of it is of the test prompts.
type DriftSeed struct {
	Seed           int64   `json:"seed"`
	Peak           string  `json:"peak"` // the checkpoint with the highest gold score, the start among them
	Final          string  `json:"final"`
	GoldStart      float64 `json:"gold_start"`
	GoldPeak       float64 `json:"gold_peak"`
	GoldFinal      float64 `json:"gold_final"`
	Fall           float64 `json:"fall"`            // from peak to end, the mean over prompts
	StandardErrors float64 `json:"standard_errors"` // of which the fall is so many
	ProxyStart     float64 `json:"proxy_start"`
	ProxyPeak      float64 `json:"proxy_peak"`
	ProxyFinal     float64 `json:"proxy_final"`
	KL             float64 `json:"kl"` // of the end, nats a reply
	Overoptimised  bool    `json:"overoptimised"`
}

// tuneFreely trains policies with β = 0 against reward models that have seen the most comparisons of the curve.
func (s *labelers) tuneFreely(ctx context.Context) error {
	comparisons := s.size.comparisons[len(s.size.comparisons)-1]
	for _, seed := range s.seeds() {
		run, err := s.policy(ctx, fmt.Sprintf("ppo-free-s%d", seed), rewardOf(comparisons, seed), seed, s.size.freePPO)
		if err != nil {
			return err
		}
		validation, err := s.measure(ctx, run, "validation", s.validation)
		if err != nil {
			return err
		}
		test, err := s.measure(ctx, run, "test", s.test)
		if err != nil {
			return err
		}
		if len(s.report.Unhindered) == 0 {
			s.report.Drift = test.curve
		}
		s.report.Unhindered = append(s.report.Unhindered, driftOf(validation, test, seed))
	}
	return nil
}

func driftOf(validation, test measured, seed int64) DriftSeed {
	points := test.curve.Checkpoints
	end := points[len(points)-1]
	of := DriftSeed{Seed: seed, Final: end.Name, KL: end.KL.Value}
	of.Peak = best(validation.curve.Checkpoints, func(name string) float64 { return meanOf(validation.golds(name)) })
	of.GoldStart, of.GoldPeak, of.GoldFinal = meanOf(test.golds(test.Reference)), meanOf(test.golds(of.Peak)), meanOf(test.golds(of.Final))
	of.ProxyStart, of.ProxyPeak, of.ProxyFinal = meanOf(test.proxies(test.Reference)), meanOf(test.proxies(of.Peak)), meanOf(test.proxies(of.Final))
	of.Fall, of.StandardErrors = fall(test.golds(of.Peak), test.golds(of.Final))
	of.Overoptimised = of.StandardErrors >= fallsBy && of.ProxyFinal > of.ProxyPeak
	return of
}
