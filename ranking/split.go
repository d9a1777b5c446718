package ranking

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"slices"
)

// PromptKey names a prompt across campaigns.
type PromptKey struct{ Campaign, ID string }

// Splitter divides prompts into a training and a validation side. What belongs together stays on one side: prompts of
// one group, conversations that open with the same user turn, and near-duplicates. Dividing by pair, or by leaf of a
// conversation, would let a reward model be tested on what it was trained on.
type Splitter struct {
	seed    uint64
	share   float64
	prompts []PromptKey
	places  map[PromptKey]int
	union   unionFind
	groups  map[[2]string]int // campaign, group → a prompt of it
	openers map[[32]byte]int  // hash of the first user turn
	near    nearDuplicates
}

// NewSplitter puts share (0 ≤ share < 1) of the groups on the validation side.
func NewSplitter(seed uint64, share float64) *Splitter {
	return &Splitter{
		seed:    seed,
		share:   share,
		places:  make(map[PromptKey]int),
		groups:  make(map[[2]string]int),
		openers: make(map[[32]byte]int),
		near:    newNearDuplicates(),
	}
}

// minOpenerWords is how long a first turn must be to tell that two conversations are one: "hello" does not.
const minOpenerWords = 5

// Add takes in the prompt of a record; a prompt that was added before is passed over.
func (s *Splitter) Add(r *Record) {
	key := PromptKey{Campaign: r.Campaign, ID: r.PromptID}
	if _, ok := s.places[key]; ok {
		return
	}
	place := len(s.prompts)
	s.places[key] = place
	s.prompts = append(s.prompts, key)
	s.union.grow(place + 1)

	group := [2]string{r.Campaign, r.Group}
	if other, ok := s.groups[group]; ok {
		s.union.join(place, other)
	} else {
		s.groups[group] = place
	}
	opener, whole := promptWords(r.Messages)
	if len(opener) >= minOpenerWords {
		hash := hashWords(opener)
		if other, ok := s.openers[hash]; ok {
			s.union.join(place, other)
		} else {
			s.openers[hash] = place
		}
	}
	if other, ok := s.near.find(whole, place); ok {
		s.union.join(place, other)
	}
}

// Split assigns every prompt. The groups are shuffled by the seed and the groups' names alone, so that the order in
// which prompts came does not matter; the first round(share × groups) of them are validation: at least one where share
// is positive, and never all.
func (s *Splitter) Split() map[PromptKey]Split {
	name := make(map[int]PromptKey) // root → the smallest key of the group
	for place, key := range s.prompts {
		root := s.union.root(place)
		if smallest, ok := name[root]; !ok || comparePromptKeys(key, smallest) < 0 {
			name[root] = key
		}
	}
	type group struct {
		root int
		draw uint64
		key  PromptKey
	}
	groups := make([]group, 0, len(name))
	for root, key := range name {
		groups = append(groups, group{root: root, draw: s.draw(key), key: key})
	}
	slices.SortFunc(groups, func(a, b group) int {
		return cmp.Or(cmp.Compare(a.draw, b.draw), comparePromptKeys(a.key, b.key))
	})
	validation := 0
	if s.share > 0 && len(groups) > 1 {
		validation = int(math.Round(s.share * float64(len(groups))))
		validation = min(max(validation, 1), len(groups)-1)
	}
	side := make(map[int]Split, len(groups))
	for i, g := range groups {
		side[g.root] = SplitTrain
		if i < validation {
			side[g.root] = SplitValidation
		}
	}
	out := make(map[PromptKey]Split, len(s.prompts))
	for place, key := range s.prompts {
		out[key] = side[s.union.root(place)]
	}
	return out
}

func comparePromptKeys(a, b PromptKey) int {
	return cmp.Or(cmp.Compare(a.Campaign, b.Campaign), cmp.Compare(a.ID, b.ID))
}

func (s *Splitter) draw(key PromptKey) uint64 {
	var seed [8]byte
	binary.LittleEndian.PutUint64(seed[:], s.seed)
	sum := sha256.Sum256([]byte("split\x00" + string(seed[:]) + key.Campaign + "\x00" + key.ID))
	return binary.LittleEndian.Uint64(sum[:])
}

// unionFind keeps disjoint sets of 0 … n−1.
type unionFind struct{ parent []int }

func (u *unionFind) grow(n int) {
	for len(u.parent) < n {
		u.parent = append(u.parent, len(u.parent))
	}
}

func (u *unionFind) root(i int) int {
	for u.parent[i] != i {
		u.parent[i] = u.parent[u.parent[i]]
		i = u.parent[i]
	}
	return i
}

func (u *unionFind) join(i, j int) { u.parent[u.root(i)] = u.root(j) }
