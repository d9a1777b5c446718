package kernel

import "fmt"

// layout divides n columns into panels of whole vectors, as evenly as the tile
// width allows. The last vector of the last panel may be ragged.
type layout struct {
	width       int // elements of a vector
	count       int // panels
	base, extra int // vectors of a panel; the first extra panels have one more
}

// packedLayout is that of a Packed matrix, which serves any number of rows.
func (s *set) packedLayout(n int) layout { return s.panelsOf(n, s.vectors) }

// layout is that of a product of m rows whose B is not packed in advance.
func (s *set) layout(m, n int) layout {
	if m <= s.wideRows {
		return s.panelsOf(n, s.wideVectors)
	}
	return s.panelsOf(n, s.vectors)
}

func (s *set) panelsOf(n, most int) layout {
	vectors := (n + s.width - 1) / s.width
	count := max(1, (vectors+most-1)/most)
	return layout{s.width, count, vectors / count, vectors % count}
}

// start returns the first column of panel q; start(count) is n rounded up to
// whole vectors.
func (l layout) start(q int) int { return (q*l.base + min(q, l.extra)) * l.width }

func (l layout) vectors(q int) int {
	if q < l.extra {
		return l.base + 1
	}
	return l.base
}

// packPanel copies columns [start, start+width) of the rows depth of op(B) to
// dst, row by row without gaps, with zeros for columns from n on.
func packPanel(s *set, dst []float32, transB bool, n, start, width int, b []float32, ldb int, depth span) {
	valid := min(width, n-start)
	if !transB {
		for i := range depth.len() {
			row := dst[i*width : (i+1)*width]
			from := (depth.from+i)*ldb + start
			copy(row, b[from:from+valid])
			clear(row[valid:])
		}
		return
	}
	whole := valid &^ 7
	deep := depth.len() &^ 7
	if deep > 0 {
		for j := 0; j < whole; j += 8 {
			s.transpose(&dst[j], width, &b[(start+j)*ldb+depth.from], ldb, deep)
		}
	}
	first := 0
	if deep == depth.len() {
		first = whole
	}
	for j := first; j < valid; j++ {
		from := 0
		if j < whole {
			from = deep
		}
		column := b[(start+j)*ldb+depth.from:]
		for i := from; i < depth.len(); i++ {
			dst[i*width+j] = column[i]
		}
	}
	if valid < width {
		for i := range depth.len() {
			clear(dst[i*width+valid : (i+1)*width])
		}
	}
}

// transposeBand copies the first rows columns of depth rows of a, lda apart, as
// rows of depth elements, stride apart.
func transposeBand(s *set, dst []float32, stride int, a []float32, lda, rows, depth int) {
	whole, deep := rows&^7, depth&^7
	if whole > 0 {
		for k := 0; k < deep; k += 8 {
			s.transpose(&dst[k], stride, &a[k*lda], lda, whole)
		}
	}
	for i := range rows {
		from := 0
		if i < whole {
			from = deep
		}
		for k := from; k < depth; k++ {
			dst[i*stride+k] = a[k*lda+i]
		}
	}
}

// Packed is a k×n matrix op(B) in the panel order that the product kernels read,
// for matrices that meet many products between changes, such as the weights
// during decoding. It belongs to the set that was active when it was packed.
type Packed struct {
	set    *set
	transB bool
	k, n   int
	data   []float32
}

// Pack copies op(B), k×n, into panels. With transB the stored B is n×k.
func Pack(transB bool, k, n int, b []float32, ldb int) *Packed {
	p := NewPacked(Alloc(PackedLen(k, n)), transB, k, n)
	p.Repack(b, ldb)
	return p
}

// PackedLen is the number of elements that a packed k×n matrix takes in the
// active set.
func PackedLen(k, n int) int {
	if k == 0 || n == 0 {
		return 0
	}
	s := active.Load()
	layout := s.packedLayout(n)
	return s.packedTerms(k) * layout.start(layout.count)
}

// NewPacked is a matrix of the active set in the given memory, PackedLen(k, n)
// elements, for Repack to fill. Matrices that are read one after the other belong
// on one piece of memory: alone, one of a few megabytes gets few huge pages, and
// its product with a single row runs at half of the memory's bandwidth.
func NewPacked(memory []float32, transB bool, k, n int) *Packed {
	if len(memory) != PackedLen(k, n) {
		panic(fmt.Sprintf("kernel: %d elements for a packed matrix of %d", len(memory), PackedLen(k, n)))
	}
	return &Packed{set: active.Load(), transB: transB, k: k, n: n, data: memory}
}

// Repack replaces the contents by another B of the same shape.
func (p *Packed) Repack(b []float32, ldb int) {
	if p.transB {
		checkMatrix("B", p.n, p.k, b, ldb)
	} else {
		checkMatrix("B", p.k, p.n, b, ldb)
	}
	if p.k == 0 || p.n == 0 {
		return
	}
	layout := p.set.packedLayout(p.n)
	depth := depthOf(p.k)
	pack := packPanel
	if p.set.bfloat16 != nil {
		pack = packPairs
	}
	for k0 := 0; k0 < p.k; k0 += depth {
		pass := span{k0, min(k0+depth, p.k)}
		for q := range layout.count {
			pack(p.set, p.panels(q, pass), p.transB, p.n, layout.start(q),
				layout.vectors(q)*layout.width, b, ldb, pass)
		}
	}
}

// panels returns the packed rows depth of panel q and of those after it.
func (p *Packed) panels(q int, depth span) []float32 {
	layout := p.set.packedLayout(p.n)
	return p.data[p.set.packedTerms(depth.from)*layout.start(layout.count)+p.set.packedTerms(depth.len())*layout.start(q):]
}

// GemmPacked computes C = A·op(B), or C += A·op(B), with A m×k and B packed
// before. Results are bit-equal to Gemm's on the same operands and set, but for a
// set that rounds A and B to bfloat16 here.
func GemmPacked(m int, a []float32, lda int, b *Packed, accumulate bool, c []float32, ldc int) {
	checkMatrix("A", m, b.k, a, lda)
	checkMatrix("C", m, b.n, c, ldc)
	p := product{set: b.set, layout: b.set.packedLayout(b.n), m: m, n: b.n, k: b.k, a: a, lda: lda, packed: b,
		accumulate: accumulate, c: c, ldc: ldc}
	p.run()
}
