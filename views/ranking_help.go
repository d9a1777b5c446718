package views

import "strconv"

// exampleKeys are the keys of the quickest ranking of k responses with a tie, where there is room for one.
func exampleKeys(k int) []string {
	switch {
	case k >= 4:
		return []string{"b", "a", "=", "d", "c", "Enter"}
	case k == 3:
		return []string{"b", "a", "=", "c", "Enter"}
	}
	return []string{"b", "a", "Enter"}
}

type helpLine struct {
	Keys []string
	Key  string // of the catalog
}

// helpLines is the legend of the keyboard for k responses. Letters A to P name responses, so commands are other keys.
func helpLines(k int) []helpLine {
	return []helpLine{
		{exampleKeys(k), "ranking.help_type"},
		{[]string{"1", "…", strconv.Itoa(min(k, 9))}, "ranking.help_digits"},
		{[]string{"←", "→"}, "ranking.help_arrows"},
		{[]string{"Alt", "↑", "↓"}, "ranking.help_move"},
		{[]string{"⌫"}, "ranking.help_backspace"},
		{[]string{"y"}, "ranking.help_keep"},
		{[]string{"u"}, "ranking.help_undo"},
		{[]string{"s"}, "ranking.help_skip"},
		{[]string{"Enter"}, "ranking.help_submit"},
		{[]string{"?"}, "ranking.help_help"},
	}
}
