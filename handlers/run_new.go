package handlers

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"rankloop/ranking"
	"rankloop/views"
)

const (
	setPrefix    = "set." // of the form's fields that are settings
	settingMax   = 60     // characters of one value
	setLinesMax  = 200
	setsBytesMax = 8000
)

// RunNew answers GET /new/run?kind=&preset= with the form of a run. What else the query names is filled in.
func RunNew(store runStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		form, err := runForm(c, store, c.QueryParam)
		if err != nil {
			return err
		}
		return Render(c, http.StatusOK, views.RunFormPage(form))
	}
}

// runForm makes the form with the choices there are, filled in from value.
func runForm(c echo.Context, store runStore, value func(field string) string) (views.RunFormData, error) {
	ctx := c.Request().Context()
	get := func(field string) string { return truncate(strings.TrimSpace(value(field)), setsBytesMax) }
	form := views.RunFormData{
		Kind: get("kind"), Preset: get("preset"), Name: get("name"), Base: get("base"), Reward: get("reward"),
		Snapshot: get("snapshot"), Campaign: get("campaign"), Seed: get("seed"),
		Sets:   strings.ReplaceAll(get("sets"), "\r\n", "\n"),
		Values: map[string]string{}, Errors: views.FormErrors{},
	}
	if !slices.Contains(views.RunKinds(), form.Kind) {
		form.Kind = defaultKind
	}
	if !views.TakesSnapshot(form.Kind) {
		form.Snapshot = ""
	}
	form.Presets = store.RunPresets(form.Kind)
	if !slices.Contains(form.Presets, form.Preset) {
		form.Preset = defaultPreset
	}
	if form.Seed == "" {
		form.Seed = "1"
	}
	for _, name := range views.ImportantSettings(form.Kind) {
		form.Values[name] = get(setPrefix + name)
	}
	var err error
	if form.Settings, err = store.RunSettings(form.Kind, form.Preset); err != nil {
		return form, err
	}
	if form.WorkerAlive, err = store.WorkerAlive(ctx); err != nil {
		return form, err
	}
	if err := runFile(ctx, store, &form, get("data"), get("file")); err != nil {
		return form, err
	}
	return form, runChoices(ctx, store, &form)
}

const (
	defaultKind   = "reward"
	defaultPreset = "small"
	defaultBase   = "base"
)

// runChoices fills the lists in: of checkpoints those that runs published under their own name.
func runChoices(ctx context.Context, store runStore, form *views.RunFormData) error {
	checkpoints, err := store.ListCheckpoints(ctx)
	if err != nil {
		return err
	}
	for _, checkpoint := range checkpoints {
		switch {
		case strings.Contains(checkpoint.Name, "@"):
		case checkpoint.Kind == "policy":
			form.Bases = append(form.Bases, checkpoint.Name)
		case checkpoint.Kind == "reward":
			form.Rewards = append(form.Rewards, checkpoint.Name)
		}
	}
	if form.Base == "" && slices.Contains(form.Bases, defaultBase) {
		form.Base = defaultBase
	}
	snapshots, err := store.ListSnapshots(ctx)
	if err != nil {
		return err
	}
	for _, snapshot := range snapshots {
		form.Snapshots = append(form.Snapshots, snapshot.Name)
	}
	campaigns, err := store.ListCampaigns(ctx)
	for _, o := range campaigns {
		form.Campaigns = append(form.Campaigns, o.Campaign.Name)
	}
	return err
}

// RunCreate answers POST /runs: it checks the request, queues the run and leads to its page. With the field preview it
// shows the form again with what the run would take, and starts nothing.
func RunCreate(store runStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		form, err := runForm(c, store, c.FormValue)
		if err != nil {
			return err
		}
		request := runRequest(ctx, store, &form)
		switch {
		case len(form.Errors) > 0:
		case c.FormValue("preview") != "":
			if form.Preview, err = store.PreviewRun(ctx, request); err == nil {
				return Render(c, http.StatusOK, views.RunFormPage(form))
			}
		default:
			var run ranking.Run
			var created bool
			if run, created, err = store.LaunchRun(ctx, request); err == nil {
				return runLaunched(c, store, run, created)
			}
		}
		switch {
		case err == nil:
		case ranking.ErrorCode(err) == ranking.CodeConflict:
			note(ctx, form.Errors, "name", err)
		case shownBeside(err) || ranking.ErrorCode(err) == ranking.CodeUnavailable:
			note(ctx, form.Errors, "", err)
		default:
			return err
		}
		return Render(c, http.StatusUnprocessableEntity, views.RunFormPage(form))
	}
}

func runLaunched(c echo.Context, store runStore, run ranking.Run, created bool) error {
	action := "run.create"
	if !created {
		action = "run.resume"
	}
	details := map[string]any{"kind": run.Kind, "base": run.Base, "reward": run.Reward, "snapshot": run.Snapshot}
	if err := audit(c, store, action, run.Name, details); err != nil {
		return err
	}
	return redirect(c, views.RunPath(run.Name))
}

// runRequest checks the form field by field.
func runRequest(ctx context.Context, store runStore, form *views.RunFormData) RunRequest {
	r := RunRequest{
		Kind: form.Kind, Name: form.Name, Base: form.Base, Reward: form.Reward, Snapshot: form.Snapshot,
		Campaign: form.Campaign, Preset: form.Preset, CreatedBy: CurrentUser(ctx).ID, Data: form.Data, File: form.File,
	}
	if form.Name != "" {
		note(ctx, form.Errors, "name", checkName(form.Name))
	}
	for _, choice := range []struct {
		field, value string
		among        []string
	}{
		{"base", form.Base, form.Bases}, {"reward", form.Reward, form.Rewards},
		{"snapshot", form.Snapshot, form.Snapshots}, {"campaign", form.Campaign, form.Campaigns},
	} {
		if choice.value != "" && !slices.Contains(choice.among, choice.value) {
			note(ctx, form.Errors, choice.field, ranking.Errorf(ranking.CodeInvalid, "choose one of the list"))
		}
	}
	var err error
	if r.Seed, err = strconv.ParseInt(form.Seed, 10, 64); err != nil {
		note(ctx, form.Errors, "seed", ranking.Errorf(ranking.CodeInvalid, "a whole number"))
	}
	settings(ctx, store, form, &r)
	return r
}

// settings gathers the settings of the fields and of the lines. A setting that is wrong by itself is told beside its
// field; settings that do not go together are told by the launch.
func settings(ctx context.Context, store runStore, form *views.RunFormData, r *RunRequest) {
	add := func(field, set string) {
		err := store.CheckSettings(form.Kind, form.Preset, []string{set})
		if err != nil && together(store, form, append(slices.Clone(r.Sets), set)) {
			err = nil
		}
		note(ctx, form.Errors, field, err)
		r.Sets = append(r.Sets, set)
	}
	for _, name := range views.ImportantSettings(form.Kind) {
		value := form.Values[name]
		if value == "" {
			continue
		}
		note(ctx, form.Errors, setPrefix+name, checkText(name, value, settingMax))
		add(setPrefix+name, name+"="+value)
	}
	rows := strings.Split(form.Sets, "\n")
	if len(rows) > setLinesMax {
		note(ctx, form.Errors, "sets", ranking.Errorf(ranking.CodeInvalid, "at most %d settings", setLinesMax))
		return
	}
	for _, row := range rows {
		if row = strings.TrimSpace(row); row != "" {
			add("sets", row)
		}
	}
}

// together says whether settings are fine with each other, although the last one alone is not.
func together(store runStore, form *views.RunFormData, sets []string) bool {
	return len(sets) > 1 && store.CheckSettings(form.Kind, form.Preset, sets) == nil
}
