package kernel

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"testing"
)

// Weights that were trained once must come out again from the same recipe, so
// the assembly sets promise their rounding: the order of every sum and every
// fused operation. The sums below are those of results on fixed inputs. A kernel
// that no longer gives them trains other models; if that is meant, the embedded
// base model has to be made again with it.
var pinnedBits = map[string]map[string]uint64{
	"avx512": {
		"AdamW":              0x985e855f28def411,
		"Add":                0x0067f36a9fb46fdc,
		"AddBias":            0xdb6b682f851d0add,
		"Axpy":               0xee8690907ba65504,
		"ColumnSum":          0x0ce66fc551a9c679,
		"Dot":                0xb35748463e92cf04,
		"Exp":                0x51fdc735f76c117f,
		"Gelu":               0x2d1687fd8d2194bc,
		"GeluBackward":       0x4199c995dde2a2c6,
		"Gemm NN accumulate": 0x7759cf08e2483a70,
		"Gemm NN":            0x858b7f0eaa8f6bf4,
		"Gemm NT accumulate": 0x3ed7eb58c6cafcfc,
		"Gemm NT":            0x2c44c6c01db5a98e,
		"Gemm TN accumulate": 0x98bb20e16a19df3a,
		"Gemm TN":            0x4ed081975790c2a8,
		"Gemm TT accumulate": 0xf4d6f3086e0ea8a8,
		"Gemm TT":            0x500775fcd0e56c97,
		"LayerNorm":          0xc1ef9c1daca070cd,
		"LayerNormBackward":  0xd2bdd7ba68f147b6,
		"Lerp":               0x9d8c85b88f9c4af9,
		"LogSumExp":          0xb44c1388422929c0,
		"RMSNorm":            0xc863ece567ce9cc9,
		"RMSNormBackward":    0xcfba12bd8a38888d,
		"RoPE":               0x83fbbab561719a07,
		"Scale":              0xf8ad70da9c6a3cb1,
		"Silu":               0xa2c4a91222b1e3e1,
		"SiluBackward":       0x0ccdd0d4fdf83aed,
		"SoftmaxBackwardRow": 0x96dbe55ee30513ac,
		"SoftmaxRow":         0x11fbaf57ab662e3f,
		"SumSquares":         0x4c08ac56dce0b5a6,
		"Swiglu":             0x1dc44132b1e5b21f,
		"SwigluBackward":     0x2871a6dd880904dd,
	},
	"avx2": {
		"AdamW":              0x985e855f28def411,
		"Add":                0x0067f36a9fb46fdc,
		"AddBias":            0xdb6b682f851d0add,
		"Axpy":               0xee8690907ba65504,
		"ColumnSum":          0x0ce66fc551a9c679,
		"Dot":                0xef99b0aa23605e40,
		"Exp":                0x51fdc735f76c117f,
		"Gelu":               0x2d1687fd8d2194bc,
		"GeluBackward":       0x4199c995dde2a2c6,
		"Gemm NN accumulate": 0x7759cf08e2483a70,
		"Gemm NN":            0x858b7f0eaa8f6bf4,
		"Gemm NT accumulate": 0x3ed7eb58c6cafcfc,
		"Gemm NT":            0x2c44c6c01db5a98e,
		"Gemm TN accumulate": 0x98bb20e16a19df3a,
		"Gemm TN":            0x4ed081975790c2a8,
		"Gemm TT accumulate": 0xf4d6f3086e0ea8a8,
		"Gemm TT":            0x500775fcd0e56c97,
		"LayerNorm":          0x76543b0af3068661,
		"LayerNormBackward":  0x8835ee1e18bfc287,
		"Lerp":               0x9d8c85b88f9c4af9,
		"LogSumExp":          0xb44c1388422929c0,
		"RMSNorm":            0xfe6a071a2013a141,
		"RMSNormBackward":    0x133c637e9407dfa4,
		"RoPE":               0x83fbbab561719a07,
		"Scale":              0xf8ad70da9c6a3cb1,
		"Silu":               0xa2c4a91222b1e3e1,
		"SiluBackward":       0x0ccdd0d4fdf83aed,
		"SoftmaxBackwardRow": 0x96dbe55ee30513ac,
		"SoftmaxRow":         0x11fbaf57ab662e3f,
		"SumSquares":         0x4c08ac56dce0b5a6,
		"Swiglu":             0x1dc44132b1e5b21f,
		"SwigluBackward":     0x2871a6dd880904dd,
	},
}

func init() {
	pinnedBits["neon"] = pinnedBits["avx2"] // two registers for one, the same order
}

// pinned runs every kernel on inputs that reach its whole vectors, its blocks and
// its rest, and returns what each wrote.
func pinned() map[string][]float32 {
	results := map[string][]float32{}
	for _, form := range forms {
		for _, accumulate := range []bool{false, true} {
			name := "Gemm " + form.name
			if accumulate {
				name += " accumulate"
			}
			for _, shape := range [][3]int{{1, 70, 33}, {8, 130, 300}, {37, 200, 256}, {150, 111, 700}} {
				m, n, k := shape[0], shape[1], shape[2]
				r := random(uint64(m + n + k))
				o := newOperands(r, form.transA, form.transB, m, n, k)
				o.ldc = n
				c := uniform(r, m*n, -0.5, 0.5)
				o.gemm(accumulate, c)
				results[name] = append(results[name], c...)
			}
		}
	}
	for _, n := range []int{1, 7, 16, 50, 64, 333} {
		pinRows(random(uint64(n)), n, func(name string, x ...float32) { results[name] = append(results[name], x...) })
	}
	return results
}

func pinRows(r *rand.Rand, n int, add func(name string, x ...float32)) {
	const rows = 5
	x, y, z := uniform(r, n, -9, 9), uniform(r, n, -2, 2), uniform(r, n, -2, 2)
	matrix, grads := uniform(r, rows*n, -2, 3), uniform(r, rows*n, -1, 1)
	fresh := func(of []float32) []float32 { return append([]float32(nil), of...) }
	unary := func(name string, run func(dst []float32)) {
		dst := fresh(z)
		run(dst)
		add(name, dst...)
	}
	unary("Exp", func(dst []float32) { Exp(dst, x) })
	unary("SoftmaxRow", func(dst []float32) { SoftmaxRow(dst, x) })
	unary("SoftmaxBackwardRow", func(dst []float32) { SoftmaxBackwardRow(dst, y, 0.3) })
	unary("Gelu", func(dst []float32) { Gelu(dst, x) })
	unary("GeluBackward", func(dst []float32) { GeluBackward(dst, x, y) })
	unary("Silu", func(dst []float32) { Silu(dst, x) })
	unary("SiluBackward", func(dst []float32) { SiluBackward(dst, x, y) })
	unary("Swiglu", func(dst []float32) { Swiglu(dst, x, y) })
	unary("Add", func(dst []float32) { Add(dst, x) })
	unary("Scale", func(dst []float32) { Scale(dst, 0.7) })
	unary("Axpy", func(dst []float32) { Axpy(dst, 0.7, x) })
	unary("Lerp", func(dst []float32) { Lerp(dst, x, 0.7) })
	unary("ColumnSum", func(dst []float32) { ColumnSum(dst, matrix, rows, n) })
	add("LogSumExp", LogSumExp(x))
	add("Dot", Dot(x, y))
	squares := SumSquares(x)
	add("SumSquares", float32(squares), float32(squares-float64(float32(squares))))

	dgate, dup := fresh(z), fresh(z)
	SwigluBackward(dgate, dup, x, y, z)
	add("SwigluBackward", append(dgate, dup...)...)

	w, m, v := fresh(x), fresh(y), uniform(r, n, 0, 1)
	AdamW(w, z, m, v, 1e-3, 0.9, 0.95, 1e-8, 0.1, 0.19, 0.0975, 0.8)
	add("AdamW", append(append(w, m...), v...)...)

	out := fresh(matrix)
	AddBias(out, x, rows, n)
	add("AddBias", out...)

	mean, rstd := make([]float32, rows), make([]float32, rows)
	LayerNorm(out, mean, rstd, matrix, x, y, rows, n, 1e-5)
	add("LayerNorm", append(append(fresh(out), mean...), rstd...)...)
	dx, dgain, dbias := fresh(grads), fresh(y), fresh(z)
	LayerNormBackward(dx, dgain, dbias, matrix, mean, rstd, x, grads, rows, n)
	add("LayerNormBackward", append(append(dx, dgain...), dbias...)...)

	RMSNorm(out, rstd, matrix, x, rows, n, 1e-5)
	add("RMSNorm", append(fresh(out), rstd...)...)
	dx, dgain = fresh(grads), fresh(y)
	RMSNormBackward(dx, dgain, matrix, rstd, x, grads, rows, n)
	add("RMSNormBackward", append(dx, dgain...)...)

	cos, sin := angles(4, 2*n)
	turned := uniform(r, 2*4*n, -2, 2)
	RoPE(turned, 4*n, []int{3, 1}, cos, sin, 2, 2*n)
	add("RoPE", turned...)
}

func TestRoundingIsPinned(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		want, ok := pinnedBits[Name()]
		if !ok {
			t.Skipf("the compiler may fuse operations of set %q, depending on the architecture", Name())
		}
		for name, data := range pinned() {
			sum := fnv.New64a()
			if err := binary.Write(sum, binary.LittleEndian, data); err != nil {
				t.Fatal(err)
			}
			if got := sum.Sum64(); got != want[name] {
				t.Errorf("%q: 0x%016x, // pinned is 0x%016x", name, got, want[name])
			}
			for i, v := range data {
				if math.IsNaN(float64(v)) {
					t.Fatalf("%s: element %d is not a number, its bits say nothing", name, i)
				}
			}
		}
	})
}
