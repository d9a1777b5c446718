package trainer

import "rankloop/ranking"

// agreementTasks is how many held-out tasks the policy is compared with.
const agreementTasks = 32

// openAgreement lays out the held-out rankings that agreement is measured on. There may be none.
func (r *ppoRun) openAgreement(records []ranking.Record) error {
	var heldOut []ranking.Record
	for _, record := range records {
		if record.Split == ranking.SplitValidation {
			heldOut = append(heldOut, record)
		}
	}
	tasks, _, err := buildTasks(heldOut, r.sequences, pairOptions{norm: "used", ties: "drop"})
	if err != nil {
		return err
	}
	r.heldRankings = tasks[:min(len(tasks), agreementTasks)]
	return r.checkPeak()
}

// agreement is the share of held-out strict pairs of which the policy has made the preferred reply more probable than the
// other, relative to the reference: DPO's implicit reward (Rafailov et al. 2023, eq. 5). No reward model enters, so it tells
// what PPO's own score cannot: whether the policy still goes where people pointed. 0.5 where the policy is the reference.
func (r *ppoRun) agreement() float64 {
	rewards := make([][]float64, len(r.heldRankings))
	for i, task := range r.heldRankings {
		if len(r.heldReference) == i {
			r.heldReference = append(r.heldReference, r.replyLogProbs(task, true))
		}
		rewards[i] = r.replyLogProbs(task, false)
		for j := range rewards[i] {
			rewards[i][j] -= r.heldReference[i][j]
		}
	}
	value, _ := accuracy(tallyTasks(r.heldRankings, func(task, winner, loser int) float64 {
		return rewards[task][winner] - rewards[task][loser]
	}))
	return value
}

// replyLogProbs are log π(y|x) of a task's replies under the moving average, which is what would be published, or under
// the reference.
func (r *ppoRun) replyLogProbs(task *rewardTask, reference bool) []float64 {
	w := r.ema
	if reference {
		w = r.reference
	}
	items := task.items()
	rows := make([][]float32, len(items))
	for i, it := range items {
		rows[i] = make([]float32, it.predicted())
	}
	r.language.score(w, items, rows)
	sums := make([]float64, len(rows))
	for i, row := range rows {
		for _, x := range row {
			sums[i] += float64(x)
		}
	}
	return sums
}
