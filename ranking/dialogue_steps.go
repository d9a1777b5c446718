package ranking

// Suggested is a turn with what a model drew for it; under a rule that is probed the first of it is the model's reply. done
// is true where the turn has its suggestions already: what came first stays.
func (d Dialogue) Suggested(turn int, drawn Drawn, kind CampaignKind) (t DialogueTurn, done bool, err error) {
	t = d.At(turn)
	if t.Drawn.Checkpoint != "" {
		return t, true, nil
	}
	if next, says := d.Next(); turn != next || says {
		return t, false, movedOn()
	}
	t.Drawn = drawn
	if kind != KindProbe {
		return t, false, nil
	}
	if len(drawn.Suggestions) == 0 {
		return t, false, Errorf(CodeUnavailable, "the model has nothing to say to that; try again, or take the message back")
	}
	whole, first := 1.0, drawn.Suggestions[0]
	t.Reply, t.From, t.Tiers, t.Survival = first.Text, first.ID, Tiers{{first.ID}}, &whole
	return t, false, nil
}

// UndoneStep is a step of a conversation that is taken back.
type UndoneStep struct {
	Reply bool  // the reply of the last turn; else its message, and with that the turn
	Draft Draft // what was said, to be said otherwise
}

// TakeBack is the last step, undone: of the last turn the reply, or the message where there is none yet; nil where nothing
// can be. It is nil, too, where the turn is not the last, so that a resend takes back no more.
func (d Dialogue) TakeBack(turn int, kind CampaignKind) (*UndoneStep, error) {
	last := d.At(turn)
	switch {
	case turn != len(d.Turns):
		return nil, nil
	case last.Reply != "" && kind == KindProbe:
		return nil, Errorf(CodeConflict, "what the model has said stays")
	case last.Reply != "":
		return &UndoneStep{Reply: true, Draft: Draft{Step: 2*turn + 1, Written: last.Reply, From: last.From, Ranks: last.Tiers.Ranks()}}, nil
	case last.Said != "":
		return &UndoneStep{Draft: Draft{Step: 2 * turn, Written: last.Said}}, nil
	}
	return nil, nil
}

// CheckEnd refuses to end a conversation in which nobody has replied.
func (d Dialogue) CheckEnd() error {
	if d.Replies() == 0 {
		return Errorf(CodeInvalid, "a conversation needs a reply before it can end; skip the task if you cannot give one")
	}
	return nil
}
