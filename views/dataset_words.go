package views

import (
	"context"

	"rankloop/internal/i18n"
)

// formatHints say what an export format is for; a format without a line stands by its name.
var formatHints = map[string]string{
	"native": "datasets.format_native", "trl": "datasets.format_trl", "csv": "datasets.format_csv",
	"sft": "datasets.format_sft", "rules": "datasets.format_rules",
}

func formatHint(ctx context.Context, format string) string {
	key, ok := formatHints[format]
	if !ok {
		return ""
	}
	return i18n.T(ctx, key)
}
