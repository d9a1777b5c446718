package tokenizer

import (
	"encoding/binary"
	"math"
	"math/bits"
	"math/rand/v2"
)

// noMerge is the rank of a pair that is not merged, above every real one.
const noMerge = math.MaxInt32

// rankTable maps pairs to their merges: open addressing with linear probing, at
// most three quarters full. The hash is keyed at random, so that no file can be made to
// collide; ids do not depend on it.
type rankTable struct {
	slots []rankSlot
	seed  uint64
	shift int
}

type rankSlot struct {
	key        uint64 // the pair + 1; 0 is empty
	rank, into int32
}

// newRankTable also returns the rank of the first merge whose pair was merged
// before, or -1.
func newRankTable(merges []merge) (t rankTable, repeated int) {
	log := bits.Len(uint(len(merges)*4/3 + 1))
	t = rankTable{slots: make([]rankSlot, 1<<log), seed: rand.Uint64(), shift: 64 - log}
	for rank, m := range merges {
		i := t.slot(m.pair)
		for t.slots[i].key != 0 {
			if t.slots[i].key == uint64(m.pair)+1 {
				return t, rank
			}
			i = (i + 1) & (len(t.slots) - 1)
		}
		t.slots[i] = rankSlot{key: uint64(m.pair) + 1, rank: int32(rank), into: m.id}
	}
	return t, -1
}

func (t *rankTable) slot(p pair) int {
	high, low := bits.Mul64(uint64(p)^t.seed, 0x9E3779B97F4A7C15)
	return int((high ^ low) * 0xBF58476D1CE4E5B9 >> t.shift)
}

// find returns the rank of a pair's merge, noMerge if there is none, and the
// token that it becomes.
func (t *rankTable) find(p pair) (rank, into int32) {
	for i := t.slot(p); ; i = (i + 1) & (len(t.slots) - 1) {
		switch t.slots[i].key {
		case uint64(p) + 1:
			return t.slots[i].rank, t.slots[i].into
		case 0:
			return noMerge, 0
		}
	}
}

// wordCache remembers the ids of short words, which are most of any text. A
// word has one slot; the last word that falls into it stays.
type wordCache struct{ slots []cachedWord }

const (
	cachedWords     = 1 << 13
	maxCachedBytes  = 23
	maxCachedTokens = 5
)

type cachedWord struct {
	key   cacheKey
	ids   [maxCachedTokens]int32
	count uint8
}

// cacheKey is the bytes of a word, padded with zeros, and their number in the
// last byte; a zero key is no word.
type cacheKey [3]uint64

// find returns the slot of a word; ok is false for words too long to keep.
func (c *wordCache) find(word string) (key cacheKey, slot *cachedWord, ok bool) {
	if len(word) > maxCachedBytes || len(word) == 0 {
		return key, nil, false
	}
	if c.slots == nil {
		c.slots = make([]cachedWord, cachedWords)
	}
	var padded [24]byte
	copy(padded[:], word)
	padded[maxCachedBytes] = byte(len(word))
	key[0] = binary.LittleEndian.Uint64(padded[:8])
	key[1] = binary.LittleEndian.Uint64(padded[8:16])
	key[2] = binary.LittleEndian.Uint64(padded[16:])
	high, low := bits.Mul64(key[0]^0x9E3779B97F4A7C15, key[1]^key[2]^0xD6E8FEB86659FD93)
	return key, &c.slots[(high^low)&(cachedWords-1)], true
}
