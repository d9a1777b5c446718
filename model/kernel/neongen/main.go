// Command neongen writes the arm64 assembly of the kernel set "neon" and its Go
// declarations, as asmgen does for amd64. It stands on the standard library
// alone: avo knows no arm64.
//
// One register holds four elements. The kernels take two for what is one vector
// in the AVX2 set and keep its order of every sum, so that both sets give the
// same bits.
//
//	neongen -out neon_arm64.s -stubs neon_arm64.go
package main

import (
	"flag"
	"log"
	"os"
)

func main() {
	out := flag.String("out", "neon_arm64.s", "file of the assembly")
	stubs := flag.String("stubs", "neon_arm64.go", "file of the Go declarations")
	flag.Parse()
	a := generate()
	for path, text := range map[string]string{*out: a.assembly(), *stubs: a.declarations()} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			log.Fatal("neongen: ", err)
		}
	}
}

// generate emits every kernel of the set.
func generate() *assembler {
	a := &assembler{}
	for vectors := 1; vectors <= tileVectors; vectors++ {
		for rows := 1; rows <= tileRows; rows++ {
			a.tile(rows, vectors)
		}
	}
	for vectors := tileVectors + 1; vectors <= wideVectors; vectors++ {
		for rows := 1; rows <= wideRows; rows++ {
			a.tile(rows, vectors)
		}
	}
	a.transpose()
	a.elementwise()
	a.gated()
	a.softmax()
	a.layerNorm()
	a.rmsNorm()
	a.columnSums()
	a.rope()
	a.reductions()
	a.calibration()
	a.pause()
	return a
}
