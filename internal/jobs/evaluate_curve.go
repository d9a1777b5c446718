package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"rankloop/model"
	"rankloop/ranking"
	"rankloop/trainer"
)

// The limits of an evaluation of over-optimisation, and what it takes where nobody says otherwise.
const (
	maxCurvePrompts     = 1000
	maxCurvePool        = 256
	maxCurveReplies     = 16
	defaultCurvePrompts = 50
	defaultCurvePool    = 16
)

// CurveRequest is what an evaluation of over-optimisation wants beside its checkpoint; 0 is the default.
type CurveRequest struct {
	Gold      string // a reward model that the policy was not tuned with; "" for none
	Prompts   int    // how many
	PerPrompt int    // replies of a checkpoint to each
	Pool      int    // replies of the reference to each, of which best-of-n chooses; 1 for none
}

// CurveSpec is the same with every input pinned.
type CurveSpec struct {
	Policies []PinnedPolicy `json:"policies"`
	Gold     *Pinned        `json:"gold,omitempty"`
	Human    *Pinned        `json:"human,omitempty"` // a snapshot whose rankings say what people prefer
	Prompts  int            `json:"prompts"`
	trainer.SamplePlan
}

// PinnedPolicy is a checkpoint at a step of its run.
type PinnedPolicy struct {
	Pinned
	Step int `json:"step"`
}

// specifyCurve pins a policy's checkpoints, the reward model that it was tuned with, and the prompts.
func (l *Launcher) specifyCurve(ctx context.Context, r EvaluationRequest) (EvaluationSpec, error) {
	spec := EvaluationSpec{Kind: r.Kind, Run: Spec{Kind: trainer.KindPPO, Seed: 1}}
	b := &builder{Launcher: l, request: r.Request, spec: &spec.Run}
	b.request.Kind = trainer.KindPPO
	checkpoint, err := b.checkpoint(ctx, r.Checkpoint, "policy")
	if err != nil {
		return spec, err
	}
	spec.Checkpoint = &Pinned{Name: checkpoint.Name, SHA256: checkpoint.SHA256}
	curve := &CurveSpec{}
	spec.Curve = curve
	maxNew := 0
	if checkpoint.RunID == nil { // best-of-n alone
		spec.Run.Base = *spec.Checkpoint
	} else if maxNew, err = l.curveOfRun(ctx, b, *checkpoint.RunID, &spec); err != nil {
		return spec, err
	}
	if r.Seed != nil {
		spec.Run.Seed = *r.Seed
	}
	if err := b.rewardModel(ctx); err != nil {
		return spec, err
	}
	if r.Curve.Gold != "" {
		gold, err := b.checkpoint(ctx, r.Curve.Gold, "reward")
		if err != nil {
			return spec, err
		}
		if gold.SHA256 == spec.Run.Reward.SHA256 {
			return spec, ranking.Errorf(ranking.CodeInvalid, "%q is what the policy was tuned with; gold must be another reward model", gold.Name)
		}
		curve.Gold = &Pinned{Name: gold.Name, SHA256: gold.SHA256}
	}
	if err := l.curveInputs(ctx, b, r, &spec); err != nil {
		return spec, err
	}
	return spec, curve.plan(r.Curve, spec.Run.Seed, maxNew)
}

// curveOfRun takes over what a run was made of, and its checkpoints by step: those that it kept on its way and the last.
func (l *Launcher) curveOfRun(ctx context.Context, b *builder, runID int64, spec *EvaluationSpec) (maxNew int, err error) {
	run, err := l.Store.RunByID(ctx, runID)
	if err != nil {
		return 0, err
	}
	trained, err := ReadSpec(run.Spec)
	if err != nil {
		return 0, err
	}
	b.old, spec.Run.Seed, spec.Run.Base = &trained, trained.Seed, trained.Base
	spec.Run.Snapshot, spec.Run.Prompts = trained.Snapshot, trained.Prompts
	checkpoints, err := l.Store.RunCheckpoints(ctx, runID)
	if err != nil {
		return 0, err
	}
	for _, c := range checkpoints {
		if strings.Contains(c.Name, "@") { // the plain name is the last of these once more
			spec.Curve.Policies = append(spec.Curve.Policies, PinnedPolicy{Pinned{c.Name, c.SHA256}, c.Step})
		}
	}
	slices.SortStableFunc(spec.Curve.Policies, func(a, b PinnedPolicy) int { return a.Step - b.Step })
	var config struct {
		MaxNew int `json:"max_new"`
	}
	if err := json.Unmarshal(trained.Config, &config); err != nil {
		return 0, ranking.Errorf(ranking.CodeInternal, "the run's stored request cannot be read").WithCause(err)
	}
	return config.MaxNew, nil
}

// curveInputs pins where prompts come from, and the rankings in which people compared such replies: the newest snapshot.
func (l *Launcher) curveInputs(ctx context.Context, b *builder, r EvaluationRequest, spec *EvaluationSpec) error {
	if r.Data != nil {
		pinned, err := b.pin(ctx, r.Data)
		if err != nil {
			return err
		}
		spec.Run.Data = pinned
	}
	human, err := b.snapshot(ctx)
	switch {
	case err == nil:
		spec.Curve.Human = human
	case r.Snapshot != "" || ranking.ErrorCode(err) != ranking.CodeNotFound:
		return err
	}
	if spec.Run.Data == nil && spec.Run.Snapshot == nil {
		spec.Run.Snapshot = spec.Curve.Human
	}
	if spec.Run.Data == nil && spec.Run.Snapshot == nil && spec.Run.Prompts == nil {
		return ranking.Errorf(ranking.CodeInvalid, "there are no held-out prompts: make a snapshot with a validation split, or give a prompt set")
	}
	return nil
}

// plan fills in and checks the numbers.
func (c *CurveSpec) plan(r CurveRequest, seed int64, maxNew int) error {
	for _, number := range []struct {
		what                  string
		value                 *int
		asked, otherwise, max int
	}{
		{"the number of prompts", &c.Prompts, r.Prompts, defaultCurvePrompts, maxCurvePrompts},
		{"the number of replies to a prompt", &c.PerPrompt, r.PerPrompt, 1, maxCurveReplies},
		{"n of best-of-n", &c.Pool, r.Pool, defaultCurvePool, maxCurvePool},
	} {
		if *number.value = number.asked; number.asked == 0 {
			*number.value = number.otherwise
		}
		if *number.value < 1 || *number.value > number.max {
			return ranking.Errorf(ranking.CodeInvalid, "%s must be between 1 and %d", number.what, number.max)
		}
	}
	c.Pool = max(c.Pool, c.PerPrompt)
	c.Seed, c.MaxNew = seed, maxNew
	return nil
}

// Sampled is what an evaluation of over-optimisation has drawn and measured before anything is averaged.
type Sampled struct {
	Reference string
	Proxy     string
	Steps     map[string]int // by checkpoint
	Prompts   []trainer.Prompt
	Replies   []ranking.ScoredReply
}

// curve measures the checkpoints of a policy, and best-of-n of where it began.
func (l *Launcher) curve(ctx context.Context, spec EvaluationSpec, p EvaluationProgress) (any, error) {
	sampled, err := l.SampleCurve(ctx, spec, p)
	if err != nil {
		return nil, err
	}
	return l.DrawCurve(ctx, spec, sampled)
}

// SampleCurve draws the replies and scores them by the proxy and, where there is one, the gold reward model.
func (l *Launcher) SampleCurve(ctx context.Context, spec EvaluationSpec, p EvaluationProgress) (*Sampled, error) {
	prompts, err := l.curvePrompts(ctx, spec)
	if err != nil {
		return nil, err
	}
	reference, err := LoadServed(ctx, l.Artifacts, spec.Run.Base.SHA256)
	if err != nil {
		return nil, err
	}
	reference.Meta.Name = spec.Run.Base.Name
	proxy, err := LoadCheckpoint(ctx, l.Artifacts, spec.Run.Reward.SHA256)
	if err != nil {
		return nil, err
	}
	sampled := &Sampled{Reference: spec.Run.Base.Name, Proxy: spec.Run.Reward.Name, Steps: map[string]int{}, Prompts: prompts}
	var policies []trainer.PolicyAt
	for _, policy := range spec.Curve.Policies {
		sampled.Steps[policy.Name] = policy.Step
		policies = append(policies, trainer.PolicyAt{Name: policy.Name, Load: func(ctx context.Context) (*model.Checkpoint, error) {
			return LoadServed(ctx, l.Artifacts, policy.SHA256)
		}})
	}
	plan := spec.Curve.SamplePlan
	if plan.MaxNew == 0 {
		plan.MaxNew = min(reference.Weights.Config.Context/2, defaultCurveMaxNew)
	}
	passes := 1 // over all replies: sampling, and gold where there is one
	if spec.Curve.Gold != nil {
		passes = 2
	}
	pass := func(i int) func(done, total int) {
		return func(done, total int) {
			if p.OnProgress != nil {
				p.OnProgress(i*total+done, passes*total)
			}
		}
	}
	if sampled.Replies, err = trainer.SamplePolicies(ctx, reference, proxy, policies, prompts, plan, pass(0)); err != nil {
		return nil, err
	}
	if spec.Curve.Gold == nil {
		return sampled, nil
	}
	gold, err := LoadCheckpoint(ctx, l.Artifacts, spec.Curve.Gold.SHA256)
	if err != nil {
		return nil, err
	}
	return sampled, trainer.JudgeReplies(ctx, gold, prompts, sampled.Replies, pass(1))
}

// defaultCurveMaxNew is the longest reply of a policy that no run says more about, in tokens.
const defaultCurveMaxNew = 256

// DrawCurve averages what was sampled, and adds what people said.
func (l *Launcher) DrawCurve(ctx context.Context, spec EvaluationSpec, s *Sampled) (*ranking.OptimisationCurve, error) {
	curve := ranking.NewOptimisationCurve(s.Reference, s.Steps, s.Replies, len(s.Prompts), uint64(spec.Run.Seed))
	curve.Proxy, curve.Gold = s.Proxy, nameOf(spec.Curve.Gold)
	if spec.Curve.Human == nil {
		return &curve, nil
	}
	var records []ranking.Record
	names := map[string]bool{spec.Checkpoint.Name: true}
	for _, policy := range spec.Curve.Policies {
		names[policy.Name] = true
	}
	err := l.Inputs.eachRecord(ctx, spec.Curve.Human.SHA256, func(r ranking.Record) error {
		if slices.ContainsFunc(r.Responses, func(response ranking.RecordResponse) bool { return names[response.Model] }) {
			records = append(records, r)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", spec.Curve.Human.Name, err)
	}
	addHuman(&curve, records, spec)
	return &curve, nil
}

// addHuman adds to each checkpoint how often people preferred its replies to the reference's. A campaign's responses carry
// the name that the campaign generates from: that of the run, which is its last checkpoint, or one with a step.
func addHuman(c *ranking.OptimisationCurve, records []ranking.Record, spec EvaluationSpec) {
	if len(records) == 0 {
		return
	}
	names := []string{spec.Checkpoint.Name}
	for _, policy := range spec.Curve.Policies {
		names = append(names, policy.Name)
	}
	wins := ranking.HumanWins(records, c.Reference, names, uint64(spec.Run.Seed))
	if len(wins) == 0 {
		return
	}
	c.Human = spec.Curve.Human.Name
	for i := range c.Checkpoints {
		point := &c.Checkpoints[i]
		point.Human = wins[point.Name]
		last := i == len(c.Checkpoints)-1 && i > 0
		if last && point.Human == nil {
			point.Human = wins[spec.Checkpoint.Name]
		}
	}
}

// curvePrompts are the first prompts of the validation split, or of the file that was given.
func (l *Launcher) curvePrompts(ctx context.Context, spec EvaluationSpec) (prompts []trainer.Prompt, err error) {
	seen, taken := make(map[ranking.PromptKey]bool), make(map[string]bool)
	add := func(key ranking.PromptKey, messages []ranking.Message) {
		if len(prompts) == spec.Curve.Prompts || seen[key] || len(messages) == 0 {
			return
		}
		id := key.ID
		if taken[id] { // by another campaign
			id = key.Campaign + "/" + key.ID
		}
		seen[key], taken[id] = true, true
		prompts = append(prompts, trainer.Prompt{ID: id, Messages: messages})
	}
	switch {
	case spec.Run.Data != nil:
		err = l.Inputs.eachPrompt(ctx, spec.Run.Data, func(p ranking.Prompt) { add(ranking.PromptKey{ID: p.ExternalID}, p.Messages) })
	case spec.Run.Snapshot != nil:
		err = l.Inputs.eachRecord(ctx, spec.Run.Snapshot.SHA256, func(r ranking.Record) error {
			if r.Split == ranking.SplitValidation {
				add(ranking.PromptKey{Campaign: r.Campaign, ID: r.PromptID}, r.Messages)
			}
			return nil
		})
	default:
		err = eachLine(ctx, l.Artifacts, spec.Run.Prompts.SHA256, func(line promptLine) error {
			if line.HeldOut {
				add(ranking.PromptKey{ID: line.ID}, line.Messages)
			}
			return nil
		})
	}
	if err == nil && len(prompts) == 0 {
		err = ranking.Errorf(ranking.CodeInvalid, "there are no held-out prompts: make a snapshot with a validation split, or give a prompt set")
	}
	return prompts, err
}

// eachPrompt reads a prompt set whole; a bad line is an error.
func (in *Inputs) eachPrompt(ctx context.Context, source *Pinned, visit func(ranking.Prompt)) error {
	file, err := in.Artifacts.Get(ctx, source.SHA256)
	if err != nil {
		return err
	}
	defer file.Close()
	for line, err := range ranking.ReadPromptSet(source.Name, file, ranking.DefaultPromptSetLimits()) {
		if err != nil {
			return err
		}
		if line.Bad != nil {
			return ranking.Errorf(ranking.CodeInvalid, "%s:%d: %s", source.Name, line.Line, line.Bad)
		}
		visit(line.Prompt)
	}
	return nil
}
