package kernel

// Silu writes x·σ(x) to dst, the sigmoid linear unit, also called swish
// (Elfwing, Uchibe and Doya 2018). dst may be x.
func Silu(dst, x []float32) {
	checkLength("Silu dst", len(dst), len(x))
	w := newSweep()
	w.f0, w.f1 = dst, x
	w.run(len(x), elementsEach, func(w *sweep, from, to int) {
		w.set.silu(w.f0[from:to], w.f1[from:to])
	})
}

// SiluBackward writes dy·silu'(x) to dx, with x the input of Silu. dx may be dy
// or x.
func SiluBackward(dx, x, dy []float32) {
	checkLength("SiluBackward dx", len(dx), len(x))
	checkLength("SiluBackward dy", len(dy), len(x))
	w := newSweep()
	w.f0, w.f1, w.f2 = dx, x, dy
	w.run(len(x), elementsEach, func(w *sweep, from, to int) {
		w.set.siluBackward(w.f0[from:to], w.f1[from:to], w.f2[from:to])
	})
}

// Swiglu writes silu(gate)·up to dst, the gated unit of Llama's MLP (Shazeer
// 2020, equation 6). dst may be gate or up.
func Swiglu(dst, gate, up []float32) {
	checkLength("Swiglu dst", len(dst), len(gate))
	checkLength("Swiglu up", len(up), len(gate))
	w := newSweep()
	w.f0, w.f1, w.f2 = dst, gate, up
	w.run(len(gate), elementsEach, func(w *sweep, from, to int) {
		w.set.swiglu(w.f0[from:to], w.f1[from:to], w.f2[from:to])
	})
}

// SwigluBackward writes the gradients of Swiglu's operands, dy·up·silu'(gate) to
// dgate and dy·silu(gate) to dup. Each of dgate and dup may be one of gate, up
// and dy, but not both the same.
func SwigluBackward(dgate, dup, gate, up, dy []float32) {
	checkLength("SwigluBackward dgate", len(dgate), len(gate))
	checkLength("SwigluBackward dup", len(dup), len(gate))
	checkLength("SwigluBackward up", len(up), len(gate))
	checkLength("SwigluBackward dy", len(dy), len(gate))
	w := newSweep()
	w.f0, w.f1, w.f2, w.f3, w.f4 = dgate, dup, gate, up, dy
	w.run(len(gate), elementsEach, func(w *sweep, from, to int) {
		w.set.swigluBackward(w.f0[from:to], w.f1[from:to], w.f2[from:to], w.f3[from:to], w.f4[from:to])
	})
}
