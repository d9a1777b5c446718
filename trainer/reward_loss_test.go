package trainer

import (
	"math"
	"math/rand/v2"
	"testing"

	"rankloop/model"
	"rankloop/ranking"
)

// oraclePairLoss is learning's formula without care for overflow.
func oraclePairLoss(ties string, tied bool, delta, eta float64) float64 {
	logSigma := func(x float64) float64 { return math.Log(1 / (1 + math.Exp(-x))) }
	d := math.Exp(delta/2) + math.Exp(-delta/2) + math.Exp(eta)
	switch {
	case ties == "davidson" && tied:
		return -(eta - math.Log(d))
	case ties == "davidson":
		return -(delta/2 - math.Log(d))
	case tied:
		return -(logSigma(delta) + logSigma(-delta)) / 2
	}
	return -logSigma(delta)
}

func TestPairLossGradients(t *testing.T) {
	const h = 1e-5
	for _, ties := range []string{"drop", "half", "davidson"} {
		for _, tied := range []bool{false, true} {
			if ties == "drop" && tied {
				continue
			}
			for _, delta := range []float64{-6, -1, -0.1, 0, 0.3, 2, 7} {
				for _, eta := range []float64{-2, 0, 1.5} {
					loss, dDelta, dEta := pairLoss(ties, tied, delta, eta)
					f := func(d, e float64) float64 { return oraclePairLoss(ties, tied, d, e) }
					near(t, ties+" loss", loss, f(delta, eta), 1e-9)
					near(t, ties+" by Δ", dDelta, (f(delta+h, eta)-f(delta-h, eta))/(2*h), 1e-7)
					near(t, ties+" by η", dEta, (f(delta, eta+h)-f(delta, eta-h))/(2*h), 1e-7)
				}
			}
		}
	}
	for _, delta := range []float64{-1e4, 1e4} {
		for _, ties := range []string{"half", "davidson"} {
			for _, tied := range []bool{false, true} {
				if loss, d, e := pairLoss(ties, tied, delta, 0); !finite(loss, d, e) {
					t.Errorf("%s tied=%v at Δ=%v: %v %v %v", ties, tied, delta, loss, d, e)
				}
			}
		}
	}
}

func TestFirstEtaGivesTheTieRate(t *testing.T) {
	for _, c := range [][2]int{{10, 90}, {1, 1}, {30, 10}} {
		nu := math.Exp(firstEta(c[0], c[1]))
		near(t, "tie rate between equals", nu/(2+nu), float64(c[0])/float64(c[0]+c[1]), 1e-9)
	}
	if !finite(firstEta(0, 0), firstEta(0, 5), firstEta(5, 0)) {
		t.Error("η is not finite without ties or without strict pairs")
	}
}

func testSequencer(t testing.TB) sequencer {
	t.Helper()
	s, err := newSequencer(testTokenizer, tinyConfig().Context, 24)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestTaskLossIsMeanOverPairs compares with a brute-force mean over the pairs of each ranking, for every tie rule, norm,
// with weights and margins.
func TestTaskLossIsMeanOverPairs(t *testing.T) {
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
}

func placeOf(t *testing.T, task *rewardTask, text string) int {
	t.Helper()
	ids := testTokenizer.Encode(text)
	for i, s := range task.sequences {
		if s[len(s)-2] == ids[0] {
			return i
		}
	}
	t.Fatalf("%q is not in the task", text)
	return 0
}

// TestRewardGradientThroughTheNetwork: the batch's gradient is the mean over tasks of the brute-force mean over pairs,
// each pair read by itself.
func TestRewardGradientThroughTheNetwork(t *testing.T) {
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
}

// TestRewardGradientByFiniteDifferences nudges weights along random directions.
func TestRewardGradientByFiniteDifferences(t *testing.T) {
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
}

func distance(a, b []float32) float64 {
	var sum float64
	for i := range a {
		sum += (float64(a[i]) - float64(b[i])) * (float64(a[i]) - float64(b[i]))
	}
	return math.Sqrt(sum)
}

func norm(a []float32) float64 { return distance(a, make([]float32, len(a))) }

func TestPromptWithManyResponsesWeighsAsOneWithFew(t *testing.T) {
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
}
