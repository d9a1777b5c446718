package model

import "rankloop/model/kernel"

// arena hands out parts of one slab. A plan runs twice over an arena: first on
// an empty one to learn the size, then on the slab.
type arena struct {
	data []float32
	used int
}

// lineFloats keeps parts on cache lines of their own.
const lineFloats = 16

// take returns n numbers, or nil while only the size is being counted.
func (a *arena) take(n int) []float32 {
	from := a.used
	a.used += (n + lineFloats - 1) / lineFloats * lineFloats
	if a.data == nil {
		return nil
	}
	return a.data[from : from+n : from+n]
}

// allocate runs plan on a slab of exactly the size it needs.
func allocate(plan func(a *arena)) (bytes int64) {
	var count arena
	plan(&count)
	plan(&arena{data: kernel.Alloc(count.used)})
	return int64(count.used) * 4
}
