//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package model

import (
	"errors"
	"io"
	"os"
)

// mapping does not exist on this system: files are read at offsets.
type mapping struct{ io.ReaderAt }

func mapFile(*os.File, int64) (*mapping, error) { return nil, errors.ErrUnsupported }

func (*mapping) unmap() error { return nil }
