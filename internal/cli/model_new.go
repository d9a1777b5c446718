package cli

import (
	"errors"

	"rankloop/internal/app"
	"rankloop/internal/jobs"
	"rankloop/internal/store"
	"rankloop/model"
)

// ModelNewCmd registers a model of one's own shape with fresh weights, for train pretrain.
type ModelNewCmd struct {
	Name    string  `arg:"" help:"The checkpoint's name."`
	Text    string  `required:"" help:"Text that the vocabulary is learnt from, as for train pretrain --text." placeholder:"FILE|DIR"`
	HeldOut float64 `name:"held-out" default:"0.1" help:"The share of the text, its end, that the vocabulary must not see: held_out of the pretrain run to come." placeholder:"X"`
	Family  string  `enum:"llama,gpt2" default:"llama" help:"llama (RoPE, RMSNorm, SwiGLU, no biases) or gpt2 (learned positions, LayerNorm, GELU, biases)."`
	Vocab   int     `default:"512" help:"Ids of the vocabulary at most: 4 markers, 256 bytes, and merges of frequent pairs." placeholder:"N"`
	Layers  int     `default:"6" help:"Layers." placeholder:"N"`
	Heads   int     `default:"4" help:"Attention heads." placeholder:"N"`
	Dim     int     `default:"128" help:"Channels; a multiple of the heads." placeholder:"N"`
	Hidden  int     `help:"Units of an MLP. Default: 8/3 of the channels, rounded up to a multiple of 32 (llama); 4 times the channels (gpt2)." placeholder:"N"`
	Context int     `default:"256" help:"Longest sequence in tokens." placeholder:"N"`
	Seed    uint64  `default:"1" help:"Where the fresh weights come from." placeholder:"N"`
}

// Run learns the vocabulary, draws the weights and stores both.
func (c ModelNewCmd) Run(ctx *Context) (err error) {
	if c.HeldOut < 0 || c.HeldOut > 0.9 {
		return Usagef("--held-out is between 0 and 0.9")
	}
	if err := store.CheckCheckpointName(c.Name); err != nil {
		return err
	}
	files := &openFiles{context: ctx}
	defer func() { err = errors.Join(err, files.close()) }()
	file, err := files.openText(c.Text)
	if err != nil {
		return err
	}
	texts, _, err := jobs.ReadText(*file, c.HeldOut)
	if err != nil {
		return err
	}
	services, err := ctx.Open()
	if err != nil {
		return err
	}
	if err := nameIsFree(ctx, services, c.Name); err != nil {
		return err
	}
	stored, err := services.CreateModel(ctx, c.Name, app.Blank{Config: c.shape(), Vocabulary: c.Vocab, Texts: texts, Seed: c.Seed})
	if err != nil {
		return err
	}
	return printImported(ctx, stored)
}

// The constants of a new model that no flag changes.
const (
	normEps   = 1e-5
	ropeTheta = 10_000 // Su et al. 2021
)

func (c ModelNewCmd) shape() model.Config {
	config := model.Config{
		Context: c.Context, Layers: c.Layers, Heads: c.Heads, Dim: c.Dim, Hidden: c.Hidden, LayerNormEps: normEps, Head: model.LanguageModel,
	}
	if c.Family == "llama" {
		config.Norm, config.MLP, config.Bias, config.Rope = model.RMSNorm, model.SwiGLU, model.NoBiases, model.Rope{Theta: ropeTheta}
	}
	switch {
	case config.Hidden != 0:
	case c.Family == "llama":
		config.Hidden = (8*c.Dim/3 + 31) / 32 * 32
	default:
		config.Hidden = 4 * c.Dim
	}
	return config
}
