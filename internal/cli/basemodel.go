package cli

import (
	"fmt"
	"os"

	"rankloop/internal/basemodel"
	"rankloop/model"
)

// BaseModelCmd makes the embedded base model again. It is hidden: it is for whoever changes the generator or the recipe.
type BaseModelCmd struct {
	Out string `required:"" help:"Model folder to write; an existing one is replaced." placeholder:"DIR"`
}

// Run trains for about half an hour and then replaces the folder.
func (c *BaseModelCmd) Run(ctx *Context) error {
	var progress *Progress
	checkpoint, err := basemodel.Build(ctx, func(stage string, step, total int, metrics map[string]float64) {
		if step == 1 {
			progress = ctx.Progress(stage, int64(total))
		}
		progress.Set(int64(step), fmt.Sprintf("loss %.4f, %.0f tokens/s", metrics["loss"], metrics["tokens_per_s"]))
		if step == total {
			progress.Close()
		}
	})
	if err != nil {
		return err
	}
	fresh := c.Out + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return err
	}
	if err := checkpoint.SaveFolder(fresh, model.F16); err != nil {
		return err
	}
	if err := os.RemoveAll(c.Out); err != nil {
		return err
	}
	return os.Rename(fresh, c.Out)
}
