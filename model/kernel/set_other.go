//go:build (!amd64 && !arm64) || purego

package kernel

// sets lists what this machine can run, best first.
func sets() []*set { return []*set{&genericSet} }

// pause has no counterpart here: looking for work yields to other goroutines.
func pause(int) {}
