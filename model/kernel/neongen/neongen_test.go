package main

import (
	"os"
	"testing"
)

// The encodings are those of GNU as 2.40, with registers that set different bits.
func TestWords(t *testing.T) {
	for text, bits := range map[string]uint32{
		"fadd v3.4s, v17.4s, v30.4s":   0x4e3ed623,
		"fsub v3.4s, v17.4s, v30.4s":   0x4ebed623,
		"fmul v3.4s, v17.4s, v30.4s":   0x6e3ede23,
		"fdiv v3.4s, v17.4s, v30.4s":   0x6e3efe23,
		"fmax v3.4s, v17.4s, v30.4s":   0x4e3ef623,
		"fmin v3.4s, v17.4s, v30.4s":   0x4ebef623,
		"fadd v3.2d, v17.2d, v30.2d":   0x4e7ed623,
		"fneg v9.4s, v22.4s":           0x6ea0fac9,
		"fsqrt v9.4s, v22.4s":          0x6ea1fac9,
		"frintn v9.4s, v22.4s":         0x4e218ac9,
		"fcvtns v9.4s, v22.4s":         0x4e21aac9,
		"fmla v31.4s, v5.4s, v18.s[0]": 0x4f9210bf,
		"fmla v31.4s, v5.4s, v18.s[1]": 0x4fb210bf,
		"fmla v31.4s, v5.4s, v18.s[2]": 0x4f9218bf,
		"fmla v31.4s, v5.4s, v18.s[3]": 0x4fb218bf,
		"sshr v7.4s, v16.4s, #1":       0x4f3f0607,
		"sshr v7.4s, v16.4s, #32":      0x4f200607,
		"fcvtl v8.2d, v29.2s":          0x0e617ba8,
		"fcvtl2 v8.2d, v29.4s":         0x4e617ba8,
	} {
		if got := encoded()[text]; got != bits {
			t.Errorf("%s is 0x%08x, want 0x%08x", text, got, bits)
		}
	}
}

// encoded returns what the encoders make of the tested operands, by its text.
func encoded() map[string]uint32 {
	words := map[string]uint32{}
	add := func(w word) { words[w.text] = w.bits }
	for _, encode := range []func(d, x, y vec) word{fadd, fsub, fmul, fdiv, fmax, fmin, fadd2d} {
		add(encode(3, 17, 30))
	}
	for _, encode := range []func(d, x vec) word{fneg, fsqrt, frintn, fcvtns} {
		add(encode(9, 22))
	}
	for lane := range 4 {
		add(fmlaElement(31, 5, 18, lane))
	}
	add(sshr(7, 16, 1))
	add(sshr(7, 16, 32))
	add(fcvtl(8, 29))
	add(fcvtl2(8, 29))
	return words
}

func TestParametersLieWhereGoPutsThem(t *testing.T) {
	a := &assembler{}
	size := a.layOut("f", "(n int, ok bool, x, y []float32, s float32) (max float32, sum float64)")
	for name, want := range map[string]string{
		"n": "n+0(FP)", "ok": "ok+8(FP)", "x_base": "x_base+16(FP)", "x_len": "x_len+24(FP)", "y_base": "y_base+40(FP)",
		"s": "s+64(FP)", "max": "max+72(FP)", "sum": "sum+80(FP)",
	} {
		if got := a.param(name).String(); got != want {
			t.Errorf("%s is at %s, want %s", name, got, want)
		}
	}
	if size != 88 {
		t.Errorf("the frame has %d bytes, want 88", size)
	}
}

func TestCommittedFilesAreGenerated(t *testing.T) {
	a := generate()
	for path, want := range map[string]string{"../neon_arm64.s": a.assembly(), "../neon_arm64.go": a.declarations()} {
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("%s is not what neongen writes: run go generate ./model/kernel", path)
		}
	}
}
