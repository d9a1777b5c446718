package ranking

import (
	"strings"
	"time"
)

// CalibrationMax bounds a calibration batch: everybody judges all of it before anything else.
const CalibrationMax = 50

// CalibrationChoice says which prompts of a campaign everybody judges before anything else: its first ones, or those that
// are named, in that order; neither for none.
type CalibrationChoice struct {
	First    int      // so many, also of prompts that are imported later
	Prompts  []string // the prompt set's ids
	Approval bool     // behind the batch people wait until an admin lets them go on
}

// Validate refuses a choice that no campaign can have. Of the named prompts it checks what can be checked without them.
func (c CalibrationChoice) Validate() error {
	if c.First < 0 || c.First > CalibrationMax {
		return Errorf(CodeInvalid, "the number of calibration tasks must be 0 to %d, not %d", CalibrationMax, c.First)
	}
	if c.First > 0 && len(c.Prompts) > 0 {
		return Errorf(CodeInvalid, "the calibration batch is the first prompts or those that are named, not both")
	}
	if len(c.Prompts) > CalibrationMax {
		return Errorf(CodeTooLarge, "a calibration batch has at most %d prompts, not %d", CalibrationMax, len(c.Prompts))
	}
	seen := make(map[string]bool, len(c.Prompts))
	for _, id := range c.Prompts {
		if seen[id] {
			return Errorf(CodeInvalid, "the prompt %q is named twice", id)
		}
		seen[id] = true
	}
	return nil
}

// ReadCalibrationPrompts reads the ids of prompts, one a line; empty lines say nothing.
func ReadCalibrationPrompts(text string) (ids []string) {
	for line := range strings.Lines(text) {
		if id := strings.TrimSpace(line); id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}

// CheckCalibration refuses a batch where a campaign of the kind has no use for one.
func (k CampaignKind) CheckCalibration(c CalibrationChoice) error {
	if k == KindProbe && (c.First > 0 || len(c.Prompts) > 0) {
		return Errorf(CodeInvalid, "a campaign that probes rules has no calibration batch: who comes second to a task judges the first one's conversation")
	}
	return c.Validate()
}

// CalibrationPlace is where a task stands in its campaign's batch.
type CalibrationPlace struct{ Place, Of int } // 1 is the first

// CalibrationBatch is a campaign's batch with what its members did about it.
type CalibrationBatch struct {
	First    int // as chosen: so many of the first prompts; 0 where they were named, or there is no batch
	Approval bool
	Tasks    []CalibrationTask   // in the order in which they are given out
	People   []CalibrationPerson // who works on the campaign, without simulated annotators
	Work     []CalibrationWork
}

// CalibrationTask is one task of the batch.
type CalibrationTask struct {
	ID       int64
	PromptID string // the prompt set's id
	Prompt   Prompt
	// Responses are in the order of the prompt set's file.
	Responses []Response
	State     string // "open", "waiting" for responses or "withdrawn"
	Sensitive []string
}

// CalibrationPerson is one of those who have to judge it.
type CalibrationPerson struct {
	User       User
	OptedOut   []string   // of SensitiveCategories: tasks of these are not given to them
	ApprovedAt *time.Time // when an admin let them go on
}

// CalibrationOutcome is what became of a task with a person.
type CalibrationOutcome string

// The outcomes; tasks of categories that somebody opted out of, and those that are withdrawn, ask nothing of them.
const (
	CalibrationOpen    CalibrationOutcome = "open"
	CalibrationAtWork  CalibrationOutcome = "at_work"
	CalibrationJudged  CalibrationOutcome = "judged"
	CalibrationSkipped CalibrationOutcome = "skipped"
	CalibrationSpared  CalibrationOutcome = "spared"
)

// CalibrationWork is that a person judged or skipped a task, or is at it.
type CalibrationWork struct {
	TaskID, UserID int64
	Outcome        CalibrationOutcome
	Reason         string // of a skip
}
