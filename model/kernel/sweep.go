package kernel

// elementsEach is the number of elements of one item of a parallel sweep: some
// microseconds of work, and operands that fit the L2 cache.
const elementsEach = 1 << 13

// sweep runs an elementwise or rowwise operation over ranges on the worker pool.
// Sweeps are reused, and body is a function without captured variables that finds
// its operands here, so that a call allocates nothing.
type sweep struct {
	set            *set
	f0, f1, f2, f3 []float32
	f4, f5         []float32
	rows, d        int // shape of a matrix operand
	eps            float32
	stride, heads  int // of RoPE's rows
	positions      []int
	sign           float32
	adamw          adamwScalars

	body    func(w *sweep, from, to int)
	n, each int
	task    func(i int)
}

var sweeps freeList[sweep]

func newSweep() *sweep {
	w := sweeps.get()
	w.set = active.Load()
	return w
}

// run calls body for consecutive ranges of at most each of the n items, and hands
// the sweep back.
func (w *sweep) run(n, each int, body func(w *sweep, from, to int)) {
	if n <= each {
		if n > 0 {
			body(w, 0, n)
		}
	} else {
		if w.task == nil {
			w.task = w.runTask
		}
		w.body, w.n, w.each = body, n, each
		Parallel((n+each-1)/each, w.task)
	}
	*w = sweep{task: w.task} // drop the references to the caller's data
	sweeps.put(w)
}

func (w *sweep) runTask(i int) {
	w.body(w, i*w.each, min((i+1)*w.each, w.n))
}
