package cli

import (
	"fmt"
	"text/tabwriter"
	"time"

	"rankloop/internal/app"
	"rankloop/ranking"
)

// CampaignQuizCmd shows, sets or removes a campaign's quiz.
type CampaignQuizCmd struct {
	Name      string `arg:"" help:"The campaign."`
	Set       string `xor:"what" placeholder:"FILE" help:"Ask this quiz from now on: a JSON file, described in docs/formats.md."`
	Everybody bool   `help:"With --set: those who passed an earlier version have to pass this one as well."`
	Remove    bool   `xor:"what" help:"Ask no quiz any more."`
	Reset     string `xor:"what" placeholder:"E-MAIL" help:"Let somebody start over: their attempts count no more."`
	Print     bool   `xor:"what" help:"Print the quiz as its file."`
}

// Run changes the quiz where it is told to, and says how people did.
func (c CampaignQuizCmd) Run(ctx *Context) error {
	if c.Everybody && c.Set == "" {
		return ranking.Errorf(ranking.CodeInvalid, "--everybody goes with --set")
	}
	quiz, err := readQuiz(ctx, c.Set)
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
	switch {
	case c.Set != "":
		_, err = services.Store.SetQuiz(ctx, campaign.ID, quiz, c.Everybody)
	case c.Remove:
		err = services.Store.RemoveQuiz(ctx, campaign.ID)
	case c.Reset != "":
		err = resetQuiz(ctx, services, campaign.ID, c.Reset)
	}
	if err != nil {
		return err
	}
	view, err := newQuizView(ctx, services, campaign)
	if err != nil {
		return err
	}
	switch {
	case c.Print && view.Version == 0:
		return ranking.Errorf(ranking.CodeNotFound, "the campaign %s asks no quiz", campaign.Name)
	case c.Print:
		return ctx.PrintJSON(view.Quiz)
	case ctx.JSON:
		return ctx.PrintJSON(view)
	}
	return view.print(ctx)
}

// readQuiz reads a quiz's file; the zero quiz for none.
func readQuiz(ctx *Context, path string) (ranking.Quiz, error) {
	if path == "" {
		return ranking.Quiz{}, nil
	}
	text, err := readSmallFile(ctx, path, ranking.QuizBytesMax)
	if err != nil {
		return ranking.Quiz{}, err
	}
	return ranking.ReadQuiz(text)
}

func resetQuiz(ctx *Context, services *app.Services, campaignID int64, email string) error {
	user, _, err := services.Store.UserByEmail(ctx, email)
	if err != nil {
		return err
	}
	return services.Store.ResetQuiz(ctx, campaignID, user.ID)
}

// quizView is a campaign's quiz under --json.
type quizView struct {
	Campaign string           `json:"campaign"`
	Version  int              `json:"version"` // 0 where none is asked
	Quiz     *ranking.Quiz    `json:"quiz"`
	People   []quizPersonView `json:"people"`
	Items    []quizItemView   `json:"items"`
}

type quizPersonView struct {
	Email        string     `json:"email"`
	Passed       bool       `json:"passed"`
	Best         int        `json:"best"` // items right
	AttemptsUsed int        `json:"attempts_used"`
	Attempts     int        `json:"attempts"` // ever made
	LastAt       *time.Time `json:"last_at"`
}

type quizItemView struct {
	Answered int `json:"answered"` // first attempts only
	Wrong    int `json:"wrong"`
}

func newQuizView(ctx *Context, services *app.Services, campaign ranking.Campaign) (quizView, error) {
	view := quizView{Campaign: campaign.Name, People: []quizPersonView{}, Items: []quizItemView{}}
	quiz, version, err := services.Store.Quiz(ctx, campaign.ID)
	if err != nil || version == 0 {
		return view, err
	}
	view.Version, view.Quiz = version, &quiz
	people, items, err := services.Store.QuizResults(ctx, campaign.ID)
	for _, r := range people {
		view.People = append(view.People, quizPersonView{
			Email: r.User.Email, Passed: r.Passed, Best: r.Best, AttemptsUsed: r.Used, Attempts: r.Attempts, LastAt: r.LastAt,
		})
	}
	for _, item := range items {
		view.Items = append(view.Items, quizItemView(item))
	}
	return view, err
}

func (v quizView) print(ctx *Context) error {
	if v.Version == 0 {
		ctx.Printf("%s asks no quiz\n", v.Campaign)
		return nil
	}
	ctx.Printf("%s: quiz version %d, %s, %d right to pass, %s\n", v.Campaign, v.Version,
		count(len(v.Quiz.Items), "item"), v.Quiz.Needed(), count(v.Quiz.Attempts, "attempt"))
	table := tabwriter.NewWriter(ctx.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "PERSON\tPASSED\tBEST\tATTEMPTS")
	for _, p := range v.People {
		passed := "no"
		if p.Passed {
			passed = "yes"
		}
		fmt.Fprintf(table, "%s\t%s\t%d/%d\t%d\n", p.Email, passed, p.Best, len(v.Quiz.Items), p.Attempts)
	}
	return table.Flush()
}
