package model

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// fileSource is a file that can be read at any offset.
type fileSource struct {
	io.ReaderAt
	size  int64 // bytes
	close func() error
}

// openSource opens a file of a model folder. A file of the operating system is
// mapped into memory where that is possible, so that its pages are shared and
// nothing is read twice; others are read at offsets, or, by file systems that
// can only read from the beginning, to memory.
func openSource(fsys fs.FS, name string) (fileSource, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return fileSource{}, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file", name)
	}
	if err != nil {
		return fileSource{}, errors.Join(err, f.Close())
	}
	if file, ok := f.(*os.File); ok {
		if m, err := mapFile(file, info.Size()); err == nil {
			return fileSource{m, info.Size(), func() error { return errors.Join(m.unmap(), f.Close()) }}, nil
		}
	}
	if at, ok := f.(io.ReaderAt); ok {
		return fileSource{at, info.Size(), f.Close}, nil
	}
	data, err := io.ReadAll(io.LimitReader(f, info.Size()+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return fileSource{}, err
	}
	if int64(len(data)) != info.Size() {
		return fileSource{}, fmt.Errorf("%s changed while it was read", name)
	}
	return fileSource{bytes.NewReader(data), info.Size(), func() error { return nil }}, nil
}
