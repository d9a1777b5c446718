package kernel

import "unsafe"

// hugeFrom is the number of elements from which memory is asked to lie on huge
// pages: 256 KiB. Matrices that are smaller than such a page share it with their
// neighbours, as the weights of one layer do.
const hugeFrom = 1 << 16

// Alloc returns n zeros that start on a cache line, for matrices that are
// streamed through. Large ones lie on huge pages where the system has them:
// reading weights once a step is otherwise held up by the translation of
// addresses.
func Alloc(n int) []float32 {
	const line = 16 // elements
	data := make([]float32, n+line-1)
	if n >= hugeFrom {
		adviseHuge(data)
	}
	skip := 0
	for uintptr(unsafe.Pointer(&data[skip]))%(4*line) != 0 {
		skip++
	}
	return data[skip : skip+n : skip+n]
}

// grown returns a buffer of n elements, reusing data where it is large enough.
func grown(data []float32, n int) []float32 {
	if cap(data) < n {
		return Alloc(n)
	}
	return data[:n]
}
