package kernel

import "fmt"

// RoPE turns the heads of len(positions) rows in place by rotary position
// embeddings (Su et al. 2021) in the layout of Hugging Face, "rotate half": with
// h = d/2, elements i and i+h of a head of d elements make one plane,
//
//	x[i]   = x[i]·cos − x[i+h]·sin
//	x[i+h] = x[i+h]·cos + x[i]·sin
//
// with the angle of plane i at the row's position. Row r starts at x[r·stride]
// with heads heads, one after the other; cos and sin are tables of one row of h
// elements a position.
func RoPE(x []float32, stride int, positions []int, cos, sin []float32, heads, d int) {
	turn(x, stride, positions, cos, sin, heads, d, 1)
}

// RoPEBackward turns the gradient of RoPE's result in place into that of its
// operand: by the opposite angles.
func RoPEBackward(dx []float32, stride int, positions []int, cos, sin []float32, heads, d int) {
	turn(dx, stride, positions, cos, sin, heads, d, -1)
}

func turn(x []float32, stride int, positions []int, cos, sin []float32, heads, d int, sign float32) {
	if heads == 0 || d == 0 || len(positions) == 0 {
		return
	}
	if d%2 != 0 {
		panic(fmt.Sprintf("kernel: RoPE of heads of %d elements, not an even number", d))
	}
	checkMatrix("RoPE x", len(positions), heads*d, x, stride)
	checkLength("RoPE sin", len(sin), len(cos))
	for i, p := range positions {
		if p < 0 || (p+1)*(d/2) > len(cos) {
			panic(fmt.Sprintf("kernel: RoPE position %d of row %d is outside of the table of %d", p, i, len(cos)/(d/2)))
		}
	}
	w := newSweep()
	w.f0, w.f1, w.f2, w.positions = x, cos, sin, positions
	w.heads, w.d, w.stride, w.sign = heads, d/2, stride, sign
	w.run(len(positions), rowsEach(heads*d), func(w *sweep, from, to int) {
		for i := from; i < to; i++ {
			at := w.positions[i] * w.d
			w.set.rope(&w.f0[i*w.stride], w.heads, w.f1[at:at+w.d], w.f2[at:at+w.d], w.sign)
		}
	})
}
