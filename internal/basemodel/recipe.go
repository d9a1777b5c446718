package basemodel

import (
	"rankloop/internal/basemodel/textgen"
	"rankloop/model"
)

// Name is the checkpoint's name in every database.
const Name = "base"

// The recipe. Bytes of the result change with any of these numbers, with the generator and with the kernel set.
const (
	seed           = 20260301
	vocabulary     = 2048
	tokenizerBytes = 3 << 20 // of the corpus that the vocabulary is learnt from
	sftValidation  = 1_000   // examples that measure the loss
	layerNormEps   = 1e-5
)

// shape fits 2 cores: it trains in half an hour and samples some thousand tokens a second.
var shape = model.Config{
	Vocab:        vocabulary,
	Context:      512,
	Layers:       5,
	Heads:        6,
	Dim:          192,
	Hidden:       768,
	LayerNormEps: layerNormEps,
	Head:         model.LanguageModel,
}

// settings change the preset `small` for one stage.
var pretrainSettings = []string{
	"steps=800", "warmup_steps=80", "batch_windows=32", "context=96", "packing=windows",
	"learning_rate=0.002", "lr_final=0.3", "weight_decay=0.05", "micro_batch_tokens=3072",
}

// tuning is one supervised stage.
type tuning struct {
	examples int
	text     textgen.Options // of the replies, GoodShare are good and the others carry a defect
	settings []string
}

// tunings run one after the other. The first two teach all kinds of request. The last keeps to those that a decoder of
// this size does well, and to mediocrity of manner more than of fact: a policy that never errs would leave nothing to
// rank, and one whose errors nobody can see from the reply would leave nothing to learn.
var tunings = []tuning{
	{280_000, textgen.Options{GoodShare: 0.60}, []string{
		"epochs=1", "warmup_steps=100", "batch_examples=64", "pretrain_share=0.1", "select=last",
		"learning_rate=0.002", "lr_final=0.03", "weight_decay=0.02", "micro_batch_tokens=3072",
	}},
	{220_000, textgen.Options{GoodShare: 0.80}, []string{
		"epochs=1", "warmup_steps=100", "batch_examples=64", "pretrain_share=0.05", "select=last",
		"learning_rate=0.002", "lr_final=0.02", "weight_decay=0.02", "micro_batch_tokens=3072",
	}},
	{110_000, textgen.Options{GoodShare: 0.58, Kinds: Kinds, Defects: manners}, []string{
		"epochs=1", "warmup_steps=100", "batch_examples=64", "pretrain_share=0.05", "select=last",
		"learning_rate=0.0014", "lr_final=0.02", "weight_decay=0.02", "micro_batch_tokens=3072",
	}},
}

// Kinds are the requests that the model is for.
var Kinds = []string{
	"past", "wish", "greet", "goodbye", "polite", "which", "most", "thank", "invite", "sorry", "note", "synonym", "opposite",
	"plural", "fix", "shorten", "season", "colour", "text_colour", "text_how_many", "question", "count_words", "count_items",
	"complete", "story", "job", "compare", "use", "sentences", "advice",
}

// manners are the defects of the last tuning.
var manners = []string{
	textgen.Repetition, textgen.Repetition, textgen.SloppyForm, textgen.SloppyForm, textgen.Rambling, textgen.Rambling,
	textgen.OffTask, textgen.WrongFact, textgen.Incomplete,
}
