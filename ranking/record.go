package ranking

import "time"

// Split says on which side of a snapshot a record lies.
type Split string

// The splits. They are drawn by prompt group, never by pair.
const (
	SplitTrain      Split = "train"
	SplitValidation Split = "validation"
)

// Record is one judgment with all it was made on: a line of the `native` export and of a snapshot's file, and what the
// trainer reads. Everything else that leaves the program derives from it. Tiers and OrderShown hold indexes into
// Responses, so a record stands on its own.
type Record struct {
	JudgmentID       int64            `json:"judgment_id"`
	Revision         int              `json:"revision"`
	Campaign         string           `json:"campaign"`
	TaskID           int64            `json:"task_id"`
	Kind             CampaignKind     `json:"kind,omitempty"` // absent for a ranking
	PromptID         string           `json:"prompt_id"`      // the prompt set's id
	Group            string           `json:"group"`
	Messages         []Message        `json:"messages"`
	Metadata         map[string]any   `json:"metadata,omitempty"`
	Responses        []RecordResponse `json:"responses"`
	Tiers            [][]int          `json:"tiers"`
	OrderShown       []int            `json:"order_shown"`
	KeptAsShown      bool             `json:"kept_as_shown,omitempty"`
	SchemaVersion    int              `json:"schema_version,omitempty"`
	PromptFlags      []string         `json:"prompt_flags,omitempty"`
	Scores           []int            `json:"scores,omitempty"`       // by response, 0 for none; absent where nothing was scored
	Flags            [][]string       `json:"flags,omitempty"`        // by response
	Comments         []string         `json:"comments,omitempty"`     // by response
	OrderScored      []int            `json:"order_scored,omitempty"` // the order in which they were scored, one by one
	Strength         int              `json:"strength,omitempty"`     // of a comparison's preference: 1..StrengthMax; absent where none was given
	BothBad          bool             `json:"both_bad,omitempty"`     // of a comparison: the two are tied, and both are bad
	Picked           bool             `json:"picked,omitempty"`       // of a dialogue: the last tier's responses were passed over, and are in no order
	Dialogue         *RecordDialogue  `json:"dialogue,omitempty"`     // of a dialogue: which turn this is
	Probe            *RecordProbe     `json:"probe,omitempty"`        // of a probe: the rule and the verdict
	Comment          string           `json:"comment,omitempty"`
	ActiveMS         int64            `json:"active_ms"`
	StartedAt        time.Time        `json:"started_at"`
	SubmittedAt      time.Time        `json:"submitted_at"`
	GuidelineVersion int              `json:"guideline_version"`
	Annotator        string           `json:"annotator"` // pseudonym
	Simulated        bool             `json:"simulated"`
	Calibration      bool             `json:"calibration,omitempty"` // of a task that everybody judged
	Split            Split            `json:"split,omitempty"`       // set in snapshots
}

// RecordResponse is one response of a record. FileIndex is its place in the prompt set; those that came later follow the
// last. A written one is the annotator's own work and was not shown: it is missing from the order shown.
type RecordResponse struct {
	FileIndex int    `json:"file_index"`
	Text      string `json:"text"`
	Model     string `json:"model"`
	Written   bool   `json:"written,omitempty"`
}

// What stands for the model of a response that was written by hand.
const (
	ModelAnnotator          = "annotator"
	ModelSimulatedAnnotator = "simulated annotator"
)
