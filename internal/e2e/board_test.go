package e2e

import (
	"context"
	"slices"
	"strconv"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"

	"rankloop/ranking"
)

// shownTask is a task as the board shows it.
type shownTask struct {
	Lease  string
	Prompt string
	Texts  map[string]string // by letter
}

// waitForBoard waits until the board can be used, with its scripts or, where they are off, without. It returns what it
// shows, which is another task than the one before.
func (b *tab) waitForBoard(before shownTask) shownTask {
	b.t.Helper()
	ready := `document.readyState === "complete" && document.querySelector("#board") !== null` +
		` && document.querySelector("#board").dataset.lease !== ` + strconv.Quote(before.Lease)
	if !b.bare { // the script has taken over
		ready += ` && document.querySelector("#submit").hasAttribute("aria-disabled")`
	}
	var task *shownTask
	eventually(b.t, "the board", func() bool {
		ctx, cancel := context.WithTimeout(b.ctx, longWait)
		defer cancel()
		var err error
		task, err = chromedp.Run(ctx, chromedp.Evaluate[*shownTask](ready+` ? {
			Lease: document.querySelector("#board").dataset.lease,
			Prompt: document.querySelector(".prompt .turns").innerText.trim(),
			Texts: Object.fromEntries([...document.querySelectorAll(".card")].map((card) =>
				[card.dataset.letter, card.querySelector(".body").innerText.trim()])),
		} : null`))
		return err == nil && task != nil
	})
	return *task
}

// rank types a ranking, "b a = d c", and submits it.
func (b *tab) rank(keys ...string) {
	b.t.Helper()
	b.press(keys...)
	b.press(kb.Enter)
}

// expression is the ranking in the strip as it reads: tiers of letters, best first.
func (b *tab) expression() [][]string {
	b.t.Helper()
	return eval[[][]string](b, `[...document.querySelectorAll("#tiers > .tier:not(.empty)")].map((tier) =>
		[...tier.querySelectorAll(".chip")].map((chip) => chip.dataset.letter))`)
}

// texts turns tiers of letters into tiers of the texts behind them.
func (s shownTask) texts(tiers [][]string) [][]string {
	out := make([][]string, len(tiers))
	for i, tier := range tiers {
		for _, letter := range tier {
			out[i] = append(out[i], s.Texts[letter])
		}
		slices.Sort(out[i])
	}
	return out
}

// textTiers are a stored judgment's tiers by their texts.
func textTiers(r ranking.Record) [][]string {
	out := make([][]string, len(r.Tiers))
	for i, tier := range r.Tiers {
		for _, index := range tier {
			out[i] = append(out[i], r.Responses[index].Text)
		}
		slices.Sort(out[i])
	}
	return out
}

// checkStored fails the test unless the campaign's judgments are exactly these: prompt → tiers of texts.
func (p *program) checkStored(t *testing.T, campaign string, want map[string][][]string) {
	t.Helper()
	records := p.records(t, campaign)
	got := map[string][][]string{}
	for _, r := range records {
		got[r.Messages[len(r.Messages)-1].Content] = textTiers(r)
	}
	if diff := cmp.Diff(want, got); diff != "" || len(records) != len(want) {
		t.Fatalf("%d judgments are stored, want %d; (-want +got):\n%s", len(records), len(want), diff)
	}
}

func sortedTiers(tiers [][]int) [][]int {
	out := make([][]int, len(tiers))
	for i, tier := range tiers {
		out[i] = slices.Sorted(slices.Values(tier))
	}
	return out
}
