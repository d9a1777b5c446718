package kernel

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// lookFor is how long a thread that has nothing to do looks for more before it
// sleeps. Waking a sleeper takes tens of microseconds, about as long as a short
// region runs, while the regions of a training step follow one another closely.
const lookFor = 50 * time.Microsecond

// pool is the process-wide set of workers. Only one parallel region runs at a
// time: a call that finds the pool taken, whether it is nested in a running
// body or comes from another goroutine, runs its items itself, because the
// cores are busy already.
var pool = newWorkers(runtime.GOMAXPROCS(0))

type workers struct {
	busy    sync.Mutex
	threads atomic.Int64
	started []*worker // grows under busy

	// The running region. body and items are written before left is stored and
	// are read only by a worker that has claimed an item, so a worker that wakes
	// late finds nothing to claim and never sees a half-written region.
	body     func(i int)
	items    int64
	left     atomic.Int64 // items not yet claimed; negative when exhausted
	finished atomic.Int64 // items completed
	done     chan struct{}

	failed atomic.Pointer[failure]
}

// failure carries a panic out of a worker to the caller of Parallel.
type failure struct{ value any }

func newWorkers(threads int) *workers {
	w := &workers{done: make(chan struct{}, 1)}
	w.threads.Store(int64(threads))
	return w
}

// Threads returns how many goroutines, the caller included, share a parallel
// region.
func Threads() int { return int(pool.threads.Load()) }

// SetThreads changes the number of threads, at least 1. No result depends on it.
func SetThreads(n int) {
	if n < 1 {
		panic("kernel: SetThreads needs at least one thread")
	}
	pool.threads.Store(int64(n))
}

// Parallel calls body(i) once for every i in [0, n), spread over the worker pool
// with the caller taking part, and returns when all calls have returned. Items
// are claimed one by one, so their order is unspecified and body must write to
// disjoint outputs. A nested call runs inline. A panic in body is raised again
// in the caller.
func Parallel(n int, body func(i int)) {
	threads := min(pool.threads.Load(), int64(n))
	if threads <= 1 || !pool.busy.TryLock() {
		for i := range n {
			body(i)
		}
		return
	}
	defer pool.busy.Unlock()
	pool.run(int64(n), int(threads), body)
}

// worker is one started goroutine.
type worker struct {
	asleep atomic.Bool
	wake   chan struct{}
}

func (w *workers) run(n int64, threads int, body func(i int)) {
	for len(w.started) < threads-1 {
		k := &worker{wake: make(chan struct{}, 1)}
		w.started = append(w.started, k)
		go w.serve(k, len(w.started))
	}
	w.body, w.items = body, n
	w.finished.Store(0)
	w.left.Store(n)
	for _, k := range w.started[:threads-1] {
		if k.asleep.CompareAndSwap(true, false) {
			k.wake <- struct{}{}
		}
	}
	if !w.work() {
		w.look(func() bool { return w.finished.Load() == n })
		<-w.done
	}
	w.body = nil
	if f := w.failed.Swap(nil); f != nil {
		panic(f.value)
	}
}

// serve is the life of a worker goroutine; number 1 is the first beside the
// caller.
func (w *workers) serve(k *worker, number int) {
	waiting := func() bool { return w.left.Load() > 0 && w.threads.Load() > int64(number) }
	for {
		for w.look(waiting) {
			if w.work() {
				w.done <- struct{}{}
			}
		}
		k.asleep.Store(true)
		// A region that began just before the flag was set has sent no wake-up.
		if waiting() && k.asleep.CompareAndSwap(true, false) {
			continue
		}
		<-k.wake
	}
}

// look waits a short while for a condition, leaving the processor to any other
// goroutine that wants it, and reports whether it came true.
func (w *workers) look(condition func() bool) bool {
	for start := time.Now(); !condition(); {
		if time.Since(start) > lookFor {
			return false
		}
		pause(16)
		runtime.Gosched()
	}
	return true
}

// work runs items until none is left and reports whether it completed the
// region's last one.
func (w *workers) work() (last bool) {
	for {
		i := w.left.Add(-1)
		if i < 0 {
			return false
		}
		n := w.items
		w.call(int(n - 1 - i))
		if w.finished.Add(1) == n {
			return true
		}
	}
}

func (w *workers) call(i int) {
	defer func() {
		if value := recover(); value != nil {
			w.failed.CompareAndSwap(nil, &failure{value})
		}
	}()
	w.body(i)
}

// freeList is a stack of reusable objects. Unlike sync.Pool it is never emptied
// by the collector, so steady state truly allocates nothing.
type freeList[T any] struct {
	mu    sync.Mutex
	items []*T
}

func (f *freeList[T]) get() *T {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.items) == 0 {
		return new(T)
	}
	last := len(f.items) - 1
	item := f.items[last]
	f.items = f.items[:last]
	return item
}

func (f *freeList[T]) put(item *T) {
	f.mu.Lock()
	f.items = append(f.items, item)
	f.mu.Unlock()
}
