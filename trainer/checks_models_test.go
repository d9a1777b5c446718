package trainer

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"rankloop/model"
	"rankloop/ranking"
)

// Checks 17 to 21 of 25: the networks beside the policy, and what shows that they are cheated.

// Excludes: dropout left on in reinforcement learning, which moves every ratio off 1. Two forwards of policy, reference, reward and
// value model are equal to the bit.
func TestCheck17_NoDropout(t *testing.T) {
	r := rolled(t)
	_, items, _ := r.allEpisodes()
	rows := func() [][]float32 {
		out := make([][]float32, len(items))
		for i, it := range items {
			out[i] = make([]float32, it.predicted())
		}
		return out
	}
	for name, forward := range map[string]func(out [][]float32){
		"policy":       func(out [][]float32) { r.language.score(r.policy.weights, items, out) },
		"reference":    func(out [][]float32) { r.language.score(r.reference, items, out) },
		"reward model": func(out [][]float32) { r.scalar.values(r.reward, items, out) },
		"value model":  func(out [][]float32) { r.scalar.values(r.value.weights, items, out) },
	} {
		first, second := rows(), rows()
		forward(first)
		forward(second)
		for i := range first {
			if !sameBits(first[i], second[i]) {
				t.Errorf("%s: two forwards of episode %d differ", name, i)
			}
		}
	}
}

// Excludes: a reference or reward model that learns along, or a reference that is last round's average.
func TestCheck18_FrozenModelsStayFrozen(t *testing.T) {
	in := loopInputs()
	reference, reward := newDigest().weights(in.Base.Weights).sum(), newDigest().weights(in.Reward.Weights).sum()
	r := openLoop(t, in)
	finish(t, r)
	if newDigest().weights(in.Base.Weights).sum() != reference || newDigest().weights(in.Reward.Weights).sum() != reward {
		t.Error("training changed the reference or the reward model")
	}
	if r.reference != in.Base.Weights || sameBits(r.policy.weights.Data, r.reference.Data) || sameBits(r.ema.Data, r.policy.weights.Data) {
		t.Error("policy, average and reference are not three networks")
	}
}

// Excludes: shuffled pairs, with which each response is learned K−1 times an epoch (InstructGPT, footnote 5; TRL, OpenRLHF and
// DeepSpeed-Chat train so), and prompts on both sides of the split.
func TestCheck19_ChooseTwoOfKIsOneElement(t *testing.T) {
	t.Run("mean over pairs", func(t *testing.T) {
		texts := []string{"a", "b", "c", "d"}
		first := record("p", texts, []int{2}, []int{0, 3}, []int{1})
		second := record("p", texts, []int{1}, []int{0}, []int{2}, []int{3})
		second.Annotator = "a-2"
		weight := func(annotator string) float64 { return map[string]float64{"a-1": 0.5, "a-2": 2}[annotator] }
		margin := func(_ ranking.Record, winner, loser int) float64 { return 0.1 * float64(winner+2*loser) }
		rewards := []float32{0.3, -0.7, 1.1, 0.4}
		for _, ties := range []string{"drop", "half", "davidson"} {
			for _, norm := range []string{"used", "all"} {
				tasks, _, err := buildTasks([]ranking.Record{first, second}, testSequencer(t), pairOptions{norm, ties, weight, margin})
				if err != nil || len(tasks) != 1 || len(tasks[0].sequences) != 4 {
					t.Fatalf("%d tasks, %v", len(tasks), err)
				}
				// A response's place follows its first pair, so look rewards up by text.
				task := tasks[0]
				byPlace := make([]float32, 4)
				for i, text := range texts {
					byPlace[placeOf(t, task, text)] = rewards[i]
				}
				brute := func(r []float32) (loss float64) {
					for _, rec := range []ranking.Record{first, second} {
						var sum float64
						pairs := 0
						for hi, tier := range rec.Tiers {
							for _, w := range tier {
								for lo, below := range rec.Tiers {
									for _, l := range below {
										tied := hi == lo
										if lo < hi || tied && (w >= l || ties == "drop") {
											continue
										}
										delta := float64(r[w]) - float64(r[l])
										if !tied {
											delta -= margin(rec, w, l)
										}
										sum += oraclePairLoss(ties, tied, delta, 0.2)
										pairs++
									}
								}
							}
						}
						if norm == "all" {
							pairs = 6
						}
						loss += weight(rec.Annotator) * sum / float64(pairs) / 2
					}
					return loss
				}
				dRewards := make([]float32, 4)
				loss, _ := taskLoss(task, ties, byPlace, 0.2, 0.25, dRewards)
				near(t, ties+" "+norm+" loss", loss, brute(rewards), 1e-6)
				for i, text := range texts {
					const h = 1e-2
					up, down := append([]float32(nil), rewards...), append([]float32(nil), rewards...)
					up[i] += h
					down[i] -= h
					want := 0.25 * (brute(up) - brute(down)) / float64(up[i]-down[i])
					near(t, ties+" "+norm+" gradient", float64(dRewards[placeOf(t, task, text)]), want, 1e-5)
				}
			}
		}
	})
	t.Run("through the network", func(t *testing.T) {
		base := tinyBase(1)
		in := Inputs{Base: base, Records: append(randomRecords(3, 4, ranking.SplitTrain, 1), randomRecords(1, 2, ranking.SplitTrain, 2)...)}
		for i := range in.Records {
			in.Records[i].PromptID, in.Records[i].TaskID = in.Records[i].PromptID+"x", int64(i)
		}
		for _, ties := range []string{"drop", "half", "davidson"} {
			run := open(t, KindReward, 7, in, "ties="+ties, "max_new=24").(*rewardRun)
			run.net.grad.Zero()
			batch := run.gradient(run.train)

			want := model.NewWeights(run.net.weights.Config)
			var loss float64
			rewards := make([]float32, 2)
			for _, task := range run.train {
				for _, ranked := range task.rankings {
					for _, p := range ranked.pairs {
						pair := [][]int32{task.sequences[p.winner], task.sequences[p.loser]}
						run.engine.forwardRewards(run.net.weights, pair, rewards)
						scale := 1 / float64(len(run.train)*len(task.rankings)*len(ranked.pairs))
						loss += scale * oraclePairLoss(ties, p.tied, float64(rewards[0])-float64(rewards[1]), run.tie.Eta)
						_, d, _ := pairLoss(ties, p.tied, float64(rewards[0])-float64(rewards[1]), run.tie.Eta)
						run.engine.backwardRewards([]float32{float32(scale * d), float32(-scale * d)}, want)
					}
				}
			}
			near(t, ties+" loss", batch.loss, loss, 1e-6)
			near(t, ties+" gradient", distance(run.net.grad.Data, want.Data), 0, 5e-5*norm(want.Data))
		}
	})
	t.Run("finite differences", func(t *testing.T) {
		in := Inputs{Base: tinyBase(2), Records: randomRecords(3, 4, ranking.SplitTrain, 3)}
		run := open(t, KindReward, 1, in, "ties=half", "max_new=24").(*rewardRun)
		run.net.grad.Zero()
		run.gradient(run.train)
		grad := append([]float32(nil), run.net.grad.Data...)
		start := append([]float32(nil), run.net.weights.Data...)
		random := rand.New(rand.NewPCG(4, 4))
		for range 4 {
			direction := make([]float32, len(start))
			var slope float64
			for i := range direction {
				direction[i] = float32(random.NormFloat64())
				slope += float64(direction[i]) * float64(grad[i])
			}
			lossAt := func(h float64) float64 {
				for i := range start {
					run.net.weights.Data[i] = start[i] + float32(h)*direction[i]
				}
				return run.gradient(run.train).loss
			}
			const h = 2e-4
			near(t, "slope", (lossAt(h)-lossAt(-h))/(2*h), slope, 5e-3*math.Abs(slope)+3e-4)
		}
	})
	t.Run("K forwards, one weight", func(t *testing.T) {
		few := record("few", []string{"a", "b", "c", "d"}, []int{0}, []int{1}, []int{2}, []int{3})
		many := record("many", []string{"a", "b", "c", "d", "e", "f", "g", "h", "i"}, []int{0}, []int{1}, []int{2}, []int{3}, []int{4}, []int{5}, []int{6}, []int{7}, []int{8})
		tasks, _, err := buildTasks([]ranking.Record{few, many}, testSequencer(t), pairOptions{norm: "used", ties: "drop"})
		if err != nil {
			t.Fatal(err)
		}
		for _, task := range tasks {
			n := len(task.sequences)
			dRewards := make([]float32, n)
			loss, _ := taskLoss(task, "drop", make([]float32, n), 0, 1, dRewards)
			near(t, "loss of equal rewards", loss, math.Ln2, 1e-9)
			var pull float64 // every pair pulls with ½/C, so all pairs of a task pull with ½
			for _, ranked := range task.rankings {
				for range ranked.pairs {
					pull += 0.5 / ranked.norm
				}
			}
			near(t, "pull", pull, 0.5, 1e-9)
		}
		if len(tasks[0].sequences) != 4 || len(tasks[1].sequences) != 9 {
			t.Errorf("%d and %d forwards, want K: 4 and 9", len(tasks[0].sequences), len(tasks[1].sequences))
		}
	})
	t.Run("all tied", func(t *testing.T) {
		records := randomRecords(4, 3, ranking.SplitTrain, 1)
		records = append(records, record("all tied", []string{"a", "b"}, []int{0, 1}))
		run := open(t, KindReward, 1, Inputs{Base: tinyBase(1), Records: records}, "max_new=12", "zero_samples=4", "batch_tasks=3")
		if run.StepsTotal() != 2 {
			t.Errorf("%d steps for 4 tasks in batches of 3", run.StepsTotal())
		}
		reports := finish(t, run)
		codes := make(map[string]bool)
		tasks := 0.0
		for _, report := range reports {
			tasks += report.Metrics[metricTasks]
			for _, w := range report.Warnings {
				codes[w.Code] = true
			}
		}
		if tasks != 4 || !codes["tasks_skipped"] || !codes["no_validation"] {
			t.Errorf("%v tasks, warnings %v", tasks, codes)
		}
		_, err := Open(Spec{Kind: KindReward, Config: resolve(t, KindReward, "max_new=12")}, Inputs{Base: tinyBase(1), Records: records[4:]})
		if ranking.ErrorCode(err) != ranking.CodeInvalid {
			t.Errorf("a run on ties alone: %v", err)
		}
	})
	t.Run("split by group", func(t *testing.T) {
		records := append(randomRecords(3, 2, ranking.SplitTrain, 1), randomRecords(2, 2, ranking.SplitValidation, 2)...)
		if err := checkSplit(records); err != nil {
			t.Fatal(err)
		}
		records[4].Group = records[0].Group
		if err := checkSplit(records); ranking.ErrorCode(err) != ranking.CodeInvalid {
			t.Errorf("a group on both sides: %v", err)
		}
	})
}

// Excludes: a normalisation that is lost on save or applied twice, and a head drawn from 1/(d+1) instead of its root (OpenRLHF).
func TestCheck20_ScaleIsStoredAndAppliedOnce(t *testing.T) {
	t.Run("zero point", func(t *testing.T) {
		base := tinyBase(1)
		records := append(randomRecords(9, 4, ranking.SplitTrain, 1), randomRecords(4, 3, ranking.SplitValidation, 2)...)
		var demonstrations []Example
		for i, p := range prompts(6) {
			demonstrations = append(demonstrations, Example{Messages: p.Messages, Reply: fmt.Sprintf("fine %d", i)})
		}
		for name, examples := range map[string][]Example{"reference samples": nil, "demonstrations": demonstrations} {
			run := open(t, KindReward, 1, Inputs{Base: base, Records: records, Examples: examples},
				"batch_tasks=4", "max_new=12", "zero_samples=6", "learning_rate=0.01").(*rewardRun)
			if c := published(t, run); checkReward(c) == nil {
				t.Errorf("%s: an unfinished run's model has a scale", name)
			}
			finish(t, run)
			c := throughFiles(t, published(t, run))
			if err := checkReward(c); err != nil {
				t.Fatal(err)
			}
			if name == "demonstrations" {
				for i, e := range examples {
					prompt, _ := run.sequences.prompt(e.Messages)
					sequence, _ := run.sequences.complete(prompt, e.Reply)
					if !containsSequence(run.zero.replies, sequence) {
						t.Errorf("demonstration %d does not define zero", i)
					}
				}
			}
			raw := make([]float32, len(run.zero.replies))
			run.engine.rewards(c.Weights, run.zero.replies, raw)
			var mean, square float64
			for _, x := range raw {
				score := c.Meta.Reward(x)
				mean += float64(score) / float64(len(raw))
				square += float64(score) * float64(score) / float64(len(raw))
			}
			near(t, name+": mean", mean, 0, 1e-3)
			near(t, name+": σ_ref", c.Meta.RewardStd, math.Sqrt(square), 1e-3)
		}
	})
	t.Run("once", func(t *testing.T) {
		in := loopInputs()
		in.Reward = throughFiles(t, in.Reward)
		r := openLoop(t, in)
		replies := []scoredReply{{prompt: &r.prompts[1], tokens: r.sequences.chat.Reply("yes"), ended: true}}
		r.scoreReplies(replies)
		sequence, _ := r.rewardSequences.complete(r.prompts[1].rewardIDs, "yes")
		raw := make([]float32, 1)
		r.scalar.rewards(in.Reward.Weights, [][]int32{sequence}, raw)
		near(t, "score", replies[0].score, float64(raw[0])-0.25, 1e-7)

		value := make([]float32, 1)
		r.scalar.rewards(r.value.weights, [][]int32{sequence}, value)
		near(t, "the value model's start", float64(value[0]), replies[0].score, 1e-5)
	})
	t.Run("a shift changes no order", func(t *testing.T) {
		base := tinyBase(1)
		in := Inputs{Base: base, Records: randomRecords(8, 4, ranking.SplitTrain, 1)}
		r := open(t, KindReward, 1, in, "max_new=24").(*rewardRun)
		measure := func() (value float64) {
			b := r.gradient(r.train)
			return b.metrics()[metricAccuracy]
		}
		before := measure()
		r.net.weights.ShiftScalars(3)
		near(t, "accuracy after a shift", measure(), before, 0)
	})
	t.Run("head", func(t *testing.T) {
		deep := tinyConfig()
		deep.Dim, deep.Hidden, deep.Layers = 960, 16, 1
		w := model.NewWeights(deep).WithScalarHead(9)
		head := w.Tensors()[len(w.Tensors())-1]
		_, variance := moments([][]float32{head.Data})
		near(t, "standard deviation of "+head.Name, math.Sqrt(variance), 1/math.Sqrt(961), 0.1/math.Sqrt(961))
	})
}

// Excludes: exploits that no figure shows: replies that repeat themselves to the limit (MOSS-RLHF #17), one answer to every query
// (TRL #204), length for quality (DeepSpeedExamples #316). Each planted exploit is seen by the metric that is for it.
func TestCheck21_ExploitsShow(t *testing.T) {
	r := openLoop(t, loopInputs())
	random := rand.New(rand.NewPCG(21, 1))
	rollout := func(reply func(i int) (tokens []int32, score float64)) map[string]float64 {
		b := &rollout{}
		for i := range 16 {
			tokens, score := reply(i)
			n := len(tokens)
			b.Episodes = append(b.Episodes, episode{
				Tokens: append([]int32{1, 2}, tokens...), From: 2, Ended: tokens[n-1] == r.sequences.chat.End, Score: score,
				LogProbs: make([]float32, n), ReferenceLogProbs: make([]float32, n), Values: make([]float32, n),
				Advantages: make([]float32, n), Returns: make([]float32, n),
			})
		}
		return r.rolloutMetrics(b)
	}
	varied := func(n int) []int32 {
		tokens := make([]int32, n)
		for i := range tokens {
			tokens[i] = int32(20 + random.IntN(200))
		}
		return append(tokens, r.sequences.chat.End)
	}
	honest := rollout(func(int) ([]int32, float64) { return varied(10 + random.IntN(20)), random.NormFloat64() })
	circles := rollout(func(i int) ([]int32, float64) { return slices.Repeat([]int32{int32(20 + i), 9}, 15), 1 })
	same := varied(20)
	one := rollout(func(int) ([]int32, float64) { return same, 1 })
	long := rollout(func(i int) ([]int32, float64) { return varied(5 + 2*i), float64(i) })
	for _, c := range []struct {
		metric          string
		exploit         map[string]float64
		honest, planted float64
	}{
		{metricRepeated4, circles, 0, 25.0 / 27}, {metricDistinct2, one, 1, 1.0 / 16}, {metricClippedRatio, circles, 0, 1},
		{metricScoreLengthCorr, long, 0, 1},
	} {
		near(t, c.metric+" of honest replies", honest[c.metric], c.honest, 0.6)
		near(t, c.metric+" of the exploit", c.exploit[c.metric], c.planted, 1e-9)
	}

	var shorter []ranking.Record
	for i := range 6 {
		shorter = append(shorter, record(fmt.Sprint("say it ", i), []string{"a long reply, too long", "b"}, []int{1}, []int{0}))
		shorter[i].TaskID = int64(i)
		if i > 3 {
			shorter[i].Split = ranking.SplitValidation
		}
	}
	run := open(t, KindReward, 1, Inputs{Base: tinyBase(1), Records: shorter}, "max_new=24", "zero_samples=2")
	reports := finish(t, run)
	near(t, "accuracy of length alone", reports[len(reports)-1].Metrics[metricEvalLengthBaseline], 1, 0)
}
