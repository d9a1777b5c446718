package trainer

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
)

// streamKey is the seed of one purpose at one place: a run's seed, what the randomness is for, and counters such as the
// epoch or the episode. Nothing about a generator has to be saved, since the counters say where it stands.
func streamKey(seed int64, purpose string, place ...uint64) [2]uint64 {
	message := binary.LittleEndian.AppendUint64(nil, uint64(seed))
	for _, p := range place {
		message = binary.LittleEndian.AppendUint64(message, p)
	}
	sum := sha256.Sum256(append(message, purpose...))
	return [2]uint64{binary.LittleEndian.Uint64(sum[:8]), binary.LittleEndian.Uint64(sum[8:16])}
}

// newStream is a generator of its own for one purpose at one place.
func newStream(seed int64, purpose string, place ...uint64) *rand.Rand {
	key := streamKey(seed, purpose, place...)
	return rand.New(rand.NewPCG(key[0], key[1]))
}

// shuffler visits [0, n) again and again, in a fresh random order each epoch. It is a function of the seed alone; the
// current epoch's order is kept only to save time.
type shuffler struct {
	seed    int64
	purpose string
	n       int

	epoch int
	order []int
}

// at returns the item at a position of the endless sequence of epochs.
func (s *shuffler) at(position int) int {
	epoch := position / s.n
	if s.order == nil || s.epoch != epoch {
		s.epoch, s.order = epoch, newStream(s.seed, s.purpose, uint64(epoch)).Perm(s.n)
	}
	return s.order[position%s.n]
}
