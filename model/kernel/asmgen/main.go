//go:build ignore

// Command asmgen writes the assembly of one kernel set and its Go declarations.
// Both sets come from the same description; isa.go hides what differs. It runs
// through "go generate" in the parent folder with the modules of tools.mod.
//
//	asmgen -set avx512 -out avx512_amd64.s -stubs avx512_amd64.go -pkg kernel
package main

import (
	"flag"
	"log"

	. "github.com/mmcloughlin/avo/build"
)

var setName = flag.String("set", "avx512", "kernel set: avx512, avx2, or bf16 for the bfloat16 products beside avx512")

func main() {
	flag.Parse() // also avo's own flags -out, -stubs and -pkg
	s, ok := map[string]*isa{"avx512": &avx512, "avx2": &avx2, "bf16": &bf16}[*setName]
	if !ok {
		log.Fatalf("asmgen: no set %q", *setName)
	}
	ConstraintExpr("!purego")
	if s == &bf16 {
		bfloat16(s)
		Generate()
		if err := encode(flag.Lookup("out").Value.String()); err != nil {
			log.Fatal("asmgen: ", err)
		}
		return
	}
	for vectors := 1; vectors <= s.tileVectors; vectors++ {
		for rows := 1; rows <= s.tileRows; rows++ {
			tile(s, rows, vectors)
		}
	}
	for vectors := s.tileVectors + 1; vectors <= s.wideVectors; vectors++ {
		for rows := 1; rows <= s.wideRows; rows++ {
			tile(s, rows, vectors)
		}
	}
	if s == &avx2 {
		transpose(s) // serves both sets
		pause()      // runs on every amd64
	}
	elementwise(s)
	gated(s)
	softmax(s)
	layerNorm(s)
	rmsNorm(s)
	rope(s)
	reductions(s)
	calibration(s)
	Generate()
}
