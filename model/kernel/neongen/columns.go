package main

// columnSums emits the sums over the rows of a matrix: each column on its own, in
// row order.
func (a *assembler) columnSums() {
	a.begin("normColumns", "(dgain, dbias []float32, x, dy *float32, mean, rstd []float32, stride int)",
		"adds dy·x̂ to dgain and dy to dbias, in row order.")
	ptrs := append(a.slices("dgain", "dbias"), a.pointers("x", "dy")...)
	scalars, count, stride := a.slices("mean", "rstd"), a.length("mean"), a.byteStride("stride")
	a.columns(a.length("dgain"), ptrs, func(steps []step) {
		dgain, dbias := loadAll(steps, 0), loadAll(steps, 1)
		a.rows(count, stride, ptrs[2:], scalars, func(matrices []gp, factors []vec) {
			for i, p := range steps {
				a.scope(func() {
					p.ptrs = matrices
					hat, dy := p.load(0), p.load(1)
					a.sub(hat, hat, factors[0])
					a.mul(hat, hat, factors[1])
					a.fma(dgain[i], hat, dy)
					a.add(dbias[i], dbias[i], dy)
				})
			}
		})
		storeAll(steps, 0, dgain)
		storeAll(steps, 1, dbias)
	})
	a.ret()

	a.begin("rmsNormColumns", "(dgain []float32, x, dy *float32, rstd []float32, stride int)",
		"adds dy·x̂ to dgain, in row order.")
	ptrs = append(a.slices("dgain"), a.pointers("x", "dy")...)
	scalars, count, stride = a.slices("rstd"), a.length("rstd"), a.byteStride("stride")
	a.columns(a.length("dgain"), ptrs, func(steps []step) {
		dgain := loadAll(steps, 0)
		a.rows(count, stride, ptrs[1:], scalars, func(matrices []gp, factors []vec) {
			for i, p := range steps {
				a.scope(func() {
					p.ptrs = matrices
					hat := p.load(0)
					a.mul(hat, hat, factors[0])
					a.fma(dgain[i], hat, p.load(1))
				})
			}
		})
		storeAll(steps, 0, dgain)
	})
	a.ret()

	a.begin("columnSum", "(dst []float32, x *float32, rows int, stride int)", "adds the rows of x to dst, in order.")
	ptrs = append(a.slices("dst"), a.pointers("x")...)
	count, stride = a.intParam("rows"), a.byteStride("stride")
	a.columns(a.length("dst"), ptrs, func(steps []step) {
		dst := loadAll(steps, 0)
		a.rows(count, stride, ptrs[1:], nil, func(matrices []gp, _ []vec) {
			for i, p := range steps {
				a.scope(func() {
					p.ptrs = matrices
					a.add(dst[i], dst[i], p.load(0))
				})
			}
		})
		storeAll(steps, 0, dst)
	})
	a.ret()
}

func loadAll(steps []step, i int) []vec {
	v := make([]vec, len(steps))
	for s, p := range steps {
		v[s] = p.load(i)
	}
	return v
}

func storeAll(steps []step, i int, v []vec) {
	for s, p := range steps {
		p.store(i, v[s])
	}
}

// columns emits block for up to eight vectors of columns at a time.
func (a *assembler) columns(n gp, ptrs []gp, block func(steps []step)) {
	for _, vectors := range []int{8, 1} {
		loop, end := a.label("columns"), a.label("end")
		a.place(loop)
		a.emit("CMP $%d, %s", 4*vectors, n)
		a.emit("BLT %s", end)
		steps := make([]step, vectors)
		for i := range steps {
			steps[i] = step{a: a, ptrs: ptrs, offset: i * vecBytes}
		}
		a.scope(func() { block(steps) })
		for _, p := range ptrs {
			a.emit("ADD $%d, %s", vectors*vecBytes, p)
		}
		a.emit("SUB $%d, %s", 4*vectors, n)
		a.emit("B %s", loop)
		a.place(end)
	}
	done := a.label("done")
	a.emit("CBZ %s, %s", n, done)
	a.scope(func() { block([]step{{a: a, ptrs: ptrs, lanes: n, cut: true}}) })
	a.place(done)
}

// rows emits body for rows of the matrices at ptrs, stride bytes apart, with the
// row's element of each of the scalars in every element of a register.
func (a *assembler) rows(count, stride gp, ptrs, scalars []gp, body func(ptrs []gp, factors []vec)) {
	left := a.gp()
	a.emit("MOVD %s, %s", count, left)
	ptrs, scalars = a.rewind(ptrs), a.rewind(scalars)
	factors := a.vecs(len(scalars))
	loop := a.label("rows")
	a.place(loop)
	for i, factor := range factors {
		a.spreadAt(factor, scalars[i])
		a.emit("ADD $4, %s", scalars[i])
	}
	body(ptrs, factors)
	for _, p := range ptrs {
		a.emit("ADD %s, %s", stride, p)
	}
	a.emit("SUBS $1, %s", left)
	a.emit("BNE %s", loop)
}
