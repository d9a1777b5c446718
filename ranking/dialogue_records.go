package ranking

import (
	"fmt"
	"slices"
)

// RecordDialogue is what a record of a dialogue says beside its ranking.
type RecordDialogue struct {
	Turn             int      `json:"turn"`               // 1 for the first of the conversation
	Turns            int      `json:"turns"`              // of the conversation
	Scenario         string   `json:"scenario,omitempty"` // what the person was told to talk about
	Reply            int      `json:"reply"`              // index into responses: what the conversation went on with
	From             *int     `json:"from,omitempty"`     // place among the suggestions of the one that the reply is, or began as
	Survival         *float64 `json:"survival,omitempty"` // the share of that one's words that the reply keeps
	Checkpoint       string   `json:"checkpoint,omitempty"`
	CheckpointSHA256 string   `json:"checkpoint_sha256,omitempty"`
	Seed             int64    `json:"seed,omitempty"`
	K                int      `json:"k,omitempty"`         // replies drawn; the same text is one suggestion
	PassedBy         []string `json:"passed_by,omitempty"` // suggestions about which nothing was said
}

// Records are the turns of a conversation that have a reply, each as a record whose prompt is the conversation so far. of is
// what all have in common; its prompt's id gets the judgment and the turn behind it. A suggestion's file index is its place
// among those drawn. author stands for the model of what was written by hand.
func (d Dialogue) Records(of Record, author string) []Record {
	turns := d.Replies()
	records := make([]Record, turns)
	before := int64(0)
	for i := range records {
		r, t := of, d.Turns[i]
		r.PromptID = fmt.Sprintf("%s#%d.%d", of.PromptID, of.JudgmentID, i+1)
		r.Messages = d.Before(i + 1)
		r.ActiveMS, before = max(t.ActiveMS-before, 0), max(t.ActiveMS, before)
		if !t.RepliedAt.IsZero() {
			r.SubmittedAt = t.RepliedAt
		}
		r.Dialogue = &RecordDialogue{
			Turn: i + 1, Turns: turns, Scenario: d.Scenario, Survival: t.Survival,
			Checkpoint: t.Drawn.Checkpoint, CheckpointSHA256: t.Drawn.SHA256, Seed: t.Drawn.Seed, K: t.Drawn.K,
		}
		t.rank(&r, author)
		records[i] = r
	}
	return records
}

// rank puts a turn's responses and their order into its record. A reply that was taken beats the other suggestions, which
// are in no order among themselves; one that was written or edited stands on top.
func (t DialogueTurn) rank(r *Record, author string) {
	ids := t.Drawn.ids()
	r.Tiers, r.OrderShown = [][]int{}, []int{}
	if t.From != 0 {
		from := int(t.From - 1)
		r.Dialogue.From = &from
	}
	written := t.From == 0 || t.Drawn.Text(t.From) != t.Reply
	if len(t.Tiers) == 0 {
		for _, s := range t.Drawn.Suggestions {
			r.Dialogue.PassedBy = append(r.Dialogue.PassedBy, s.Text)
		}
	} else {
		for i, s := range t.Drawn.Suggestions {
			r.Responses = append(r.Responses, RecordResponse{FileIndex: int(s.ID - 1), Text: s.Text, Model: t.Drawn.Checkpoint})
			r.OrderShown = append(r.OrderShown, i)
		}
		r.Tiers = indexTiers(t.Tiers, ids)
		if rest := unranked(t.Tiers, ids); len(rest) > 0 {
			r.Tiers = append(r.Tiers, rest)
			r.Picked = true
		}
		r.Dialogue.Reply = slices.Index(ids, t.From)
	}
	if written {
		r.Dialogue.Reply = len(r.Responses)
		r.Responses = append(r.Responses, RecordResponse{FileIndex: t.Drawn.K, Text: t.Reply, Model: author, Written: true})
		r.Tiers = slices.Insert(r.Tiers, 0, []int{r.Dialogue.Reply})
	}
}

// indexTiers puts the suggestions' indexes in place of their ids.
func indexTiers(tiers Tiers, ids []int64) [][]int {
	all := make([][]int, len(tiers))
	for i, tier := range tiers {
		for _, id := range tier {
			all[i] = append(all[i], slices.Index(ids, id))
		}
	}
	return all
}

// unranked are the indexes of the suggestions that tiers leave out.
func unranked(tiers Tiers, ids []int64) (rest []int) {
	ranked := slices.Concat(tiers...)
	for i, id := range ids {
		if !slices.Contains(ranked, id) {
			rest = append(rest, i)
		}
	}
	return rest
}
