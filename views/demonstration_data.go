package views

import "context"

// demonstrationHelp is the legend of the keyboard while a reply is written.
var demonstrationHelp = []helpLine{
	{[]string{"Ctrl", "Enter"}, "demonstration.help_submit"},
	{[]string{"Esc"}, "demonstration.help_leave"},
	{[]string{"e"}, "demonstration.help_write"},
	{[]string{"t"}, "ranking.help_note"},
	{[]string{"z"}, "ranking.help_last"},
	{[]string{"s"}, "ranking.help_skip"},
	{[]string{"?"}, "ranking.help_help"},
}

// demonstrationMessages are the strings that a demonstration's script shows.
func demonstrationMessages(ctx context.Context) string {
	return scriptMessages(ctx, map[string]string{"write_first": "demonstration.said_write"})
}
