package trainer

import (
	"slices"

	"rankloop/ranking"
)

// tally counts strict pairs of one prompt and how many of them a rule got right; an equal score is half right.
type tally struct {
	right float64
	pairs int
}

// tallyTasks tallies by prompt, in order of first appearance, how often better(task, winner, loser) is positive.
func tallyTasks(tasks []*rewardTask, better func(task, winner, loser int) float64) []tally {
	var tallies []tally
	place := make(map[ranking.PromptKey]int)
	for i, task := range tasks {
		at, ok := place[task.prompt]
		if !ok {
			at = len(tallies)
			place[task.prompt], tallies = at, append(tallies, tally{})
		}
		for _, ranked := range task.rankings {
			for _, p := range ranked.pairs {
				if p.tied {
					continue
				}
				tallies[at].pairs++
				switch d := better(i, p.winner, p.loser); {
				case d > 0:
					tallies[at].right++
				case d == 0:
					tallies[at].right += 0.5
				}
			}
		}
	}
	return tallies
}

// accuracy is the share of right pairs over all prompts; pairs is their number.
func accuracy(tallies []tally) (value float64, pairs int) {
	var right float64
	for _, t := range tallies {
		right += t.right
		pairs += t.pairs
	}
	return right / float64(max(1, pairs)), pairs
}

const bootstrapDraws = 2000

// accuracyInterval is the 95 % percentile interval of accuracy by bootstrap over prompts: pairs of one prompt stand and
// fall together, so drawing pairs would make the interval too narrow.
func accuracyInterval(tallies []tally, seed int64) (low, high float64) {
	random := newStream(seed, "bootstrap")
	draws := make([]float64, 0, bootstrapDraws)
	for range bootstrapDraws {
		var right float64
		pairs := 0
		for range tallies {
			t := tallies[random.IntN(len(tallies))]
			right += t.right
			pairs += t.pairs
		}
		if pairs > 0 {
			draws = append(draws, right/float64(pairs))
		}
	}
	if len(draws) == 0 {
		return 0, 1
	}
	slices.Sort(draws)
	at := func(q float64) float64 { return draws[int(q*float64(len(draws)-1)+0.5)] }
	return at(0.025), at(0.975)
}

// lengthRule is the baseline that looks at nothing but length: +1 when the longer response wins more often in these
// tasks, −1 when the shorter one does.
func lengthRule(tasks []*rewardTask) float64 {
	longer, pairs := accuracy(tallyTasks(tasks, longerBy(tasks, 1)))
	if pairs > 0 && longer < 0.5 {
		return -1
	}
	return 1
}

func longerBy(tasks []*rewardTask, sign float64) func(task, winner, loser int) float64 {
	return func(task, winner, loser int) float64 {
		lengths := tasks[task].lengths
		return sign * float64(lengths[winner]-lengths[loser])
	}
}
