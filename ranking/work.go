package ranking

import "time"

// Assignment is a campaign a user may judge, with what is left to do: a line of the annotator's home page.
type Assignment struct {
	Campaign       Campaign
	Left           int   // tasks that could be leased to the user now
	Mine           int   // judgments of the user
	MineToday      int   // since midnight UTC
	MedianActiveMS int64 // of the user's judgments; 0 without any
}

// Submission is an answer on its way in. LeaseToken is also its key: the same lease stores one judgment.
type Submission struct {
	LeaseToken  string
	UserID      int64
	Tiers       Tiers
	KeptAsShown bool
	Comment     string
	ActiveMS    int64
	StartedAt   time.Time
}

// HistoryRow is one of an annotator's own judgments as the history page lists it.
type HistoryRow struct {
	JudgmentID  int64
	TaskID      int64
	Campaign    string
	PromptID    string // the prompt set's id
	Messages    []Message
	Revision    int
	Tiers       Tiers
	OrderShown  []int64
	Comment     string
	ActiveMS    int64
	SubmittedAt time.Time
}
