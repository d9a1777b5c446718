package ranking

import (
	"strings"
	"unicode/utf8"
)

// The kinds of campaigns beside KindRanking.
const (
	// KindComparison collects preferences between two responses, with their strength, and edits of the better one.
	KindComparison CampaignKind = "comparison"
	// KindDemonstration collects replies that annotators write; it shows none.
	KindDemonstration CampaignKind = "demonstration"
)

// CampaignKinds lists the kinds.
func CampaignKinds() []CampaignKind {
	return []CampaignKind{KindRanking, KindComparison, KindDemonstration, KindDialogue, KindProbe}
}

// Shown is how many responses a campaign of the kind may show together, and how many it shows unless told otherwise. Of a
// dialogue, which draws them turn by turn, they are suggestions; of a probe it is the one reply of a turn.
func (k CampaignKind) Shown() (low, high, usual int) {
	switch k {
	case KindComparison:
		return 2, 2, 2
	case KindDemonstration:
		return 0, 0, 0
	case KindDialogue:
		return ShownMin, SuggestionsMax, 4
	case KindProbe:
		return 1, 1, 1
	}
	return ShownMin, ShownMax, 4
}

// TaskResponses is how many responses a task of a campaign that shows k brings along: none where they are drawn turn by turn.
func (k CampaignKind) TaskResponses(shown int) int {
	if k.Talks() {
		return 0
	}
	return shown
}

// DefaultSchema is what a campaign of the kind asks beside its answer unless told otherwise.
func (k CampaignKind) DefaultSchema() Schema {
	if k == KindRanking {
		return DefaultSchema()
	}
	return Schema{}
}

// CheckSchema refuses a schema that asks for what a campaign of the kind has no page for.
func (k CampaignKind) CheckSchema(s Schema) error {
	if k != KindRanking && s.StageOne {
		return Errorf(CodeInvalid, "a campaign of the kind %s shows no response alone: its schema must not have stage_one", string(k))
	}
	if k == KindProbe && len(s.Rules) == 0 {
		return Errorf(CodeInvalid, "there is no rule; a rule reads \"name: what the model should do\"")
	}
	if k != KindProbe && len(s.Rules) > 0 {
		return Errorf(CodeInvalid, "a campaign of the kind %s probes no rules: its schema must not have any", string(k))
	}
	return s.Validate()
}

// How many responses are shown together.
const ShownMin, ShownMax = 2, 16

// Limits of an answer beside the ranking.
const (
	StrengthMax = 4      // a preference is 1 (negligibly better) to this (significantly better), as Llama 2's and 3's were
	WrittenMax  = 32_000 // characters of what an annotator writes: an edited response, a demonstration
)

// CheckKind refuses what does not belong to an answer of the kind: a strength without a preference, two bad responses of
// which one is better, and any of it where only a ranking is asked for.
func (s Submission) CheckKind(k CampaignKind) error {
	preferred := len(s.Tiers) == 2
	if k == KindDemonstration && plainText(s.Written) == "" {
		return Errorf(CodeInvalid, "write the reply first")
	}
	if !storable(s.Written) || utf8.RuneCountInString(s.Written) > WrittenMax {
		return Errorf(CodeInvalid, "what you wrote is not valid text or has more than %d characters", WrittenMax)
	}
	switch {
	case k.Talks() && s.Written != "":
		return Errorf(CodeInvalid, "your last message is not sent: send it, or clear it to end the conversation")
	case k == KindProbe:
		return s.Answers.Mark.complete()
	case k != KindDemonstration && s.Written != "":
		return Errorf(CodeInvalid, "only a demonstration is written")
	case k != KindComparison && (s.Answers.Strength != 0 || s.Answers.BothBad || len(s.Edits) > 0):
		return Errorf(CodeInvalid, "a ranking has no strength, no edit, and is not bad as a whole")
	case s.Answers.BothBad && preferred:
		return Errorf(CodeInvalid, "two responses that are both bad are tied")
	case s.Answers.Strength != 0 && !preferred:
		return Errorf(CodeInvalid, "only a preference has a strength")
	}
	return nil
}

// Edited is the better response as the annotator edited it, "" where it is as it was. texts are those of the responses
// shown, by id. An edit of the other response, or of either where neither is better, is refused: nobody should lose what
// they wrote by a slip.
func (s Submission) Edited(texts map[int64]string) (string, error) {
	edited := ""
	for id, edit := range s.Edits {
		text, shown := texts[id]
		edit = plainText(edit)
		switch {
		case !shown:
			return "", Errorf(CodeInvalid, "the ranking names a response that is not part of the task")
		case edit == plainText(text) || edit == "":
			continue
		case len(s.Tiers) != 2 || s.Tiers[0][0] != id:
			return "", Errorf(CodeInvalid, "only the better of the two can be edited")
		case !storable(edit) || utf8.RuneCountInString(edit) > WrittenMax:
			return "", Errorf(CodeInvalid, "what you wrote is not valid text or has more than %d characters", WrittenMax)
		}
		edited = edit
	}
	for _, text := range texts {
		if edited != "" && edited == plainText(text) {
			return "", Errorf(CodeInvalid, "the edit is word for word the other response: choose that one instead")
		}
	}
	return edited, nil
}

// plainText is a text without what a form's field adds to it or takes from it.
func plainText(text string) string {
	return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
}
