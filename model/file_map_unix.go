//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package model

import (
	"errors"
	"io"
	"math"
	"os"
	"runtime/debug"
	"syscall"
)

// mapping is a file in the address space, for reading.
type mapping struct{ data []byte }

// mapFile maps size bytes of a file. An empty file, or one larger than the
// address space, cannot be mapped.
func mapFile(f *os.File, size int64) (*mapping, error) {
	if size <= 0 || size > math.MaxInt {
		return nil, errors.ErrUnsupported
	}
	data, err := syscall.Mmap(int(f.Fd()), 0, int(size), syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil, err
	}
	return &mapping{data}, nil
}

func (m *mapping) unmap() error { return syscall.Munmap(m.data) }

// ReadAt copies from the mapping. A page that is gone, because another program
// cut the file short or its disk failed, is an error and not the end of the
// process.
func (m *mapping) ReadAt(p []byte, offset int64) (n int, err error) {
	if offset < 0 || offset > int64(len(m.data)) {
		return 0, io.EOF
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		switch fault := recover().(type) {
		case nil:
		case interface{ Addr() uintptr }:
			n, err = 0, errors.New("the file was cut short while it was read, or its disk failed")
		default:
			panic(fault)
		}
	}()
	if n = copy(p, m.data[offset:]); n < len(p) {
		err = io.EOF
	}
	return n, err
}
