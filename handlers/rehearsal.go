package handlers

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"rankloop/ranking"
)

// rehearsalKept is how long a conversation that is tried out is remembered after its last step.
const rehearsalKept = time.Hour

// Rehearsals are conversations that admins try out, as their annotators would hold them: the campaign's model replies,
// steps are taken back, the end is marked. They are nowhere but in this process's memory, one for each person, and are
// forgotten after an hour or with the process. They are kept by the rules by which the database keeps real ones.
type Rehearsals struct {
	store rehearsalStore

	mu   sync.Mutex
	held map[int64]*rehearsal // by user
}

// rehearsalStore is what a rehearsal reads: it writes nothing.
type rehearsalStore interface {
	CampaignByID(ctx context.Context, id int64) (ranking.Campaign, error)
	DrawSuggestions(ctx context.Context, r SuggestionRequest, onText func(draw int, text string)) (ranking.Drawn, error)
}

// rehearsal is one conversation as far as it has come.
type rehearsal struct {
	campaign ranking.Campaign
	lease    ranking.Lease // without a token: the task's number names it
	task     ranking.Task
	turns    []ranking.DialogueTurn
	draft    ranking.Draft
	over     bool // it was ended, and the next one comes
	touched  time.Time
}

// NewRehearsals remembers none yet.
func NewRehearsals(store rehearsalStore) *Rehearsals {
	return &Rehearsals{store: store, held: map[int64]*rehearsal{}}
}

// begin puts a new conversation in the place of the one that the person held before.
func (r *Rehearsals) begin(s sample) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s.campaign.Kind == ranking.KindProbe && s.lease.Probe == nil {
		// Rules take turns, as they do among annotators: by the task, so that the next task shows the next one.
		rules := s.lease.Schema.Rules
		s.lease.Probe = &ranking.Probe{Rule: rules[int(s.task.ID)%len(rules)], Version: s.lease.SchemaVersion}
	}
	r.held[s.lease.UserID] = &rehearsal{campaign: s.campaign, lease: s.lease, task: s.task, touched: time.Now()}
}

// of is the person's conversation in a campaign; nil where they hold none there.
func (r *Rehearsals) of(userID, campaignID int64) *rehearsal {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forgetOld()
	held := r.held[userID]
	if held == nil || held.campaign.ID != campaignID {
		return nil
	}
	copied := *held
	copied.turns = slices.Clone(held.turns)
	return &copied
}

// end notes that the conversation is over.
func (r *Rehearsals) end(token string, userID int64) error {
	return r.with(token, userID, func(held *rehearsal) error {
		held.over = true
		return nil
	})
}

// with runs f on the person's conversation on the task that the token names. CodeNotFound where they hold another one by
// now, or it was forgotten.
func (r *Rehearsals) with(token string, userID int64, f func(*rehearsal) error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forgetOld()
	held := r.held[userID]
	if held == nil || held.over || token != strconv.FormatInt(held.task.ID, 10) {
		return ranking.Errorf(ranking.CodeNotFound, "this conversation was tried out and is forgotten: open the page again to begin a new one")
	}
	held.touched = time.Now()
	return f(held)
}

func (r *Rehearsals) forgetOld() {
	for user, held := range r.held {
		if time.Since(held.touched) > rehearsalKept {
			delete(r.held, user)
		}
	}
}

func (h *rehearsal) dialogue() ranking.Dialogue { return ranking.NewDialogue(h.task.Prompt, h.turns) }

// put stores a turn, the next one or one that is there.
func (h *rehearsal) put(turn int, t ranking.DialogueTurn) {
	if turn > len(h.turns) {
		h.turns = append(h.turns, t)
		return
	}
	h.turns[turn-1] = t
}

// What the steps of a conversation ask of a store ------------------------------------------------------------------------

// LeasedTask is the task that is tried out, as a lease would hold it.
func (r *Rehearsals) LeasedTask(_ context.Context, token string, userID int64) (lease ranking.Lease, task ranking.Task, err error) {
	err = r.with(token, userID, func(held *rehearsal) error {
		lease, task = held.lease, held.task
		return nil
	})
	return lease, task, err
}

// CampaignByID is a campaign as it is stored.
func (r *Rehearsals) CampaignByID(ctx context.Context, id int64) (ranking.Campaign, error) {
	return r.store.CampaignByID(ctx, id)
}

// DrawSuggestions asks the campaign's model.
func (r *Rehearsals) DrawSuggestions(ctx context.Context, in SuggestionRequest, onText func(int, string)) (ranking.Drawn, error) {
	return r.store.DrawSuggestions(ctx, in, onText)
}

// DialogueTurns are the turns so far.
func (r *Rehearsals) DialogueTurns(_ context.Context, taskID, userID int64) (turns []ranking.DialogueTurn, err error) {
	err = r.with(strconv.FormatInt(taskID, 10), userID, func(held *rehearsal) error {
		turns = slices.Clone(held.turns)
		return nil
	})
	return turns, err
}

// SayTurn remembers a message.
func (r *Rehearsals) SayTurn(_ context.Context, token string, userID int64, turn int, text string, activeMS int64) error {
	return r.with(token, userID, func(held *rehearsal) error {
		said, done, err := held.dialogue().Say(turn, text)
		if err != nil || done {
			return err
		}
		held.put(turn, ranking.DialogueTurn{Said: said, ActiveMS: activeMS})
		return nil
	})
}

// AddSuggestions remembers what was drawn.
func (r *Rehearsals) AddSuggestions(_ context.Context, token string, userID int64, turn int, drawn ranking.Drawn) (ranking.Drawn, error) {
	err := r.with(token, userID, func(held *rehearsal) error {
		t, done, err := held.dialogue().Suggested(turn, drawn, held.campaign.Kind)
		drawn = t.Drawn
		if err != nil || done {
			return err
		}
		held.put(turn, t)
		return nil
	})
	return drawn, err
}

// ReplyTurn remembers a reply.
func (r *Rehearsals) ReplyTurn(_ context.Context, token string, userID int64, in ranking.DialogueReply) error {
	return r.with(token, userID, func(held *rehearsal) error {
		t, done, err := held.dialogue().Answer(in)
		if err != nil || done {
			return err
		}
		held.put(in.Turn, t)
		return nil
	})
}

// TakeBackTurn undoes the last step; what was said comes back as the draft.
func (r *Rehearsals) TakeBackTurn(_ context.Context, token string, userID int64, turn int) error {
	return r.with(token, userID, func(held *rehearsal) error {
		undone, err := held.dialogue().TakeBack(turn, held.campaign.Kind)
		if err != nil || undone == nil {
			return err
		}
		if undone.Reply {
			last := &held.turns[turn-1]
			last.Reply, last.From, last.Tiers, last.Survival = "", 0, nil, nil
		} else {
			held.turns = held.turns[:turn-1]
		}
		step := undone.Draft
		held.draft.Step, held.draft.Written, held.draft.From, held.draft.Ranks = step.Step, step.Written, step.From, step.Ranks
		return nil
	})
}

// SaveDraft remembers what is answered so far.
func (r *Rehearsals) SaveDraft(_ context.Context, token string, userID int64, draft ranking.Draft) (savedAt time.Time, err error) {
	err = r.with(token, userID, func(held *rehearsal) error {
		held.draft, savedAt = draft, time.Now()
		return nil
	})
	return savedAt, err
}
