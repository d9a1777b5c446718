package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"rankloop/internal/app"
	"rankloop/internal/jobs"
	"rankloop/internal/store"
	"rankloop/model"
	"rankloop/ranking"
)

// ModelCmd looks after checkpoints.
type ModelCmd struct {
	List     ModelListCmd     `cmd:"" help:"List checkpoints."`
	New      ModelNewCmd      `cmd:"" help:"Register a model of your own shape with fresh weights and a vocabulary learnt from a text, for train pretrain."`
	Import   ModelImportCmd   `cmd:"" help:"Register a model of the GPT-2, Llama or Qwen2 family: a Hugging Face folder, a GGUF, or a PEFT adapter."`
	Pull     ModelPullCmd     `cmd:"" help:"Download a model from the Hugging Face hub and register it."`
	Export   ModelExportCmd   `cmd:"" help:"Write a checkpoint as a Hugging Face model folder."`
	Generate ModelGenerateCmd `cmd:"" help:"Sample replies to a prompt."`
	Best     ModelBestCmd     `cmd:"" help:"Write the best of n replies to each prompt, by a reward model: examples for train sft."`
	Score    ModelScoreCmd    `cmd:"" help:"Score the responses of a prompt set with a reward model."`
	Eval     ModelEvalCmd     `cmd:"" help:"Measure a model: a reward model on rankings, a policy against a gold scorer, on questions, or on text."`
}

// modelView is a checkpoint under --json.
type modelView struct {
	Name       string          `json:"name"`
	Kind       string          `json:"kind"`
	Base       string          `json:"base"`
	Step       int             `json:"step"`
	Parameters int64           `json:"parameters"`
	SHA256     string          `json:"sha256"`
	Meta       json.RawMessage `json:"meta"`
	CreatedAt  time.Time       `json:"created_at"`
}

func newModelView(c store.Checkpoint) modelView {
	return modelView{c.Name, c.Kind, c.Base, c.Step, c.Parameters, c.SHA256, c.Meta, c.CreatedAt}
}

// ModelListCmd lists checkpoints.
type ModelListCmd struct{}

// Run prints the checkpoints, newest first.
func (ModelListCmd) Run(ctx *Context) error {
	services, err := ctx.Open()
	if err != nil {
		return err
	}
	checkpoints, err := services.Store.ListCheckpoints(ctx)
	if err != nil {
		return err
	}
	if ctx.JSON {
		views := make([]modelView, len(checkpoints))
		for i, c := range checkpoints {
			views[i] = newModelView(c)
		}
		return ctx.PrintJSON(struct {
			Models []modelView `json:"models"`
		}{views})
	}
	table := tabwriter.NewWriter(ctx.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tKIND\tBASE\tSTEP\tPARAMETERS\tSHA256")
	for _, c := range checkpoints {
		fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%d\t%.12s\n", c.Name, c.Kind, c.Base, c.Step, c.Parameters, c.SHA256)
	}
	return table.Flush()
}

// ModelImportCmd registers a model folder or file.
type ModelImportCmd struct {
	Path string `arg:"" help:"A Hugging Face model folder (config.json, safetensors, tokenizer.json), a .gguf file, or a PEFT adapter folder."`
	Name string `required:"" help:"The checkpoint's name." placeholder:"N"`
	Base string `help:"For an adapter: the checkpoint that it was trained on. It is merged into a copy." placeholder:"N"`
	contextFlag
}

// contextFlag shortens what a model reads.
type contextFlag struct {
	Context int `help:"Read at most N tokens. Training and sampling plan their memory for a model's whole context." placeholder:"N"`
}

// Run copies the model into the database's checkpoints.
func (c ModelImportCmd) Run(ctx *Context) error {
	if _, err := os.Stat(c.Path); err != nil {
		return missingFile(c.Path, err)
	}
	adapter := app.IsAdapter(c.Path)
	switch {
	case adapter && c.Base == "":
		return Usagef("%s is an adapter; name the checkpoint that it was trained on with --base", c.Path)
	case adapter && c.Context != 0:
		return Usagef("an adapter has the context of its base; leave --context out")
	case !adapter && c.Base != "":
		return Usagef("--base is for adapters (adapter_config.json), and %s is none", c.Path)
	case !adapter:
		if err := app.CheckModel(c.Path); err != nil {
			return err
		}
	}
	services, err := ctx.Open()
	if err != nil {
		return err
	}
	var stored store.Checkpoint
	if adapter {
		stored, err = services.ImportAdapter(ctx, c.Path, c.Base, c.Name)
	} else {
		stored, err = services.ImportModel(ctx, c.Path, c.Name, c.Context)
	}
	if err != nil {
		return err
	}
	return printImported(ctx, stored)
}

func printImported(ctx *Context, stored store.Checkpoint) error {
	if ctx.JSON {
		return ctx.PrintJSON(newModelView(stored))
	}
	ctx.Printf("%s: %s, %d parameters\n", stored.Name, stored.Kind, stored.Parameters)
	return nil
}

// ModelExportCmd writes a checkpoint.
type ModelExportCmd struct {
	Name    string `arg:"" help:"The checkpoint."`
	Dir     string `arg:"" help:"The new folder."`
	DType   string `name:"dtype" enum:"f32,f16,bf16" default:"f32" help:"Type of the weights: f32, f16 or bf16."`
	Adapter bool   `help:"Of a model that was trained with lora_r: the adapter alone, as a PEFT folder."`
}

// Run writes the folder, whole or not at all.
func (c ModelExportCmd) Run(ctx *Context) error {
	if _, err := os.Lstat(c.Dir); err == nil {
		return ranking.Errorf(ranking.CodeConflict, "%s exists already; name a new folder", c.Dir)
	}
	services, err := ctx.Open()
	if err != nil {
		return err
	}
	stored, err := services.Store.CheckpointByName(ctx, c.Name)
	if err != nil {
		return err
	}
	checkpoint, err := jobs.LoadCheckpoint(ctx, services.Artifacts, stored.SHA256)
	if err != nil {
		return err
	}
	dtype := map[string]model.DType{"f32": model.F32, "f16": model.F16, "bf16": model.BF16}[c.DType]
	save := checkpoint.SaveFolder
	if c.Adapter {
		if checkpoint.Adapter == nil {
			return ranking.Errorf(ranking.CodeInvalid, "%s has no adapter, since it was not trained with lora_r; leave --adapter out", c.Name)
		}
		save = checkpoint.SaveAdapter
	}
	if err := save(c.Dir, dtype); err != nil {
		return err
	}
	if ctx.JSON {
		return ctx.PrintJSON(struct {
			modelView
			Out string `json:"out"`
		}{newModelView(stored), c.Dir})
	}
	ctx.Printf("%s written to %s\n", c.Name, c.Dir)
	return nil
}
