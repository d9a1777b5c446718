//go:build !purego

package kernel

import "golang.org/x/sys/cpu"

// sets lists what this machine can run, best first, and then what has to be asked
// for.
func sets() []*set {
	var list []*set
	x := &cpu.X86
	fma3 := x.HasAVX2 && x.HasFMA && x.HasBMI2
	if fma3 && x.HasAVX512F && x.HasAVX512DQ && x.HasAVX512BW && x.HasAVX512VL {
		list = append(list, &avx512Set)
	}
	if fma3 {
		list = append(list, &avx2Set)
	}
	list = append(list, &genericSet)
	if list[0] == &avx512Set && x.HasAVX512BF16 {
		list = append(list, &avx512BFloat16Set)
	}
	return list
}

var avx512Set = set{
	name: "avx512",
	rows: 8, vectors: 3, width: 16,
	wideRows: 4, wideVectors: 6,
	tiles: [][]tileFunc{
		{tile1x1AVX512, tile1x2AVX512, tile1x3AVX512, tile1x4AVX512, tile1x5AVX512, tile1x6AVX512},
		{tile2x1AVX512, tile2x2AVX512, tile2x3AVX512, tile2x4AVX512, tile2x5AVX512, tile2x6AVX512},
		{tile3x1AVX512, tile3x2AVX512, tile3x3AVX512, tile3x4AVX512, tile3x5AVX512, tile3x6AVX512},
		{tile4x1AVX512, tile4x2AVX512, tile4x3AVX512, tile4x4AVX512, tile4x5AVX512, tile4x6AVX512},
		{tile5x1AVX512, tile5x2AVX512, tile5x3AVX512},
		{tile6x1AVX512, tile6x2AVX512, tile6x3AVX512},
		{tile7x1AVX512, tile7x2AVX512, tile7x3AVX512},
		{tile8x1AVX512, tile8x2AVX512, tile8x3AVX512},
	},
	transpose:          transposeAVX2,
	exp:                expAVX512,
	softmax:            softmaxAVX512,
	maxExpSum:          maxExpSumAVX512,
	gelu:               geluAVX512,
	geluBackward:       geluBackwardAVX512,
	silu:               siluAVX512,
	siluBackward:       siluBackwardAVX512,
	swiglu:             swigluAVX512,
	swigluBackward:     swigluBackwardAVX512,
	softmaxBackward:    softmaxBackwardAVX512,
	normRow:            normRowAVX512,
	normBackwardRow:    normBackwardRowAVX512,
	normColumns:        normColumnsAVX512,
	rmsNormRow:         rmsNormRowAVX512,
	rmsNormBackwardRow: rmsNormBackwardRowAVX512,
	rmsNormColumns:     rmsNormColumnsAVX512,
	rope:               ropeAVX512,
	adamw: func(w, g, m, v []float32, s *adamwScalars) {
		adamwAVX512(w, g, m, v, &s.gradScale)
	},
	add:        addAVX512,
	scale:      scaleAVX512,
	axpy:       axpyAVX512,
	lerp:       func(dst, x []float32, s float32) { lerpAVX512(dst, x, s, 1-s) },
	dot:        dotAVX512,
	sumSquares: sumSquaresAVX512,
	columnSum:  columnSumAVX512,
	fmaLoop:    fmaLoopAVX512,
	readLoop:   readLoopAVX512,
}

// avx512BFloat16Set is avx512Set but for the products of Packed matrices.
var avx512BFloat16Set = func() set {
	s := avx512Set
	s.name = "avx512-bf16"
	s.bfloat16 = &pairKernels{
		tiles: [][]tileFunc{
			{tile1x1BF16, tile1x2BF16, tile1x3BF16},
			{tile2x1BF16, tile2x2BF16, tile2x3BF16},
			{tile3x1BF16, tile3x2BF16, tile3x3BF16},
			{tile4x1BF16, tile4x2BF16, tile4x3BF16},
			{tile5x1BF16, tile5x2BF16, tile5x3BF16},
			{tile6x1BF16, tile6x2BF16, tile6x3BF16},
			{tile7x1BF16, tile7x2BF16, tile7x3BF16},
			{tile8x1BF16, tile8x2BF16, tile8x3BF16},
		},
		round: roundPairsBF16,
		join:  joinPairsBF16,
	}
	return s
}()

var avx2Set = set{
	name: "avx2",
	rows: 6, vectors: 2, width: 8,
	wideRows: 2, wideVectors: 4,
	tiles: [][]tileFunc{
		{tile1x1AVX2, tile1x2AVX2, tile1x3AVX2, tile1x4AVX2},
		{tile2x1AVX2, tile2x2AVX2, tile2x3AVX2, tile2x4AVX2},
		{tile3x1AVX2, tile3x2AVX2},
		{tile4x1AVX2, tile4x2AVX2},
		{tile5x1AVX2, tile5x2AVX2},
		{tile6x1AVX2, tile6x2AVX2},
	},
	transpose:          transposeAVX2,
	exp:                expAVX2,
	softmax:            softmaxAVX2,
	maxExpSum:          maxExpSumAVX2,
	gelu:               geluAVX2,
	geluBackward:       geluBackwardAVX2,
	silu:               siluAVX2,
	siluBackward:       siluBackwardAVX2,
	swiglu:             swigluAVX2,
	swigluBackward:     swigluBackwardAVX2,
	softmaxBackward:    softmaxBackwardAVX2,
	normRow:            normRowAVX2,
	normBackwardRow:    normBackwardRowAVX2,
	normColumns:        normColumnsAVX2,
	rmsNormRow:         rmsNormRowAVX2,
	rmsNormBackwardRow: rmsNormBackwardRowAVX2,
	rmsNormColumns:     rmsNormColumnsAVX2,
	rope:               ropeAVX2,
	adamw: func(w, g, m, v []float32, s *adamwScalars) {
		adamwAVX2(w, g, m, v, &s.gradScale)
	},
	add:        addAVX2,
	scale:      scaleAVX2,
	axpy:       axpyAVX2,
	lerp:       func(dst, x []float32, s float32) { lerpAVX2(dst, x, s, 1-s) },
	dot:        dotAVX2,
	sumSquares: sumSquaresAVX2,
	columnSum:  columnSumAVX2,
	fmaLoop:    fmaLoopAVX2,
	readLoop:   readLoopAVX2,
}
