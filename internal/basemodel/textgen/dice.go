package textgen

import "math/rand/v2"

// dice is the one source of randomness of a stream.
type dice struct{ rng *rand.Rand }

func newDice(seed uint64) *dice {
	return &dice{rand.New(rand.NewPCG(seed, 0x7465787467656e))}
}

// roll returns a number in [0, n).
func (d *dice) roll(n int) int { return d.rng.IntN(n) }

// between returns a number in [low, high].
func (d *dice) between(low, high int) int { return low + d.rng.IntN(high-low+1) }

func (d *dice) chance(p float64) bool { return d.rng.Float64() < p }

func pick[T any](d *dice, from []T) T { return from[d.roll(len(from))] }

// pickOther draws until the item differs from avoid; from must hold another.
func pickOther(d *dice, from []string, avoid ...string) string {
	for {
		s := pick(d, from)
		if !contains(avoid, s) {
			return s
		}
	}
}

// some returns n distinct items in random order.
func some[T any](d *dice, from []T, n int) []T {
	order := d.rng.Perm(len(from))
	out := make([]T, n)
	for i := range out {
		out[i] = from[order[i]]
	}
	return out
}

func contains(list []string, s string) bool {
	for _, t := range list {
		if t == s {
			return true
		}
	}
	return false
}
