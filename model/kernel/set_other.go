//go:build !amd64

package kernel

// sets lists what this machine can run, best first.
func sets() []*set { return []*set{&genericSet} }
