// Package simulate lets simulated annotators work a campaign, over HTTP like everybody else. They know a truth about the
// responses and judge by it, with as much noise as asked for. They are marked simulated wherever they appear.
package simulate

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"rankloop/ranking"
)

// Truth knows how good a task's responses are.
type Truth interface {
	// Scores gives one score for each of the task's responses, higher is better; ok is false where it knows none.
	Scores(task ranking.Task) (scores []float64, ok bool)
}

// FileTruth is the truth of a file, by prompt and by place in the prompt set. Identical replies are one response: the
// score at its first place counts.
type FileTruth ranking.Truth

// Scores implements Truth.
func (f FileTruth) Scores(task ranking.Task) ([]float64, bool) {
	values, ok := f[task.Prompt.ExternalID]
	if !ok {
		return nil, false
	}
	scores := make([]float64, len(task.Responses))
	for i, response := range task.Responses {
		place := response.FileIndexes[0]
		if response.Generated || place >= len(values) {
			return nil, false
		}
		scores[i] = values[place]
	}
	return scores, true
}

// plan is what is known of a task before it is leased.
type plan struct {
	prompt    string // the prompt set's id
	responses []int64
	scores    []float64 // of responses
	places    []int     // of responses in the prompt set; they key the noise
	overlap   int
	slots     slots
}

// taskKey names a task by its responses: that is what a lease tells of it.
func taskKey(responses []int64) string {
	sorted := slices.Clone(responses)
	slices.Sort(sorted)
	return strings.Trim(fmt.Sprint(sorted), "[]")
}

// plans are the tasks with truth, and what holds for all of them.
type plans struct {
	byTask       map[string]*plan
	ordered      []*plan // in the order of import
	withoutTruth int
	deviation    float64 // standard deviation of all scores
}

func (p *plans) add(task ranking.Task, truth Truth) error {
	scores, ok := truth.Scores(task)
	if !ok {
		p.withoutTruth++
		return nil
	}
	if len(scores) != len(task.Responses) {
		return fmt.Errorf("the truth gives %d scores for %d responses", len(scores), len(task.Responses))
	}
	one := &plan{prompt: task.Prompt.ExternalID, scores: scores, overlap: task.Overlap, slots: slots{next: task.Judgments}}
	for _, response := range task.Responses {
		one.responses = append(one.responses, response.ID)
		one.places = append(one.places, response.FileIndexes[0])
	}
	p.byTask[taskKey(one.responses)] = one
	p.ordered = append(p.ordered, one)
	return nil
}

// measure computes the standard deviation of the scores.
func (p *plans) measure() {
	n, mean, squares := 0.0, 0.0, 0.0
	for _, one := range p.ordered {
		for _, score := range one.scores { // Welford's recurrence
			n++
			delta := score - mean
			mean += delta / n
			squares += delta * (score - mean)
		}
	}
	if n > 0 {
		p.deviation = math.Sqrt(squares / n)
	}
}
