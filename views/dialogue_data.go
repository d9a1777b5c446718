package views

import (
	"context"
	"fmt"
	"strconv"

	"rankloop/internal/i18n"
	"rankloop/ranking"
	"rankloop/views/content"
)

// DialogueData is a conversation as it stands, for the page of its next step.
type DialogueData struct {
	Turn     int
	Says     bool // the person's message as the user is due; else the reply
	Step     int
	Scenario *content.Text // what to talk about; nil for nothing
	Cards    []Card        // the suggestions of the turn
	Drawn    bool          // they were drawn, even if none is left of them
	Draws    int           // how many are to be drawn, 0 where they were or none will be
	Trimmed  bool          // the model read only the end of the conversation
	From     int64         // the suggestion that the reply began as; 0 for one's own words
	Replies  int
	Full     bool // the conversation has all the turns it may have
	TakeBack int  // the turn whose last step can be taken back, 0 for none
}

// path is where a form of the turn at hand goes.
func (d RankingData) turnPath(what string) string {
	return d.path(fmt.Sprintf("turns/%d/%s", d.Dialogue.Turn, what))
}

// backPath is where the last step is taken back.
func (d RankingData) backPath() string {
	return d.path(fmt.Sprintf("turns/%d/back", d.Dialogue.TakeBack))
}

// stepName is what the form stores: "say" or "reply".
func (d *DialogueData) stepName() string {
	if d.Says {
		return "say"
	}
	return "reply"
}

// fromOptions are what a reply may begin as.
func (d *DialogueData) fromOptions(ctx context.Context) []Option {
	options := []Option{{"0", i18n.T(ctx, "dialogue.from_own")}}
	for _, card := range d.Cards {
		options = append(options, Option{strconv.FormatInt(card.ResponseID, 10), i18n.T(ctx, "dialogue.from", card.Letter)})
	}
	return options
}

// dialogueHelp is the legend of the keyboard at a step of a conversation.
func (d *DialogueData) help() []helpLine {
	lines := []helpLine{{[]string{"Ctrl", "Enter"}, "dialogue.help_send"}, {[]string{"Esc"}, "demonstration.help_leave"}, {[]string{"r"}, "dialogue.help_write"}}
	if !d.Says {
		lines = append([]helpLine{
			{[]string{"b"}, "dialogue.help_take"},
			{exampleKeys(max(len(d.Cards), d.Draws)), "dialogue.help_rank"},
			{[]string{"1", "…", strconv.Itoa(ranking.SuggestionsMax)}, "ranking.help_digits"},
			{[]string{"←", "→"}, "ranking.help_arrows"},
			{[]string{"Alt", "↑", "↓"}, "ranking.help_move"},
			{[]string{"w"}, "dialogue.help_own"},
			{[]string{"v"}, "ranking.help_compare"},
			{[]string{"⌫"}, "ranking.help_backspace"},
			{[]string{"u"}, "ranking.help_undo"},
		}, lines...)
	}
	return append(lines,
		helpLine{[]string{"z"}, "dialogue.help_back"},
		helpLine{[]string{"t"}, "ranking.help_note"},
		helpLine{[]string{"s"}, "ranking.help_skip"},
		helpLine{[]string{"?"}, "ranking.help_help"},
	)
}

// dialogueMessages are the strings that the script of a conversation shows.
func dialogueMessages(ctx context.Context) string {
	return scriptMessages(ctx, map[string]string{
		"empty": "ranking.strip_empty", "unranked": "ranking.strip_unranked", "letter": "ranking.strip_letter",
		"ranked": "ranking.said_ranked", "tied": "ranking.said_tied", "cleared": "ranking.said_cleared",
		"undone": "ranking.said_undone", "nothing_to_undo": "ranking.said_nothing_to_undo", "compare_none": "ranking.compare_none",
		"fold_more": "ranking.fold_more", "fold_less": "ranking.fold_less",
		"write_message": "dialogue.said_write_message", "write_reply": "dialogue.said_write_reply", "rank_all": "dialogue.said_rank_all",
		"not_best": "dialogue.said_not_best", "unsent": "dialogue.said_unsent", "waiting": "dialogue.waiting", "writing": "dialogue.writing",
		"drawn": "dialogue.drawn", "lost": "dialogue.lost", "took": "dialogue.said_took", "own": "dialogue.said_own",
	})
}

// PastTurn is one turn of a conversation that is over.
type PastTurn struct {
	Said       *content.Text // as the user; nil where the prompt brings the message
	Cards      []Card        // what was suggested
	Expression string        // the ranking; "" where only one was taken, or none
	Reply      content.Text
	From       string   // the letter of the suggestion that the reply is, or began as; "" for one's own words
	Kept       *float64 // the share of that one's words that the reply keeps; nil for one's own words
}

// outcome says where the reply came from.
func (t PastTurn) outcome(ctx context.Context) string {
	switch {
	case t.From == "":
		return i18n.T(ctx, "dialogue.was_own")
	case t.Kept != nil && *t.Kept < 1:
		return i18n.T(ctx, "dialogue.was_edited", t.From, strconv.Itoa(int(*t.Kept*100+0.5)))
	}
	return i18n.T(ctx, "dialogue.was_taken", t.From)
}
