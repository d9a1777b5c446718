package model

import (
	"bytes"
	"encoding/binary"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestHalfAgainstDefinition(t *testing.T) {
	for h := range 1 << 16 {
		x := floatFromHalf(uint16(h))
		exponent, fraction := h>>10&0x1f, float64(h&0x3ff)
		want := math.Ldexp(1+fraction/1024, exponent-15)
		if exponent == 0 {
			want = math.Ldexp(fraction, -24)
		}
		if h >= 1<<15 {
			want = -want
		}
		switch {
		case exponent == 31 && fraction == 0:
			want = math.Inf(1 - h>>15*2)
		case exponent == 31:
			want = math.NaN()
		}
		if float64(x) != want && !math.IsNaN(want) || math.IsNaN(want) != math.IsNaN(float64(x)) {
			t.Fatalf("half %#04x is %g, want %g", h, x, want)
		}
		if back := halfFromFloat(x); back != uint16(h) && !math.IsNaN(want) {
			t.Fatalf("half %#04x came back as %#04x", h, back)
		}
	}
}

// Rounding goes to the nearest half and, of two, to the even one.
func TestSixteenBitRounding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Float32().Draw(t, "x")
		h := halfFromFloat(x)
		got := math.Abs(float64(floatFromHalf(h)) - float64(x))
		if math.IsInf(float64(floatFromHalf(h)), 0) {
			if math.Abs(float64(x)) < 65520 {
				t.Fatalf("%g became infinite", x)
			}
		} else {
			for _, other := range []uint16{h - 1, h + 1} {
				distance := math.Abs(float64(floatFromHalf(other)) - float64(x))
				if distance < got || distance == got && h&1 == 1 {
					t.Fatalf("%g rounded to %g, %g is nearer or even", x, floatFromHalf(h), floatFromHalf(other))
				}
			}
		}
		b := bfloatFromFloat(x)
		if y := floatFromBfloat(b); !math.IsInf(float64(y), 0) {
			if math.Abs(float64(y)-float64(x)) > math.Abs(float64(x))/256+1e-40 {
				t.Fatalf("%g rounded to bfloat %g", x, y)
			}
			if bfloatFromFloat(y) != b {
				t.Fatalf("bfloat %#04x does not come back", b)
			}
		}
	})
}

func TestSafetensorsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var tensors []Tensor
		for _, name := range rapid.SliceOfNDistinct(rapid.StringN(1, 10, 30), 0, 5, rapid.ID[string]).Draw(t, "names") {
			shape := rapid.SliceOfN(rapid.IntRange(0, 4), 0, 3).Draw(t, "shape")
			n := 1
			for _, d := range shape {
				n *= d
			}
			data := rapid.SliceOfN(rapid.Float32(), n, n).Draw(t, "data")
			tensors = append(tensors, Tensor{name, shape, data})
		}
		meta := rapid.MapOf(rapid.String(), rapid.String()).Draw(t, "metadata")
		var out bytes.Buffer
		if err := WriteSafetensors(&out, tensors, F32, meta); err != nil {
			t.Fatal(err)
		}
		got, gotMeta, err := ReadSafetensors(bytes.NewReader(out.Bytes()), int64(out.Len()))
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(tensors) || len(gotMeta) != len(meta) {
			t.Fatalf("%d tensors, %d metadata", len(got), len(gotMeta))
		}
		for k, v := range meta {
			if gotMeta[k] != v {
				t.Fatalf("metadata %q is %q, want %q", k, gotMeta[k], v)
			}
		}
		for _, want := range tensors {
			i := slices.IndexFunc(got, func(x Tensor) bool { return x.Name == want.Name })
			if i < 0 || !slices.Equal(got[i].Data, want.Data) || !slices.Equal(got[i].Shape, want.Shape) {
				t.Fatalf("tensor %q differs", want.Name)
			}
		}
	})
}

func TestSafetensorsTypes(t *testing.T) {
	exact := []float32{0, 1, -2.5, 0.125, 1024}
	for _, dtype := range []DType{F32, F16, BF16} {
		var out bytes.Buffer
		if err := WriteSafetensors(&out, []Tensor{{"x", []int{5}, exact}}, dtype, nil); err != nil {
			t.Fatal(err)
		}
		got, _, err := ReadSafetensors(bytes.NewReader(out.Bytes()), int64(out.Len()))
		if err != nil || !slices.Equal(got[0].Data, exact) {
			t.Errorf("%s: %v, %v", dtype, got, err)
		}
	}
	if err := WriteSafetensors(&bytes.Buffer{}, []Tensor{{"x", []int{1}, []float32{1e5}}}, F16, nil); err == nil || !strings.Contains(err.Error(), `"x"`) {
		t.Errorf("overflow in F16: %v", err)
	}
	if err := WriteSafetensors(&bytes.Buffer{}, []Tensor{{"x", []int{2}, []float32{1}}}, F32, nil); err == nil {
		t.Error("a shape that does not fit: no error")
	}
	if err := WriteSafetensors(&bytes.Buffer{}, nil, "I8", nil); err == nil {
		t.Error("type I8: no error")
	}
}

// container wraps a header around bytes of data.
func container(header string, data int) []byte {
	out := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(out, header...), make([]byte, data)...)
}

func TestSafetensorsRefuses(t *testing.T) {
	// entry is a header of one tensor "x".
	entry := func(text string) string { return `{"x":{` + text + `}}` }
	for _, c := range []struct {
		want string
		file []byte
	}{
		{"too short", []byte{1, 2, 3}},
		{"a safetensors header of 1099511627776", binary.LittleEndian.AppendUint64(nil, 1<<40)},
		{"a safetensors header of 18446744073709551615", binary.LittleEndian.AppendUint64(nil, math.MaxUint64)},
		{"a safetensors header of 9", binary.LittleEndian.AppendUint64(nil, 9)},
		{"not a JSON object", container(`[]`, 0)},
		{"not a JSON object", container(``, 0)},
		{"header:", container(`{1`, 0)},
		{"header:", container(`{`, 0)},
		{`tensor "a": not a JSON object`, container(`{"a":7}`, 0)},
		{"text after", container(`{} {}`, 0)},
		{`"a" is repeated`, container(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, 8)},
		{`"x": dtype is repeated`, container(entry(`"dtype":"F32","dtype":"F16","shape":[1],"data_offsets":[0,4]`), 4)},
		{`"x": dtype, shape or`, container(entry(`"dtype":"F32","shape":null,"data_offsets":[0,4]`), 4)},
		{`"x": dtype, shape or`, container(entry(`"dtype":"F32","shape":[1],"data_offsets":[0,4,8]`), 4)},
		{`"x": the key "more"`, container(entry(`"more":1`), 4)},
		{`"x": json`, container(entry(`"dtype":"F32","shape":[1.5],"data_offsets":[0,4]`), 4)},
		{"__metadata__ is rep", container(`{"__metadata__":{},"__metadata__":{}}`, 0)},
		{`__metadata__: "a" is repeated`, container(`{"__metadata__":{"a":1}}`, 0)},
		{`__metadata__: "a" is repeated`, container(`{"__metadata__":{"a":"","a":""}}`, 0)},
		{`"x": offsets`, container(entry(`"dtype":"F32","shape":[1],"data_offsets":[0,40]`), 4)},
		{`"x": offsets`, container(entry(`"dtype":"F32","shape":[1],"data_offsets":[-4,0]`), 4)},
		{`"x": offsets`, container(entry(`"dtype":"F32","shape":[1],"data_offsets":[4,0]`), 4)},
		{`"x": shape [2] of F32`, container(entry(`"dtype":"F32","shape":[2],"data_offsets":[0,4]`), 4)},
		{`"x": shape [1] of I64`, container(entry(`"dtype":"I64","shape":[1],"data_offsets":[0,4]`), 4)},
		{`"x": shape [-1]`, container(entry(`"dtype":"F32","shape":[-1],"data_offsets":[0,4]`), 4)},
		{`"x": shape [2147483647 2147483647`, container(entry(`"dtype":"F32","shape":[2147483647,2147483647,3],"data_offsets":[0,4]`), 4)},
		{`"x": 9 dimensions`, container(entry(`"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]`), 4)},
		{`"j": overlaps tensor "i" by 2`, container(`{"i":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"j":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}`, 6)},
		{`"x": starts at 4, behind a hole of 4`, container(entry(`"dtype":"F32","shape":[1],"data_offsets":[4,8]`), 8)},
		{"take 4 of 8", container(entry(`"dtype":"F32","shape":[1],"data_offsets":[0,4]`), 8)},
		{`"x": type "I64" is not supported`, container(entry(`"dtype":"I64","shape":[1],"data_offsets":[0,8]`), 8)},
		{`"x": the type "F31" is unknown`, container(entry(`"dtype":"F31","shape":[1],"data_offsets":[0,4]`), 4)},
	} {
		_, _, err := ReadSafetensors(bytes.NewReader(c.file), int64(len(c.file)))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("want an error with %q, got %v", c.want, err)
		}
	}
}

func FuzzReadSafetensors(f *testing.F) {
	f.Add(container(`{"a":{"dtype":"F16","shape":[2,1],"data_offsets":[0,4]},"__metadata__":{"k":"v"}}`, 4))
	f.Add(container(`{"a":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}`, 1))
	f.Add(container(`{"a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[0,3],"data_offsets":[4,4]},"c":{"dtype":"F32","shape":[],"data_offsets":[4,8]}}  `, 8))
	f.Fuzz(func(t *testing.T, file []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		tensors, _, err := ReadSafetensors(bytes.NewReader(file), int64(len(file)))
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20+256*uint64(len(file)) {
			t.Fatalf("%d bytes for a file of %d", took, len(file))
		}
		if err != nil {
			return
		}
		total := 0
		for _, tensor := range tensors {
			total += len(tensor.Data)
		}
		if 2*total > len(file) {
			t.Fatalf("%d numbers from %d bytes", total, len(file))
		}
	})
}
