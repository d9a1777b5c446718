package model

import (
	"fmt"
	"slices"
	"strings"
)

// tensorSource is where the numbers of a network are read from: the files of a
// folder, or a GGUF. Names are those of Hugging Face's files. Errors name the
// tensor and the file.
type tensorSource interface {
	Names() []string
	Shape(name string) (shape []int, ok bool)
	Read(name string, dst []float32) error
}

// readWeights reads the network that config describes. No memory is taken for
// what a configuration claims and the files do not hold.
func readWeights(from tensorSource, config Config) (*Weights, error) {
	if held := numbers(from); held < int64(config.Parameters())/2 {
		return nil, fmt.Errorf("the files' %d numbers do not hold the %d parameters of the configuration", held, config.Parameters())
	}
	w := NewWeights(config)
	used := make(map[string]bool)
	for _, t := range w.Tensors() {
		// Files of the bare trunk leave the first part of the name out.
		name := t.Name
		shape, ok := from.Shape(name)
		if !ok {
			name = strings.TrimPrefix(strings.TrimPrefix(name, "transformer."), "model.")
			shape, ok = from.Shape(name)
		}
		if !ok && name == scoreBiasName {
			continue // 0
		}
		if !ok {
			return nil, fmt.Errorf("tensor %q is missing", t.Name)
		}
		if !slices.Equal(shape, t.Shape) {
			return nil, fmt.Errorf("tensor %q has shape %v, the configuration says %v", name, shape, t.Shape)
		}
		if err := from.Read(name, t.Data); err != nil {
			return nil, err
		}
		used[name] = true
	}
	for _, name := range from.Names() {
		if !used[name] && !ignoredTensor(name) {
			return nil, fmt.Errorf("tensor %q is not part of the network", name)
		}
	}
	return w, nil
}

func numbers(from tensorSource) (n int64) {
	for _, name := range from.Names() {
		shape, _ := from.Shape(name)
		product := int64(1)
		for _, d := range shape {
			product *= int64(d)
		}
		n += product
	}
	return n
}

// ignoredTensor knows what files hold beside parameters: causal masks, the
// frequencies of rotary positions, and a copy of the token embeddings.
func ignoredTensor(name string) bool {
	return strings.HasSuffix(name, ".attn.bias") || strings.HasSuffix(name, ".attn.masked_bias") ||
		strings.HasSuffix(name, ".rotary_emb.inv_freq") || name == languageName
}
