package trainer

import "math"

// whiten shifts and scales the rows to mean 0 and population variance 1 over all their elements together. The rows hold
// valid tokens only, so this is the masked whitening of lm-human-preferences: (x − μ)/√(σ² + 1e-8). A constant input
// becomes 0.
func whiten(rows [][]float32) {
	mean, variance := moments(rows)
	scale := 1 / math.Sqrt(variance+1e-8)
	for _, row := range rows {
		for i, x := range row {
			row[i] = float32((float64(x) - mean) * scale)
		}
	}
}

// moments are the mean and population variance over all elements, in two passes and a fixed order; 0, 0 of nothing.
func moments(rows [][]float32) (mean, variance float64) {
	n := 0
	for _, row := range rows {
		for _, x := range row {
			mean += float64(x)
		}
		n += len(row)
	}
	if n == 0 {
		return 0, 0
	}
	mean /= float64(n)
	for _, row := range rows {
		for _, x := range row {
			variance += (float64(x) - mean) * (float64(x) - mean)
		}
	}
	return mean, variance / float64(n)
}
