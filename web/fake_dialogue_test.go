package web_test

import (
	"context"

	"rankloop/handlers"
	"rankloop/ranking"
)

// The fake's conversations are checked by the domain's own rules.

func (s *fakeStore) DialogueTurns(_ context.Context, taskID, _ int64) ([]ranking.DialogueTurn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]ranking.DialogueTurn(nil), s.talks[taskID]...), nil
}

// talk changes the conversation of a lease.
func (s *fakeStore) talk(ctx context.Context, token string, userID int64, change func(d *ranking.Dialogue) error) error {
	lease, task, err := s.LeasedTask(ctx, token, userID)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d := ranking.NewDialogue(task.Prompt, s.talks[lease.TaskID])
	if err := change(&d); err != nil {
		return err
	}
	if s.talks == nil {
		s.talks = map[int64][]ranking.DialogueTurn{}
	}
	s.talks[lease.TaskID] = d.Turns
	return nil
}

func (s *fakeStore) SayTurn(ctx context.Context, token string, userID int64, turn int, text string, activeMS int64) error {
	return s.talk(ctx, token, userID, func(d *ranking.Dialogue) error {
		said, done, err := d.Say(turn, text)
		if err == nil && !done {
			d.Turns = append(d.Turns, ranking.DialogueTurn{Said: said, ActiveMS: activeMS})
		}
		return err
	})
}

func (s *fakeStore) ReplyTurn(ctx context.Context, token string, userID int64, in ranking.DialogueReply) error {
	return s.talk(ctx, token, userID, func(d *ranking.Dialogue) error {
		answered, done, err := d.Answer(in)
		switch {
		case err != nil || done:
			return err
		case in.Turn > len(d.Turns):
			d.Turns = append(d.Turns, answered)
		default:
			d.Turns[in.Turn-1] = answered
		}
		return nil
	})
}

func (s *fakeStore) TakeBackTurn(ctx context.Context, token string, userID int64, turn int) error {
	return s.talk(ctx, token, userID, func(d *ranking.Dialogue) error {
		if turn == len(d.Turns) {
			d.Turns = d.Turns[:turn-1]
		}
		return nil
	})
}

func (s *fakeStore) AddSuggestions(ctx context.Context, token string, userID int64, turn int, drawn ranking.Drawn) (ranking.Drawn, error) {
	return drawn, s.talk(ctx, token, userID, func(d *ranking.Dialogue) error {
		if turn > len(d.Turns) {
			d.Turns = append(d.Turns, ranking.DialogueTurn{})
		}
		d.Turns[turn-1].Drawn = drawn
		if s.probe != nil {
			d.Turns[turn-1].Reply, d.Turns[turn-1].From = drawn.Suggestions[0].Text, 1
		}
		return nil
	})
}

func (s *fakeStore) DrawSuggestions(_ context.Context, r handlers.SuggestionRequest, onText func(int, string)) (ranking.Drawn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drawn = r
	if s.drawErr != nil {
		return ranking.Drawn{}, s.drawErr
	}
	texts := []string{"First **one**.", "Second <b>one</b>.", "First **one**."}
	if onText != nil {
		for i, text := range texts {
			onText(i, text)
		}
	}
	return ranking.Drawn{
		Checkpoint: r.Checkpoint, SHA256: "ab", Seed: r.Seed, K: r.K,
		Suggestions: ranking.Suggest(texts, make([]int, len(texts)), make([]bool, len(texts))),
	}, nil
}
