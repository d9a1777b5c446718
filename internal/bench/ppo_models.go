package bench

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"strings"

	"rankloop/model"
	"rankloop/model/tokenizer"
)

// SmolLM2 is the name of the untrained network that PPO is measured on beside the shipped base model.
const SmolLM2 = "smollm2-135m"

// ppoContext is the context that it is given: scratch memory is planned for it, and an iteration needs no more.
const ppoContext = 512

// UntrainedSmolLM2 is a network of SmolLM2-135M's shape with random weights.
func UntrainedSmolLM2() (*model.Checkpoint, error) {
	config := smollm2
	config.Context = ppoContext
	return untrained(SmolLM2, config)
}

// LoadPolicy reads a language model's folder. Where positions take no weights, a long context is cut to what an iteration
// needs, since scratch memory is planned for all of it.
func LoadPolicy(folder fs.FS) (*model.Checkpoint, error) {
	c, err := model.LoadCheckpoint(folder)
	if err != nil {
		return nil, err
	}
	if config := &c.Weights.Config; config.Rope.Theta > 0 {
		config.Context = min(config.Context, ppoContext)
	}
	return c, nil
}

// untrained is a network with random weights and a vocabulary of its size.
func untrained(name string, config model.Config) (*model.Checkpoint, error) {
	vocabulary, err := spelledTokens(config.Vocab)
	if err != nil {
		return nil, err
	}
	weights := model.NewWeights(config)
	weights.Init(ppoSeed)
	return &model.Checkpoint{Weights: weights, Tokenizer: vocabulary, Meta: model.Meta{Kind: model.PolicyKind, Name: name}}, nil
}

// spelledTokens is a vocabulary of so many ids: the markers of a chat and the bytes, and beyond them tokens that are spelled
// by their number, so that whatever a random network writes is read back as it was.
func spelledTokens(size int) (*tokenizer.Tokenizer, error) {
	small, err := tokenizer.Train(func(yield func(string) bool) { yield("user assistant") }, len(tokenizer.ChatSpecials)+256, tokenizer.ChatSpecials)
	if err != nil {
		return nil, err
	}
	text, err := small.JSON()
	if err != nil {
		return nil, err
	}
	var file map[string]json.RawMessage
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, err
	}
	var added []tokenizer.AddedToken
	if err := json.Unmarshal(file["added_tokens"], &added); err != nil {
		return nil, err
	}
	for id := small.Size(); id < size; id++ {
		added = append(added, tokenizer.AddedToken{ID: int32(id), Content: spelled(id)})
	}
	if file["added_tokens"], err = json.Marshal(added); err != nil {
		return nil, err
	}
	if text, err = json.Marshal(file); err != nil {
		return nil, err
	}
	return tokenizer.Parse(text)
}

func spelled(id int) string { return fmt.Sprintf("<%d>", id) }

// SpelledPrompts are n random prompts of so many tokens for an untrained network, without those of the turn around them.
func SpelledPrompts(c *model.Checkpoint, n, tokens int) []string {
	first := len(tokenizer.ChatSpecials) + 256
	random := rand.New(rand.NewPCG(ppoSeed, 7))
	prompts := make([]string, n)
	for i := range prompts {
		var text strings.Builder
		for range tokens {
			text.WriteString(spelled(first + random.IntN(c.Tokenizer.Size()-first)))
		}
		prompts[i] = text.String()
	}
	return prompts
}
