//go:build !linux

package kernel

// adviseHuge has no counterpart here.
func adviseHuge([]float32) {}
