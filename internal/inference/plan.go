package inference

import "rankloop/model"

// plan is what a sampler has room for.
type plan struct {
	batch  int // sequences at a time
	length int // tokens of a prompt and its reply
}

const (
	samplerBytesMax = 1 << 30 // keys, values and activations of one checkpoint's sampler, unless one reply takes more
	lengthStep      = 256     // tokens
)

// readySampler makes sure that the sampler has room for sequences of a length. How much it has changes no reply.
func (l *loaded) readySampler(sequences, length int) {
	config := l.checkpoint.Weights.Config
	want := planFor(config, sequences, length)
	if l.sampler != nil && l.planned.batch >= want.batch && l.planned.length >= want.length {
		return
	}
	l.sampler = nil // its memory is free before the next one's is asked for
	l.sampler = model.NewSampler(config, want.batch, model.Within(want.length))
	l.sampler.SetWeights(l.checkpoint.Weights)
	l.planned = want
}

// planFor is room for everything where that is little, as it is in small models, so that a sampler is made once. Else it
// is what the requests need, with fewer sequences at a time where they are long.
func planFor(config model.Config, sequences, length int) plan {
	fits := func(p plan) bool {
		return model.SamplerBytes(config, p.batch, model.Within(p.length)) <= samplerBytesMax
	}
	if all := (plan{maxBatch, config.Context}); fits(all) {
		return all
	}
	p := plan{batch: min(sequences, maxBatch), length: min((length+lengthStep-1)/lengthStep*lengthStep, config.Context)}
	for p.batch > 1 && !fits(p) {
		p.batch /= 2
	}
	return p
}
