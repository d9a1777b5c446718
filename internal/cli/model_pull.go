package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"rankloop/internal/app"
	"rankloop/internal/hub"
	"rankloop/internal/store"
	"rankloop/ranking"
)

// ModelPullCmd downloads and registers a model.
type ModelPullCmd struct {
	Repository string `arg:"" name:"repo" help:"The repository, such as HuggingFaceTB/SmolLM2-135M-Instruct."`
	Name       string `required:"" help:"The checkpoint's name." placeholder:"N"`
	Revision   string `default:"main" help:"A branch, a tag or a commit." placeholder:"R"`
	File       string `help:"One GGUF of the repository instead of its safetensors." placeholder:"F.gguf"`
	contextFlag
}

// Run downloads the files that the model needs, registers it and removes them. Where the download breaks off, they stay
// for the next try.
func (c ModelPullCmd) Run(ctx *Context) error {
	client, err := hub.New(os.Getenv("HF_ENDPOINT"), os.Getenv("HF_TOKEN"))
	if err != nil {
		return err
	}
	if err := errors.Join(store.CheckCheckpointName(c.Name), hub.CheckRepository(c.Repository), hub.CheckRevision(c.Revision)); err != nil {
		return err
	}
	services, err := ctx.Open()
	if err != nil {
		return err
	}
	if err := nameIsFree(ctx, services, c.Name); err != nil {
		return err
	}
	pulled, err := c.pull(ctx, client, filepath.Join(services.DataDir, "downloads"))
	if err != nil {
		return err
	}
	defer pulled.Close()
	stored, err := services.ImportModel(ctx, pulled.Path, c.Name, c.Context)
	if err != nil {
		return fmt.Errorf("%s at %s: %w", c.Repository, pulled.Commit, err)
	}
	if err := pulled.Remove(); err != nil {
		ctx.Notef("the downloaded files stay in %s: %s", pulled.Path, err)
	}
	return printImported(ctx, stored)
}

func (c ModelPullCmd) pull(ctx *Context, client *hub.Client, dir string) (*hub.Pulled, error) {
	const mebibyte = 1 << 20
	progress := ctx.Progress("downloading", 0)
	defer progress.Close()
	return client.Pull(ctx, hub.Request{Repository: c.Repository, Revision: c.Revision, File: c.File}, dir, func(done, total int64) {
		progress.SetTotal(total / mebibyte)
		progress.Set(done/mebibyte, "MiB")
	})
}

// nameIsFree spares a long download whose result could not be stored.
func nameIsFree(ctx context.Context, services *app.Services, name string) error {
	_, err := services.Store.CheckpointByName(ctx, name)
	switch ranking.ErrorCode(err) {
	case ranking.CodeNotFound:
		return nil
	case "":
		return ranking.Errorf(ranking.CodeConflict, "there is a checkpoint %s already; choose another --name", name)
	}
	return err
}
