package ranking

import (
	"slices"
	"strings"
)

// CalibrationReport says how the people of a campaign judged the same tasks.
type CalibrationReport struct {
	CalibrationBatch
	Standings []CalibrationStanding // as People
	Items     []CalibrationItem     // as Tasks
	Agreement *Share                // of the pairs that both of two people order strictly: ordered the same way; over all tasks
	Ties      *Share                // over all pairs: equal = 1, tie against strict = ½

	votes [][][]int // by task and person: the order of each pair of responses; nil where there is none
}

// CalibrationStanding is how far one person is, and how they judge beside the others. All proportions are of pairs that
// both sides order strictly.
type CalibrationStanding struct {
	Judged, Skipped, Spared, Left int
	WithOthers                    Proportion // every other person's order, pair by pair
	WithMajority                  Proportion // what most of the others say, where that is one of the two
	WithKnown                     Proportion // the right answers, of tasks that have one
}

// Done reports whether the person has nothing left of the batch.
func (s CalibrationStanding) Done() bool { return s.Left == 0 }

// CalibrationItem is one task with everybody's answer.
type CalibrationItem struct {
	Answers   []CalibrationAnswer // as People
	Agreement Proportion          // between every two people
	Known     [][]int             // the right answer as tiers, nil where there is none
}

// CalibrationAnswer is what one person said to a task.
type CalibrationAnswer struct {
	Outcome    CalibrationOutcome
	Reason     string  // of a skip
	Tiers      [][]int // places in the task's Responses, best first
	Strength   int     // of a comparison
	BothBad    bool    // of a comparison
	Text       string  // what they wrote: a demonstration, or a conversation's last reply
	Turns      int     // of a conversation
	WithOthers Proportion
}

// NewCalibrationReport compares the records of a batch: those of its tasks, whoever they are by. The people of c are the
// ones who count.
func NewCalibrationReport(c CalibrationBatch, records []Record, seed uint64) CalibrationReport {
	r := CalibrationReport{CalibrationBatch: c, Standings: make([]CalibrationStanding, len(c.People))}
	people := make(map[string]int, len(c.People))
	users := make(map[int64]int, len(c.People))
	for i, p := range c.People {
		people[p.User.Pseudonym], users[p.User.ID] = i, i
	}
	places := make(map[int64]int, len(c.Tasks))
	for i, task := range c.Tasks {
		places[task.ID] = i
		r.Items = append(r.Items, newCalibrationItem(task, c.People))
	}
	for _, work := range c.Work {
		i, person := places[work.TaskID], users[work.UserID]
		a := &r.Items[i].Answers[person]
		if a.Outcome == CalibrationSpared && work.Outcome == CalibrationAtWork {
			continue // it will be taken back
		}
		a.Outcome, a.Reason = work.Outcome, work.Reason
	}
	r.votes = make([][][]int, len(c.Tasks))
	known := make([][]int, len(c.Tasks))
	for i := range r.votes {
		r.votes[i] = make([][]int, len(c.People))
		known[i] = r.Items[i].setKnown(c.Tasks[i])
	}
	for k := range records {
		person, counts := people[records[k].Annotator]
		i, found := places[records[k].TaskID]
		if counts && found {
			r.Items[i].Answers[person].read(&records[k])
			r.votes[i][person] = pairOrders(&records[k])
		}
	}
	var strict, ties []Proportion
	for i := range r.Items {
		agreement, withTies := r.compare(i, known[i])
		r.Items[i].Agreement = agreement
		strict, ties = append(strict, agreement), append(ties, withTies)
	}
	r.Agreement, r.Ties = NewShare(strict, seed), NewShare(ties, seed)
	r.count()
	return r
}

func newCalibrationItem(task CalibrationTask, people []CalibrationPerson) CalibrationItem {
	item := CalibrationItem{Answers: make([]CalibrationAnswer, len(people))}
	for i, p := range people {
		item.Answers[i].Outcome = CalibrationOpen
		if task.State == "withdrawn" || slices.ContainsFunc(task.Sensitive, func(s string) bool { return slices.Contains(p.OptedOut, s) }) {
			item.Answers[i].Outcome = CalibrationSpared
		}
	}
	return item
}

// setKnown keeps the right answer and returns its order of each pair, nil where there is none.
func (i *CalibrationItem) setKnown(task CalibrationTask) []int {
	known, ok := Task{Prompt: task.Prompt, Responses: task.Responses}.Known()
	if !ok {
		return nil
	}
	level := make([]int, len(task.Responses))
	for tier, ids := range known.Tiers {
		var members []int
		for place, response := range task.Responses {
			if slices.Contains(ids, response.ID) {
				members, level[place] = append(members, place), tier
			}
		}
		i.Known = append(i.Known, members)
	}
	return ordersOf(level)
}

// read takes what a record says into the answer. A conversation comes as one record a turn, in their order.
func (a *CalibrationAnswer) read(r *Record) {
	a.Strength, a.BothBad = r.Strength, r.BothBad
	if r.Dialogue != nil {
		a.Turns++
		a.Text = r.Responses[r.Dialogue.Reply].Text
		return
	}
	for _, tier := range r.Tiers {
		var shown []int
		for _, place := range tier {
			if r.Responses[place].Written {
				a.Text = r.Responses[place].Text
			} else {
				shown = append(shown, place)
			}
		}
		if len(shown) > 0 {
			a.Tiers = append(a.Tiers, shown)
		}
	}
}

// pairOrders is the order of each pair of the responses that everybody saw: +1 where the first is above the second, 0
// where they tie. nil where nothing was ranked.
func pairOrders(r *Record) []int {
	if r.Dialogue != nil {
		return nil
	}
	byIndex := levels(r)
	var level []int
	for _, response := range r.Responses {
		if !response.Written {
			level = append(level, byIndex[response.FileIndex])
		}
	}
	return ordersOf(level)
}

// ordersOf lists the order of each pair of places by their levels, 0 the best.
func ordersOf(level []int) []int {
	var orders []int
	byPlace := make(map[int]int, len(level))
	for place, l := range level {
		byPlace[place] = l
	}
	for p := range level {
		for q := p + 1; q < len(level); q++ {
			orders = append(orders, compareLevels(byPlace, p, q))
		}
	}
	return orders
}

// compare counts one task's agreement: of every two people (strict, and with ties), and of each with the others. It goes
// by the votes for each pair, so its work grows with the people and not with their square.
func (r *CalibrationReport) compare(task int, known []int) (strict, ties Proportion) {
	votes := r.votes[task]
	var above, tied, below []float64
	for _, orders := range votes {
		for pair, order := range orders {
			if above == nil {
				above, tied, below = make([]float64, len(orders)), make([]float64, len(orders)), make([]float64, len(orders))
			}
			switch order {
			case 1:
				above[pair]++
			case 0:
				tied[pair]++
			default:
				below[pair]++
			}
		}
	}
	for person, orders := range votes {
		standing := &r.Standings[person]
		for pair, order := range orders {
			same, even, opposite := above[pair], tied[pair], below[pair]
			switch order {
			case 0:
				ties.Count += even - 1 + (same+opposite)/2
				ties.Of += same + even - 1 + opposite
				continue
			case -1:
				same, opposite = opposite, same
			}
			same-- // one's own
			ties.Count += same + even/2
			ties.Of += same + even + opposite
			with := Proportion{Count: same, Of: same + opposite}
			strict.add(with)
			standing.WithOthers.add(with)
			r.Items[task].Answers[person].WithOthers.add(with)
			if same != opposite {
				standing.WithMajority.add(Proportion{Count: share01(same > opposite), Of: 1})
			}
			if len(known) == len(orders) && known[pair] != 0 {
				standing.WithKnown.add(Proportion{Count: share01(known[pair] == order), Of: 1})
			}
		}
	}
	for _, p := range []*Proportion{&strict, &ties} { // each two people were counted from both sides
		p.Count, p.Of = p.Count/2, p.Of/2
	}
	return strict, ties
}

func (p *Proportion) add(other Proportion) {
	p.Count += other.Count
	p.Of += other.Of
}

func share01(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// Between is the agreement of two people over the whole batch.
func (r *CalibrationReport) Between(a, b int) (strict Proportion) {
	for _, votes := range r.votes {
		if len(votes[a]) != len(votes[b]) {
			continue
		}
		for pair, order := range votes[a] {
			if other := votes[b][pair]; order != 0 && other != 0 {
				strict.add(Proportion{Count: share01(order == other), Of: 1})
			}
		}
	}
	return strict
}

// count says how far everybody is.
func (r *CalibrationReport) count() {
	for _, item := range r.Items {
		for person, answer := range item.Answers {
			s := &r.Standings[person]
			switch answer.Outcome {
			case CalibrationJudged:
				s.Judged++
			case CalibrationSkipped:
				s.Skipped++
			case CalibrationSpared:
				s.Spared++
			default:
				s.Left++
			}
		}
	}
}

// Waits reports whether a person is through and waits for an admin.
func (r *CalibrationReport) Waits(person int) bool {
	return r.Approval && r.People[person].ApprovedAt == nil && r.Standings[person].Done() && len(r.Tasks) > 0
}

// TierExpression writes tiers of places as the board does: "B › A = D › C".
func TierExpression(tiers [][]int) string {
	parts := make([]string, len(tiers))
	for i, tier := range tiers {
		var letters []string
		for _, place := range slices.Sorted(slices.Values(tier)) {
			letters = append(letters, string(rune('A'+place)))
		}
		parts[i] = strings.Join(letters, " = ")
	}
	return strings.Join(parts, " › ")
}
