package main

import "fmt"

// The tile fills the 32 registers: 6 rows by 16 columns are 24 sums, four terms
// of each row take one register more and B two. Tiles of one or two rows take more
// columns, so that their sums do not wait for one another. Widths are counted in
// the AVX2 set's vectors of eight.
const (
	tileRows, tileVectors = 6, 2
	wideRows, wideVectors = 2, 4
)

// tile emits the product of one register tile; see tileFunc in the kernel package.
// Each element is one chain of multiply-adds over k whatever the tile's shape.
func (a *assembler) tile(rows, vectors int) {
	a.begin(fmt.Sprintf("tile%dx%d", rows, vectors),
		"(k int, a *float32, rowStride int, colStride int, b *float32, bStride int, c *float32, cStride int, lanes int, accumulate bool)",
		fmt.Sprintf("computes %d rows by %d vectors of C (+)= A·B.", rows, vectors))
	columns := 2 * vectors // registers of a row
	sums := make([][]vec, rows)
	for r := range sums {
		sums[r] = a.zeros(columns)
	}
	a.scope(func() {
		k, step := a.intParam("k"), a.intParam("colStride")
		b, bStep := a.intParam("b"), a.byteStride("bStride")
		row := a.stridedRows("a", "rowStride", rows)

		// Four terms at a time where A's lie side by side, as they nearly always do.
		fours, few, rest := a.label("fours"), a.label("few"), a.label("rest")
		a.emit("CMP $1, %s", step)
		a.emit("BNE %s", rest)
		a.emit("SUBS $4, %s", k)
		a.emit("BLT %s", few)
		a.place(fours)
		a.scope(func() { a.fourTerms(sums, row, b, bStep) })
		a.emit("SUBS $4, %s", k)
		a.emit("BGE %s", fours)
		a.place(few)
		a.emit("ADD $4, %s", k)

		done := a.label("done")
		a.place(rest)
		a.emit("CBZ %s, %s", k, done)
		a.emit("LSL $2, %s", step)
		ones := a.label("ones")
		a.place(ones)
		a.scope(func() { a.oneTerm(sums, row, step, b, bStep) })
		a.emit("SUBS $1, %s", k)
		a.emit("BNE %s", ones)
		a.place(done)
	})
	a.writeTile(sums)
}

// stridedRows returns a pointer to each row of a matrix parameter.
func (a *assembler) stridedRows(pointer, stride string, rows int) []gp {
	row := []gp{a.intParam(pointer)}
	step := a.byteStride(stride)
	for r := 1; r < rows; r++ {
		row = append(row, a.gp())
		a.emit("ADD %s, %s, %s", step, row[r-1], row[r])
	}
	return row
}

// fourTerms adds four consecutive terms to every sum, one after the other.
func (a *assembler) fourTerms(sums [][]vec, row []gp, b, bStep gp) {
	terms := a.vecs(len(sums))
	for r := range sums {
		a.emit("FMOVQ.P %d(%s), %s", vecBytes, row[r], terms[r].scalar())
	}
	for term := range 4 {
		for v := 0; v < len(sums[0]); v += 2 {
			a.scope(func() {
				x, y := a.vec(), a.vec()
				a.loadTwo(x, y, b, v*vecBytes)
				for r := range sums {
					a.word(fmlaElement(sums[r][v], x, terms[r], term))
					a.word(fmlaElement(sums[r][v+1], y, terms[r], term))
				}
			})
		}
		a.emit("ADD %s, %s", bStep, b)
	}
}

// oneTerm adds one term to every sum, A's step bytes apart.
func (a *assembler) oneTerm(sums [][]vec, row []gp, step, b, bStep gp) {
	columns := a.vecs(len(sums[0]))
	for v := 0; v < len(columns); v += 2 {
		a.loadTwo(columns[v], columns[v+1], b, v*vecBytes)
	}
	a.emit("ADD %s, %s", bStep, b)
	x := a.vec()
	for r := range sums {
		a.spreadAt(x, row[r])
		a.emit("ADD %s, %s", step, row[r])
		for v := range columns {
			a.fma(sums[r][v], columns[v], x)
		}
	}
}

// writeTile stores or adds the sums to C.
func (a *assembler) writeTile(sums [][]vec) {
	row := a.stridedRows("c", "cStride", len(sums))
	lanes := a.intParam("lanes")
	accumulate := a.gp()
	a.emit("MOVBU %s, %s", a.param("accumulate"), accumulate)
	ragged, store, raggedStore := a.label("ragged"), a.label("store"), a.label("raggedStore")
	a.emit("CMP $8, %s", lanes)
	a.emit("BNE %s", ragged)
	a.emit("CBZ %s, %s", accumulate, store)
	a.writeWhole(sums, row, len(sums[0]), true)
	a.ret()
	a.place(store)
	a.writeWhole(sums, row, len(sums[0]), false)
	a.ret()
	a.place(ragged)
	a.emit("CBZ %s, %s", accumulate, raggedStore)
	a.writeRagged(sums, row, lanes, true)
	a.ret()
	a.place(raggedStore)
	a.writeRagged(sums, row, lanes, false)
	a.ret()
}

// writeWhole writes the first columns registers of every row.
func (a *assembler) writeWhole(sums [][]vec, row []gp, columns int, add bool) {
	for r := range sums {
		for v, sum := range sums[r][:columns] {
			a.scope(func() {
				if add {
					c := a.vec()
					a.load(c, row[r], v*vecBytes)
					a.add(sum, sum, c)
				}
				a.store(sum, row[r], v*vecBytes)
			})
		}
	}
}

// writeRagged writes the first lanes, 1 to 7, of every row's last eight elements
// and all before them.
func (a *assembler) writeRagged(sums [][]vec, row []gp, lanes gp, add bool) {
	before := len(sums[0]) - 2
	a.writeWhole(sums, row, before, add)
	for r := range sums {
		sum, next, at := sums[r][before], sums[r][before+1], row[r]
		if before > 0 {
			a.emit("ADD $%d, %s", before*vecBytes, at)
		}
		// Four elements, two and one, as the bits of lanes have them; what was
		// written makes room for what follows.
		part := func(bit int, instruction string, bytes int, shift func()) {
			skip := a.label("skip")
			a.emit("TBZ $%d, %s, %s", bit, lanes, skip)
			a.scope(func() {
				if add {
					c := a.vec()
					a.emit("%s (%s), %s", instruction, at, c.scalar())
					a.add(c, sum, c)
					a.emit("%s.P %s, %d(%s)", instruction, c.scalar(), bytes, at)
				} else {
					a.emit("%s.P %s, %d(%s)", instruction, sum.scalar(), bytes, at)
				}
			})
			shift()
			a.place(skip)
		}
		part(2, "FMOVQ", 16, func() { a.move(sum, next) })
		part(1, "FMOVD", 8, func() { a.emit("VEXT $8, %s, %s, %s", sum.b16(), sum.b16(), sum.b16()) })
		part(0, "FMOVS", 4, func() {})
	}
}

// transpose emits the packing of 8 rows into columns, 4×4 elements at a time.
func (a *assembler) transpose() {
	a.begin("transpose", "(dst *float32, dstStride int, src *float32, srcStride int, k int)",
		"writes 8 rows of k elements as k rows of 8, k a multiple of 8.")
	row := a.stridedRows("src", "srcStride", 8)
	dst, dstStep, k := a.intParam("dst"), a.byteStride("dstStride"), a.intParam("k")
	zip := func(half int, d, x, y vec) { a.emit("VZIP%d %s, %s, %s", half, y.s4(), x.s4(), d.s4()) }
	loop := a.label("loop")
	a.place(loop)
	var columns [2][]vec
	for half := range columns {
		x, t := a.vecs(4), a.vecs(4)
		for i := range x {
			a.emit("FMOVQ.P %d(%s), %s", vecBytes, row[4*half+i], x[i].scalar())
		}
		zip(1, t[0], x[0], x[2])
		zip(2, t[1], x[0], x[2])
		zip(1, t[2], x[1], x[3])
		zip(2, t[3], x[1], x[3])
		zip(1, x[0], t[0], t[2])
		zip(2, x[1], t[0], t[2])
		zip(1, x[2], t[1], t[3])
		zip(2, x[3], t[1], t[3])
		columns[half] = x
	}
	for i := range 4 {
		a.emit("FSTPQ (%s, %s), (%s)", columns[0][i].scalar(), columns[1][i].scalar(), dst)
		a.emit("ADD %s, %s", dstStep, dst)
	}
	a.emit("SUBS $4, %s", k)
	a.emit("BNE %s", loop)
	a.ret()
}
