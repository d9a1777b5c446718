package views

import (
	"strconv"

	"rankloop/ranking"
)

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

// besideHelp is the legend of what every kind of task has beside it.
var besideHelp = []helpLine{
	{[]string{"q", "Alt G"}, "guidelines.help"},
	{[]string{"."}, "pace.help"},
}

// scoringHelp is the legend of the keyboard while responses are scored one by one.
func scoringHelp(s ranking.Schema) []helpLine {
	lines := []helpLine{{[]string{"1", "…", strconv.Itoa(s.ScoreMax)}, "ranking.help_score"}}
	if n := len(s.Flags); n > 0 {
		lines = append(lines, helpLine{[]string{"a", "…", flagKey(n - 1)}, "ranking.help_flag"})
	}
	return append(lines,
		helpLine{[]string{"t"}, "ranking.help_note"},
		helpLine{[]string{"Enter", "→"}, "ranking.help_next"},
		helpLine{[]string{"⌫", "←"}, "ranking.help_back"},
	)
}

// rankingHelp is the legend of the keyboard for k responses. Letters A to P name responses, so commands are other keys.
func rankingHelp(k int) []helpLine {
	return []helpLine{
		{exampleKeys(k), "ranking.help_type"},
		{[]string{"1", "…", strconv.Itoa(min(k, 9))}, "ranking.help_digits"},
		{[]string{"←", "→"}, "ranking.help_arrows"},
		{[]string{"Alt", "↑", "↓"}, "ranking.help_move"},
		{[]string{"v"}, "ranking.help_compare"},
		{[]string{"x"}, "ranking.help_fold"},
		{[]string{"t"}, "ranking.help_note"},
		{[]string{"⌫"}, "ranking.help_backspace"},
		{[]string{"y"}, "ranking.help_keep"},
		{[]string{"u"}, "ranking.help_undo"},
		{[]string{"z"}, "ranking.help_last"},
		{[]string{"s"}, "ranking.help_skip"},
		{[]string{"Enter"}, "ranking.help_submit"},
		{[]string{"?"}, "ranking.help_help"},
	}
}
