package gguf

import "math"

// Has says whether a key is there, with a value of any type.
func (f *File) Has(key string) bool {
	_, ok := f.values[key]
	return ok
}

// String returns a text.
func (f *File) String(key string) (string, bool) {
	s, ok := f.values[key].(string)
	return s, ok
}

// Uint returns a whole number that is not negative, of any width.
func (f *File) Uint(key string) (uint64, bool) {
	switch n := f.values[key].(type) {
	case uint64:
		return n, true
	case int64:
		return uint64(n), n >= 0
	}
	return 0, false
}

// Int returns a whole number of at most 31 bits: a size.
func (f *File) Int(key string) (int, bool) {
	n, ok := f.Uint(key)
	return int(n & math.MaxInt32), ok && n <= math.MaxInt32
}

// Float returns a number; one that was stored in 32 bits is what those hold.
func (f *File) Float(key string) (float64, bool) {
	x, ok := f.values[key].(float64)
	return x, ok
}

// Bool returns a truth value.
func (f *File) Bool(key string) (value, ok bool) {
	value, ok = f.values[key].(bool)
	return value, ok
}

// Strings returns a list of texts.
func (f *File) Strings(key string) ([]string, bool) {
	list, ok := f.values[key].([]string)
	return list, ok
}

// Int32s returns a list of whole numbers of 32 bits.
func (f *File) Int32s(key string) ([]int32, bool) {
	switch list := f.values[key].(type) {
	case []int32:
		return list, true
	case []uint32:
		signed := make([]int32, len(list))
		for i, n := range list {
			if n > math.MaxInt32 {
				return nil, false
			}
			signed[i] = int32(n)
		}
		return signed, true
	}
	return nil, false
}
