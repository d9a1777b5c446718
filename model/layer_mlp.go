package model

import "rankloop/model/kernel"

// activate computes the MLP's activation, out[N,F], from wide = x·mlpIn and, with
// SwiGLU, up = x·mlpUp:
//
//	GELU    out = gelu(wide)
//	SwiGLU  out = silu(wide)·up
func activate(c Config, out, wide, up []float32) {
	if c.MLP == SwiGLU {
		kernel.Swiglu(out, wide, up)
		return
	}
	kernel.Gelu(out, wide)
}

// activateBackward writes the gradients of activate's operands to dwide and, with
// SwiGLU, to dup, given that of its result in dwide.
func activateBackward(c Config, dwide, dup, wide, up []float32) {
	if c.MLP == SwiGLU {
		kernel.SwigluBackward(dwide, dup, wide, up, dwide)
		return
	}
	kernel.GeluBackward(dwide, wide, dwide)
}
