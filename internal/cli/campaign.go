package cli

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"rankloop/internal/dataset"
	"rankloop/internal/store"
	"rankloop/ranking"
)

// CampaignCmd manages campaigns.
type CampaignCmd struct {
	Create CampaignCreateCmd `cmd:"" help:"Create a campaign."`
	List   CampaignListCmd   `cmd:"" help:"List the campaigns."`
	Show   CampaignShowCmd   `cmd:"" help:"Show a campaign and its progress."`
	Quiz   CampaignQuizCmd   `cmd:"" help:"Set, replace or remove the quiz before the first task, and see who passed it."`

	Calibration CampaignCalibrationCmd `cmd:"" help:"Choose the tasks that everybody judges first, see how people agree on them, and let people go on."`
}

// CampaignCreateCmd creates a campaign.
type CampaignCreateCmd struct {
	Name          string `required:"" placeholder:"N" help:"Small letters, digits, dots, dashes and underscores."`
	Kind          string `default:"ranking" enum:"ranking,comparison,demonstration,dialogue,probe" help:"What is asked of annotators: ranking (order K responses), comparison (the better of two, how much better, and an edit of it), demonstration (write the ideal reply), dialogue (talk with the model, turn by turn: rank, take, edit or replace what it suggests), probe (talk with the model and try to make it break a rule: broken or not, and where)."`
	K             *int   `placeholder:"4" help:"At most this many responses are shown together, 2 to 16; a comparison shows 2, a demonstration none, a turn of a dialogue 2 to 8, a turn of a probe 1."`
	Overlap       int    `default:"1" help:"How many people judge each task, 1 to 100."`
	Guidelines    string `placeholder:"FILE" help:"Markdown that annotators read."`
	Schema        string `placeholder:"FILE" help:"What is asked beside the ranking: staged (as InstructGPT: each response is scored alone first; the default of a ranking), ranking-only, or a JSON file."`
	Rules         string `placeholder:"FILE" help:"Of a probe: the rules, one a line as \"name: what the model should do\"; indented lines below are advice to annotators."`
	Conversations int    `placeholder:"N" help:"Of a probe: how many conversations there are to begin in which the annotator has the first word, beside those that imported prompts open; 0 to 100000."`
	Quiz          string `placeholder:"FILE" help:"A quiz that annotators have to pass before their first task: a JSON file, described in docs/formats.md."`
	Calibration   int    `placeholder:"N" help:"Everybody judges the first N prompts before anything else, 0 to 50. Other prompts are chosen with campaign calibration, once they are imported."`
	Approval      bool   `name:"calibration-approval" help:"Behind the calibration tasks people wait until an admin lets them go on."`
	GenerateFrom  string `name:"generate-from" default:"base" placeholder:"MODEL" help:"The checkpoint that writes missing responses, what a dialogue suggests, and what a probe talks with; none for no generation."`
	Seed          int64  `default:"1" help:"Draws K of more than K responses, and the orders shown."`
	LeaseSeconds  int    `name:"lease-seconds" default:"1800" help:"How long a task is held for one annotator."`
	ReviseHours   int    `name:"revise-hours" default:"24" help:"For how long annotators may change a ranking they submitted; 0 for never."`
	ReviseLast    int    `name:"revise-last" default:"50" help:"How many of their last rankings they may change; 0 for none."`
	BreakMinutes  int    `name:"break-minutes" default:"50" help:"Minutes of uninterrupted work after which a break is suggested; 0 for never."`
	ShowKnown     bool   `name:"show-known" help:"Show the right answer of a task that has one once it was answered."`
}

// guidelinesBytesMax bounds a guidelines file; the database has the same limit.
const guidelinesBytesMax = 256 << 10

// Run creates the campaign.
func (c CampaignCreateCmd) Run(ctx *Context) error {
	guidelines, err := readGuidelines(ctx, c.Guidelines)
	if err != nil {
		return err
	}
	kind := ranking.CampaignKind(c.Kind)
	schema, err := readSchema(ctx, kind, c.Schema)
	if err != nil {
		return err
	}
	if schema.Rules, err = readRules(ctx, kind, c.Rules, schema.Rules); err != nil {
		return err
	}
	if c.Conversations < 0 || c.Conversations > ranking.ConversationsMax || c.Conversations > 0 && kind != ranking.KindProbe {
		return Usagef("--conversations is 0 to %d, and of --kind probe only", ranking.ConversationsMax)
	}
	quiz, err := readQuiz(ctx, c.Quiz)
	if err != nil {
		return err
	}
	_, _, k := kind.Shown()
	if c.K != nil {
		k = *c.K
	}
	window := ranking.RevisionWindow{Seconds: 3600 * c.ReviseHours, Last: c.ReviseLast}
	if err := window.Validate(); err != nil {
		return err
	}
	pace := ranking.PaceSettings{BreakMinutes: c.BreakMinutes, ShowKnown: c.ShowKnown}
	if err := pace.Validate(); err != nil {
		return err
	}
	services, err := ctx.Open()
	if err != nil {
		return err
	}
	campaign, err := services.Store.CreateCampaign(ctx, store.NewCampaign{
		Name: c.Name, Kind: kind, K: k, Overlap: c.Overlap, Guidelines: guidelines, Schema: schema, Quiz: quiz,
		GenerateFrom: c.GenerateFrom, LeaseSeconds: c.LeaseSeconds, Seed: c.Seed,
		Conversations: c.Conversations, Calibration: ranking.CalibrationChoice{First: c.Calibration, Approval: c.Approval},
	})
	if err != nil {
		return err
	}
	if err := services.Store.SetRevisionWindow(ctx, campaign.ID, window); err != nil {
		return err
	}
	if err := services.Store.SetPaceSettings(ctx, campaign.ID, pace); err != nil {
		return err
	}
	if ctx.JSON {
		return ctx.PrintJSON(newCampaignView(campaign, store.CampaignCounts{}))
	}
	ctx.Printf("created campaign %s: %s, K %d, overlap %d\n", campaign.Name, campaign.Kind, campaign.K, campaign.Overlap)
	if kind == ranking.KindProbe {
		ctx.Printf("  %s, %s to begin\n", count(len(schema.Rules), "rule"), count(c.Conversations, "conversation"))
	}
	return nil
}

func readGuidelines(ctx *Context, path string) (string, error) {
	if path == "" {
		return "", nil
	}
	text, err := readSmallFile(ctx, path, guidelinesBytesMax)
	return string(text), err
}

// readSchema reads what --schema names: one of the two that are built in, or a file; "" is what the kind usually asks.
func readSchema(ctx *Context, kind ranking.CampaignKind, name string) (ranking.Schema, error) {
	switch name {
	case "":
		return kind.DefaultSchema(), nil
	case "staged":
		return ranking.DefaultSchema(), nil
	case "ranking-only":
		return ranking.Schema{}, nil
	}
	text, err := readSmallFile(ctx, name, ranking.SchemaBytesMax)
	if err != nil {
		return ranking.Schema{}, err
	}
	return ranking.ReadSchema(text)
}

// readRules reads what --rules names; without it the rules are those of the schema.
func readRules(ctx *Context, kind ranking.CampaignKind, path string, schema []ranking.Rule) ([]ranking.Rule, error) {
	switch {
	case path == "" && kind == ranking.KindProbe && len(schema) == 0:
		return nil, Usagef("--kind probe needs --rules FILE, with a line \"name: what the model should do\" for each rule")
	case path == "":
		return schema, nil
	case kind != ranking.KindProbe:
		return nil, Usagef("--rules goes with --kind probe")
	case len(schema) > 0:
		return nil, Usagef("the rules are in --schema already: leave --rules out, or take them out of the schema")
	}
	text, err := readSmallFile(ctx, path, ranking.RulesBytesMax)
	if err != nil {
		return nil, err
	}
	return ranking.ReadRules(path, string(text))
}

func readSmallFile(ctx *Context, path string, bytesMax int) ([]byte, error) {
	file, err := ctx.OpenFile(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, int64(bytesMax)+1))
	if err != nil {
		return nil, ranking.Errorf(ranking.CodeInvalid, "%s cannot be read: %s", path, plainCause(err)).WithCause(err)
	}
	if len(text) > bytesMax {
		return nil, ranking.Errorf(ranking.CodeTooLarge, "%s is over the limit of %d bytes", path, bytesMax)
	}
	return text, nil
}

// campaignView is a campaign under --json.
type campaignView struct {
	Campaign           string                `json:"campaign"`
	Kind               ranking.CampaignKind  `json:"kind"`
	State              ranking.CampaignState `json:"state"`
	K                  int                   `json:"k"`
	Overlap            int                   `json:"overlap"`
	Seed               int64                 `json:"seed"`
	GenerateFrom       string                `json:"generate_from"`
	LeaseSeconds       int                   `json:"lease_seconds"`
	GuidelineVersion   int                   `json:"guideline_version"`
	SchemaVersion      int                   `json:"schema_version"`
	StageOne           bool                  `json:"stage_one"`
	Prompts            int                   `json:"prompts"`
	Responses          int                   `json:"responses"`
	Tasks              dataset.TaskCounts    `json:"tasks"`
	Judgments          int                   `json:"judgments"`
	SimulatedJudgments int                   `json:"simulated_judgments"`
	Members            int                   `json:"members"`
	CreatedAt          time.Time             `json:"created_at"`
}

func newCampaignView(c ranking.Campaign, counts store.CampaignCounts) campaignView {
	return campaignView{
		Campaign: c.Name, Kind: c.Kind, State: c.State, K: c.K, Overlap: c.Overlap, Seed: c.Seed, GenerateFrom: c.GenerateFrom,
		LeaseSeconds: c.LeaseSeconds, GuidelineVersion: c.GuidelineVersion, SchemaVersion: c.SchemaVersion, StageOne: c.Schema.StageOne, Prompts: counts.Prompts, Responses: counts.Responses,
		Tasks: dataset.Tasks(counts), Judgments: counts.Judgments, SimulatedJudgments: counts.SimulatedJudgments,
		Members: counts.Members, CreatedAt: c.CreatedAt,
	}
}

// CampaignListCmd lists campaigns.
type CampaignListCmd struct{}

// Run prints the campaigns.
func (CampaignListCmd) Run(ctx *Context) error {
	services, err := ctx.Open()
	if err != nil {
		return err
	}
	all, err := services.Store.ListCampaigns(ctx)
	if err != nil {
		return err
	}
	if ctx.JSON {
		views := make([]campaignView, len(all))
		for i, one := range all {
			views[i] = newCampaignView(one.Campaign, one.Counts)
		}
		return ctx.PrintJSON(struct {
			Campaigns []campaignView `json:"campaigns"`
		}{views})
	}
	table := tabwriter.NewWriter(ctx.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "CAMPAIGN\tKIND\tSTATE\tK\tOVERLAP\tPROMPTS\tTASKS DONE\tJUDGMENTS\tMEMBERS")
	for _, one := range all {
		c, n := one.Campaign, one.Counts
		fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%d\t%d\t%d/%d\t%d\t%d\n", c.Name, c.Kind, c.State, c.K, c.Overlap, n.Prompts, n.TasksComplete, n.TasksTotal, n.Judgments, n.Members)
	}
	return table.Flush()
}

// CampaignShowCmd shows a campaign.
type CampaignShowCmd struct {
	Name string `arg:"" help:"The campaign."`
}

// Run prints the campaign.
func (c CampaignShowCmd) Run(ctx *Context) error {
	services, err := ctx.Open()
	if err != nil {
		return err
	}
	campaign, err := services.Store.CampaignByName(ctx, c.Name)
	if err != nil {
		return err
	}
	n, err := services.Store.CampaignCounts(ctx, campaign.ID)
	if err != nil {
		return err
	}
	quiz, quizVersion, err := services.Store.Quiz(ctx, campaign.ID)
	if err != nil {
		return err
	}
	pace, err := services.Store.PaceSettings(ctx, campaign.ID)
	if err != nil {
		return err
	}
	choice, err := services.Store.CalibrationChoice(ctx, campaign.ID)
	if err != nil {
		return err
	}
	if ctx.JSON {
		return ctx.PrintJSON(struct {
			campaignView
			Calibration  calibrationCounts `json:"calibration"`
			QuizVersion  int               `json:"quiz_version"` // 0 for no quiz
			BreakMinutes int               `json:"break_minutes"`
			ShowKnown    bool              `json:"show_known"`
		}{newCampaignView(campaign, n), newCalibrationCounts(choice, n), quizVersion, pace.BreakMinutes, pace.ShowKnown})
	}
	ctx.Printf("%s (%s, %s)\n", campaign.Name, campaign.Kind, campaign.State)
	ctx.Printf("  K %d, overlap %d, seed %d, missing responses from %s, guidelines version %d\n",
		campaign.K, campaign.Overlap, campaign.Seed, campaign.GenerateFrom, campaign.GuidelineVersion)
	if quizVersion > 0 {
		ctx.Printf("  quiz version %d: %s, %d right to pass, %s\n", quizVersion, count(len(quiz.Items), "item"), quiz.Needed(), count(quiz.Attempts, "attempt"))
	}
	ctx.Printf("  %s, %s\n", count(n.Prompts, "prompt"), count(n.Responses, "response"))
	ctx.Printf("  tasks: %d; complete %d, open %d, leased %d, waiting for responses %d\n", n.TasksTotal, n.TasksComplete, n.TasksOpen, n.TasksLeased, n.TasksWaiting)
	if n.CalibrationTasks > 0 || choice.First > 0 {
		ctx.Printf("  calibration: %s apart from these, %s%s\n", count(n.CalibrationTasks, "task"), count(n.CalibrationJudgments, "judgment"), approvalText(choice.Approval))
	}
	ctx.Printf("  %s (%d simulated), %s\n", count(n.Judgments, "judgment"), n.SimulatedJudgments, count(n.Members, "member"))
	return nil
}
