package views

import (
	"context"
	"encoding/json"

	"rankloop/internal/i18n"
	"rankloop/ranking"
)

// CampaignsData lists the campaigns.
type CampaignsData struct {
	Campaigns []ranking.CampaignOverview
}

// CampaignFormData is the form of a new campaign, with what it had where it came back.
type CampaignFormData struct {
	Name, Kind, K, Overlap, LeaseMinutes, GenerateFrom, Guidelines string
	Schema                                                         string // SchemaStaged or SchemaRanking
	Rules, Conversations                                           string // of a campaign that probes rules
	Calibration                                                    string // how many of the first prompts everybody judges first
	CalibrationApproval                                            bool
	Writers                                                        []string // checkpoints that can write responses
	Errors                                                         FormErrors
}

// What the form of a new campaign offers to ask of annotators.
const (
	SchemaStaged  = "staged"       // scores and flags first, as InstructGPT
	SchemaRanking = "ranking-only" // the ranking alone
)

// CampaignData is one campaign as its admin sees it.
type CampaignData struct {
	Campaign    ranking.Campaign
	Counts      ranking.CampaignCounts
	Members     []ranking.User
	Others      []ranking.User // who could be made members
	Writes      bool           // GenerateFrom is a checkpoint that can write responses
	WorkerAlive bool
	Queued      int    // prompts whose responses were just asked for
	Link        string // the invitation just made, shown once
	LinkRole    ranking.Role
	Notice      string // catalog key of what was just done
	Errors      FormErrors
	Revisions   ranking.RevisionWindow
	Pace        ranking.PaceSettings
	Draft       string // guidelines that came back
	SchemaDraft string // a schema that came back
	RulesDraft  string // rules that came back
	Probe       *ranking.ProbeStatistics
	Readings    []ranking.GuidelinesReading
	Quiz        ranking.Quiz
	QuizVersion int // 0 for none
	Calibration ranking.CalibrationChoice
}

// reading says which guidelines a member has read; "" where there is nothing to say.
func (d CampaignData) reading(ctx context.Context, member ranking.User) string {
	for _, r := range d.Readings {
		if r.UserID == member.ID {
			return i18n.T(ctx, "guidelines.member_read", r.Version)
		}
	}
	if d.Campaign.Guidelines == "" || member.Simulated {
		return ""
	}
	return i18n.T(ctx, "guidelines.member_unread")
}

// schemaText is the schema as its form shows it.
func (d CampaignData) schemaText() string {
	if d.SchemaDraft != "" {
		return d.SchemaDraft
	}
	text, err := json.MarshalIndent(d.Campaign.Schema, "", "  ")
	if err != nil {
		panic(err) // strings and numbers always encode
	}
	return string(text)
}

// GenerateNothing is the checkpoint's place in a campaign whose prompts bring all their responses themselves.
const GenerateNothing = "none"

// path is the campaign's page.
func (d CampaignData) path() string { return CampaignPath(d.Campaign.Name) }

// CampaignPath is the page of a campaign, for admins.
func CampaignPath(name string) string { return "/campaigns/" + name }

// UploadData is the page that takes a prompt set.
type UploadData struct {
	Campaign   ranking.Campaign
	Writes     bool
	BytesMax   int64
	Error      string
	Details    []ranking.Detail
	DetailsAll int // of which Details are the first
}

// UploadPreviewData shows what an import of an uploaded file would do.
type UploadPreviewData struct {
	Campaign         ranking.Campaign
	File, SHA256     string
	Lines            int
	PromptsAdded     int
	PromptsDuplicate int
	ResponsesAdded   int
	ToGenerate       int // responses that the waiting tasks lack
	TasksWaiting     int
	Bad              []ranking.Detail // the first ones
	BadAll           int
	Prompts          []PreviewPrompt // the first ones
}

// importable says whether the file may go in: whole or not at all.
func (d UploadPreviewData) importable() bool { return d.BadAll == 0 && d.PromptsAdded > 0 }

// PreviewPrompt is a prompt of a file as the board would show it.
type PreviewPrompt struct {
	ID        string
	Turns     []Turn
	Cards     []Card
	Responses int // in the file, each text once
	Missing   int // to be generated
}

// NewPreviewPrompt lays a prompt of a file out for the board of a campaign that shows k responses.
func NewPreviewPrompt(line ranking.PromptInputLine, k int) PreviewPrompt {
	p := PreviewPrompt{ID: line.Prompt.ExternalID, Responses: len(line.Responses)}
	for _, m := range line.Prompt.Messages {
		p.Turns = append(p.Turns, Turn{Role: m.Role, HTML: Markdown(m.Content)})
	}
	for i, r := range line.Responses[:min(len(line.Responses), k)] {
		p.Cards = append(p.Cards, Card{Letter: Letter(i), HTML: Markdown(r.Text), Words: CountWords(r.Text)})
	}
	if k > 0 && len(line.Responses) < 2 {
		p.Missing = k - len(line.Responses)
	}
	return p
}

// ImportedData says what an import brought.
type ImportedData struct {
	PromptsAdded, PromptsDuplicate, ToGenerate int
}

// guidelinesDraft is what the form of the guidelines starts with.
func (d CampaignData) guidelinesDraft() string {
	if d.Draft != "" {
		return d.Draft
	}
	return d.Campaign.Guidelines
}

// DatasetPath is the page of a campaign's data, for researchers.
func DatasetPath(campaign string) string { return "/datasets/" + campaign }

// rulesDraft is what the form of the rules starts with.
func (d CampaignData) rulesDraft() string {
	if d.RulesDraft != "" {
		return d.RulesDraft
	}
	return ranking.WriteRules(d.Campaign.Schema.Rules)
}
