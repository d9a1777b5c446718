package model

import (
	"fmt"
	"math"
)

// Rope are rotary position embeddings (Su et al. 2021). The zero value is none:
// positions are learned.
type Rope struct {
	Theta   float64 // base of the wavelengths, such as 10000
	Scaling RopeScaling
}

// RopeScaling stretches the wavelengths for contexts longer than those of the
// first training.
type RopeScaling struct {
	Kind   RopeScalingKind
	Factor float64 // at least 1; 0 where there is no scaling
	// Llama3Scaling only: wavelengths above OriginalContext/LowFreqFactor are
	// stretched whole, those below OriginalContext/HighFreqFactor not at all.
	LowFreqFactor, HighFreqFactor float64
	OriginalContext               int
}

// RopeScalingKind names a rule as Hugging Face's config.json does.
type RopeScalingKind string

// The rules.
const (
	NoScaling     RopeScalingKind = ""
	LinearScaling RopeScalingKind = "linear" // all wavelengths (Chen et al. 2023)
	Llama3Scaling RopeScalingKind = "llama3" // the long ones (Llama Team 2024)
)

func (r Rope) validate(headDim int) error {
	s := r.Scaling
	switch {
	case r.Theta == 0:
		if s != (RopeScaling{}) {
			return fmt.Errorf("model: rope scaling without rope")
		}
		return nil
	case !(r.Theta >= 1 && r.Theta <= 1e12):
		return fmt.Errorf("model: rope theta is %g, outside of 1..1e12", r.Theta)
	case headDim%2 != 0:
		return fmt.Errorf("model: head dimension %d is odd, rope turns pairs", headDim)
	case s.Kind == NoScaling && s != (RopeScaling{}):
		return fmt.Errorf("model: rope scaling without a kind")
	case s.Kind == NoScaling:
		return nil
	case s.Kind != LinearScaling && s.Kind != Llama3Scaling:
		return fmt.Errorf("model: rope scaling %q is not supported, only linear and llama3", s.Kind)
	case !(s.Factor >= 1 && s.Factor <= 1e6):
		return fmt.Errorf("model: rope scaling factor is %g, outside of 1..1e6", s.Factor)
	case s.Kind == LinearScaling && s != (RopeScaling{Kind: LinearScaling, Factor: s.Factor}):
		return fmt.Errorf("model: linear rope scaling has a factor only")
	case s.Kind == LinearScaling:
		return nil
	case !(s.LowFreqFactor > 0 && s.HighFreqFactor > s.LowFreqFactor && s.HighFreqFactor <= 1e6):
		return fmt.Errorf("model: rope frequency factors are %g and %g, want 0 < low < high", s.LowFreqFactor, s.HighFreqFactor)
	case s.OriginalContext < 1 || s.OriginalContext > maxContext:
		return fmt.Errorf("model: original context of rope is %d, outside of 1..%d", s.OriginalContext, maxContext)
	}
	return nil
}

// frequencies returns the angle that each of the D/2 planes turns by from one
// position to the next, in radians. It is rounded to float32 where Hugging
// Face's implementation rounds: at position 8000 the last bit is a visible angle.
func (r Rope) frequencies(headDim int) []float32 {
	f := make([]float32, headDim/2)
	for i := range f {
		exponent := float32(2*i) / float32(headDim)
		f[i] = 1 / float32(math.Pow(r.Theta, float64(exponent)))
		switch s := r.Scaling; s.Kind {
		case LinearScaling:
			f[i] /= float32(s.Factor)
		case Llama3Scaling:
			f[i] = s.stretch(f[i])
		}
	}
	return f
}

// stretch is Llama 3's rule: in between, the two frequencies are mixed by where
// the wavelength lies.
func (s RopeScaling) stretch(f float32) float32 {
	wavelength := 2 * math.Pi / float64(f)
	original := float64(s.OriginalContext)
	switch {
	case wavelength > original/s.LowFreqFactor:
		return f / float32(s.Factor)
	case wavelength < original/s.HighFreqFactor:
		return f
	}
	smooth := (original/wavelength - s.LowFreqFactor) / (s.HighFreqFactor - s.LowFreqFactor)
	return float32((1-smooth)*float64(f)/s.Factor + smooth*float64(f))
}

// ropeTable has the cosine and sine of every plane's angle at every position of
// a workspace: [positions,D/2] each, empty without rope.
type ropeTable struct{ cos, sin []float32 }

func (t *ropeTable) plan(a *arena, c Config, positions int) {
	if c.Rope.Theta == 0 {
		return
	}
	size := positions * c.headDim() / 2
	t.cos, t.sin = a.take(size), a.take(size)
}

func (t *ropeTable) fill(c Config) {
	if c.Rope.Theta == 0 {
		return
	}
	planes := c.Rope.frequencies(c.headDim())
	for i := range t.cos {
		angle := float32(i/len(planes)) * planes[i%len(planes)]
		sin, cos := math.Sincos(float64(angle))
		t.cos[i], t.sin[i] = float32(cos), float32(sin)
	}
}
