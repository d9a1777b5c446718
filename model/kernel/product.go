package kernel

// Blocking, after Goto and van de Geijn, "Anatomy of High-Performance Matrix
// Multiplication" (2008): a block of B is packed into panels that stay in the L2
// cache while blocks of A pass by. blockDepth also bounds the length of a
// rounding chain; it is the only one of these that can change a bit.
const (
	blockDepth   = 256 // terms of k per pass over C
	blockRows    = 96  // rows of A that pass by together, a band
	blockColumns = 384 // columns of B that they meet, in whole panels
)

// product is one matrix product, computed block by block. Blocks share nothing,
// so any number of goroutines may work on one product.
type product struct {
	set            *set
	layout         layout // of B's panels
	transA, transB bool
	m, n, k        int
	a              []float32
	lda            int
	b              []float32
	ldb            int
	packed         *Packed // stands in for b when set
	accumulate     bool
	c              []float32
	ldc            int
}

// scratch holds one goroutine's copies of a block of A and of panels of B.
type scratch struct{ a, b []float32 }

var scratches freeList[scratch]

// span is a half-open range.
type span struct{ from, to int }

func (s span) len() int { return s.to - s.from }

// depthOf splits k into equal passes of at most blockDepth terms. It must depend
// on k alone: the split decides how partial sums are rounded.
func depthOf(k int) int {
	passes := max(1, (k+blockDepth-1)/blockDepth)
	return ((k+passes-1)/passes + 7) &^ 7
}

// block computes the given rows of C in the columns of the given panels.
func (p *product) block(rows, panels span) {
	if p.k == 0 {
		p.storeEmptySum(rows, panels)
		return
	}
	s := scratches.get()
	depth, each := depthOf(p.k), p.set.blockPanels()
	for q := panels.from; q < panels.to; q += each {
		group := span{q, min(q+each, panels.to)}
		for k0 := 0; k0 < p.k; k0 += depth {
			p.pass(s, rows, group, span{k0, min(k0+depth, p.k)})
		}
	}
	scratches.put(s)
}

// blockPanels is the number of panels of B in a block.
func (s *set) blockPanels() int { return blockColumns / (s.vectors * s.width) }

// storeEmptySum is the product for k = 0: C = 0, or C unchanged.
func (p *product) storeEmptySum(rows, panels span) {
	if p.accumulate {
		return
	}
	layout := p.layout
	from, to := layout.start(panels.from), min(layout.start(panels.to), p.n)
	for i := rows.from; i < rows.to; i++ {
		clear(p.c[i*p.ldc+from : i*p.ldc+to])
	}
}

// pass adds the terms depth of k to a block of C. Panels that several bands of A
// meet are packed together; a single band uses each up while the L1 cache has it.
func (p *product) pass(s *scratch, rows, panels, depth span) {
	layout := p.layout
	together := p.packed != nil || rows.len() > blockRows
	var packed []float32
	origin := panels.from // of packed
	if together {
		packed = p.panels(s, rows.len(), panels, depth)
	}
	terms := depth.len()
	if p.packed != nil {
		terms = p.set.packedTerms(terms)
	}
	for i := rows.from; i < rows.to; i += blockRows {
		band := span{i, min(i+blockRows, rows.to)}
		a, rowStride, colStride := p.rowsOfA(s, band, panels.len(), depth)
		for q := panels.from; q < panels.to; q++ {
			if !together {
				packed, origin = p.panels(s, rows.len(), span{q, q + 1}, depth), q
			}
			b, bStride := packed, layout.vectors(q)*layout.width
			if b == nil || p.inPlace(q, rows.len()) {
				b, bStride = p.b[depth.from*p.ldb+layout.start(q):], p.ldb
			} else {
				b = b[terms*(layout.start(q)-layout.start(origin)):]
			}
			p.column(q, band, depth.from > 0, terms, a, rowStride, colStride, b, bStride)
		}
	}
}

// column runs the tiles of one band of rows against one panel. Rows are dealt
// evenly to the tiles; a tile's height changes no bit.
func (p *product) column(q int, band span, later bool, terms int, a []float32, rowStride, colStride int, b []float32, bStride int) {
	kernels := p.set.tiles
	if p.rounded() {
		kernels = p.set.bfloat16.tiles
	}
	vectors := p.layout.vectors(q)
	start := p.layout.start(q)
	lanes := p.layout.width
	if over := start + vectors*p.layout.width - p.n; over > 0 {
		lanes -= over
	}
	accumulate := p.accumulate || later
	tiles := (band.len() + p.set.rows - 1) / p.set.rows
	row := 0
	for t := range tiles {
		height := (band.len() - row + tiles - t - 1) / (tiles - t)
		kernels[height-1][vectors-1](terms, &a[row*rowStride], rowStride, colStride,
			&b[0], bStride, &p.c[(band.from+row)*p.ldc+start], p.ldc, lanes, accumulate)
		row += height
	}
}

// inPlace says whether panel q of B is read where it lies instead of from a
// packed copy, which costs more than it saves a single band.
func (p *product) inPlace(q, rows int) bool {
	return p.packed == nil && !p.transB && rows <= blockRows &&
		p.layout.start(q+1) <= p.n
}

// panels returns the packed form of the given panels of B, or nil where all are
// read in place.
func (p *product) panels(s *scratch, rows int, panels, depth span) []float32 {
	if p.packed != nil {
		return p.packed.panels(panels.from, depth)
	}
	if p.inPlace(panels.to-1, rows) { // only the last one can be ragged
		return nil
	}
	layout := p.layout
	origin := layout.start(panels.from)
	s.b = grown(s.b, depth.len()*(layout.start(panels.to)-origin))
	for q := panels.from; q < panels.to; q++ {
		if !p.inPlace(q, rows) {
			packPanel(p.set, s.b[depth.len()*(layout.start(q)-origin):], p.transB, p.n, layout.start(q),
				layout.vectors(q)*layout.width, p.b, p.ldb, depth)
		}
	}
	return s.b
}

// rowsOfA returns a band of op(A) with its strides. A band that meets several
// panels is copied first: rows a multiple of 4 KiB apart would evict each other
// from the L1 cache, and a transposed band would touch one line per element.
func (p *product) rowsOfA(s *scratch, band span, panels int, depth span) (a []float32, rowStride, colStride int) {
	if p.rounded() {
		return p.roundedRowsOfA(s, band, depth)
	}
	if !p.transA && (panels < 4 || band.len() <= p.set.rows) {
		return p.a[band.from*p.lda+depth.from:], p.lda, 1
	}
	stride := depth.len() + 16
	s.a = grown(s.a, stride*blockRows)
	if p.transA {
		transposeBand(p.set, s.a, stride, p.a[depth.from*p.lda+band.from:], p.lda, band.len(), depth.len())
		return s.a, stride, 1
	}
	for i := range band.len() {
		from := (band.from + i) * p.lda
		copy(s.a[i*stride:], p.a[from+depth.from:from+depth.to])
	}
	return s.a, stride, 1
}

// grid deals the blocks of one product to the worker pool. Grids are reused so
// that their task, a method value, is built once.
type grid struct {
	product
	rowsEach, panelsEach int
	panelGroups, count   int
	task                 func(i int)
}

var grids freeList[grid]

// run computes the whole product, on the pool when it is large enough.
func (p *product) run() {
	if p.m == 0 || p.n == 0 {
		return
	}
	count := p.layout.count
	if Threads() == 1 || 2*p.m*p.n*p.k < parallelFlops {
		p.block(span{0, p.m}, span{0, count})
		return
	}
	g := grids.get()
	if g.task == nil {
		g.task = g.runTask
	}
	g.product, g.count = *p, count
	g.divide(Threads())
	Parallel(g.panelGroups*((p.m+g.rowsEach-1)/g.rowsEach), g.task)
	g.product = product{}
	grids.put(g)
}

// divide chooses blocks small enough to keep all threads busy to the end and
// large enough that packing, repeated in every block, stays cheap.
func (g *grid) divide(threads int) {
	tile := g.set.rows
	rows, panels := min(g.m, 512), min(g.count, g.set.blockPanels())
	for {
		g.rowsEach = (rows + tile - 1) / tile * tile
		g.panelsEach = panels
		g.panelGroups = (g.count + panels - 1) / panels
		tasks := g.panelGroups * ((g.m + g.rowsEach - 1) / g.rowsEach)
		switch {
		case tasks >= 4*threads:
			return
		case rows > 192:
			rows /= 2
		case panels > 2:
			panels /= 2
		case rows > blockRows/2 && tasks < threads:
			rows /= 2
		case panels > 1:
			panels = 1
		default:
			return
		}
	}
}

func (g *grid) runTask(i int) {
	row := i / g.panelGroups * g.rowsEach
	panel := i % g.panelGroups * g.panelsEach
	g.block(span{row, min(row+g.rowsEach, g.m)}, span{panel, min(panel+g.panelsEach, g.count)})
}
