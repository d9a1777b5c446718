package model

import "fmt"

// WithContext returns a network that reads at most so many tokens, at most as
// many as w does. Learned positions behind them are left out; rotated ones need
// nothing of their own, and the numbers stay shared with w.
func (w *Weights) WithContext(tokens int) (*Weights, error) {
	w.needWhole("WithContext")
	config := w.Config
	if tokens < 1 || tokens > config.Context {
		return nil, fmt.Errorf("model: a context of %d tokens of a network that reads 1 to %d", tokens, config.Context)
	}
	config.Context = tokens
	if w.positions == nil {
		shorter := *w
		shorter.Config = config
		return &shorter, nil
	}
	shorter := NewWeights(config)
	for i, t := range shorter.tensors {
		copy(t.Data, w.tensors[i].Data) // positions, the only ones that differ in size, are cut at their end
	}
	return shorter, nil
}
