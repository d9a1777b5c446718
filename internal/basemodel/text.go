package basemodel

import (
	"iter"

	"rankloop/internal/basemodel/textgen"
	"rankloop/ranking"
	"rankloop/trainer"
)

// Text yields the base model's pretraining documents without end, in an order drawn from seed: plain passages, and
// requests with a good reply. PPO mixes it in where a run names no text of its own.
func Text(seed uint64) iter.Seq[string] {
	return func(yield func(string) bool) {
		for document := range textgen.Corpus(seed, textBytes) {
			text := document.Text
			if document.Prompt != "" {
				text = document.Prompt + "\n" + text
			}
			if !yield(text) {
				return
			}
		}
	}
}

// textBytes ends a stream of Text far behind what any run reads.
const textBytes = 1 << 40

// examples are the data of a tuning: good replies and, in its share, mediocre ones. The last sftValidation of them
// measure the loss on replies that were not trained on.
func examples(seed uint64, t tuning) []trainer.Example {
	generator := textgen.New(seed, t.text)
	out := make([]trainer.Example, t.examples)
	for i := range out {
		drawn := generator.Example()
		out[i] = trainer.Example{
			Messages: []ranking.Message{{Role: "user", Content: drawn.Prompt}},
			Reply:    drawn.Reply,
			Split:    ranking.SplitTrain,
		}
		if i >= t.examples-sftValidation {
			out[i].Split = ranking.SplitValidation
		}
	}
	return out
}

// Prompts draws n different requests of Kinds: of those the model was tuned on, or held-out ones, whose content no training
// text asks about in any wording.
func Prompts(seed uint64, n int, heldOut bool) []string {
	return PromptsOf(Kinds, seed, n, heldOut)
}

// PromptsOf is Prompts for some kinds of request.
func PromptsOf(kinds []string, seed uint64, n int, heldOut bool) []string {
	generator := textgen.New(seed, textgen.Options{HeldOut: heldOut, Kinds: kinds})
	seen := make(map[string]bool, n)
	prompts := make([]string, 0, n)
	for len(prompts) < n {
		_, prompt := generator.Prompt()
		if !seen[prompt] {
			seen[prompt] = true
			prompts = append(prompts, prompt)
		}
	}
	return prompts
}
