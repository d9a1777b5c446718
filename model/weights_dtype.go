package model

import "math"

// NarrowestDType is the smallest type that holds every number of w as it is: to
// store weights in it loses nothing.
func (w *Weights) NarrowestDType() DType {
	bf16, f16 := true, true
	for _, x := range w.Data {
		bits := math.Float32bits(x)
		bf16 = bf16 && bits&0xffff == 0
		f16 = f16 && math.Float32bits(floatFromHalf(halfFromFloat(x))) == bits
		if !bf16 && !f16 {
			return F32
		}
	}
	if bf16 {
		return BF16
	}
	return F16
}
