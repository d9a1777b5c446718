package views

import (
	"context"
	"net/url"
	"strconv"

	"rankloop/internal/i18n"
)

// The limits of the playground's form.
const (
	PlaygroundPromptMax      = 20_000 // characters
	PlaygroundRepliesMax     = 8
	PlaygroundNewMax         = 1024 // tokens of a reply
	PlaygroundTemperatureMax = 5
)

// PlaygroundData is the form of the playground, with the replies to what it asked for.
type PlaygroundData struct {
	Checkpoint, Reward, Prompt string
	Values                     map[string]string // k, temperature, top_p, max_new, seed
	Policies, Rewards          []string          // to choose from, newest first
	Errors                     FormErrors
	Replies                    []PlaygroundReply
	Unscored                   string // why the replies have no scores, in the reader's language; "" where nothing failed
}

// PlaygroundReply is one reply of a checkpoint.
type PlaygroundReply struct {
	Text    string
	Tokens  int      // as drawn, the end token included
	Ended   bool     // by its end token, and not for want of room
	Trimmed bool     // the prompt was too long: its beginning was left out
	Score   *float64 // nil where nobody asked for it
}

// PlaygroundPath is the playground with a checkpoint chosen.
func PlaygroundPath(checkpoint string) string {
	return "/playground?checkpoint=" + url.QueryEscape(checkpoint)
}

// trimmed says whether the model read only the end of the prompt.
func (d PlaygroundData) trimmed() bool { return len(d.Replies) > 0 && d.Replies[0].Trimmed }

// best is the index of the one reply with the highest score, -1 where there is none such.
func (d PlaygroundData) best() int {
	best, tied := -1, false
	for i, reply := range d.Replies {
		switch {
		case reply.Score == nil:
		case best < 0 || *reply.Score > *d.Replies[best].Score:
			best, tied = i, best < 0 && len(d.Replies) == 1
		case *reply.Score == *d.Replies[best].Score:
			tied = true
		}
	}
	if tied {
		return -1
	}
	return best
}

// number is one of the form's numeric fields.
func (d PlaygroundData) number(name, label, hint, least, most, step string) FormField {
	return FormField{Label: label, Name: name, Kind: "number", Value: d.Values[name], Hint: hint, Error: d.Errors[name],
		Attributes: map[string]any{"required": true, "min": least, "max": most, "step": step, "inputmode": "decimal"}}
}

// numbers are the form's numeric fields.
func (d PlaygroundData) numbers(ctx context.Context) []FormField {
	seed := d.number("seed", i18n.T(ctx, "desk.seed"), i18n.T(ctx, "playground.seed_hint"), "", "", "1")
	delete(seed.Attributes, "min")
	delete(seed.Attributes, "max")
	upTo := func(n int) string { return i18n.T(ctx, "playground.up_to", i18n.Number(n)) }
	return []FormField{
		d.number("k", i18n.T(ctx, "playground.k"), upTo(PlaygroundRepliesMax), "1", strconv.Itoa(PlaygroundRepliesMax), "1"),
		d.number("max_new", i18n.T(ctx, "playground.max_new"), upTo(PlaygroundNewMax), "1", strconv.Itoa(PlaygroundNewMax), "1"),
		d.number("temperature", i18n.T(ctx, "playground.temperature"), i18n.T(ctx, "playground.temperature_hint"), "0", strconv.Itoa(PlaygroundTemperatureMax), "any"),
		d.number("top_p", i18n.T(ctx, "playground.top_p"), i18n.T(ctx, "playground.top_p_hint"), "0.01", "1", "any"),
		seed,
	}
}
