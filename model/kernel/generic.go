package kernel

import "math"

// genericSet is the pure Go implementation: the fallback on every architecture
// and the readable definition of what the assembly computes.
var genericSet = set{
	name: "generic",
	rows: 2, vectors: 1, width: 4,
	wideRows: 2, wideVectors: 1,
	tiles:     [][]tileFunc{{genericTile1}, {genericTile2}},
	transpose: genericTranspose,

	exp:             genericExp,
	softmax:         genericSoftmax,
	maxExpSum:       genericMaxExpSum,
	gelu:            genericGelu,
	geluBackward:    genericGeluBackward,
	silu:            genericSilu,
	siluBackward:    genericSiluBackward,
	swiglu:          genericSwiglu,
	swigluBackward:  genericSwigluBackward,
	softmaxBackward: genericSoftmaxBackward,

	normRow:            genericNormRow,
	normBackwardRow:    genericNormBackwardRow,
	normColumns:        genericNormColumns,
	rmsNormRow:         genericRMSNormRow,
	rmsNormBackwardRow: genericRMSNormBackwardRow,
	rmsNormColumns:     genericRMSNormColumns,
	rope:               genericRope,

	adamw:      genericAdamW,
	add:        genericAdd,
	scale:      genericScale,
	axpy:       genericAxpy,
	lerp:       genericLerp,
	dot:        genericDot,
	sumSquares: genericSumSquares,
	columnSum:  genericColumnSum,

	fmaLoop:  genericFMALoop,
	readLoop: genericReadLoop,
}

// exp32 is e^x after Cephes expf (S. Moshier): x = n·ln 2 + r with |r| <= ln 2/2
// and a polynomial in r, within 2 ulp. The scaling by 2^n is split in two so that
// results round once on their way to a subnormal number or infinity.
func exp32(x float32) float32 {
	const (
		log2e = 1.44269504088896341
		ln2Hi = 0.693359375
		ln2Lo = -2.12194440e-4
		// Adding 1.5·2^23 leaves no bits for a fraction: it rounds to even.
		toInteger = 1.5 * (1 << 23)
	)
	switch {
	case x != x:
		return x
	case x > 89:
		x = 89
	case x < -104:
		x = -104
	}
	n := float32(x*log2e) + toInteger - toInteger
	r := x - float32(n*ln2Hi)
	r -= float32(n * ln2Lo)
	y := float32(1.9875691500e-4)
	y = float32(y*r) + 1.3981999507e-3
	y = float32(y*r) + 8.3334519073e-3
	y = float32(y*r) + 4.1665795894e-2
	y = float32(y*r) + 1.6666665459e-1
	y = float32(y*r) + 5.0000001201e-1
	y = float32(y*float32(r*r)) + r + 1
	whole := int32(n)
	half := whole >> 1
	return y * powerOfTwo(half) * powerOfTwo(whole-half)
}

// powerOfTwo returns 2^n for -126 <= n <= 127.
func powerOfTwo(n int32) float32 { return math.Float32frombits(uint32(n+127) << 23) }

func genericExp(dst, x []float32) {
	for i, v := range x {
		dst[i] = exp32(v)
	}
}

func genericMax(x []float32) float32 {
	m := x[0]
	for _, v := range x[1:] {
		if v > m {
			m = v
		}
	}
	return m
}

func genericSoftmax(dst, x []float32) {
	m := genericMax(x)
	sum := float32(0)
	for i, v := range x {
		e := exp32(v - m)
		dst[i] = e
		sum += e
	}
	genericScale(dst, 1/sum)
}

func genericMaxExpSum(x []float32) (m, sum float32) {
	m = genericMax(x)
	for _, v := range x {
		sum += exp32(v - m)
	}
	return m, sum
}

// The tanh form of GELU is x·σ(2u) with 2u = geluLinear·x + geluCubic·x³.
const (
	geluLinear = 2 * 0.7978845608028654 // 2·sqrt(2/π)
	geluCubic  = geluLinear * 0.044715
)

func genericGelu(dst, x []float32) {
	for i, v := range x {
		dst[i] = v / (1 + exp32(-v*(geluLinear+geluCubic*v*v)))
	}
}

func genericGeluBackward(dx, x, dy []float32) {
	for i, v := range x {
		// Beyond ±10 the derivative is within 1e-34 of 0 or 1; the bound keeps e
		// finite. 1-σ is taken as e·σ, which does not cancel.
		v = min(max(v, -10), 10)
		e := exp32(-v * (geluLinear + geluCubic*v*v))
		s := 1 / (1 + e)
		slope := geluLinear + 3*geluCubic*v*v
		dx[i] = dy[i] * (s + v*slope*s*(e*s))
	}
}

func genericNormRow(out, x, gain, bias []float32, eps float32) (mean, rstd float32) {
	var sum float64
	for _, v := range x {
		sum += float64(v)
	}
	average := sum / float64(len(x))
	var squares float64
	for _, v := range x {
		squares += (float64(v) - average) * (float64(v) - average)
	}
	mean = float32(average)
	rstd = float32(1 / math.Sqrt(squares/float64(len(x))+float64(eps)))
	for i, v := range x {
		out[i] = (v-mean)*rstd*gain[i] + bias[i]
	}
	return mean, rstd
}

func genericNormBackwardRow(dx, x, gain, dy []float32, mean, rstd float32) {
	var sum, sumHat float32
	for i, v := range x {
		g := dy[i] * gain[i]
		sum += g
		sumHat += g * (v - mean) * rstd
	}
	sum /= float32(len(x))
	sumHat /= float32(len(x))
	for i, v := range x {
		dx[i] += rstd * (dy[i]*gain[i] - sum - (v-mean)*rstd*sumHat)
	}
}
