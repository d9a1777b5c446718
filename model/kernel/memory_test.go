package kernel

import (
	"testing"
	"unsafe"
)

func TestAllocIsZeroOnACacheLine(t *testing.T) {
	for _, n := range []int{1, 15, 16, 1000, hugeFrom, hugeFrom + 12345} {
		data := Alloc(n)
		if len(data) != n || cap(data) != n || uintptr(unsafe.Pointer(&data[0]))%64 != 0 {
			t.Errorf("Alloc(%d): length %d, capacity %d at %p", n, len(data), cap(data), &data[0])
		}
		if SumSquares(data) != 0 {
			t.Errorf("Alloc(%d) is not zero", n)
		}
	}
}
