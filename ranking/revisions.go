package ranking

import "time"

// Bounds of a campaign's RevisionWindow.
const (
	RevisionSecondsMax = 30 * 24 * 60 * 60
	RevisionLastMax    = 1000
	RevisionsMax       = 100 // of one judgment
)

// RevisionWindow says which of their judgments in a campaign annotators may still change: those first submitted at most
// Seconds ago, among their newest Last. 0 of either allows no change.
type RevisionWindow struct {
	Seconds int // 0..RevisionSecondsMax
	Last    int // 0..RevisionLastMax
}

// Validate checks the bounds.
func (w RevisionWindow) Validate() error {
	if w.Seconds < 0 || w.Seconds > RevisionSecondsMax {
		return Errorf(CodeInvalid, "the time in which an answer may be changed must be 0 to %d seconds, not %d", RevisionSecondsMax, w.Seconds)
	}
	if w.Last < 0 || w.Last > RevisionLastMax {
		return Errorf(CodeInvalid, "how many of one's last answers may be changed must be 0 to %d, not %d", RevisionLastMax, w.Last)
	}
	return nil
}

// Revision replaces a judgment by a new one of the same person and task; the replaced one stays for audit. JudgmentID is
// the newest revision that the person saw: with its number it is also the key under which a resend is known.
type Revision struct {
	JudgmentID  int64
	UserID      int64
	Tiers       Tiers
	KeptAsShown bool
	Answers     Answers
	Comment     string
	Edits       map[int64]string // of a comparison, as in Submission
	Written     string           // of a demonstration
	ActiveMS    int64            // of all revisions together
}

// submission is what the revision says, as a first answer would have said it.
func (r Revision) submission() Submission {
	return Submission{Tiers: r.Tiers, Answers: r.Answers, Edits: r.Edits, Written: r.Written}
}

// Check refuses what does not belong to a revision of an answer of the kind, to a task that showed these responses.
func (r Revision) Check(k CampaignKind, shown []int64) error {
	if err := r.Tiers.Validate(shown); err != nil {
		return err
	}
	return r.submission().CheckKind(k)
}

// Edited is the better response of a comparison as the revision edits it, as for Submission.
func (r Revision) Edited(texts map[int64]string) (string, error) { return r.submission().Edited(texts) }

// Revisable reports whether answers of the kind can be changed once they are submitted.
func (k CampaignKind) Revisable() bool {
	switch k {
	case KindRanking, KindComparison, KindDemonstration:
		return true
	}
	return false
}

// PastJudgment is one of a person's own judgments with everything that its board needs, to be read or changed.
type PastJudgment struct {
	Judgment         Judgment
	Campaign         string
	Kind             CampaignKind
	Task             Task
	Written          string         // by the person, as a demonstration or as an edit of what was shown; "" for nothing
	Turns            []DialogueTurn // of a dialogue, and of the conversation that a probe is about
	Probe            *Probe         // of a probe
	Schema           Schema         // the version that it answers
	GuidelineVersion int            // the newest that the person has read, which a change would name
	Revisions        []PastRevision
	Fixed            error // why it cannot be changed; nil where it can

	Known *Known // the right answer, where there is one and the campaign shows it
}

// PastRevision is one line of a judgment's story.
type PastRevision struct {
	JudgmentID  int64
	Revision    int
	Tiers       Tiers
	SubmittedAt time.Time
}

// PastSkip is one of a person's own skips with the task as they saw it.
type PastSkip struct {
	Campaign   string
	Task       Task
	OrderShown []int64
	Reason     string
	SkippedAt  time.Time
}

// HistoryKind selects lines of a person's history.
type HistoryKind string

// The kinds: all, judgments, those that were changed, skips.
const (
	HistoryAll     HistoryKind = ""
	HistoryJudged  HistoryKind = "judged"
	HistoryRevised HistoryKind = "revised"
	HistorySkipped HistoryKind = "skipped"
)

// HistoryQuery asks for a page of a person's history, newest first.
type HistoryQuery struct {
	Kind     HistoryKind
	Campaign string        // "" for all
	Before   HistoryCursor // zero for the newest
	Limit    int
}

// HistoryCursor is a place in a history: the lines behind it come next.
type HistoryCursor struct {
	At time.Time
	ID int64
}

// HistoryRow is one of a person's own judgments or skips.
type HistoryRow struct {
	ID          int64 // of the judgment's newest revision, or of the skip
	Skipped     bool
	TaskID      int64
	Campaign    string
	PromptID    string // the prompt set's id
	Messages    []Message
	Rule        string // that was probed, "" for none
	Revision    int
	Tiers       Tiers
	OrderShown  []int64
	Comment     string // of a skip its reason
	ActiveMS    int64
	SubmittedAt time.Time
}

// WorkedHours is what a person did in a campaign on one day of their time zone.
type WorkedHours struct {
	Day                time.Time // the midnight in UTC that has its date
	Campaign           string
	Judgments, Changes int
	ActiveMS           int64
}
