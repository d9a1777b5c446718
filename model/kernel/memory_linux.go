package kernel

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// adviseHuge asks for huge pages under data, which nobody has touched yet. A
// system that has none serves small ones; nothing else depends on it.
func adviseHuge(data []float32) {
	page := os.Getpagesize()
	bytes := unsafe.Slice((*byte)(unsafe.Pointer(&data[0])), 4*len(data))
	if over := int(uintptr(unsafe.Pointer(&data[0])) % uintptr(page)); over != 0 {
		bytes = bytes[page-over:]
	}
	if whole := len(bytes) / page * page; whole > 0 {
		_ = unix.Madvise(bytes[:whole], unix.MADV_HUGEPAGE)
	}
}
