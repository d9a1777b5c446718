package trainer

import (
	"unicode/utf8"

	"rankloop/ranking"
)

// comparison is one pair of a ranking; winner and loser index the task's responses.
type comparison struct {
	winner, loser int
	tied          bool
	margin        float64 // strength of preference: Δ − margin in the loss
}

// rankedPairs is what one ranking gives to the loss.
type rankedPairs struct {
	pairs  []comparison
	norm   float64 // C
	weight float64 // of its annotator
}

// rewardTask is one batch element of the reward model: a prompt, its responses, each read once, and all rankings of them.
type rewardTask struct {
	prompt    ranking.PromptKey // what the bootstrap draws
	promptIDs []int32
	sequences [][]int32
	lengths   []int // characters of each response
	rankings  []rankedPairs
}

func (t *rewardTask) tokens() int {
	n := 0
	for _, s := range t.sequences {
		n += len(s)
	}
	return n
}

// pairOptions says which pairs enter and how they count.
type pairOptions struct {
	norm   string // used: C is the number of pairs that enter; all: C(K,2)
	ties   string // drop, half or davidson
	weight func(annotator string) float64
	margin func(r ranking.Record, winner, loser int) float64
}

// pairCounts is what buildTasks left out, and how many ties it met.
type pairCounts struct {
	TrimmedPrompts   int // prompts cut to fit
	DroppedResponses int // responses too long for the model
	SkippedRankings  int // rankings without a pair
	SkippedTasks     int // tasks without a pair
	Strict, Tied     int // pairs of all rankings, before any rule
}

// buildTasks turns records into batch elements, in order of first appearance. A response that is too long is left out of
// its pairs; a ranking without a pair is left out of its task's mean; a task without a ranking is skipped. All are counted.
func buildTasks(records []ranking.Record, sequences sequencer, options pairOptions) ([]*rewardTask, pairCounts, error) {
	var counts pairCounts
	var order []*taskBuilder
	byKey := make(map[taskKey]*taskBuilder)
	for i := range records {
		r := &records[i]
		if err := checkRecord(r); err != nil {
			return nil, counts, err
		}
		key := taskKey{ranking.PromptKey{Campaign: r.Campaign, ID: r.PromptID}, r.TaskID}
		builder := byKey[key]
		if builder == nil {
			builder = newTaskBuilder(r, sequences, &counts)
			byKey[key], order = builder, append(order, builder)
		}
		builder.add(r, options, &counts)
	}
	var tasks []*rewardTask
	for _, builder := range order {
		if task := builder.finish(); task != nil {
			tasks = append(tasks, task)
		} else {
			counts.SkippedTasks++
		}
	}
	return tasks, counts, nil
}

type taskKey struct {
	prompt ranking.PromptKey
	task   int64
}

// checkRecord refuses a record whose tiers do not name its responses, each once.
func checkRecord(r *ranking.Record) error {
	seen := make([]bool, len(r.Responses))
	named := 0
	for _, tier := range r.Tiers {
		for _, i := range tier {
			if i < 0 || i >= len(seen) || seen[i] {
				return ranking.Errorf(ranking.CodeInvalid, "judgment %d of prompt %q: its ranking does not name each response once", r.JudgmentID, r.PromptID)
			}
			seen[i] = true
			named++
		}
	}
	if named != len(seen) || len(r.Messages) == 0 {
		return ranking.Errorf(ranking.CodeInvalid, "judgment %d of prompt %q: a message or a response is missing from it", r.JudgmentID, r.PromptID)
	}
	return nil
}

// taskBuilder gathers the rankings of one task. Responses are known by their text: records of one task may list them in
// different orders.
type taskBuilder struct {
	task      *rewardTask
	prompt    []int32
	sequences sequencer
	place     map[string]int // response text → index in task, −1 when too long
	used      []bool
}

func newTaskBuilder(r *ranking.Record, sequences sequencer, counts *pairCounts) *taskBuilder {
	prompt, trimmed := sequences.prompt(r.Messages)
	if trimmed {
		counts.TrimmedPrompts++
	}
	return &taskBuilder{
		task:   &rewardTask{prompt: ranking.PromptKey{Campaign: r.Campaign, ID: r.PromptID}, promptIDs: prompt},
		prompt: prompt, sequences: sequences, place: make(map[string]int),
	}
}

func (b *taskBuilder) response(text string, counts *pairCounts) int {
	if place, ok := b.place[text]; ok {
		return place
	}
	place := -1
	if ids, fits := b.sequences.complete(b.prompt, text); fits {
		place = len(b.task.sequences)
		b.task.sequences = append(b.task.sequences, ids)
		b.task.lengths = append(b.task.lengths, utf8.RuneCountInString(text))
		b.used = append(b.used, false)
	} else {
		counts.DroppedResponses++
	}
	b.place[text] = place
	return place
}

func (b *taskBuilder) add(r *ranking.Record, options pairOptions, counts *pairCounts) {
	ranked := rankedPairs{weight: 1}
	if options.weight != nil {
		ranked.weight = options.weight(r.Annotator)
	}
	for _, c := range r.Comparisons() {
		pair := comparison{winner: c.Winner, loser: c.Loser, tied: c.Tied}
		if pair.tied {
			counts.Tied++
		} else {
			counts.Strict++
		}
		winner := b.response(r.Responses[pair.winner].Text, counts)
		loser := b.response(r.Responses[pair.loser].Text, counts)
		if winner < 0 || loser < 0 || winner == loser || (pair.tied && options.ties == "drop") {
			continue
		}
		if options.margin != nil && !pair.tied {
			pair.margin = options.margin(*r, pair.winner, pair.loser)
		}
		pair.winner, pair.loser = winner, loser
		ranked.pairs = append(ranked.pairs, pair)
		b.used[winner], b.used[loser] = true, true
	}
	if len(ranked.pairs) == 0 {
		counts.SkippedRankings++
		return
	}
	ranked.norm = float64(len(ranked.pairs))
	if k := len(r.Responses); options.norm == "all" {
		ranked.norm = float64(k * (k - 1) / 2)
	}
	b.task.rankings = append(b.task.rankings, ranked)
}

// finish drops responses that no pair uses, so that nothing is read in vain, and returns nil for a task without a pair.
func (b *taskBuilder) finish() *rewardTask {
	if len(b.task.rankings) == 0 {
		return nil
	}
	place := make([]int, len(b.used))
	kept := 0
	for i, used := range b.used {
		if used {
			b.task.sequences[kept], b.task.lengths[kept] = b.task.sequences[i], b.task.lengths[i]
			place[i] = kept
			kept++
		}
	}
	b.task.sequences, b.task.lengths = b.task.sequences[:kept], b.task.lengths[:kept]
	for _, ranked := range b.task.rankings {
		for i := range ranked.pairs {
			p := &ranked.pairs[i]
			p.winner, p.loser = place[p.winner], place[p.loser]
		}
	}
	return b.task
}

// checkSplit refuses records whose group lies on both sides of the split: held-out accuracy would be a lie.
func checkSplit(records []ranking.Record) error {
	type group struct{ campaign, name string }
	side := make(map[group]ranking.Split)
	for _, r := range records {
		if r.Group == "" {
			continue
		}
		split := r.Split
		if split == "" {
			split = ranking.SplitTrain
		}
		of := group{r.Campaign, r.Group}
		if other, ok := side[of]; ok && other != split {
			return ranking.Errorf(ranking.CodeInvalid, "group %q is both in the training and in the validation split", r.Group)
		}
		side[of] = split
	}
	return nil
}
