package kernel

import (
	"math"
	"unsafe"
)

func genericSilu(dst, x []float32) {
	for i, v := range x {
		dst[i] = v / (1 + exp32(-v))
	}
}

// siluSlope returns silu(x) and its derivative. Below -80 both are within 2e-33
// of 0; the bound keeps e finite. 1-σ is taken as e·σ, which does not cancel.
func siluSlope(x float32) (y, slope float32) {
	x = max(x, -80)
	e := exp32(-x)
	s := 1 / (1 + e)
	y = x * s
	return y, s + float32(y*float32(e*s))
}

func genericSiluBackward(dx, x, dy []float32) {
	for i, v := range x {
		_, slope := siluSlope(v)
		dx[i] = dy[i] * slope
	}
}

func genericSwiglu(dst, gate, up []float32) {
	for i, v := range gate {
		dst[i] = v / (1 + exp32(-v)) * up[i]
	}
}

func genericSwigluBackward(dgate, dup, gate, up, dy []float32) {
	for i, v := range gate {
		y, slope := siluSlope(v)
		d := dy[i]
		dgate[i], dup[i] = slope*up[i]*d, y*d
	}
}

func genericSoftmaxBackward(d, p []float32, inner float32) {
	for i, v := range p {
		d[i] = v * (d[i] - inner)
	}
}

func genericRMSNormRow(out, x, gain []float32, eps float32) (rstd float32) {
	var squares float64
	for _, v := range x {
		squares += float64(v) * float64(v)
	}
	rstd = float32(1 / math.Sqrt(squares/float64(len(x))+float64(eps)))
	for i, v := range x {
		out[i] = v * rstd * gain[i]
	}
	return rstd
}

func genericRMSNormBackwardRow(dx, x, gain, dy []float32, rstd float32) {
	var sumHat float32
	for i, v := range x {
		sumHat += float32(dy[i] * gain[i] * (v * rstd))
	}
	sumHat /= float32(len(x))
	for i, v := range x {
		dx[i] += rstd * (dy[i]*gain[i] - v*rstd*sumHat)
	}
}

func genericRMSNormColumns(dgain []float32, x, dy *float32, rstd []float32, stride int) {
	size := (len(rstd)-1)*stride + len(dgain)
	xs, dys := unsafe.Slice(x, size), unsafe.Slice(dy, size)
	for i, r := range rstd {
		row := xs[i*stride : i*stride+len(dgain)]
		for j, d := range dys[i*stride : i*stride+len(dgain)] {
			dgain[j] += float32(d * (row[j] * r))
		}
	}
}

func genericRope(x *float32, heads int, cos, sin []float32, sign float32) {
	half := len(cos)
	all := unsafe.Slice(x, heads*2*half)
	for h := range heads {
		first := all[2*h*half : (2*h+1)*half]
		second := all[(2*h+1)*half : (2*h+2)*half]
		for i, c := range cos {
			a, b, s := first[i], second[i], sign*sin[i]
			first[i] = float32(a*c) - float32(b*s)
			second[i] = float32(b*c) + float32(a*s)
		}
	}
}
