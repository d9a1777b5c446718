//go:build !purego

package kernel

// sets lists what this machine can run, best first: every arm64 has Advanced SIMD.
func sets() []*set { return []*set{&neonSet, &genericSet} }

// neonSet takes two registers for one vector of the AVX2 set, with its tiles and
// its order of every sum: both give the same bits.
var neonSet = set{
	name: "neon",
	rows: 6, vectors: 2, width: 8,
	wideRows: 2, wideVectors: 4,
	tiles: [][]tileFunc{
		{tile1x1NEON, tile1x2NEON, tile1x3NEON, tile1x4NEON},
		{tile2x1NEON, tile2x2NEON, tile2x3NEON, tile2x4NEON},
		{tile3x1NEON, tile3x2NEON},
		{tile4x1NEON, tile4x2NEON},
		{tile5x1NEON, tile5x2NEON},
		{tile6x1NEON, tile6x2NEON},
	},
	transpose:          transposeNEON,
	exp:                expNEON,
	softmax:            softmaxNEON,
	maxExpSum:          maxExpSumNEON,
	gelu:               geluNEON,
	geluBackward:       geluBackwardNEON,
	silu:               siluNEON,
	siluBackward:       siluBackwardNEON,
	swiglu:             swigluNEON,
	swigluBackward:     swigluBackwardNEON,
	softmaxBackward:    softmaxBackwardNEON,
	normRow:            normRowNEON,
	normBackwardRow:    normBackwardRowNEON,
	normColumns:        normColumnsNEON,
	rmsNormRow:         rmsNormRowNEON,
	rmsNormBackwardRow: rmsNormBackwardRowNEON,
	rmsNormColumns:     rmsNormColumnsNEON,
	rope:               ropeNEON,
	adamw: func(w, g, m, v []float32, s *adamwScalars) {
		adamwNEON(w, g, m, v, &s.gradScale)
	},
	add:        addNEON,
	scale:      scaleNEON,
	axpy:       axpyNEON,
	lerp:       func(dst, x []float32, s float32) { lerpNEON(dst, x, s, 1-s) },
	dot:        dotNEON,
	sumSquares: sumSquaresNEON,
	columnSum:  columnSumNEON,
	fmaLoop:    fmaLoopNEON,
	readLoop:   readLoopNEON,
}
