package cli

import (
	"errors"
	"math"

	"rankloop/internal/jobs"
	"rankloop/trainer"
)

// textFlags are those of text to predict.
type textFlags struct {
	Text    string  `help:"Of a policy: text to predict, as for train pretrain --text; the loss in nats a byte." placeholder:"FILE|DIR"`
	HeldOut float64 `name:"held-out" help:"With --text: the share at its end alone, which a pretrain run with this held_out never saw. Default: all of it." placeholder:"X"`
	Window  int     `help:"With --text: tokens of a window. Default: the model's context." placeholder:"N"`
}

// textLossView is the loss on a text under --json.
type textLossView struct {
	Model        string  `json:"model"`
	On           string  `json:"on"`
	HeldOut      float64 `json:"held_out,omitempty"`
	Documents    int     `json:"documents"`
	Bytes        int64   `json:"bytes"`
	Tokens       int64   `json:"tokens"`
	NatsPerByte  float64 `json:"nats_per_byte"`
	BitsPerByte  float64 `json:"bits_per_byte"`
	NatsPerToken float64 `json:"nats_per_token"`
	Exact        bool    `json:"exact"`
}

// runText predicts a text.
func (c ModelEvalCmd) runText(ctx *Context) (err error) {
	switch {
	case c.Name == "":
		return Usagef("--text is predicted by a policy: model eval NAME --text FILE")
	case c.Folds != 0 || c.Snapshot != "" || c.In != "" || c.Base != "" || c.Preset != "" || len(c.Set) > 0 || c.Seed != nil ||
		c.curveFlags != (curveFlags{}) || c.fewShotFlags != (fewShotFlags{}):
		return Usagef("--text takes --held-out and --window alone")
	case c.HeldOut < 0 || c.HeldOut > 1:
		return Usagef("--held-out is between 0 and 1")
	case c.Window < 0:
		return Usagef("--window is above 0")
	}
	files := &openFiles{context: ctx}
	defer func() { err = errors.Join(err, files.close()) }()
	file, err := files.openText(c.Text)
	if err != nil {
		return err
	}
	share := c.HeldOut
	if share == 0 {
		share = 1
	}
	_, documents, err := jobs.ReadText(*file, share)
	if err != nil {
		return err
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
	checkpoint.Meta.Name = c.Name
	progress := ctx.Progress("predicting", 0)
	loss, err := trainer.MeasureText(ctx, checkpoint, documents, c.Window, func(done, total int) {
		progress.SetTotal(int64(total))
		progress.Set(int64(done), "")
	})
	progress.Close()
	if err != nil {
		return err
	}
	return c.printText(ctx, loss)
}

func (c ModelEvalCmd) printText(ctx *Context, loss trainer.TextLoss) error {
	if ctx.JSON {
		return ctx.PrintJSON(textLossView{
			Model: c.Name, On: c.Text, HeldOut: c.HeldOut, Documents: loss.Documents, Bytes: loss.Bytes, Tokens: loss.Tokens,
			NatsPerByte: loss.PerByte(), BitsPerByte: loss.PerByte() / math.Ln2, NatsPerToken: loss.PerToken(), Exact: loss.Exact,
		})
	}
	ctx.Printf("%.4f nats a byte (%.4f bits), %.4f nats a token, over %d bytes in %d tokens\n",
		loss.PerByte(), loss.PerByte()/math.Ln2, loss.PerToken(), loss.Bytes, loss.Tokens)
	if !loss.Exact {
		ctx.Notef("the tokenizer changes this text: what it spells is not the same bytes")
	}
	return nil
}
