package kernel

import (
	"math"
	"unsafe"
)

func genericNormColumns(dgain, dbias []float32, x, dy *float32, mean, rstd []float32, stride int) {
	size := (len(mean)-1)*stride + len(dgain)
	xs, dys := unsafe.Slice(x, size), unsafe.Slice(dy, size)
	for i, m := range mean {
		row := xs[i*stride : i*stride+len(dgain)]
		for j, d := range dys[i*stride : i*stride+len(dgain)] {
			dgain[j] += float32(d * ((row[j] - m) * rstd[i]))
			dbias[j] += d
		}
	}
}

func genericColumnSum(dst []float32, x *float32, rows, stride int) {
	xs := unsafe.Slice(x, (rows-1)*stride+len(dst))
	for i := range rows {
		for j, v := range xs[i*stride : i*stride+len(dst)] {
			dst[j] += v
		}
	}
}

func genericAdamW(w, g, m, v []float32, s *adamwScalars) {
	for i := range w {
		d := g[i] * s.gradScale
		m[i] = s.beta1*m[i] + s.rest1*d
		v[i] = s.beta2*v[i] + s.rest2*d*d
		root := float32(math.Sqrt(float64(v[i])))
		w[i] = w[i]*s.decay - s.step*m[i]/(root*s.rootScale+s.eps)
	}
}

func genericAdd(dst, x []float32) {
	for i, v := range x {
		dst[i] += v
	}
}

func genericScale(dst []float32, s float32) {
	for i := range dst {
		dst[i] *= s
	}
}

func genericAxpy(dst []float32, s float32, x []float32) {
	for i, v := range x {
		dst[i] += float32(s * v)
	}
}

func genericLerp(dst, x []float32, s float32) {
	for i, v := range x {
		dst[i] = float32(s*dst[i]) + float32((1-s)*v)
	}
}

func genericDot(x, y []float32) float32 {
	var sum [4]float32
	i := 0
	for ; i+4 <= len(x); i += 4 {
		for j := range sum {
			sum[j] += float32(x[i+j] * y[i+j])
		}
	}
	for ; i < len(x); i++ {
		sum[0] += float32(x[i] * y[i])
	}
	return (sum[0] + sum[1]) + (sum[2] + sum[3])
}

func genericSumSquares(x []float32) float64 {
	var sum float64
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return sum
}
