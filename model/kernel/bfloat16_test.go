package kernel

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math"
	"os"
	"slices"
	"testing"
)

// withBFloat16 runs a test with the set that rounds packed products.
func withBFloat16(t *testing.T, run func()) {
	if len(BFloat16Sets()) == 0 {
		t.Skip("this processor has no bfloat16 products (AVX512_BF16); nothing to test")
	}
	before := Name()
	defer func() {
		if err := Select(before); err != nil {
			t.Fatal(err)
		}
	}()
	for _, name := range BFloat16Sets() {
		if err := Select(name); err != nil {
			t.Fatal(err)
		}
		run()
	}
}

// nearestBFloat16 rounds to nearest even by its definition: the closest float32
// with a zero lower half, of two the one with an even last bit.
func nearestBFloat16(x float32) float32 {
	bits := math.Float32bits(x)
	below := bits &^ 0xffff
	rest := bits & 0xffff
	if rest > 0x8000 || rest == 0x8000 && below&0x10000 != 0 {
		below += 0x10000
	}
	return math.Float32frombits(below)
}

func TestBFloat16IsNeverChosenUnasked(t *testing.T) {
	for _, name := range BFloat16Sets() {
		if slices.Contains(Sets(), name) {
			t.Errorf("%s is among the sets in float32", name)
		}
	}
	if asked := os.Getenv("RANKLOOP_CPU"); asked == "" && PackedBytes() != 4 {
		t.Errorf("set %s, which nobody asked for, packs %d bytes an element", Name(), PackedBytes())
	}
}

// The product of rounded operands is exact but for float32 sums, in every shape:
// integers up to 8 have no rounding at all and show an element in a wrong place.
func TestBFloat16PackedAgainstFloat64(t *testing.T) {
	withBFloat16(t, func() {
		for _, shape := range append([][3]int{{3, 70, 511}, {4, 48, 2}, {5, 20, 3}}, shapes...) {
			for _, transB := range []bool{false, true} {
				for _, integers := range []bool{true, false} {
					m, n, k := shape[0], shape[1], shape[2]
					name := fmt.Sprintf("%d×%d×%d transB=%v integers=%v", m, n, k, transB, integers)
					r := random(uint64(m + n + k))
					o := newOperands(r, false, transB, m, n, k)
					rounded := o
					if integers {
						for _, x := range [][]float32{o.a, o.b} {
							for i := range x {
								x[i] = float32(r.IntN(17) - 8)
							}
						}
					}
					rounded.a, rounded.b = slices.Clone(o.a), slices.Clone(o.b)
					for _, x := range [][]float32{rounded.a, rounded.b} {
						for i, v := range x {
							x[i] = nearestBFloat16(v)
						}
					}
					want := rounded.exact()
					c, check := guarded(t, (m-1)*o.ldc+n)
					packed := Pack(transB, k, n, o.b, o.ldb)
					GemmPacked(m, o.a, o.lda, packed, false, c, o.ldc)
					GemmPacked(m, o.a, o.lda, packed, true, c, o.ldc) // twice the product
					check()
					for i := range m {
						for j := range n {
							got, exact := float64(c[i*o.ldc+j]), 2*want[i*n+j]
							tolerance := 1e-6 * math.Sqrt(float64(k))
							if integers {
								tolerance = 0
							}
							if math.Abs(got-exact) > tolerance {
								t.Fatalf("%s: element %d,%d is %g, want %g", name, i, j, got, exact)
							}
						}
					}
				}
			}
		}
	})
}

// What rounding costs: both operands are off by up to 2^-9 of themselves, by
// about a third of it in the mean square.
func TestBFloat16ErrorAgainstFloat32(t *testing.T) {
	withBFloat16(t, func() {
		for _, shape := range [][3]int{{1, 96, 64}, {16, 1536, 576}, {64, 300, 2048}} {
			m, n, k := shape[0], shape[1], shape[2]
			o := newOperands(random(3), false, false, m, n, k)
			o.ldc = n
			exact, c := make([]float32, m*n), make([]float32, m*n)
			o.gemm(false, exact)
			GemmPacked(m, o.a, o.lda, Pack(false, k, n, o.b, o.ldb), false, c, n)
			off, all := 0.0, 0.0
			for i, v := range exact {
				off += math.Pow(float64(c[i]-v), 2)
				all += math.Pow(float64(v), 2)
			}
			relative := math.Sqrt(off / all)
			t.Logf("%d×%d×%d: relative error %.2e", m, n, k, relative)
			if !(relative > 1e-4 && relative < 4e-3) {
				t.Errorf("%d×%d×%d: relative error %.2e, expected about 2e-3", m, n, k, relative)
			}
		}
	})
}

func TestBFloat16RowsAreIndependent(t *testing.T) {
	withBFloat16(t, func() {
		const m, n, k = 150, 850, 300
		o := newOperands(random(4), false, true, m, n, k)
		packed := Pack(true, k, n, o.b, o.ldb)
		whole := make([]float32, m*n)
		withThreads(1, func() { GemmPacked(m, o.a, o.lda, packed, false, whole, n) })
		for _, threads := range []int{2, 3, 8} {
			c := make([]float32, m*n)
			withThreads(threads, func() { GemmPacked(m, o.a, o.lda, packed, false, c, n) })
			sameBits(t, fmt.Sprintf("%d threads", threads), c, whole)
		}
		for _, rows := range []int{1, 2, 5, 11} {
			c := make([]float32, rows*n)
			GemmPacked(rows, o.a[7*o.lda:], o.lda, packed, false, c, n)
			sameBits(t, fmt.Sprintf("%d rows alone", rows), c, whole[7*n:(7+rows)*n])
		}
	})
}

func TestBFloat16CarriesNaNAndInf(t *testing.T) {
	withBFloat16(t, func() {
		inf, nan := float32(math.Inf(1)), float32(math.NaN())
		c := make([]float32, 6)
		GemmPacked(3, []float32{1, 0, inf, 2, nan, 1}, 2, Pack(false, 2, 2, []float32{1, 2, 0, 1}, 2), false, c, 2)
		sameBits(t, "finite and infinite rows", c[:4], []float32{1, 2, inf, inf})
		if c[4] == c[4] || c[5] == c[5] {
			t.Errorf("a NaN factor gave %v", c[4:])
		}
	})
}

// All that is not a packed product is that of the float32 set, to the bit.
func TestBFloat16LeavesTheRestAlone(t *testing.T) {
	withBFloat16(t, func() {
		for name, data := range pinned() {
			sum := fnv.New64a()
			if err := binary.Write(sum, binary.LittleEndian, data); err != nil {
				t.Fatal(err)
			}
			if got, want := sum.Sum64(), pinnedBits["avx512"][name]; got != want {
				t.Errorf("%s has other bits than in float32", name)
			}
		}
	})
}

func TestBFloat16AllocatesNothing(t *testing.T) {
	withBFloat16(t, func() {
		const m, n, k = 20, 200, 96
		r := random(1)
		a, b, c := uniform(r, m*k, -1, 1), uniform(r, k*n, -1, 1), make([]float32, m*n)
		packed := Pack(false, k, n, b, n)
		call := func() {
			packed.Repack(b, n)
			GemmPacked(m, a, k, packed, false, c, n)
		}
		for range 20 {
			call() // fills the free lists
		}
		if count := testing.AllocsPerRun(20, call); count != 0 {
			t.Errorf("packing and product allocate %.1f times", count)
		}
	})
}
