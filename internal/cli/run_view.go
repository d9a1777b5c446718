package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"rankloop/internal/app"
	"rankloop/internal/jobs"
	"rankloop/internal/store"
)

// runView is a run under --json, and what the text form is made of.
type runView struct {
	Run                 string              `json:"run"`
	Kind                string              `json:"kind"`
	State               string              `json:"state"`
	Base                string              `json:"base"`
	Reward              string              `json:"reward"`
	Snapshot            string              `json:"snapshot"`
	Data                string              `json:"data,omitempty"`
	Prompts             *jobs.PinnedPrompts `json:"prompts,omitempty"`
	PretrainingText     string              `json:"pretraining_text,omitempty"`
	Config              json.RawMessage     `json:"config"`
	Seed                int64               `json:"seed"`
	Step                int                 `json:"step"`
	StepsTotal          int                 `json:"steps_total"`
	Parameters          int64               `json:"parameters"`
	ParametersTrainable int64               `json:"parameters_trainable"`
	TokensSeen          int64               `json:"tokens_seen"`
	TokensPerSecond     float64             `json:"tokens_per_s"`
	CreatedAt           time.Time           `json:"created_at"`
	StartedAt           *time.Time          `json:"started_at"`
	FinishedAt          *time.Time          `json:"finished_at"`
	DurationSeconds     float64             `json:"duration_s"` // spent training, over all its owners
	Kernels             string              `json:"kernels"`
	Checkpoints         []checkpointView    `json:"checkpoints"`
	FinalCheckpoint     *string             `json:"final_checkpoint"`
	Metrics             map[string]float64  `json:"metrics"`
	Warnings            []jobs.Warning      `json:"warnings"`
	Error               string              `json:"error"`
}

type checkpointView struct {
	Name   string `json:"name"`
	Step   int    `json:"step"`
	SHA256 string `json:"sha256"`
}

// viewRun gathers what there is to say about a run.
func viewRun(ctx context.Context, services *app.Services, run store.Run) (runView, error) {
	spec, err := jobs.ReadSpec(run.Spec)
	if err != nil {
		return runView{}, err
	}
	v := runView{
		Run: run.Name, Kind: run.Kind, State: run.State, Base: run.Base, Reward: run.Reward, Snapshot: run.Snapshot,
		Prompts: spec.Prompts, Config: spec.Config, Seed: run.Seed, Step: run.Step, StepsTotal: run.StepsTotal,
		CreatedAt: run.CreatedAt, StartedAt: run.StartedAt, FinishedAt: run.FinishedAt,
		DurationSeconds: float64(run.TrainedMS) / 1000, Kernels: run.Kernels, Error: run.Error,
		Checkpoints: []checkpointView{}, Metrics: map[string]float64{}, Warnings: []jobs.Warning{},
	}
	if spec.Data != nil {
		v.Data = spec.Data.Name
	}
	if spec.Ptx != nil {
		v.PretrainingText = spec.Ptx.Source
	}
	if err := v.addSummary(run, spec); err != nil {
		return runView{}, err
	}
	checkpoints, err := services.Store.ListCheckpoints(ctx)
	if err != nil {
		return runView{}, err
	}
	for _, c := range checkpoints {
		if c.RunID == nil || *c.RunID != run.ID {
			continue
		}
		v.Checkpoints = append(v.Checkpoints, checkpointView{c.Name, c.Step, c.SHA256})
		if c.Name == run.Name {
			v.FinalCheckpoint = &run.Name
		}
	}
	return v, nil
}

func (v *runView) addSummary(run store.Run, spec jobs.Spec) error {
	var summary jobs.Summary
	if len(run.Summary) > 0 {
		if err := json.Unmarshal(run.Summary, &summary); err != nil {
			return err
		}
	}
	v.Parameters, v.ParametersTrainable = summary.Parameters, summary.Trainable
	v.TokensSeen, v.TokensPerSecond = summary.TokensSeen, summary.TokensPerSecond
	if summary.Metrics != nil {
		v.Metrics = summary.Metrics
	}
	if len(run.Warnings) > 0 {
		if err := json.Unmarshal(run.Warnings, &v.Warnings); err != nil {
			return err
		}
	}
	if len(v.Warnings) == 0 { // nobody has worked it yet
		v.Warnings = append(v.Warnings, spec.Notes...)
	}
	return nil
}

// show prints a run.
func (c *Context) showRun(v runView) error {
	if c.JSON {
		return c.PrintJSON(v)
	}
	table := tabwriter.NewWriter(c.Stdout, 0, 0, 2, ' ', 0)
	line := func(name, format string, args ...any) {
		fmt.Fprintf(table, "%s\t%s\n", name, fmt.Sprintf(format, args...))
	}
	line("run", "%s", v.Run)
	line("kind", "%s", v.Kind)
	line("state", "%s", v.State)
	line("base", "%s", v.Base)
	for _, input := range []struct{ name, value string }{
		{"reward", v.Reward}, {"snapshot", v.Snapshot}, {"data", v.Data}, {"pretraining text", v.PretrainingText},
	} {
		if input.value != "" {
			line(input.name, "%s", input.value)
		}
	}
	if v.Prompts != nil {
		line("prompts", "%s", promptsText(v.Prompts))
	}
	line("step", "%d of %d", v.Step, v.StepsTotal)
	if v.Parameters > 0 {
		line("parameters", "%d (%d trained)", v.Parameters, v.ParametersTrainable)
		line("tokens", "%d (%.0f/s)", v.TokensSeen, v.TokensPerSecond)
	}
	line("time", "%s", time.Duration(v.DurationSeconds*float64(time.Second)).Round(100*time.Millisecond))
	for _, name := range slices.Sorted(maps.Keys(v.Metrics)) {
		line("  "+name, "%.5g", v.Metrics[name])
	}
	for _, checkpoint := range v.Checkpoints {
		line("checkpoint", "%s", checkpoint.Name)
	}
	for _, warning := range v.Warnings {
		line("warning", "%s", warning.Text)
	}
	if v.Error != "" {
		line("error", "%s", v.Error)
	}
	return table.Flush()
}

// promptsText says where a PPO run's prompts come from, and how many of them the reward model has been trained on.
func promptsText(p *jobs.PinnedPrompts) string {
	var parts []string
	for _, part := range []struct {
		count int
		what  string
	}{{p.Given, "from " + p.Name}, {p.Unjudged, "unjudged"}, {p.Train, "of the training split"}} {
		if part.count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.count, part.what))
		}
	}
	return fmt.Sprintf("%s; %d seen by the reward model in training; %d held out for samples", strings.Join(parts, ", "), p.Overlap, p.HeldOut)
}
