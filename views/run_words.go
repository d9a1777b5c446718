package views

import (
	"context"

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
	if d.Kind == "ppo" {
		return i18n.T(ctx, "runs.snapshot_of_reward")
	}
	return i18n.T(ctx, "runs.snapshot_newest")
}
