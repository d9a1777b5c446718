package ranking

import (
	"encoding/binary"
	"errors"
	"io"
)

// The types of Thrift's compact protocol, as far as they matter for skipping a value.
// https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
const (
	thriftStop   = 0
	thriftTrue   = 1
	thriftFalse  = 2
	thriftByte   = 3
	thriftI16    = 4
	thriftI32    = 5
	thriftI64    = 6
	thriftDouble = 7
	thriftBinary = 8
	thriftList   = 9
	thriftSet    = 10
	thriftMap    = 11
	thriftStruct = 12
)

const (
	maxThriftDepth = 32
	maxThriftItems = 1 << 16 // of one list: row groups, columns, schema elements, key-value pairs
)

// skipThrift passes over one struct of the compact protocol and returns its length. It exists for the refusals: the
// Thrift decoder allocates a list by the length that its header claims.
func skipThrift(b []byte) (int, error) {
	s := thriftSkipper{b: b}
	err := s.skip(thriftStruct, 0)
	return s.at, err
}

type thriftSkipper struct {
	b  []byte
	at int
}

func (s *thriftSkipper) byte() (byte, error) {
	if s.at >= len(s.b) {
		return 0, io.ErrUnexpectedEOF
	}
	s.at++
	return s.b[s.at-1], nil
}

func (s *thriftSkipper) uvarint() (uint64, error) {
	v, n := binary.Uvarint(s.b[s.at:])
	if n <= 0 {
		return 0, io.ErrUnexpectedEOF
	}
	s.at += n
	return v, nil
}

func (s *thriftSkipper) advance(n uint64) error {
	if n > uint64(len(s.b)-s.at) {
		return io.ErrUnexpectedEOF
	}
	s.at += int(n)
	return nil
}

func (s *thriftSkipper) skip(kind byte, depth int) error {
	if depth > maxThriftDepth {
		return errors.New("the metadata is nested too deep")
	}
	switch kind {
	case thriftTrue, thriftFalse:
		return nil
	case thriftByte:
		return s.advance(1)
	case thriftI16, thriftI32, thriftI64:
		_, err := s.uvarint()
		return err
	case thriftDouble:
		return s.advance(8)
	case thriftBinary:
		n, err := s.uvarint()
		if err != nil {
			return err
		}
		return s.advance(n)
	case thriftList, thriftSet:
		return s.skipList(depth)
	case thriftMap:
		return s.skipMap(depth)
	case thriftStruct:
		return s.skipStruct(depth)
	}
	return errors.New("the metadata holds an unknown type")
}

func (s *thriftSkipper) skipStruct(depth int) error {
	for {
		header, err := s.byte()
		if err != nil || header == thriftStop {
			return err
		}
		if header>>4 == 0 { // the field's number does not fit beside its type
			if _, err := s.uvarint(); err != nil {
				return err
			}
		}
		if err := s.skip(header&0x0f, depth+1); err != nil {
			return err
		}
	}
}

func (s *thriftSkipper) skipList(depth int) error {
	header, err := s.byte()
	if err != nil {
		return err
	}
	n, kind := uint64(header>>4), header&0x0f
	if n == 15 {
		if n, err = s.uvarint(); err != nil {
			return err
		}
	}
	return s.skipItems(n, depth, kind)
}

func (s *thriftSkipper) skipMap(depth int) error {
	n, err := s.uvarint()
	if err != nil || n == 0 {
		return err
	}
	kinds, err := s.byte()
	if err != nil {
		return err
	}
	return s.skipItems(n, depth, kinds>>4, kinds&0x0f)
}

// skipItems passes over n items of a list, or n pairs of a map.
func (s *thriftSkipper) skipItems(n uint64, depth int, kinds ...byte) error {
	if n > maxThriftItems || n > uint64(len(s.b)-s.at) {
		return bomb("a list of %d items in the metadata", n)
	}
	for range n {
		for _, kind := range kinds {
			if kind == thriftTrue || kind == thriftFalse { // an item of its own takes a byte; a field lies in its header
				kind = thriftByte
			}
			if err := s.skip(kind, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}
