package main

import "math"

// The operations of kernels, destination first as in x = y - z.

func (a *assembler) add(d, x, y vec) { a.word(fadd(d, x, y)) }
func (a *assembler) sub(d, x, y vec) { a.word(fsub(d, x, y)) }
func (a *assembler) mul(d, x, y vec) { a.word(fmul(d, x, y)) }
func (a *assembler) div(d, x, y vec) { a.word(fdiv(d, x, y)) }
func (a *assembler) max(d, x, y vec) { a.word(fmax(d, x, y)) } // NaN where either is
func (a *assembler) min(d, x, y vec) { a.word(fmin(d, x, y)) }
func (a *assembler) neg(d, x vec)    { a.word(fneg(d, x)) }

// fma adds x·y to d in one rounding; fms subtracts it.
func (a *assembler) fma(d, x, y vec) { a.emit("VFMLA %s, %s, %s", y.s4(), x.s4(), d.s4()) }
func (a *assembler) fms(d, x, y vec) { a.emit("VFMLS %s, %s, %s", y.s4(), x.s4(), d.s4()) }

func (a *assembler) move(d, x vec) { a.emit("VORR %s, %s, %s", x.b16(), x.b16(), d.b16()) }

// zero returns a register of zeros.
func (a *assembler) zero() vec {
	v := a.vec()
	a.emit("VEOR %s, %s, %s", v.b16(), v.b16(), v.b16())
	return v
}

func (a *assembler) zeros(n int) []vec {
	v := make([]vec, n)
	for i := range v {
		v[i] = a.zero()
	}
	return v
}

// bits returns a register with the bit pattern in every element.
func (a *assembler) bits(pattern uint32) vec {
	v := a.vec()
	a.scope(func() {
		r := a.gp()
		a.emit("MOVD $0x%08x, %s", pattern, r)
		a.emit("VDUP %s, %s", r, v.s4())
	})
	return v
}

// constant returns a register with x in every element.
func (a *assembler) constant(x float64) vec { return a.bits(math.Float32bits(float32(x))) }

// spread copies the first element of a register to all.
func (a *assembler) spread(d, x vec) { a.emit("VDUP %s.S[0], %s", x, d.s4()) }

// spreadAt loads the element at p into every element of d.
func (a *assembler) spreadAt(d vec, p gp) { a.emit("VLD1R (%s), [%s]", p, d.s4()) }

// floatParam returns a register with the float32 parameter in every element.
func (a *assembler) floatParam(name string) vec {
	v := a.vec()
	a.emit("FMOVS %s, %s", a.param(name), v.scalar())
	a.spread(v, v)
	return v
}

// intParam loads an integer, a pointer or a bool.
func (a *assembler) intParam(name string) gp {
	r := a.gp()
	a.emit("MOVD %s, %s", a.param(name), r)
	return r
}

// byteStride loads a stride in elements and makes bytes of it.
func (a *assembler) byteStride(name string) gp {
	r := a.intParam(name)
	a.emit("LSL $2, %s", r)
	return r
}

func (a *assembler) pointers(names ...string) []gp {
	ptrs := make([]gp, len(names))
	for i, name := range names {
		ptrs[i] = a.intParam(name)
	}
	return ptrs
}

// slices loads the base pointers of slice parameters.
func (a *assembler) slices(names ...string) []gp {
	ptrs := make([]gp, len(names))
	for i, name := range names {
		ptrs[i] = a.intParam(name + "_base")
	}
	return ptrs
}

func (a *assembler) length(name string) gp { return a.intParam(name + "_len") }

// result stores the first element of a register as a float32 result.
func (a *assembler) result(name string, x vec) { a.emit("FMOVS %s, %s", x.scalar(), a.param(name)) }

func (a *assembler) param(name string) parameter {
	p, ok := a.parameters[name]
	if !ok {
		panic("neongen: no parameter " + name)
	}
	return p
}

// load reads a whole vector.
func (a *assembler) load(d vec, p gp, offset int) { a.emit("FMOVQ %d(%s), %s", offset, p, d.scalar()) }

func (a *assembler) store(x vec, p gp, offset int) { a.emit("FMOVQ %s, %d(%s)", x.scalar(), offset, p) }

// loadTwo reads two vectors that follow one another.
func (a *assembler) loadTwo(d, e vec, p gp, offset int) {
	a.emit("FLDPQ %d(%s), (%s, %s)", offset, p, d.scalar(), e.scalar())
}

// sum adds up accumulators pairwise into the first.
func (a *assembler) sum(accumulators []vec, op func(d, x, y vec)) vec {
	for n := len(accumulators); n > 1; n /= 2 {
		for i := range n / 2 {
			op(accumulators[i], accumulators[i], accumulators[i+n/2])
		}
	}
	return accumulators[0]
}

// reduce combines the elements of all accumulators, halving their number until
// one is left, in every element of the result.
func (a *assembler) reduce(accumulators []vec, op func(d, x, y vec)) vec {
	v := a.sum(accumulators, op)
	a.scope(func() {
		other := a.vec()
		a.emit("VEXT $8, %s, %s, %s", v.b16(), v.b16(), other.b16())
		op(v, v, other)
		a.emit("VREV64 %s, %s", v.s4(), other.s4())
		op(v, v, other)
	})
	return v
}

// mean divides the sum of accumulators by the length of a slice.
func (a *assembler) mean(accumulators []vec, n gp) vec {
	total := a.reduce(accumulators, a.add)
	a.scope(func() {
		count := a.vec()
		a.emit("SCVTFS %s, %s", n, count.scalar())
		a.spread(count, count)
		a.div(total, total, count)
	})
	return total
}
