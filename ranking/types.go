package ranking

import "time"

// Role is what a user may do. An admin may see everything; judging needs an invitation for every role.
type Role string

// The roles.
const (
	RoleAnnotator  Role = "annotator"
	RoleResearcher Role = "researcher"
	RoleAdmin      Role = "admin"
)

// User is a person, or a simulated annotator, who can sign in.
type User struct {
	ID        int64
	Email     string // lower case
	Name      string
	Role      Role
	Locale    string // "en" or "zh-Hans"
	Pseudonym string // what exports show instead of the name, e.g. "a-7f3k"
	Simulated bool
	CreatedAt time.Time
	Disabled  bool

	SessionEpoch int // sessions begun in an earlier one have ended
}

// CampaignKind is the form of answer a campaign collects.
type CampaignKind string

// KindRanking collects weak orders of K responses.
const KindRanking CampaignKind = "ranking"

// CampaignState says whether a campaign hands out tasks.
type CampaignState string

// The campaign states: only an open campaign leases tasks.
const (
	CampaignOpen   CampaignState = "open"
	CampaignPaused CampaignState = "paused"
	CampaignClosed CampaignState = "closed"
)

// Campaign is one collection effort.
type Campaign struct {
	ID               int64
	Name             string
	Kind             CampaignKind
	State            CampaignState
	K                int    // at most this many responses are shown together, 2..16
	Overlap          int    // judgments wanted per task, 1..100
	Seed             int64  // draws K of more than K responses, and every order shown
	GenerateFrom     string // checkpoint name that writes missing responses
	LeaseSeconds     int    // how long a task is held for one annotator
	GuidelineVersion int    // newest version, starting at 1
	Guidelines       string // Markdown of the newest version
	SchemaVersion    int    // newest version, starting at 1
	Schema           Schema // the newest: what is asked beside the ranking
	CreatedAt        time.Time
}

// Message is one turn of a conversation.
type Message struct {
	Role    string `json:"role"` // "system", "user" or "assistant"
	Content string `json:"content"`
}

// Prompt is a conversation that ends in a user turn.
type Prompt struct {
	ID         int64
	CampaignID int64
	ExternalID string // the id of the prompt set
	Group      string // conversation or user; the unit of train/validation splits; defaults to ExternalID
	Messages   []Message
	Metadata   map[string]any
}

// Response is one candidate continuation of a prompt. A text that occurs twice in a prompt is one response, so
// FileIndexes may hold several places; the first is the canonical one that exports name.
type Response struct {
	ID          int64
	PromptID    int64
	Text        string
	Model       string // who wrote it; never shown to annotators
	FileIndexes []int  // 0-based places in the prompt set's responses; generated ones follow after the last
	Generated   bool
}

// Task is a prompt with the responses that are shown together. Responses are in file order here; the order on the page
// is the lease's.
type Task struct {
	ID         int64
	CampaignID int64
	Prompt     Prompt
	Responses  []Response
	Overlap    int
	Judgments  int      // submitted so far, each annotator counted once
	Sensitive  []string // of SensitiveCategories: what the prompt may upset with

	Calibration *CalibrationPlace // of a task that everybody judges first; nil for any other
}

// Lease is one annotator's exclusive, expiring right to judge a task. OrderShown lists response ids as the page shows
// them: position 0 is card A. OrderScored is the order in which stage one shows them one by one.
type Lease struct {
	ID          int64
	Token       string // unguessable; the submit key of the judgment it leads to
	UserID      int64
	TaskID      int64
	OrderShown  []int64
	OrderScored []int64
	GrantedAt   time.Time
	ExpiresAt   time.Time

	GuidelineVersion int // the newest when it was granted: what the judgment will name
	SchemaVersion    int // likewise
	Schema           Schema
	Probe            *Probe // of a campaign that probes rules
}

// Judgment is one submitted answer: a ranking of the responses shown, and of the one that the annotator wrote where
// there is one. Judgments are never overwritten: an edit is a new Revision.
type Judgment struct {
	ID               int64
	TaskID           int64
	UserID           int64
	Revision         int // 1 for the first
	Tiers            Tiers
	OrderShown       []int64
	KeptAsShown      bool // the annotator confirmed the order shown on purpose
	Comment          string
	ActiveMS         int64 // time with the page in front and the person active
	StartedAt        time.Time
	SubmittedAt      time.Time
	GuidelineVersion int
	SchemaVersion    int
	Answers          Answers
	OrderScored      []int64
	Simulated        bool

	ShowsKnown bool // of one just submitted: the right answer may be shown now
}
