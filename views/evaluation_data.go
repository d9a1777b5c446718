package views

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"rankloop/internal/i18n"
	"rankloop/ranking"
	"rankloop/views/plot"
)

// CheckpointPath is the page of a checkpoint.
func CheckpointPath(name string) string { return "/checkpoints/" + url.PathEscape(name) }

// EvaluationPath is the page of an evaluation.
func EvaluationPath(id int64) string { return fmt.Sprintf("/evaluations/%d", id) }

// EvaluationKinds are the kinds that the browser asks for.
func EvaluationKinds() []string {
	return []string{ranking.EvaluationReport, ranking.EvaluationFolds, ranking.EvaluationCurve}
}

// CheckpointData is one checkpoint with what has been measured about it.
type CheckpointData struct {
	Checkpoint  ranking.Checkpoint
	Evaluations EvaluationPanel
}

// EvaluationPanel lists the evaluations of a checkpoint and asks for new ones.
type EvaluationPanel struct {
	Checkpoint  ranking.Checkpoint
	Run         string // that made it; "" for an import
	RunKind     string
	RunSnapshot string   // "" where the run was given a file, and for an import
	RunReward   string   // that a ppo run was tuned with
	Snapshots   []string // newest first
	Rewards     []string // reward models, newest first
	Lines       []EvaluationLine
	Errors      FormErrors // by kind
	WorkerAlive bool
}

// EvaluationLine is one evaluation in a list.
type EvaluationLine struct {
	Evaluation  ranking.Evaluation
	Description EvaluationDescription
}

// EvaluationDescription is what an evaluation's stored request says.
type EvaluationDescription struct {
	Source string // of the rankings: a snapshot or a file
	Folds  int    // asked for; 0 where it follows from the annotators
}

// sources are the rankings to choose from, those of the run first.
func (p EvaluationPanel) sources(ctx context.Context) []Option {
	var options []Option
	if p.Run != "" {
		own := i18n.T(ctx, "evaluations.own_file")
		if p.RunSnapshot != "" {
			own = i18n.T(ctx, "evaluations.own_snapshot", p.RunSnapshot)
		}
		options = append(options, Option{Text: own})
	}
	for _, name := range p.Snapshots {
		if name != p.RunSnapshot {
			options = append(options, Option{Value: name, Text: name})
		}
	}
	return options
}

// golds are the reward models that a policy can be measured by beside the one it was tuned with.
func (p EvaluationPanel) golds(ctx context.Context) []Option {
	options := []Option{{Text: i18n.T(ctx, "evaluations.no_gold")}}
	for _, name := range p.Rewards {
		if name != p.RunReward {
			options = append(options, Option{Value: name, Text: name})
		}
	}
	return options
}

// EvaluationData is one evaluation with what came out.
type EvaluationData struct {
	Evaluation  ranking.Evaluation
	Description EvaluationDescription
	WorkerAlive bool

	Report *ranking.RewardReport // one of these, once it has succeeded
	Folds  *ranking.CrossValidation
	Curve  *ranking.OptimisationCurve
}

// ReadResult reads the stored result, where there is one.
func (d *EvaluationData) ReadResult() error {
	if d.Evaluation.State != ranking.RunSucceeded {
		return nil
	}
	var into any
	switch d.Evaluation.Kind {
	case ranking.EvaluationReport:
		d.Report = &ranking.RewardReport{}
		into = d.Report
	case ranking.EvaluationFolds:
		d.Folds = &ranking.CrossValidation{}
		into = d.Folds
	case ranking.EvaluationCurve:
		d.Curve = &ranking.OptimisationCurve{}
		into = d.Curve
	default:
		return fmt.Errorf("evaluation %d is of the unknown kind %q", d.Evaluation.ID, d.Evaluation.Kind)
	}
	if err := json.Unmarshal(d.Evaluation.Result, into); err != nil {
		return fmt.Errorf("result of evaluation %d: %w", d.Evaluation.ID, err)
	}
	return nil
}

func (d EvaluationData) title(ctx context.Context) string {
	return i18n.T(ctx, "evaluations.title_"+d.Evaluation.Kind, d.Evaluation.Checkpoint)
}

// shareRow is one share in a table, with its interval drawn.
type shareRow struct {
	Name      string
	Hint      string
	Share     *ranking.Share
	Strong    bool
	Signed    bool // a difference: its scale is around 0
	Simulated bool // of a simulated annotator
}

// bar draws a share on the scale of its table.
func (r shareRow) bar() string {
	if r.Signed {
		return plot.Interval(r.Share.Value, r.Share.Interval, -0.5, 0.5, 0)
	}
	return plot.Interval(r.Share.Value, r.Share.Interval, 0, 1, 0.5)
}

// value writes a share, or a difference in percentage points.
func (r shareRow) value() string {
	if r.Signed {
		return signed(r.Share.Value)
	}
	return percent(r.Share.Value)
}

func (r shareRow) ends() string {
	if r.Signed {
		return signed(r.Share.Interval[0]) + " … " + signed(r.Share.Interval[1])
	}
	return fmt.Sprintf("%.1f … %.1f %%", 100*r.Share.Interval[0], 100*r.Share.Interval[1])
}

// signed writes a difference of shares in percentage points.
func signed(x float64) string { return minus(fmt.Sprintf("%+.1f", 100*x)) }

// reportRows are the reward model's accuracy beside what it must be compared with.
func reportRows(ctx context.Context, r *ranking.RewardReport) []shareRow {
	row := func(key string, share *ranking.Share) shareRow {
		return shareRow{Name: i18n.T(ctx, "evaluations."+key), Hint: i18n.T(ctx, "evaluations."+key+"_hint"), Share: share}
	}
	rows := []shareRow{
		row("accuracy", &r.Accuracy), row("agreement", r.Agreement), row("length_baseline", &r.LengthBaseline), row("model_baseline", &r.ModelBaseline),
	}
	rows[0].Strong = true
	return rows
}

// similarRows compare on pairs of similar length.
func similarRows(ctx context.Context, s *ranking.SimilarLength) []shareRow {
	return []shareRow{
		{Name: i18n.T(ctx, "evaluations.accuracy"), Share: &s.Accuracy, Strong: true},
		{Name: i18n.T(ctx, "evaluations.length_baseline"), Share: &s.LengthBaseline},
		{Name: i18n.T(ctx, "evaluations.difference"), Hint: i18n.T(ctx, "evaluations.difference_hint"), Share: &s.Difference, Signed: true},
	}
}

// sliceRows are the accuracies on parts of the pairs.
func sliceRows(slices []ranking.Slice, name func(string) string) []shareRow {
	rows := make([]shareRow, len(slices))
	for i, s := range slices {
		rows[i] = shareRow{Name: name(s.Name), Share: &slices[i].Accuracy, Simulated: s.Simulated}
	}
	return rows
}

func sameName(name string) string { return name }

// modelPairsMax is how many pairs of models a report shows without being asked to.
const modelPairsMax = 12

// modelsName writes a pair of models, of which some have no name.
func modelsName(ctx context.Context) func(string) string {
	return func(pair string) string {
		first, second, _ := strings.Cut(pair, " / ")
		for _, name := range []*string{&first, &second} {
			if *name == "" {
				*name = i18n.T(ctx, "datasets.model_unnamed")
			}
		}
		return first + " / " + second
	}
}

// reliability draws how often pairs are in order beside how certain the model was of them.
func reliability(ctx context.Context, c ranking.Calibration) string {
	var points []plot.Point
	for _, bin := range c.Bins {
		points = append(points, plot.Point{X: bin.Predicted, Y: bin.Observed, Title: i18n.T(ctx, "evaluations.bin", percent(bin.Predicted), percent(bin.Observed), i18n.Number(bin.Pairs))})
	}
	return plot.Chart{
		Title:    i18n.T(ctx, "evaluations.reliability"),
		X:        plot.Axis{Label: i18n.T(ctx, "evaluations.predicted"), Min: 0.5, Max: 1},
		Y:        plot.Axis{Label: i18n.T(ctx, "evaluations.observed"), Min: 0, Max: 1},
		Diagonal: true, Series: []plot.Series{{Points: points, Joined: true}},
	}.SVG()
}

// meanOfFolds writes a mean with its standard error.
func meanOfFolds(m ranking.MeanOfFolds) string {
	if m.Folds == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f ± %.1f %%", 100*m.Mean, 100*m.StandardError)
}

// marginName writes a bin of |r_w − r_l| in σ_ref.
func marginName(ctx context.Context) func(string) string {
	return func(bin string) string {
		low, high, closed := strings.Cut(bin, " to ")
		if !closed {
			return i18n.T(ctx, "evaluations.margin_from", strings.TrimSuffix(bin, " and more"))
		}
		return i18n.T(ctx, "evaluations.margin_between", low, high)
	}
}
