package model

import "fmt"

// Batch is ragged: its sequences lie end to end without padding. A sequence's
// results never depend on the sequences beside it, to the bit.
type Batch struct {
	Tokens  []int32 // all sequences, one after the other
	Lengths []int   // tokens of each, at least 1
}

// check panics unless b fits a pass: a batch that does not is a mistake of the
// caller, who has cut texts to length before.
func (b Batch) check(c Config, maxTokens, maxSequences, maxLength int) {
	total := 0
	for i, length := range b.Lengths {
		if length < 1 || length > maxLength {
			panic(fmt.Sprintf("model: sequence %d has %d tokens, outside of 1..%d", i, length, maxLength))
		}
		total += length
	}
	switch {
	case total != len(b.Tokens):
		panic(fmt.Sprintf("model: lengths add up to %d, the batch has %d tokens", total, len(b.Tokens)))
	case total > maxTokens || len(b.Lengths) > maxSequences:
		panic(fmt.Sprintf("model: %d tokens in %d sequences, the pass was planned for %d in %d",
			total, len(b.Lengths), maxTokens, maxSequences))
	}
	for i, token := range b.Tokens {
		if token < 0 || int(token) >= c.Vocab {
			panic(fmt.Sprintf("model: token %d at %d is outside of the vocabulary of %d", token, i, c.Vocab))
		}
	}
}
