package simulate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rankloop/ranking"
)

// task makes a task whose responses lie in the prompt set in order, with ids that say nothing about it.
func task(prompt string, k, overlap int) ranking.Task {
	t := ranking.Task{Prompt: ranking.Prompt{ExternalID: prompt}, Overlap: overlap}
	for i := range k {
		t.Responses = append(t.Responses, ranking.Response{ID: int64(1000 - 7*i), FileIndexes: []int{i}})
	}
	return t
}

func planned(t testing.TB, truth FileTruth, tasks ...ranking.Task) *plans {
	t.Helper()
	p := &plans{byTask: make(map[string]*plan)}
	for _, one := range tasks {
		if err := p.add(one, truth); err != nil {
			t.Fatal(err)
		}
	}
	p.measure()
	return p
}

// randomTruth gives n prompts of k responses with normal scores.
func randomTruth(n, k int) (FileTruth, []ranking.Task) {
	random := rand.New(rand.NewPCG(1, 2))
	truth := FileTruth{}
	var tasks []ranking.Task
	for i := range n {
		prompt := fmt.Sprint("p", i)
		for range k {
			truth[prompt] = append(truth[prompt], 10+3*random.NormFloat64())
		}
		tasks = append(tasks, task(prompt, k, 1+i%2))
	}
	return truth, tasks
}

func TestDeviation(t *testing.T) {
	p := planned(t, FileTruth{"p": {1, 2}, "q": {3, 6}}, task("p", 2, 1), task("q", 2, 1))
	if want := math.Sqrt(3.5); math.Abs(p.deviation-want) > 1e-12 {
		t.Errorf("deviation %g, want %g", p.deviation, want)
	}
}

// The solved noise reverses the share asked for, over the judgments that will really be made.
func TestFlipScale(t *testing.T) {
	truth, tasks := randomTruth(800, 4)
	p := planned(t, truth, tasks...)
	for _, flip := range []float64{0.01, 0.1, 0.25, 0.4} {
		for _, margin := range []float64{0, 1} {
			scale, share := p.flipScale(7, margin, flip)
			j := judge{seed: 7, scale: scale, margin: margin}
			var sum outcome
			for _, one := range p.ordered {
				for slot := range one.overlap {
					sum.add(j.compare(one, j.rank(one, slot)))
				}
			}
			made := float64(sum.reversed) / float64(sum.strict)
			if math.Abs(made-flip) > flipTolerance || made != share {
				t.Errorf("flip %g, margin %g: %g of the pairs reversed, %g foretold", flip, margin, made, share)
			}
		}
	}
}

// A sampled campaign meets the rate as well.
func TestFlipScaleOfManyTasks(t *testing.T) {
	truth, tasks := randomTruth(20_000, 4)
	p := planned(t, truth, tasks...)
	scale, _ := p.flipScale(3, 0, 0.25)
	j := judge{seed: 3, scale: scale}
	var sum outcome
	for _, one := range p.ordered {
		for slot := range one.overlap {
			sum.add(j.compare(one, j.rank(one, slot)))
		}
	}
	if made := float64(sum.reversed) / float64(sum.strict); math.Abs(made-0.25) > flipTolerance {
		t.Errorf("%g of the pairs reversed, want 0.25", made)
	}
}

// Gumbel noise makes the choice between two responses a logistic one: at scale s, the worse wins with probability
// 1/(1+e^{d/s}) for a difference d of the scores.
func TestTemperatureIsLogistic(t *testing.T) {
	const n, difference, scale = 40_000, 1.5, 2.0
	one := &plan{responses: []int64{5, 3}, scores: []float64{1, 1 + difference}, places: []int{0, 1}}
	j := judge{seed: 1, scale: scale}
	worse := 0
	for slot := range n {
		if tiers := j.rank(one, slot); tiers[0][0] == 5 {
			worse++
		}
	}
	want := 1 / (1 + math.Exp(difference/scale))
	if got := float64(worse) / n; math.Abs(got-want) > 4*math.Sqrt(want*(1-want)/n) {
		t.Errorf("the worse wins %g, want %g", got, want)
	}
}

// Without noise a judgment is the truth, ties included, wherever the responses stand and whatever their ids are.
func TestNoiselessIsTruth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(2, 9).Draw(t, "k")
		scores := rapid.SliceOfN(rapid.SampledFrom([]float64{-1, 0, 0.5, 2}), k, k).Draw(t, "scores")
		order := rapid.Permutation([]int{0, 1, 2, 3, 4, 5, 6, 7, 8}[:k]).Draw(t, "order")
		one := &plan{prompt: "p"}
		for i, place := range order {
			one.responses = append(one.responses, int64(100+i))
			one.places = append(one.places, place)
			one.scores = append(one.scores, scores[place])
		}
		j := judge{seed: rapid.Int64().Draw(t, "seed")}
		tiers := j.rank(one, rapid.IntRange(0, 3).Draw(t, "slot"))
		if o := j.compare(one, tiers); o.reversed != 0 || o.pairs != k*(k-1)/2 || o.ties != o.pairs-o.strict {
			t.Fatalf("%+v from %v of scores %v", o, tiers, scores)
		}
		if want := ranking.TiersFromScores(one.responses, one.scores, 0); !cmp.Equal(tiers, want) {
			t.Fatalf("%v, want %v", tiers, want)
		}
	})
}

// The noise belongs to the response's place in the prompt set, not to its id or its place in the task.
func TestNoiseFollowsTheFile(t *testing.T) {
	a := &plan{prompt: "p", responses: []int64{1, 2, 3}, scores: []float64{1, 2, 3}, places: []int{0, 1, 2}}
	b := &plan{prompt: "p", responses: []int64{30, 10, 20}, scores: []float64{3, 1, 2}, places: []int{2, 0, 1}}
	j := judge{seed: 5, scale: 2}
	for slot := range 50 {
		na, nb := j.gumbels(a, slot), j.gumbels(b, slot)
		if na[0] != nb[1] || na[1] != nb[2] || na[2] != nb[0] {
			t.Fatalf("slot %d: %v and %v", slot, na, nb)
		}
	}
	if j.gumbels(a, 0)[0] == j.gumbels(a, 1)[0] || j.gumbels(a, 0)[0] == (judge{seed: 6}).gumbels(a, 0)[0] {
		t.Error("other slots or seeds draw the same noise")
	}
}

func TestFileTruth(t *testing.T) {
	truth := FileTruth{"p": {5, 6, 7}}
	merged := ranking.Task{Prompt: ranking.Prompt{ExternalID: "p"}, Responses: []ranking.Response{
		{ID: 1, FileIndexes: []int{1, 2}}, {ID: 2, FileIndexes: []int{0}},
	}}
	if scores, ok := truth.Scores(merged); !ok || !cmp.Equal(scores, []float64{6, 5}) {
		t.Errorf("scores %v, %v", scores, ok)
	}
	merged.Responses[1] = ranking.Response{ID: 2, FileIndexes: []int{3}}
	if _, ok := truth.Scores(merged); ok {
		t.Error("a response beyond the file's scores has a score")
	}
	merged.Responses[1] = ranking.Response{ID: 2, FileIndexes: []int{2}, Generated: true}
	if _, ok := truth.Scores(merged); ok {
		t.Error("a generated response has a score of the file")
	}
}

func TestSlots(t *testing.T) {
	s := slots{next: 1}
	if a, b := s.take(), s.take(); a != 1 || b != 2 {
		t.Errorf("slots %d, %d", a, b)
	}
	s.giveBack(2)
	s.giveBack(1)
	if a, b, c := s.take(), s.take(), s.take(); a != 1 || b != 2 || c != 3 {
		t.Errorf("slots %d, %d, %d after two came back", a, b, c)
	}
}
