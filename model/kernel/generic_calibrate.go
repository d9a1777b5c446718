package kernel

func genericFMALoop(n int) (flops int) {
	var s [8]float32
	a, b, c, d, e, f, g, h := s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]
	x, y := float32(n), 1/float32(n)
	for range n {
		a = a*y + x
		b = b*y + x
		c = c*y + x
		d = d*y + x
		e = e*y + x
		f = f*y + x
		g = g*y + x
		h = h*y + x
	}
	if a+b+c+d+e+f+g+h == 0 { // keeps the sums alive
		return 0
	}
	return 16
}

func genericReadLoop(x []float32) float32 {
	var a, b, c, d float32
	for ; len(x) >= 4; x = x[4:] {
		a += x[0]
		b += x[1]
		c += x[2]
		d += x[3]
	}
	return a + b + c + d
}
