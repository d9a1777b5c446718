package ranking

import (
	"slices"
	"strings"
)

// SensitiveCategories are what a prompt may upset with. A person may opt out of any; "other" is what a prompt set calls
// otherwise.
var SensitiveCategories = []string{"sexual", "violence", "self_harm", "hate", "abuse", "other"}

// Sensitive is what the prompt's metadata says it may upset with: the key "sensitive", a name or a list of names.
// Never nil.
func (p Prompt) Sensitive() []string {
	var named []any
	switch value := p.Metadata["sensitive"].(type) {
	case string:
		named = []any{value}
	case []any:
		named = value
	}
	categories := []string{}
	for _, name := range named {
		text, ok := name.(string)
		text = strings.ToLower(strings.TrimSpace(text))
		if !ok || text == "" {
			continue
		}
		if !slices.Contains(SensitiveCategories, text) {
			text = "other"
		}
		if !slices.Contains(categories, text) {
			categories = append(categories, text)
		}
	}
	return categories
}
