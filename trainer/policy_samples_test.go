package trainer

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"testing"

	"rankloop/model"
	"rankloop/ranking"
)

// moved is a policy a little away from base.
func moved(base *model.Checkpoint, by float32) PolicyAt {
	return PolicyAt{Name: fmt.Sprintf("moved by %g", by), Load: func(context.Context) (*model.Checkpoint, error) {
		w := base.Weights.Clone()
		for i := range w.Data {
			w.Data[i] += by * float32(math.Sin(float64(i)))
		}
		return publish(base, w), nil
	}}
}

// TestPolicySamples: the reference is at a divergence of exactly 0, a policy further away is at more, the same plan gives
// the same replies, and an unfinished reply is worth less than the same one finished.
func TestPolicySamples(t *testing.T) {
	base := tinyBase(1)
	base.Meta.Name = "base"
	reward := tinyReward(base)
	reward.Meta.RewardStd = 0.5
	var prompts []Prompt
	for i := range 12 {
		prompts = append(prompts, Prompt{ID: fmt.Sprint(i), Messages: []ranking.Message{{Role: "user", Content: fmt.Sprintf("say %d", i)}}})
	}
	plan := SamplePlan{Seed: 3, MaxNew: 12, PerPrompt: 2, Pool: 5}
	policies := []PolicyAt{moved(base, 0), moved(base, 0.01), moved(base, 0.05)}
	told := 0
	sample := func() []ranking.ScoredReply {
		replies, err := SamplePolicies(t.Context(), base, reward, policies, prompts, plan, func(done, total int) { told = done; _ = total })
		if err != nil {
			t.Fatal(err)
		}
		return replies
	}
	replies := sample()
	if want := 12 * (5 + 3*2); len(replies) != want || told != want {
		t.Fatalf("%d replies, told %d of %d", len(replies), told, want)
	}
	divergence, counts := map[string]float64{}, map[string]int{}
	first := map[string]string{}
	for _, r := range replies {
		divergence[r.Policy] += r.KL
		counts[r.Policy]++
		if _, seen := first[r.Policy]; !seen {
			first[r.Policy] = r.Text
		}
	}
	near(t, "the reference from itself", divergence["base"], 0, 0)
	near(t, "an equal policy", divergence["moved by 0"], 0, 1e-4)
	if first["base"] != first["moved by 0"] {
		t.Errorf("equal policies drew %q and %q with the same random numbers", first["base"], first["moved by 0"])
	}
	if near, far := divergence["moved by 0.01"], divergence["moved by 0.05"]; !(far > near && far > 1) {
		t.Errorf("divergences %g and %g", near, far)
	}
	if counts["base"] != 60 || counts["moved by 0.05"] != 24 {
		t.Errorf("replies %v", counts)
	}
	if !reflect.DeepEqual(sample(), replies) {
		t.Error("the same plan gave other replies")
	}

	judge, err := newReplyJudge(reward, prompts)
	if err != nil {
		t.Fatal(err)
	}
	finished, cut := replies[0], replies[0]
	finished.Ended, cut.Ended = true, false
	scores := judge.scores([]ranking.ScoredReply{finished, cut})
	near(t, "the price of no end", scores[0]-scores[1], 0.5, 1e-6)
	if err := JudgeReplies(t.Context(), reward, prompts, replies, func(int, int) {}); err != nil {
		t.Fatal(err)
	}
	for _, r := range replies {
		near(t, "the same judge as gold", *r.Gold, r.Proxy, 1e-6)
	}
}

func TestPolicySamplesRefuse(t *testing.T) {
	base := tinyBase(1)
	reward := tinyReward(base)
	prompts := []Prompt{{ID: "a", Messages: []ranking.Message{{Role: "user", Content: "hello"}}}}
	plan := SamplePlan{Seed: 1, MaxNew: 4, PerPrompt: 1, Pool: 1}
	quiet := func(int, int) {}
	for name, call := range map[string]func() error{
		"a reward model as policy": func() error {
			_, err := SamplePolicies(t.Context(), reward, reward, nil, prompts, plan, quiet)
			return err
		},
		"a policy as judge": func() error { return JudgeReplies(t.Context(), base, prompts, nil, quiet) },
		"no room": func() error {
			_, err := SamplePolicies(t.Context(), base, reward, nil, prompts, SamplePlan{MaxNew: 100_000, PerPrompt: 1, Pool: 1}, quiet)
			return err
		},
	} {
		if err := call(); ranking.ErrorCode(err) != ranking.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}
