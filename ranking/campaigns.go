package ranking

import (
	"encoding/json"
	"time"
)

// NewCampaign is a campaign to be made.
type NewCampaign struct {
	Name         string
	Kind         CampaignKind // "" for KindRanking
	K, Overlap   int
	Guidelines   string // Markdown; version 1
	GenerateFrom string // empty for "base"
	LeaseSeconds int    // 0 for 1800
	Seed         int64
	Schema       Schema // version 1; the zero schema asks for the ranking alone
	Quiz         Quiz   // version 1; without items none is asked

	Calibration   CalibrationChoice // the first prompts only: there are none to name yet
	Conversations int               // of a probe: how many without a first message to begin with, 0 to ConversationsMax
}

// CampaignCounts are the sizes of a campaign. Open tasks are free to be leased; leased ones are held by somebody now.
type CampaignCounts struct {
	Prompts, Responses                                              int
	TasksTotal, TasksWaiting, TasksOpen, TasksLeased, TasksComplete int
	Judgments, Revisions, Skips, SimulatedJudgments                 int // Judgments count once for each task and annotator
	Members                                                         int

	// The calibration batch, which the counts of tasks above leave out and those of judgments do not.
	CalibrationTasks, CalibrationWaiting, CalibrationJudgments int
}

// CampaignOverview is a campaign with its counts.
type CampaignOverview struct {
	Campaign Campaign
	Counts   CampaignCounts
}

// GuidelinesReading says that somebody has read a version of a campaign's guidelines.
type GuidelinesReading struct {
	UserID  int64
	Version int // 0 for none
	At      time.Time
}

// Invitation is a link to be made that makes somebody a user, or a user a member.
type Invitation struct {
	Role       Role
	CampaignID *int64
	CreatedBy  int64
}

// OpenInvitation is an invitation that can still be used.
type OpenInvitation struct {
	ID        string // names it without being the link: the hash of its token, in hex
	Role      Role
	Campaign  string // "" for none
	CreatedBy string // e-mail address; "" when that user is gone
	CreatedAt time.Time
	ExpiresAt time.Time
}

// AuditRow is one thing that somebody did.
type AuditRow struct {
	ID      int64
	At      time.Time
	UserID  *int64 // nil for the command line and for users who are gone
	Email   string
	Action  string // e.g. "campaign.create"
	Object  string // e.g. the campaign's name
	Details json.RawMessage
}
