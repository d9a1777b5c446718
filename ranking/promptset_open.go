package ranking

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
)

// open undoes gzip where the first bytes show it, drops a UTF-8 byte order mark, and bounds what comes out.
func (s *promptSet) open(r io.Reader) (*bufio.Reader, error) {
	buffered := bufio.NewReaderSize(r, 64<<10)
	if magic, _ := buffered.Peek(4); bytes.Equal(magic, []byte("PAR1")) {
		return nil, s.fault(CodeInvalid, 0, "the file is Parquet; its name must end in .parquet")
	} else if len(magic) >= 2 && magic[0] == 0x1f && magic[1] == 0x8b {
		unzipped, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, s.damagedGzip(err)
		}
		buffered = bufio.NewReaderSize(&limitedReader{r: unzipped, left: s.limits.FileBytes, s: s, gzip: true}, 64<<10)
	} else {
		buffered = bufio.NewReaderSize(&limitedReader{r: buffered, left: s.limits.FileBytes, s: s}, 64<<10)
	}
	start, err := buffered.Peek(3)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	switch {
	case bytes.Equal(start, []byte("\xef\xbb\xbf")):
		_, _ = buffered.Discard(3)
	case bytes.HasPrefix(start, []byte("\xff\xfe")), bytes.HasPrefix(start, []byte("\xfe\xff")):
		return nil, s.fault(CodeInvalid, 1, "the file is UTF-16; save it as UTF-8")
	}
	return buffered, nil
}

func (s *promptSet) damagedGzip(err error) error {
	return s.fault(CodeInvalid, 0, "the gzip compression is damaged: %s", err).WithCause(err)
}

func (s *promptSet) tooManyBytes() error {
	return s.fault(CodeTooLarge, 0, "the file is over the limit of %d bytes (after decompression); split it", s.limits.FileBytes)
}

// limitedReader passes through at most left bytes and turns more, and gzip's errors, into faults of the file. It is
// what stops a gzip bomb: no more than the limit is ever decompressed.
type limitedReader struct {
	r    io.Reader
	left int64
	s    *promptSet
	gzip bool
}

func (l *limitedReader) Read(p []byte) (int, error) {
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1] // one byte past the limit tells a file that ends there from a longer one
	}
	n, err := l.r.Read(p)
	if int64(n) > l.left {
		return 0, l.s.tooManyBytes()
	}
	l.left -= int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		if l.gzip {
			return n, l.s.damagedGzip(err)
		}
		return n, l.s.fault(CodeUnavailable, 0, "reading failed: %s", err).WithCause(err)
	}
	return n, err
}
