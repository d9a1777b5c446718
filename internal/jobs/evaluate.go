package jobs

import (
	"context"
	"encoding/json"
	"fmt"

	"rankloop/internal/store"
	"rankloop/ranking"
	"rankloop/trainer"
)

// evaluationTokens is how many tokens an evaluation reads at once.
const evaluationTokens = 4096

// EvaluationRequest is what somebody wants to have measured.
type EvaluationRequest struct {
	Kind       string // ranking.EvaluationReport and its like
	Checkpoint string // what is measured; folds: "" trains on what Request says instead of what that checkpoint's run did
	Own        bool   // on the rankings that the checkpoint's run was given, instead of those of Request
	Folds      int    // groups of annotators; 0 is five, or as many as there are annotators
	Curve      CurveRequest
	Request    // rankings; folds: base, settings and seed; curve: the reward model, and prompts as Data
}

// EvaluationSpec is a request with every default filled in and every input pinned by its content (evaluations.spec).
type EvaluationSpec struct {
	Kind       string     `json:"kind"`
	Checkpoint *Pinned    `json:"checkpoint,omitempty"`
	Folds      int        `json:"folds,omitempty"`
	Curve      *CurveSpec `json:"curve,omitempty"`
	Run        Spec       `json:"run"` // rankings and seed; folds: base and settings too; curve: base, reward and prompts
}

// EvaluationProgress follows an evaluation, and lets one go on that was cut off.
type EvaluationProgress struct {
	Partial    json.RawMessage // what an earlier call gave OnPartial; nil for none
	OnProgress func(done, total int)
	OnPartial  func(json.RawMessage) error // keeps what need not be measured again; nil where nobody does
}

// ReadEvaluationSpec reads a stored evaluation's spec.
func ReadEvaluationSpec(stored json.RawMessage) (EvaluationSpec, error) {
	var spec EvaluationSpec
	if err := json.Unmarshal(stored, &spec); err != nil {
		return EvaluationSpec{}, ranking.Errorf(ranking.CodeInternal, "the evaluation's stored request cannot be read").WithCause(err)
	}
	return spec, nil
}

// Source names the rankings that are predicted.
func (s EvaluationSpec) Source() string {
	if s.Run.Data != nil {
		return s.Run.Data.Name
	}
	return nameOf(s.Run.Snapshot)
}

// SpecifyEvaluation fills in a request and checks what can be checked at once.
func (l *Launcher) SpecifyEvaluation(ctx context.Context, r EvaluationRequest) (EvaluationSpec, error) {
	if r.Kind == ranking.EvaluationFolds && r.Folds != 0 && (r.Folds < 2 || r.Folds > maxFolds) {
		return EvaluationSpec{}, ranking.Errorf(ranking.CodeInvalid, "the number of groups must be between 2 and %d", maxFolds)
	}
	if r.Kind == ranking.EvaluationCurve {
		return l.specifyCurve(ctx, r)
	}
	r.Request.Kind = trainer.KindReward
	spec := EvaluationSpec{Kind: r.Kind, Folds: r.Folds, Run: Spec{Kind: trainer.KindReward, Seed: 1}}
	b := &builder{Launcher: l, request: r.Request, spec: &spec.Run}
	if r.Checkpoint != "" {
		if err := l.specifyModel(ctx, b, r, &spec); err != nil {
			return EvaluationSpec{}, err
		}
	}
	if r.Seed != nil {
		spec.Run.Seed = *r.Seed
	}
	if err := b.unused(); err != nil {
		return EvaluationSpec{}, err
	}
	if r.Kind == ranking.EvaluationFolds {
		if err := b.config(); err != nil {
			return EvaluationSpec{}, err
		}
		if err := b.base(ctx); err != nil {
			return EvaluationSpec{}, err
		}
	}
	if !r.Own {
		b.old = nil // else judgments would take its rankings over
	}
	return spec, b.judgments(ctx)
}

// maxFolds is more groups than anybody has annotators.
const maxFolds = 100

// specifyModel pins the checkpoint and takes over what its run was asked for, as far as the request leaves that open.
func (l *Launcher) specifyModel(ctx context.Context, b *builder, r EvaluationRequest, spec *EvaluationSpec) error {
	checkpoint, err := b.checkpoint(ctx, r.Checkpoint, "reward")
	if err != nil {
		return err
	}
	spec.Checkpoint = &Pinned{Name: checkpoint.Name, SHA256: checkpoint.SHA256}
	if checkpoint.RunID == nil {
		if r.Own || r.Kind == ranking.EvaluationFolds {
			return ranking.Errorf(ranking.CodeInvalid, "%q was not trained here, so nobody knows its rankings and settings", checkpoint.Name)
		}
		return nil
	}
	run, err := l.Store.RunByID(ctx, *checkpoint.RunID)
	if err != nil {
		return err
	}
	trained, err := ReadSpec(run.Spec)
	if err != nil {
		return err
	}
	b.old, spec.Run.Seed = &trained, trained.Seed
	return nil
}

// Evaluate measures what a spec asks for: a *ranking.RewardReport, a *ranking.CrossValidation or a *ranking.OptimisationCurve.
// Nothing is stored.
func (l *Launcher) Evaluate(ctx context.Context, spec EvaluationSpec, p EvaluationProgress) (any, error) {
	switch spec.Kind {
	case ranking.EvaluationReport:
		return l.report(ctx, spec, p)
	case ranking.EvaluationFolds:
		return l.crossValidate(ctx, spec, p)
	case ranking.EvaluationCurve:
		return l.curve(ctx, spec, p)
	}
	return nil, fmt.Errorf("there is no evaluation of kind %q", spec.Kind)
}

func (l *Launcher) report(ctx context.Context, spec EvaluationSpec, p EvaluationProgress) (any, error) {
	records, err := l.Inputs.records(ctx, spec.Run)
	if err != nil {
		return nil, err
	}
	reward, err := LoadCheckpoint(ctx, l.Artifacts, spec.Checkpoint.SHA256)
	if err != nil {
		return nil, err
	}
	return trainer.EvaluateReward(ctx, reward, records, evaluationTokens, spec.Run.Seed, p.OnProgress)
}

func (l *Launcher) crossValidate(ctx context.Context, spec EvaluationSpec, p EvaluationProgress) (any, error) {
	records, err := l.Inputs.records(ctx, spec.Run)
	if err != nil {
		return nil, err
	}
	inputs := trainer.Inputs{Records: records}
	if inputs.Base, err = LoadCheckpoint(ctx, l.Artifacts, spec.Run.Base.SHA256); err != nil {
		return nil, err
	}
	if err := checkMemory(spec.Run.trainer(), inputs); err != nil {
		return nil, err
	}
	progress := trainer.CrossValidationProgress{
		OnStep: func(fold, folds, step, total int) {
			if p.OnProgress != nil {
				p.OnProgress(fold*total+step, folds*total)
			}
		},
		OnFold: func(done []ranking.Fold) error {
			if p.OnPartial == nil {
				return nil
			}
			encoded, err := json.Marshal(done)
			if err != nil {
				return err
			}
			return p.OnPartial(encoded)
		},
	}
	if p.Partial != nil {
		if err := json.Unmarshal(p.Partial, &progress.Done); err != nil {
			return nil, err
		}
	}
	return trainer.CrossValidate(ctx, spec.Run.trainer(), inputs, spec.Folds, progress)
}

// artifacts lists what the spec names in the artifact folder.
func (s EvaluationSpec) artifacts() []string {
	var named []string
	pinned := []*Pinned{s.Checkpoint, &s.Run.Base, s.Run.Reward, s.Run.Snapshot, s.Run.Data}
	if s.Run.Prompts != nil {
		pinned = append(pinned, &s.Run.Prompts.Pinned)
	}
	if c := s.Curve; c != nil {
		pinned = append(pinned, c.Gold, c.Human)
		for i := range c.Policies {
			pinned = append(pinned, &c.Policies[i].Pinned)
		}
	}
	for _, p := range pinned {
		if p != nil && p.SHA256 != "" {
			named = append(named, p.SHA256)
		}
	}
	return named
}

// RequestEvaluation stores an evaluation and the job that works it, in one transaction. The same request again, before its
// answer is there, gives the one that exists.
func (l *Launcher) RequestEvaluation(ctx context.Context, c *Client, r EvaluationRequest) (e store.Evaluation, created bool, err error) {
	spec, err := l.SpecifyEvaluation(ctx, r)
	if err != nil {
		return store.Evaluation{}, false, err
	}
	encoded, err := json.Marshal(spec)
	if err != nil {
		return store.Evaluation{}, false, err
	}
	return l.Store.CreateEvaluation(ctx, store.NewEvaluation{
		Kind: r.Kind, Checkpoint: r.Checkpoint, Spec: encoded, CreatedBy: r.CreatedBy,
	}, c.enqueueEvaluation)
}
