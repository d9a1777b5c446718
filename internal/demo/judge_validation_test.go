package demo_test

import (
	"fmt"
	"math"
	"sort"
	"strings"
	"testing"

	"rankloop/internal/basemodel/textgen"
	"rankloop/internal/demo/judge"
)

// validationExamples is enough for about 25 examples of each defect in each kind.
const validationExamples = 12000

// tally counts how the judge sees one group of replies.
type tally struct {
	n, accepted, kind int
	score             float64
}

func (t *tally) add(v judge.Verdict, kind string) {
	t.n++
	t.score += v.Score
	if v.Accepted {
		t.accepted++
	}
	if v.Kind == kind {
		t.kind++
	}
}

func (t tally) share() float64 { return float64(t.accepted) / math.Max(1, float64(t.n)) }
func (t tally) mean() float64  { return t.score / math.Max(1, float64(t.n)) }

// The judge shares no code and no table with the generator. Here the two meet:
// the judge must accept the generator's good replies of every kind and refuse
// each kind of defect, and length must explain little of its score.
func TestJudgeAgreesWithTheGenerator(t *testing.T) {
	g := textgen.New(20240229, textgen.Options{})
	good, defect, kinds := map[string]*tally{}, map[string]*tally{}, map[string]map[string]*tally{}
	var lengths, scores []float64
	shown := map[string]int{}
	for range validationExamples {
		e := g.Example()
		v := judge.Judge(e.Prompt, e.Reply, true)
		lengths = append(lengths, float64(len(strings.Fields(e.Reply))))
		scores = append(scores, v.Score)
		if kinds[e.Kind] == nil {
			kinds[e.Kind] = map[string]*tally{}
		}
		at(kinds[e.Kind], label(e.Defects)).add(v, e.Kind)
		if len(e.Defects) == 0 {
			at(good, e.Kind).add(v, e.Kind)
		}
		for _, d := range e.Defects {
			at(defect, d).add(v, e.Kind)
		}
		surprise := v.Accepted != (len(e.Defects) == 0) || v.Kind != e.Kind
		if key := e.Kind + label(e.Defects); testing.Verbose() && surprise && shown[key] < 3 {
			shown[key]++
			t.Logf("%s %v: %s => %s\n   %+v", e.Kind, e.Defects, e.Prompt, e.Reply, v)
		}
	}
	var all tally
	for _, kind := range keys(good) {
		k := good[kind]
		all.n += k.n
		all.accepted += k.accepted
		all.score += k.score
		if k.share() < 0.95 {
			t.Errorf("%s: %d of %d good replies accepted", kind, k.accepted, k.n)
		}
		if k.kind != k.n {
			t.Errorf("%s: %d of %d recognised", kind, k.kind, k.n)
		}
		line := fmt.Sprintf("%-14s", kind)
		for _, l := range keys(kinds[kind]) {
			if c := kinds[kind][l]; !strings.Contains(l, "+") {
				line += fmt.Sprintf("  %s %d/%d %.2f", l, c.accepted, c.n, c.mean())
			}
		}
		t.Log(line)
	}
	if all.share() < 0.97 {
		t.Errorf("%d of %d good replies accepted", all.accepted, all.n)
	}
	for _, d := range textgen.Defects() {
		c := defect[d]
		t.Logf("%-14s accepted %d of %d, mean score %.3f", d, c.accepted, c.n, c.mean())
		if c.share() > 0.05 {
			t.Errorf("%s: %d of %d accepted", d, c.accepted, c.n)
		}
		if c.mean() > all.mean()-0.12 {
			t.Errorf("%s: mean score %.3f against %.3f of good replies", d, c.mean(), all.mean())
		}
	}
	r2 := rSquared(lengths, scores)
	t.Logf("good accepted %d of %d, mean score %.3f; length explains %.4f of the score", all.accepted, all.n, all.mean(), r2)
	if r2 >= 0.1 {
		t.Errorf("length explains %.3f of the score", r2)
	}
}

func label(defects []string) string {
	if len(defects) == 0 {
		return "good"
	}
	return strings.Join(defects, "+")
}

func at(m map[string]*tally, key string) *tally {
	if m[key] == nil {
		m[key] = &tally{}
	}
	return m[key]
}

func keys[V any](m map[string]V) []string {
	all := make([]string, 0, len(m))
	for k := range m {
		all = append(all, k)
	}
	sort.Strings(all)
	return all
}

// rSquared is the squared correlation of two series.
func rSquared(x, y []float64) float64 {
	mean := func(v []float64) float64 {
		s := 0.0
		for _, a := range v {
			s += a
		}
		return s / float64(len(v))
	}
	mx, my := mean(x), mean(y)
	var xy, xx, yy float64
	for i := range x {
		xy += (x[i] - mx) * (y[i] - my)
		xx += (x[i] - mx) * (x[i] - mx)
		yy += (y[i] - my) * (y[i] - my)
	}
	return xy * xy / (xx * yy)
}
