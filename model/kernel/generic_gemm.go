package kernel

import "unsafe"

// The pure Go tile is 2×4: its eight sums and the operands fit the sixteen
// registers that the compiler has. Products are converted explicitly so that no
// architecture fuses them in one tile and not in another.

func genericTile2(k int, a *float32, rowStride, colStride int, b *float32, bStride int,
	c *float32, cStride, lanes int, accumulate bool) {
	av := unsafe.Slice(a, (k-1)*colStride+rowStride+1)
	bv := unsafe.Slice(b, (k-1)*bStride+4)
	var s00, s01, s02, s03, s10, s11, s12, s13 float32
	for i, j := 0, 0; j+4 <= len(bv); i, j = i+colStride, j+bStride {
		x, y := av[i], av[i+rowStride]
		row := bv[j : j+4 : j+4]
		b0, b1, b2, b3 := row[0], row[1], row[2], row[3]
		s00 += float32(x * b0)
		s01 += float32(x * b1)
		s02 += float32(x * b2)
		s03 += float32(x * b3)
		s10 += float32(y * b0)
		s11 += float32(y * b1)
		s12 += float32(y * b2)
		s13 += float32(y * b3)
	}
	storeGeneric(unsafe.Slice(c, lanes), [4]float32{s00, s01, s02, s03}, accumulate)
	second := (*float32)(unsafe.Add(unsafe.Pointer(c), 4*cStride))
	storeGeneric(unsafe.Slice(second, lanes), [4]float32{s10, s11, s12, s13}, accumulate)
}

func genericTile1(k int, a *float32, _, colStride int, b *float32, bStride int,
	c *float32, _, lanes int, accumulate bool) {
	av := unsafe.Slice(a, (k-1)*colStride+1)
	bv := unsafe.Slice(b, (k-1)*bStride+4)
	var s0, s1, s2, s3 float32
	for i, j := 0, 0; j+4 <= len(bv); i, j = i+colStride, j+bStride {
		x := av[i]
		row := bv[j : j+4 : j+4]
		s0 += float32(x * row[0])
		s1 += float32(x * row[1])
		s2 += float32(x * row[2])
		s3 += float32(x * row[3])
	}
	storeGeneric(unsafe.Slice(c, lanes), [4]float32{s0, s1, s2, s3}, accumulate)
}

func storeGeneric(c []float32, sums [4]float32, accumulate bool) {
	for j := range c {
		if accumulate {
			c[j] += sums[j]
		} else {
			c[j] = sums[j]
		}
	}
}

func genericTranspose(dst *float32, dstStride int, src *float32, srcStride, k int) {
	to := unsafe.Slice(dst, (k-1)*dstStride+8)
	from := unsafe.Slice(src, 7*srcStride+k)
	for i := range k {
		row := to[i*dstStride : i*dstStride+8]
		for j := range row {
			row[j] = from[j*srcStride+i]
		}
	}
}
