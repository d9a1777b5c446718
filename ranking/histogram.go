package ranking

import "math"

// HistogramBins is how many bins a histogram has, unless all its values are equal.
const HistogramBins = 24

// Histogram counts values in bins of one width, from the least value to the greatest.
type Histogram struct {
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
	Counts []int   `json:"counts"` // by bin; the last one holds High. One bin where Low is High
}

// NewHistogram counts values; those that are not finite are left out. ok is false where none is left.
func NewHistogram(values []float64) (h Histogram, ok bool) {
	h.Low, h.High = math.Inf(1), math.Inf(-1)
	finite := make([]float64, 0, len(values))
	for _, x := range values {
		if !math.IsNaN(x) && !math.IsInf(x, 0) {
			finite = append(finite, x)
			h.Low, h.High = min(h.Low, x), max(h.High, x)
		}
	}
	if len(finite) == 0 {
		return Histogram{}, false
	}
	h.Counts = make([]int, 1)
	if width := h.High - h.Low; width > 0 && !math.IsInf(width, 0) {
		h.Counts = make([]int, HistogramBins)
	}
	for _, x := range finite {
		bin := 0
		if bins := len(h.Counts); bins > 1 {
			bin = min(int((x-h.Low)/(h.High-h.Low)*float64(bins)), bins-1)
		}
		h.Counts[bin]++
	}
	return h, true
}

// Values is how many values were counted.
func (h Histogram) Values() (n int) {
	for _, count := range h.Counts {
		n += count
	}
	return n
}

// Edge is where bin i begins; Edge(len(Counts)) is where the last one ends. A histogram of equal values has a bin of width
// 1 around them.
func (h Histogram) Edge(i int) float64 {
	if len(h.Counts) == 1 {
		return h.Low - 0.5 + float64(i)
	}
	return h.Low + (h.High-h.Low)*float64(i)/float64(len(h.Counts))
}

// Density is the share of all values in bin i, per unit: the area under a histogram is 1, whatever its bins.
func (h Histogram) Density(i int) float64 {
	return float64(h.Counts[i]) / float64(h.Values()) / (h.Edge(i+1) - h.Edge(i))
}
