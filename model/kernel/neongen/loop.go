package main

// step is one vector of a loop over slices: whole, or cut off at the end.
type step struct {
	a      *assembler
	ptrs   []gp
	offset int
	lanes  gp // elements of the vector, 1 to 3, where cut is set
	cut    bool
}

// load returns the vector of a slice, zeros behind its end.
func (p step) load(i int) vec {
	v := p.a.vec()
	if !p.cut {
		p.a.load(v, p.ptrs[i], p.offset)
		return v
	}
	p.branch(
		func() { p.a.emit("FMOVD (%s), %s", p.ptrs[i], v.scalar()) },
		func(third gp) { p.a.emit("VLD1 (%s), %s.S[2]", third, v) },
		func() { p.a.emit("FMOVS (%s), %s", p.ptrs[i], v.scalar()) }, p.ptrs[i])
	return v
}

// store writes the vector to a slice, nothing behind its end.
func (p step) store(i int, v vec) {
	if !p.cut {
		p.a.store(v, p.ptrs[i], p.offset)
		return
	}
	p.branch(
		func() { p.a.emit("FMOVD %s, (%s)", v.scalar(), p.ptrs[i]) },
		func(third gp) { p.a.emit("VST1 %s.S[2], (%s)", v, third) },
		func() { p.a.emit("FMOVS %s, (%s)", v.scalar(), p.ptrs[i]) }, p.ptrs[i])
}

// branch emits the access of two elements, and of a third, or of one.
func (p step) branch(pair func(), third func(at gp), one func(), base gp) {
	single, end := p.a.label("single"), p.a.label("end")
	p.a.emit("TBZ $1, %s, %s", p.lanes, single)
	pair()
	p.a.emit("TBZ $0, %s, %s", p.lanes, end)
	p.a.scope(func() {
		at := p.a.gp()
		p.a.emit("ADD $8, %s, %s", base, at)
		third(at)
	})
	p.a.emit("B %s", end)
	p.a.place(single)
	one()
	p.a.place(end)
}

// fill replaces what lies behind the end by the first element of with.
func (p step) fill(v, with vec) {
	if !p.cut {
		return
	}
	end := p.a.label("filled")
	set := func(lane int) { p.a.emit("VMOV %s.S[0], %s.S[%d]", with, v, lane) }
	set(3)
	p.a.emit("CMP $3, %s", p.lanes)
	p.a.emit("BEQ %s", end)
	set(2)
	p.a.emit("TBNZ $1, %s, %s", p.lanes, end)
	set(1)
	p.a.place(end)
}

// rewind prepares another pass over the same slices.
func (a *assembler) rewind(ptrs []gp) []gp {
	fresh := make([]gp, len(ptrs))
	for i, p := range ptrs {
		fresh[i] = a.gp()
		a.emit("MOVD %s, %s", p, fresh[i])
	}
	return fresh
}

// each emits body for all n elements at the pointers. number tells which of sums
// accumulators a vector is for, where there are several: blocks of sums vectors
// take them in turn, then pairs the first two, as do the last four elements and
// what is behind them. Two vectors are one of the AVX2 set in this order, which
// depends on n alone.
func (a *assembler) each(n gp, ptrs []gp, sums int, body func(p step, number int)) {
	a.scope(func() {
		left := a.gp()
		a.emit("MOVD %s, %s", n, left)
		ptrs := a.rewind(ptrs)
		advance := func(vectors int) {
			for _, p := range ptrs {
				a.emit("ADD $%d, %s", vectors*vecBytes, p)
			}
		}
		do := func(p step, number int) { a.scope(func() { body(p, number) }) }
		whole := func(vectors int) {
			loop, end := a.label("loop"), a.label("end")
			a.place(loop)
			a.emit("CMP $%d, %s", 4*vectors, left)
			a.emit("BLT %s", end)
			for i := range vectors {
				do(step{a: a, ptrs: ptrs, offset: i * vecBytes}, i)
			}
			advance(vectors)
			a.emit("SUB $%d, %s", 4*vectors, left)
			a.emit("B %s", loop)
			a.place(end)
		}
		if sums > 2 {
			whole(sums)
		}
		whole(2)
		cut := func(number int) {
			a.emit("ANDS $3, %s", left)
			done := a.label("whole")
			a.emit("BEQ %s", done)
			do(step{a: a, ptrs: ptrs, lanes: left, cut: true}, number)
			a.place(done)
		}
		few, done := a.label("few"), a.label("done")
		a.emit("TBZ $2, %s, %s", left, few)
		do(step{a: a, ptrs: ptrs}, 0)
		advance(1)
		if sums > 1 {
			cut(1)
			a.emit("B %s", done)
		}
		a.place(few)
		cut(0)
		a.place(done)
	})
}
