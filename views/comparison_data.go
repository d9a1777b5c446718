package views

import (
	"context"
	"fmt"
	"strconv"
	"unicode/utf8"

	"rankloop/ranking"
)

// choice is one answer to which of two responses is better. Value names the responses as the form sends them.
type choice struct {
	Name, Value, Key string
	Chosen           bool
}

// choices are the answers from left to right, as the responses stand.
func (d RankingData) choices() []choice {
	if len(d.Cards) != 2 {
		return nil
	}
	left, right := d.Cards[0], d.Cards[1]
	value := func(one Card, sign string, other Card) string {
		return fmt.Sprintf("%d%s%d", one.ResponseID, sign, other.ResponseID)
	}
	tied := left.Rank > 0 && left.Rank == right.Rank
	return []choice{
		{"left", value(left, ">", right), "a", left.Rank > 0 && left.Rank < right.Rank},
		{"tie", value(left, "=", right), "=", tied && !d.BothBad},
		{"bad", value(left, "~", right), "n", tied && d.BothBad},
		{"right", value(right, ">", left), "b", right.Rank > 0 && right.Rank < left.Rank},
	}
}

// editable reports whether a response is short enough to be edited.
func (c Card) editable() bool { return utf8.RuneCountInString(c.Source) <= ranking.WrittenMax }

// edited is the text of the response's edit so far.
func (c Card) edited() string {
	if c.Edit != "" {
		return c.Edit
	}
	return c.Source
}

// comparisonHelp is the legend of the keyboard for a comparison.
var comparisonHelp = []helpLine{
	{[]string{"a", "←"}, "comparison.help_left"},
	{[]string{"b", "→"}, "comparison.help_right"},
	{[]string{"="}, "comparison.help_tie"},
	{[]string{"n"}, "comparison.help_bad"},
	{[]string{"1", "…", strconv.Itoa(ranking.StrengthMax)}, "comparison.help_strength"},
	{[]string{"e"}, "comparison.help_edit"},
	{[]string{"v"}, "comparison.help_compare"},
	{[]string{"x"}, "ranking.help_fold"},
	{[]string{"t"}, "ranking.help_note"},
	{[]string{"⌫"}, "comparison.help_back"},
	{[]string{"u"}, "ranking.help_undo"},
	{[]string{"z"}, "ranking.help_last"},
	{[]string{"s"}, "ranking.help_skip"},
	{[]string{"Enter"}, "comparison.help_submit"},
	{[]string{"?"}, "ranking.help_help"},
}

// comparisonMessages are the strings that a comparison's script shows.
func comparisonMessages(ctx context.Context) string {
	return scriptMessages(ctx, map[string]string{
		"fold_more": "ranking.fold_more", "fold_less": "ranking.fold_less", "compare_none": "ranking.compare_none",
		"undone": "ranking.said_undone", "nothing_to_undo": "ranking.said_nothing_to_undo",
		"chosen_left": "comparison.said_left", "chosen_right": "comparison.said_right", "chosen_tie": "comparison.said_tie",
		"chosen_bad": "comparison.said_bad", "chosen_": "comparison.said_nothing",
		"choose_first": "comparison.said_choose", "too_long": "comparison.said_too_long",
	})
}
