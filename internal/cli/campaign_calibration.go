package cli

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"rankloop/internal/app"
	"rankloop/internal/store"
	"rankloop/ranking"
)

// CampaignCalibrationCmd shows or changes a campaign's calibration batch.
type CampaignCalibrationCmd struct {
	Name     string `arg:"" help:"The campaign."`
	First    *int   `xor:"what" placeholder:"N" help:"Everybody judges the first N prompts before anything else, 1 to 50; imports add to them until they are N."`
	Prompts  string `xor:"what" placeholder:"FILE" help:"Everybody judges these prompts first: their ids, one a line, in this order."`
	Remove   bool   `xor:"what" help:"Nothing is judged by everybody any more; what was judged stays."`
	Approve  string `xor:"what" placeholder:"E-MAIL" help:"Let somebody go on behind the calibration tasks."`
	Hold     string `xor:"what" placeholder:"E-MAIL" help:"Take that back: they wait again once the task that they are at is done."`
	Approval *bool  `negatable:"" help:"Behind the calibration tasks people wait until an admin lets them go on, or (--no-approval) go straight on."`
}

// promptListBytesMax bounds a file of ids.
const promptListBytesMax = 64 << 10

// Run changes the batch where it is told to, and says how people judged it.
func (c CampaignCalibrationCmd) Run(ctx *Context) error {
	choice, chosen, err := c.choice(ctx)
	if err != nil {
		return err
	}
	services, err := ctx.Open()
	if err != nil {
		return err
	}
	campaign, err := services.Store.CampaignByName(ctx, c.Name)
	if err != nil {
		return err
	}
	if chosen || c.Approval != nil {
		if err := c.set(ctx, services, campaign.ID, choice, chosen); err != nil {
			return err
		}
	}
	if email := c.Approve + c.Hold; email != "" {
		user, _, err := services.Store.UserByEmail(ctx, email)
		if err != nil {
			return err
		}
		if err := services.Store.ApproveMember(ctx, campaign.ID, user.ID, c.Approve != ""); err != nil {
			return err
		}
	}
	report, err := services.Store.CalibrationReport(ctx, campaign.ID)
	if err != nil {
		return err
	}
	if ctx.JSON {
		return ctx.PrintJSON(newCalibrationView(campaign.Name, &report))
	}
	return printCalibration(ctx, campaign.Name, &report)
}

// choice is what the flags say about the tasks; chosen is false where they say nothing.
func (c CampaignCalibrationCmd) choice(ctx *Context) (choice ranking.CalibrationChoice, chosen bool, err error) {
	switch {
	case c.First != nil:
		if *c.First < 1 || *c.First > ranking.CalibrationMax {
			return choice, false, Usagef("--first is 1 to %d; --remove ends the batch", ranking.CalibrationMax)
		}
		return ranking.CalibrationChoice{First: *c.First}, true, nil
	case c.Prompts != "":
		text, err := readSmallFile(ctx, c.Prompts, promptListBytesMax)
		if err != nil {
			return choice, false, err
		}
		choice.Prompts = ranking.ReadCalibrationPrompts(string(text))
		if len(choice.Prompts) == 0 {
			return choice, false, Usagef("%s names no prompts; write their ids, one a line", c.Prompts)
		}
		return choice, true, nil
	}
	return choice, c.Remove, nil
}

// set stores the choice; what the flags leave out stays as it is.
func (c CampaignCalibrationCmd) set(ctx *Context, services *app.Services, campaignID int64, choice ranking.CalibrationChoice, chosen bool) error {
	now, err := services.Store.CalibrationChoice(ctx, campaignID)
	if err != nil {
		return err
	}
	approval := now.Approval
	if c.Approval != nil {
		approval = *c.Approval
	}
	if !chosen {
		return services.Store.SetCalibrationApproval(ctx, campaignID, approval)
	}
	choice.Approval = approval
	_, err = services.Store.SetCalibration(ctx, campaignID, choice)
	return err
}

// calibrationCounts is what campaign show says of the batch.
type calibrationCounts struct {
	First     int  `json:"first"` // so many of the first prompts; 0 where they were named
	Approval  bool `json:"approval"`
	Tasks     int  `json:"tasks"`
	Waiting   int  `json:"waiting"` // for responses
	Judgments int  `json:"judgments"`
}

func newCalibrationCounts(c ranking.CalibrationChoice, n store.CampaignCounts) calibrationCounts {
	return calibrationCounts{c.First, c.Approval, n.CalibrationTasks, n.CalibrationWaiting, n.CalibrationJudgments}
}

func approvalText(approval bool) string {
	if approval {
		return "; who is through waits for an admin"
	}
	return ""
}

// calibrationView is a campaign's batch under --json.
type calibrationView struct {
	Campaign  string                  `json:"campaign"`
	First     int                     `json:"first"`
	Approval  bool                    `json:"approval"`
	Tasks     []calibrationTaskView   `json:"tasks"`
	People    []calibrationPersonView `json:"people"`
	Agreement *ranking.Share          `json:"agreement"`      // null where nothing can be compared
	Ties      *ranking.Share          `json:"agreement_ties"` // likewise
}

type calibrationTaskView struct {
	Prompt    string                  `json:"prompt"`
	State     string                  `json:"state"`
	Agreement proportionView          `json:"agreement"`
	Known     [][]int                 `json:"known,omitempty"` // tiers of places in the prompt set, as in answers
	Answers   []calibrationAnswerView `json:"answers"`
}

type calibrationAnswerView struct {
	Annotator string                     `json:"annotator"`
	Outcome   ranking.CalibrationOutcome `json:"outcome"`
	Reason    string                     `json:"reason,omitempty"`
	Tiers     [][]int                    `json:"tiers,omitempty"`
	Text      string                     `json:"text,omitempty"`
}

type calibrationPersonView struct {
	Email        string         `json:"email"`
	Annotator    string         `json:"annotator"` // pseudonym
	Judged       int            `json:"judged"`
	Skipped      int            `json:"skipped"`
	Spared       int            `json:"spared"`
	Left         int            `json:"left"`
	Waits        bool           `json:"waits"`
	ApprovedAt   *time.Time     `json:"approved_at"`
	WithOthers   proportionView `json:"with_others"`
	WithMajority proportionView `json:"with_majority"`
	WithKnown    proportionView `json:"with_known"`
}

// proportionView is a share of pairs; value is null of none.
type proportionView struct {
	Value *float64 `json:"value"`
	Pairs int      `json:"pairs"`
}

func newProportionView(p ranking.Proportion) proportionView {
	if p.Of == 0 {
		return proportionView{}
	}
	value := p.Count / p.Of
	return proportionView{Value: &value, Pairs: int(p.Of)}
}

func (p proportionView) String() string {
	if p.Value == nil {
		return "-"
	}
	return fmt.Sprintf("%.0f %% of %d", 100**p.Value, p.Pairs)
}

func newCalibrationView(campaign string, r *ranking.CalibrationReport) calibrationView {
	view := calibrationView{
		Campaign: campaign, First: r.First, Approval: r.Approval, Tasks: []calibrationTaskView{}, People: []calibrationPersonView{},
		Agreement: r.Agreement, Ties: r.Ties,
	}
	for i, task := range r.Tasks {
		one := calibrationTaskView{
			Prompt: task.PromptID, State: task.State, Known: r.Items[i].Known, Agreement: newProportionView(r.Items[i].Agreement), Answers: []calibrationAnswerView{},
		}
		for person, a := range r.Items[i].Answers {
			one.Answers = append(one.Answers, calibrationAnswerView{
				Annotator: r.People[person].User.Pseudonym, Outcome: a.Outcome, Reason: a.Reason, Tiers: a.Tiers, Text: a.Text,
			})
		}
		view.Tasks = append(view.Tasks, one)
	}
	for i, p := range r.People {
		s := r.Standings[i]
		view.People = append(view.People, calibrationPersonView{
			Email: p.User.Email, Annotator: p.User.Pseudonym, Judged: s.Judged, Skipped: s.Skipped, Spared: s.Spared, Left: s.Left,
			Waits: r.Waits(i), ApprovedAt: p.ApprovedAt, WithOthers: newProportionView(s.WithOthers),
			WithMajority: newProportionView(s.WithMajority), WithKnown: newProportionView(s.WithKnown),
		})
	}
	return view
}

func printCalibration(ctx *Context, campaign string, r *ranking.CalibrationReport) error {
	if len(r.Tasks) == 0 {
		ctx.Printf("%s has no calibration tasks", campaign)
		if r.First > 0 {
			ctx.Printf(" yet; the first %s imported will be", count(r.First, "prompt"))
		}
		ctx.Printf("\n")
		return nil
	}
	ctx.Printf("%s: %s that everybody judges first%s\n", campaign, count(len(r.Tasks), "task"), approvalText(r.Approval))
	table := tabwriter.NewWriter(ctx.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "PERSON\tDONE\tSKIPPED\tWITH THE OTHERS\tWITH THE MAJORITY\tWITH RIGHT ANSWERS\tSTANDS")
	for i, p := range r.People {
		s := r.Standings[i]
		fmt.Fprintf(table, "%s\t%d/%d\t%d\t%s\t%s\t%s\t%s\n", p.User.Email, s.Judged+s.Skipped, s.Judged+s.Skipped+s.Left, s.Skipped,
			newProportionView(s.WithOthers), newProportionView(s.WithMajority), newProportionView(s.WithKnown), standing(r, i))
	}
	fmt.Fprintln(table, "\t\t\t\t\t\t\nTASK\tAGREEMENT\tANSWERS\t\t\t\t")
	for i, task := range r.Tasks {
		var answers []string
		for person, a := range r.Items[i].Answers {
			if a.Outcome == ranking.CalibrationJudged && len(a.Tiers) > 0 {
				answers = append(answers, r.People[person].User.Pseudonym+" "+ranking.TierExpression(a.Tiers))
			}
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t\t\t\t\n", task.PromptID, newProportionView(r.Items[i].Agreement), strings.Join(answers, "; "))
	}
	return table.Flush()
}

func standing(r *ranking.CalibrationReport, person int) string {
	switch {
	case r.Waits(person):
		return "waits"
	case !r.Standings[person].Done():
		return "working"
	case r.Approval:
		return "approved"
	}
	return "done"
}
