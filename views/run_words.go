package views

import (
	"context"
	"strconv"

	"rankloop/internal/i18n"
)

func kindOptions(ctx context.Context) []Option {
	var options []Option
	for _, kind := range RunKinds() {
		options = append(options, Option{kind, i18n.T(ctx, "runs.kind_"+kind)})
	}
	return options
}

// plainOptions are names to choose from.
func plainOptions(names []string) []Option {
	options := make([]Option, len(names))
	for i, name := range names {
		options[i] = Option{name, name}
	}
	return options
}

// snapshotDefault is the empty choice of a snapshot.
func snapshotDefault(ctx context.Context, d RunFormData) string {
	switch {
	case d.Kind == "ppo":
		return i18n.T(ctx, "runs.snapshot_of_reward")
	case d.Kind == "sft" || d.Data != "":
		return i18n.T(ctx, "runs.snapshot_none")
	}
	return i18n.T(ctx, "runs.snapshot_newest")
}

// expectedTime says how long a run would take at the speed of now.
func expectedTime(ctx context.Context, p RunPreview) string {
	key := "runs.preview_time"
	if p.AtMost {
		key = "runs.preview_time_at_most"
	}
	return i18n.T(ctx, key, spent(p.Time), strconv.FormatFloat(p.PeakGflops, 'f', 0, 64))
}

func expectedMemory(ctx context.Context, p RunPreview) string {
	if p.MachineMemory == 0 {
		return gibibytes(p.Memory)
	}
	return i18n.T(ctx, "runs.preview_memory_fact", gibibytes(p.Memory), gibibytes(p.MachineMemory))
}

func gibibytes(bytes int64) string {
	return strconv.FormatFloat(float64(bytes)/(1<<30), 'f', 1, 64) + " GiB"
}

// partName names a kind of work.
func partName(ctx context.Context, part RunCost) string {
	name := i18n.T(ctx, "runs.part_"+part.Name)
	if part.Sampling {
		return i18n.T(ctx, "runs.part_sampled", name)
	}
	return name
}

// flop writes a count of floating-point operations: 3.1e15.
func flop(x float64) string { return strconv.FormatFloat(x, 'g', 3, 64) }

// settingHint explains a setting of a kind of run. DPO has no probability of a tie, so it takes fewer rules.
func settingHint(ctx context.Context, kind, name string) string {
	if kind == "dpo" && name == "ties" {
		return i18n.T(ctx, "runs.setting_ties_dpo")
	}
	return i18n.T(ctx, "runs.setting_"+name)
}

// dataAccept are the endings of the files that a kind of run learns from.
func dataAccept(kind string) string {
	switch kind {
	case "pretrain":
		return ".txt,.md,.jsonl"
	case "sft":
		return ".jsonl,.gz,.csv,.parquet"
	}
	return ".jsonl,.gz"
}
