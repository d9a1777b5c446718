package trainer

import (
	"rankloop/model"
)

// Reads counts sequences that a network reads. They are numbers of a whole run, so they may be means times a count.
type Reads struct {
	Sequences float64
	Tokens    float64
	Squares   float64 // Σ tokens²: attention's work
}

func (r *Reads) add(tokens int) {
	r.Sequences++
	r.Tokens += float64(tokens)
	r.Squares += float64(tokens) * float64(tokens)
}

func (r Reads) scale(by float64) Reads {
	return Reads{r.Sequences * by, r.Tokens * by, r.Squares * by}
}

// times is reading all of them n times.
func (r Reads) times(n int) Reads { return r.scale(float64(n)) }

// mean is n sequences that are like these; none where there are none.
func (r Reads) mean(n int) Reads {
	if r.Sequences == 0 {
		return Reads{}
	}
	return r.scale(float64(n) / r.Sequences)
}

// longer makes every sequence so many tokens longer.
func (r Reads) longer(tokens int) Reads {
	n := float64(tokens)
	return Reads{r.Sequences, r.Tokens + n*r.Sequences, r.Squares + 2*n*r.Tokens + n*n*r.Sequences}
}

// Workload is what a run's cost depends on beside its configuration: its inputs, counted as the run would lay them out.
type Workload struct {
	Base          model.Config
	Reward        model.Config // ppo
	Units         int          // sft: examples of an epoch; reward, dpo: tasks
	Train         Reads        // sft, reward, dpo: an epoch
	Validation    Reads        // sft, reward, dpo; pretrain: held-out text
	Prompts       Reads        // reward, ppo: what replies are sampled to
	RewardPrompts Reads        // ppo: the same as the reward model reads them
	HeldOut       Reads        // ppo: prompts of a sample table
	Agreement     Reads        // ppo: replies of held-out rankings
	Text          Reads        // pretrain, and the mix of sft and ppo: the first windows, for their length
}

// textWindows is how many windows of text are looked at.
const textWindows = 64

// MeasureWorkload lays a run's inputs out and counts them. It fails where Open would for the want of inputs, and keeps
// nothing.
func MeasureWorkload(spec Spec, in Inputs) (Workload, error) {
	target, err := newConfig(spec.Kind)
	if err != nil {
		return Workload{}, err
	}
	shared := common{spec: spec}
	if err := shared.configure(target); err != nil {
		return Workload{}, err
	}
	w := Workload{Base: in.Base.Weights.Config}
	switch config := target.(type) {
	case *PretrainConfig:
		run := &pretrainRun{common: shared, config: *config, base: in.Base}
		err = w.measurePretraining(run, in)
	case *SFTConfig:
		err = w.measureExamples(&sftRun{common: shared, config: *config, base: in.Base}, in)
	case *RewardConfig:
		err = w.measureTasks(shared, in, config.MaxNew, pairOptions{norm: config.PairNorm, ties: config.Ties})
	case *DPOConfig:
		err = w.measureTasks(shared, in, config.MaxNew, pairOptions{norm: config.PairNorm, ties: config.Ties})
	case *PPOConfig:
		err = w.measureRollouts(&ppoRun{common: shared, config: *config, base: in.Base}, in)
	}
	return w, err
}

func (w *Workload) measurePretraining(run *pretrainRun, in Inputs) error {
	if err := run.openText(in); err != nil {
		return err
	}
	if run.held != nil {
		w.Validation = readItems(run.held.items)
	}
	items, _, err := run.windows(0, textWindows)
	w.Text = readItems(items)
	return err
}

func (w *Workload) measureText(text *textStream) error {
	if text == nil {
		return nil
	}
	items, err := text.items(textWindows)
	w.Text = readItems(items)
	return err
}

func (w *Workload) measureExamples(run *sftRun, in Inputs) error {
	sequences, err := newSequencer(in.Base.Tokenizer, w.Base.Context, run.config.MaxNew)
	if err != nil {
		return err
	}
	run.buildItems(sequences, in.Examples)
	w.Units, w.Train, w.Validation = len(run.train), readItems(run.train), readItems(run.validation)
	if err := run.openMix(in, w.Base.Context); err != nil {
		return err
	}
	return w.measureText(run.text)
}

// measureTasks counts rankings.
func (w *Workload) measureTasks(run common, in Inputs, maxNew int, options pairOptions) error {
	sequences, err := newSequencer(in.Base.Tokenizer, w.Base.Context, maxNew)
	if err != nil {
		return err
	}
	train, validation, _, err := run.openRankings(in.Records, sequences, options)
	if err != nil {
		return err
	}
	w.Units, w.Train, w.Validation = len(train), readTasks(train), readTasks(validation)
	for _, task := range train {
		w.Prompts.add(len(task.promptIDs))
	}
	return nil
}

func (w *Workload) measureRollouts(run *ppoRun, in Inputs) error {
	if err := run.checkModels(in); err != nil {
		return err
	}
	if err := run.openPrompts(in); err != nil {
		return err
	}
	if err := run.openAgreement(in.Records); err != nil {
		return err
	}
	if err := run.openText(in); err != nil {
		return err
	}
	w.Reward = in.Reward.Weights.Config
	for _, p := range run.prompts {
		w.Prompts.add(len(p.ids))
		w.RewardPrompts.add(len(p.rewardIDs))
	}
	for _, p := range run.held {
		w.HeldOut.add(len(p.ids))
	}
	w.Agreement = readTasks(run.heldRankings)
	return w.measureText(run.text)
}

func readItems(items []item) (r Reads) {
	for _, it := range items {
		r.add(len(it.tokens) - 1)
	}
	return r
}

// readTasks counts whole sequences, as a run's tokens_seen does, although DPO has their last token as a target alone.
func readTasks(tasks []*rewardTask) (r Reads) {
	for _, task := range tasks {
		for _, s := range task.sequences {
			r.add(len(s))
		}
	}
	return r
}
