package kernel

// pairKernels multiply matrices whose elements are pairs of bfloat16: two terms
// of k, in the place of one float32. Sums are float32. Halved weights are read in
// half the time, and one instruction does two terms; subnormal numbers count as
// zero, and a term of A or B is off by up to 2^-9 of itself.
type pairKernels struct {
	tiles [][]tileFunc // k counts pairs
	// round writes x, and a zero behind an odd end.
	round func(dst *float32, x []float32)
	// join writes pairs of two rows' elements; len(dst) is that of whole vectors.
	join func(dst []float32, even, odd *float32)
}

// packedTerms is the number of rows of the packed form of k terms.
func (s *set) packedTerms(k int) int {
	if s.bfloat16 == nil {
		return k
	}
	return (k + 1) / 2
}

// PackedBytes returns the bytes that an element of a Packed matrix takes in the
// active set: 4, or 2 where it is rounded to bfloat16.
func PackedBytes() int {
	if active.Load().bfloat16 != nil {
		return 2
	}
	return 4
}

// rounded says whether this is a product in bfloat16.
func (p *product) rounded() bool { return p.packed != nil && p.set.bfloat16 != nil }

// roundedRowsOfA returns a band of A, whose rows are pairs of terms as they lie.
func (p *product) roundedRowsOfA(s *scratch, band, depth span) (a []float32, rowStride, colStride int) {
	stride := p.set.packedTerms(depth.len()) + 16
	s.a = grown(s.a, stride*blockRows)
	for i := range band.len() {
		from := (band.from + i) * p.lda
		p.set.bfloat16.round(&s.a[i*stride], p.a[from+depth.from:from+depth.to])
	}
	return s.a, stride, 1
}

// packPairs is packPanel in bfloat16.
func packPairs(set *set, dst []float32, transB bool, n, start, width int, b []float32, ldb int, depth span) {
	s := scratches.get()
	terms := set.packedTerms(depth.len())
	s.b = grown(s.b, 2*terms*width)
	packPanel(set, s.b, transB, n, start, width, b, ldb, depth)
	clear(s.b[depth.len()*width:]) // the second of an odd last pair
	for i := range terms {
		set.bfloat16.join(dst[i*width:(i+1)*width], &s.b[2*i*width], &s.b[(2*i+1)*width])
	}
	scratches.put(s)
}
