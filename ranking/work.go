package ranking

import "time"

// Assignment is a campaign a user may judge, with what is left to do: a line of the annotator's home page.
type Assignment struct {
	Campaign       Campaign
	Next           NextStep
	Left           int   // tasks that could be leased to the user now
	Mine           int   // judgments of the user
	MineToday      int   // since the user's midnight
	MedianActiveMS int64 // of the user's judgments; 0 without any
	Calibration    int   // how many of Left are of the calibration batch, which comes first
}

// Submission is an answer on its way in. LeaseToken is also its key: the same lease stores one judgment.
type Submission struct {
	LeaseToken  string
	UserID      int64
	Tiers       Tiers
	KeptAsShown bool
	Answers     Answers // complete, but for simulated annotators, who may leave them out
	Comment     string
	Edits       map[int64]string // of a comparison: the better response's id → its text as the annotator edited it
	Written     string           // a demonstration
	ActiveMS    int64
	StartedAt   time.Time
}

// Draft is what an annotator has answered so far. It is kept by task and person, and outlives a lease.
type Draft struct {
	Ranks       map[int64]int    `json:"ranks,omitempty"` // response id → rank, 1 best; equal ranks tie
	KeptAsShown bool             `json:"kept_as_shown,omitempty"`
	Answers     Answers          `json:"answers"`
	Edits       map[int64]string `json:"edits,omitempty"`   // response id → its text as edited
	Written     string           `json:"written,omitempty"` // a demonstration, or the message of a dialogue that is being written
	Step        int              `json:"step,omitempty"`    // of a dialogue: what Ranks (of suggestions), Written and From belong to
	From        int64            `json:"from,omitempty"`    // of a dialogue: the suggestion that Written began as
	Comment     string           `json:"comment,omitempty"`
	ActiveMS    int64            `json:"active_ms"`
	SavedAt     time.Time        `json:"-"` // zero where there is no draft
}

// QuestionKind is why an annotator turns to the admins.
type QuestionKind string

// The kinds of questions.
const (
	KindQuestion QuestionKind = "question" // something is unclear; the task goes on
	KindBroken   QuestionKind = "broken"   // the task cannot be judged; it was skipped
)

// Question is what an annotator asked or reported about a task, with the answer.
type Question struct {
	ID           int64
	Campaign     string
	TaskID       int64
	TaskState    string // "open", "complete" or "withdrawn"
	PromptID     string // the prompt set's id
	Prompt       string // the last user turn
	Kind         QuestionKind
	Text         string
	By           string // name or e-mail address of who asked
	AskedAt      time.Time
	Answer       string     // "" while there is none
	AnsweredAt   *time.Time // nil while there is none
	AnswerUnread bool       // the one who asked has not seen it
}
