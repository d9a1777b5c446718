package handlers

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"rankloop/ranking"
	"rankloop/views"
)

// The smallest values other than 0 that drawing takes; the largest of the playground are in views, which names them.
const (
	playgroundTemperatureMin = 0.01
	playgroundTopPMin        = 0.01
)

// playgroundDefaults are what the fields hold at first.
var playgroundDefaults = map[string]string{"k": "4", "temperature": "1", "top_p": "1", "max_new": "200", "seed": "1"}

// form makes the page with the choices there are, filled in from value.
func (p *Playground) form(c echo.Context, value func(field string) string) (views.PlaygroundData, error) {
	page := views.PlaygroundData{
		Checkpoint: strings.TrimSpace(value("checkpoint")), Reward: strings.TrimSpace(value("reward")),
		Prompt: strings.ReplaceAll(value("prompt"), "\r\n", "\n"), Values: map[string]string{}, Errors: views.FormErrors{},
	}
	for field, standard := range playgroundDefaults {
		if page.Values[field] = truncate(strings.TrimSpace(value(field)), settingMax); page.Values[field] == "" {
			page.Values[field] = standard
		}
	}
	checkpoints, err := p.store.ListCheckpoints(c.Request().Context())
	for _, checkpoint := range checkpoints {
		switch checkpoint.Kind {
		case "policy":
			page.Policies = append(page.Policies, checkpoint.Name)
		case "reward":
			page.Rewards = append(page.Rewards, checkpoint.Name)
		}
	}
	if page.Checkpoint == "" && slices.Contains(page.Policies, defaultBase) {
		page.Checkpoint = defaultBase
	}
	return page, err
}

// playgroundRequest checks the form field by field.
func playgroundRequest(ctx context.Context, page *views.PlaygroundData) PlaygroundRequest {
	wrong := func(field string, err error) { note(ctx, page.Errors, field, err) }
	if !slices.Contains(page.Policies, page.Checkpoint) {
		wrong("checkpoint", ranking.Errorf(ranking.CodeInvalid, "choose one of the list"))
	}
	if page.Reward != "" && !slices.Contains(page.Rewards, page.Reward) {
		wrong("reward", ranking.Errorf(ranking.CodeInvalid, "choose one of the list"))
	}
	wrong("prompt", checkText("prompt", page.Prompt, views.PlaygroundPromptMax))
	if strings.TrimSpace(page.Prompt) == "" {
		wrong("prompt", ranking.Errorf(ranking.CodeInvalid, "please write a prompt"))
	}
	r := PlaygroundRequest{Checkpoint: page.Checkpoint, Reward: page.Reward, Prompt: page.Prompt}
	whole := func(field string, largest int) int {
		n, err := strconv.Atoi(page.Values[field])
		if err != nil || n < 1 || n > largest {
			wrong(field, ranking.Errorf(ranking.CodeInvalid, "a whole number from %d to %d", 1, largest))
		}
		return n
	}
	r.K, r.MaxNew = whole("k", views.PlaygroundRepliesMax), whole("max_new", views.PlaygroundNewMax)
	var err error
	if r.Temperature, err = strconv.ParseFloat(page.Values["temperature"], 64); err != nil ||
		r.Temperature != 0 && !(r.Temperature >= playgroundTemperatureMin && r.Temperature <= views.PlaygroundTemperatureMax) {
		wrong("temperature", ranking.Errorf(ranking.CodeInvalid, "0, or a number from %g to %d", playgroundTemperatureMin, views.PlaygroundTemperatureMax))
	}
	if r.TopP, err = strconv.ParseFloat(page.Values["top_p"], 64); err != nil || !(r.TopP >= playgroundTopPMin && r.TopP <= 1) {
		wrong("top_p", ranking.Errorf(ranking.CodeInvalid, "a number from %g to 1", playgroundTopPMin))
	}
	if r.Seed, err = strconv.ParseInt(page.Values["seed"], 10, 64); err != nil {
		wrong("seed", ranking.Errorf(ranking.CodeInvalid, "a whole number"))
	}
	return r
}
