package gguf

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func open(file []byte) (*File, error) { return Open(bytes.NewReader(file), int64(len(file))) }

// testdata/types.gguf is written by the gguf package, and types.f32 is what that
// package reads from it (interop/gguf_golden.py). Here it is the same to the bit.
func TestGolden(t *testing.T) {
	file, err := os.ReadFile("testdata/types.gguf")
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/types.f32")
	if err != nil {
		t.Fatal(err)
	}
	f, err := open(file)
	if err != nil {
		t.Fatal(err)
	}
	if got := f.Names(); !slices.Equal(got, []string{"f32", "f16", "bf16", "q8_0", "q4_0", "q4_1", "q6_k"}) {
		t.Fatalf("tensors %v", got)
	}
	for _, name := range f.Names() {
		if shape, _ := f.Shape(name); !slices.Equal(shape, []int{4, 256}) || strings.ToLower(f.Type(name).String()) != name {
			t.Errorf("%s: shape %v, type %s", name, shape, f.Type(name))
		}
		got := make([]float32, 4*256)
		if err := f.Read(name, got); err != nil {
			t.Fatal(err)
		}
		for i, x := range got {
			if bits := binary.LittleEndian.Uint32(want[4*i:]); math.Float32bits(x) != bits {
				t.Fatalf("%s: number %d is %g, want %g", name, i, x, math.Float32frombits(bits))
			}
		}
		want = want[4*len(got):]
	}
	if len(want) > 0 {
		t.Errorf("%d bytes of golden numbers are left", len(want))
	}
	for key, want := range map[string]any{
		"general.architecture": "llama", "test.uint8": uint64(200), "test.int8": int64(-100), "test.uint16": uint64(60000),
		"test.int16": int64(-30000), "test.uint32": uint64(4000000000), "test.int32": int64(-2000000000),
		"test.uint64": uint64(1) << 63, "test.int64": int64(-1) << 62, "test.float32": float64(float32(1e-5)),
		"test.float64": 1e-300, "test.bool": true, "test.string": "café <|im_end|>", "test.strings": []string{"Ġthe", "", "好"},
		"test.ints": []int32{1, -2, 3}, "test.floats": []float32{0.5, -0.25}, "test.bools": []bool{true, false},
	} {
		if got := f.values[key]; !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %T %v, want %T %v", key, got, got, want, want)
		}
	}
}

// Whatever shapes, names and alignment a file has, what was written is read.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWriter()
		w.version = rapid.SampledFrom([]uint32{2, 3}).Draw(t, "version")
		if rapid.Bool().Draw(t, "aligned") {
			w.alignment = 1 << rapid.IntRange(3, 9).Draw(t, "alignment")
			w.key("general.alignment", uint32Value, word32(uint32(w.alignment)))
		}
		want := map[string][]float32{}
		shapes := map[string][]int{}
		names := rapid.SliceOfNDistinct(rapid.StringN(1, 10, 40), 0, 6, rapid.ID[string]).Draw(t, "names")
		for _, name := range names {
			dimensions := rapid.SliceOfN(rapid.Uint64Range(1, 5), 0, 4).Draw(t, "dimensions")
			n, shape := 1, []int{}
			for _, d := range dimensions {
				n *= int(d)
				shape = append([]int{int(d)}, shape...)
			}
			numbers := rapid.SliceOfN(rapid.Float32(), n, n).Draw(t, "numbers")
			w.tensor(name, F32, floats(numbers...), dimensions...)
			want[name], shapes[name] = numbers, shape
		}
		f, err := open(w.file())
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(f.Names(), names) {
			t.Fatalf("tensors %q, want %q", f.Names(), names)
		}
		for _, name := range names {
			got := make([]float32, len(want[name]))
			if err := f.Read(name, got); err != nil {
				t.Fatal(err)
			}
			if shape, _ := f.Shape(name); !slices.Equal(shape, shapes[name]) || !slices.Equal(got, want[name]) {
				t.Fatalf("%q: shape %v, %v; want %v, %v", name, shape, got, shapes[name], want[name])
			}
		}
	})
}

func TestRefuses(t *testing.T) {
	cut := func(file []byte, n int) []byte { return file[:len(file)-n] }
	one := floats(1)
	for _, c := range []struct {
		want string
		file []byte
	}{
		{`begins with "PK\x03\x04"`, []byte("PK\x03\x04 and so on")},
		{"within its metadata", nil},
		{"within its metadata", []byte("GGUF\x03")},
		{"version 1 is", (&writer{version: 1}).header()},
		{"version 4 is", (&writer{version: 4}).header()},
		{"big-endian", (&writer{version: 3 << 24}).header()},
		{"tensors, at most", (&writer{version: 3, nTensors: math.MaxUint64}).header()},
		{"keys, at most", (&writer{version: 3, nKeys: 1 << 40}).header()},
		{"within its metadata", (&writer{version: 3, nTensors: 5}).header()},
		{"a string of 18446744073709551615 bytes", newWriterWith(word64(math.MaxUint64)).header()},
		{"a string of 1000 bytes", newWriterWith(word64(1000)).header()},
		{`the key "a" is repeated`, newWriter().key("a", uint8Value, []byte{1}).key("a", uint8Value, []byte{1}).file()},
		{`key "a": values of type 13 are unknown`, newWriter().key("a", 13, nil).file()},
		{`key "a": a truth value is 2`, newWriter().key("a", boolValue, []byte{2}).file()},
		{`key "a": arrays of type 9`, newWriter().key("a", arrayValue, append(word32(arrayValue), word64(1)...)).file()},
		{`key "a": an array of 4294967296 values`, newWriter().key("a", arrayValue, append(word32(uint8Value), word64(1<<32)...)).file()},
		{`key "a": an array of`, newWriter().key("a", arrayValue, append(word32(stringValue), word64(9)...)).file()},
		{"general.alignment is 0", newWriter().key("general.alignment", uint32Value, word32(0)).file()},
		{"general.alignment is 48", newWriter().key("general.alignment", uint32Value, word32(48)).file()},
		{"general.alignment is 2147483648", newWriter().key("general.alignment", uint32Value, word32(1<<31)).file()},
		{"general.alignment is 32, not", newWriter().key("general.alignment", stringValue, text("32")).file()},
		{`tensor "x" is repeated`, newWriter().tensor("x", F32, one, 1).tensor("x", F32, one, 1).file()},
		{`tensor "x": 5 dimensions`, newWriter().tensor("x", F32, one, 1, 1, 1, 1, 1).file()},
		{`tensor "x": dimension 2 of 2 is 0`, newWriter().tensor("x", F32, one, 1, 0).file()},
		{`tensor "x": dimension 1 of 1 is 1099511627776`, newWriter().tensor("x", F32, one, 1<<40).file()},
		{`tensor "x": dimension 3 of 3 is`, newWriter().tensor("x", F32, one, 1<<30, 1<<29, 4).file()},
		{`tensor "x": type Q4_K is not supported`, newWriter().tensor("x", 12, one, 256).file()},
		{`tensor "x": type 99 is not supported`, newWriter().tensor("x", 99, one, 1).file()},
		{`tensor "x": rows of shape [2 48]`, newWriter().tensor("x", Q8_0, make([]byte, 102), 48, 2).file()},
		{`tensor "x": rows of shape []`, newWriter().tensor("x", Q8_0, make([]byte, 34)).file()},
		{`tensor "x": its offset`, newWriter().info("x", F32, -1, 1).file()},
		{`tensor "x": its offset 8 is no multiple`, newWriter().info("x", F32, 8, 1).file()},
		{`tensor "x": starts at 32 where 0 is`, newWriter().info("x", F32, 32, 1).file()},
		{`tensor "y": overlaps tensor "x" by 36`, newWriter().info("x", F32, 0, 9).tensor("y", F32, make([]byte, 100), 25).file()},
		{`tensor "x": 4 bytes from 0 on in 0`, newWriter().info("x", F32, 0, 1).file()},
		{`tensor "x": 400 bytes from 0 on in 32`, newWriter().tensor("x", F32, one, 100).file()},
		{`tensor "x": 4 bytes from 0 on in 3`, cut(newWriter().tensor("x", F32, one, 1).file(), 29)},
		{"5 bytes follow", append(newWriter().tensor("x", F32, one, 1).file(), 1, 2, 3, 4, 5)},
	} {
		if _, err := open(c.file); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("want an error with %q, got %v", c.want, err)
		}
	}
	f, err := open(cut(newWriter().tensor("x", F32, one, 1).file(), 28)) // without the padding at the end
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Read("x", make([]float32, 2)); err == nil || !strings.Contains(err.Error(), `tensor "x": shape [1]`) {
		t.Errorf("a slice of another size: %v", err)
	}
	if err := f.Read("y", nil); err == nil || !strings.Contains(err.Error(), `no tensor "y"`) {
		t.Errorf("a tensor that is not there: %v", err)
	}
}

// newWriterWith has one key, which begins with raw.
func newWriterWith(raw []byte) *writer { return &writer{version: 3, nKeys: 1, keys: raw} }

func TestValues(t *testing.T) {
	f, err := open(newWriter().key("minus", int32Value, word32(math.MaxUint32)).key("large", uint64Value, word64(1<<40)).
		key("ints", arrayValue, slices.Concat(word32(uint32Value), word64(2), word32(7), word32(8))).
		key("over", arrayValue, slices.Concat(word32(uint32Value), word64(1), word32(math.MaxUint32))).file())
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := f.Uint("minus"); ok {
		t.Error("-1 as a number that is not negative")
	}
	if _, ok := f.Int("large"); ok {
		t.Error("2^40 as a size")
	}
	if list, ok := f.Int32s("ints"); !ok || !slices.Equal(list, []int32{7, 8}) {
		t.Errorf("%v %v", list, ok)
	}
	if _, ok := f.Int32s("over"); ok {
		t.Error("2^32-1 in 32 bits")
	}
	if _, ok := f.String("minus"); ok || f.Has("none") || !f.Has("minus") {
		t.Error("a number as a text, or Has is wrong")
	}
}

// A file from anybody costs no more memory than its own size accounts for, and
// what opens can be read.
func FuzzOpen(f *testing.F) {
	golden, err := os.ReadFile("testdata/types.gguf")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(golden)
	f.Add(newWriter().key("a", arrayValue, slices.Concat(word32(stringValue), word64(2), text("x"), text("y"))).tensor("t", Q4_0, make([]byte, 36), 32, 2).file())
	f.Add(newWriter().key("general.alignment", uint32Value, word32(8)).tensor("t", F16, make([]byte, 2)).tensor("u", BF16, make([]byte, 6), 3).file())
	f.Fuzz(func(t *testing.T, file []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		g, err := open(file)
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20+64*uint64(len(file)) {
			t.Fatalf("%d bytes for a file of %d", took, len(file))
		}
		if err != nil {
			return
		}
		numbers := 0
		for _, name := range g.Names() {
			shape, _ := g.Shape(name)
			n := 1
			for _, d := range shape {
				n *= d
			}
			if numbers += n; numbers > 2*len(file) {
				t.Fatalf("%d numbers in %d bytes", numbers, len(file))
			}
			if err := g.Read(name, make([]float32, n)); err != nil {
				t.Fatal(err)
			}
		}
	})
}
