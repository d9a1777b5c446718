package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"rankloop/handlers"
	"rankloop/internal/jobs"
	"rankloop/ranking"
	"rankloop/trainer"
	"rankloop/views"
)

// RunPresets are the names of the committed settings for a kind of run.
func (d desk) RunPresets(kind string) []string { return trainer.Presets(kind) }

// RunSettings lists what a preset has for a kind of run.
func (d desk) RunSettings(kind, preset string) ([]views.RunSetting, error) {
	keys, err := trainer.PresetKeys(kind, preset)
	settings := make([]views.RunSetting, len(keys))
	for i, key := range keys {
		settings[i] = views.RunSetting{Name: key.Name, Value: plain(key.Value), Source: key.Source}
	}
	return settings, err
}

// plain is a JSON value as key=value settings write it.
func plain(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) == nil {
		return text
	}
	return string(value)
}

// CheckSettings fails for settings that a kind of run does not take.
func (d desk) CheckSettings(kind, preset string, sets []string) error {
	_, err := trainer.ResolveConfig(kind, preset, sets, nil)
	return err
}

// LaunchRun queues a run.
func (d desk) LaunchRun(ctx context.Context, r handlers.RunRequest) (run ranking.Run, created bool, err error) {
	err = d.withRequest(r, func(request jobs.Request) (err error) {
		run, created, err = d.services.Launcher().Launch(ctx, request)
		return err
	})
	return run, created, err
}

// withRequest calls f with what the form asks for; its file is open for as long.
func (d desk) withRequest(r handlers.RunRequest, f func(jobs.Request) error) error {
	request := jobs.Request{
		Kind: r.Kind, Name: r.Name, Base: r.Base, Reward: r.Reward, Snapshot: r.Snapshot, Campaign: r.Campaign,
		Preset: r.Preset, Sets: r.Sets, Seed: &r.Seed, CreatedBy: &r.CreatedBy,
	}
	if r.Data != "" {
		content, err := d.uploads.open(r.CreatedBy, r.Data)
		if err != nil {
			return err
		}
		defer content.Close()
		request.Data = &jobs.File{Name: r.File, Content: content}
	}
	return f(request)
}

// PreviewRun says what a run would take.
func (d desk) PreviewRun(ctx context.Context, r handlers.RunRequest) (*views.RunPreview, error) {
	var prepared *jobs.Prepared
	err := d.withRequest(r, func(request jobs.Request) (err error) {
		prepared, err = d.services.Launcher().Prepare(ctx, request)
		return err
	})
	if err != nil {
		return nil, err
	}
	cost := prepared.Cost
	v := &views.RunPreview{
		Steps: cost.Steps, TokensTrained: cost.TokensTrained, MixShare: cost.MixShare(), FLOP: cost.FLOP, AtMost: cost.AtMost,
		Time: time.Duration(prepared.Seconds * float64(time.Second)), PeakGflops: prepared.PeakGflops,
		Memory: prepared.MemoryBytes, MachineMemory: prepared.MachineMemoryBytes, Refused: prepared.Refused,
	}
	for _, part := range cost.Parts {
		v.Parts = append(v.Parts, views.RunCost{Name: part.Name, Sampling: part.Sampling, Tokens: part.Tokens, FLOP: part.FLOP})
	}
	for _, note := range prepared.Spec.Notes {
		v.Notes = append(v.Notes, note.Text)
	}
	return v, nil
}

// DescribeRun reads a run's stored request and summary.
func (d desk) DescribeRun(run ranking.Run) (views.RunDescription, error) {
	spec, err := jobs.ReadSpec(run.Spec)
	if err != nil {
		return views.RunDescription{}, err
	}
	v := views.RunDescription{Config: configOf(run.Kind, spec.Config)}
	if spec.Data != nil {
		v.Data = spec.Data.Name
	}
	if spec.Ptx != nil {
		v.Ptx = spec.Ptx.Source
	}
	if p := spec.Prompts; p != nil {
		v.Prompts, v.PromptsTotal, v.PromptsHeldOut, v.PromptsSeen = p.Name, p.Given+p.Unjudged+p.Train, p.HeldOut, p.Overlap
	}
	return v, addSummary(&v, run, spec)
}

func addSummary(v *views.RunDescription, run ranking.Run, spec jobs.Spec) error {
	var summary jobs.Summary
	if err := json.Unmarshal(run.Summary, &summary); err != nil {
		return fmt.Errorf("summary of run %s: %w", run.Name, err)
	}
	v.Parameters, v.Trainable = summary.Parameters, summary.Trainable
	v.TokensSeen, v.TokensPerSecond = summary.TokensSeen, summary.TokensPerSecond
	for _, name := range slices.Sorted(maps.Keys(summary.Metrics)) {
		v.Metrics = append(v.Metrics, views.Metric{Name: name, Value: summary.Metrics[name]})
	}
	var warnings []jobs.Warning
	if err := json.Unmarshal(run.Warnings, &warnings); err != nil {
		return fmt.Errorf("warnings of run %s: %w", run.Name, err)
	}
	if len(warnings) == 0 { // nobody has worked it yet
		warnings = spec.Notes
	}
	for _, warning := range warnings {
		v.Warnings = append(v.Warnings, warning.Message())
	}
	return nil
}

// configOf lists a configuration in the order in which its kind has the keys.
func configOf(kind string, config json.RawMessage) []views.RunSetting {
	var values map[string]json.RawMessage
	if json.Unmarshal(config, &values) != nil {
		return nil
	}
	keys, err := trainer.PresetKeys(kind, trainer.DefaultPreset)
	if err != nil { // a kind that has no presets
		for _, name := range slices.Sorted(maps.Keys(values)) {
			keys = append(keys, trainer.Key{Name: name})
		}
	}
	var settings []views.RunSetting
	for _, key := range keys {
		if value, ok := values[key.Name]; ok {
			settings = append(settings, views.RunSetting{Name: key.Name, Value: plain(bytes.TrimSpace(value))})
		}
	}
	return settings
}
