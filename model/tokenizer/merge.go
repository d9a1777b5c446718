package tokenizer

// noToken stands for a byte that the vocabulary has no token for.
const noToken = -1

// shortWord is the number of tokens up to which scanning a word for its best
// pair beats keeping a heap of the pairs.
const shortWord = 24

// mergeScratch holds one word while its pairs are merged: a doubly linked list
// of tokens in slices, and a heap of the pairs that can be merged.
type mergeScratch struct {
	ids        []int32
	prev, next []int32 // positions; -1 is no neighbour
	queue      minHeap // rank<<32 | position of the left token
	short      [shortWord]shortPair
	cache      wordCache
}

// shortPair is a token and what becomes of it and its right neighbour.
type shortPair struct {
	id   int32
	rank int32 // of the merge with the right neighbour; noMerge if there is none
	into int32
}

// appendWord appends the encoding of one word: the pair of lowest rank is
// merged first, the leftmost of equals.
func (t *Tokenizer) appendWord(dst []int32, word string, s *mergeScratch) []int32 {
	if len(word) == 1 && t.byteIDs[word[0]] != noToken {
		return append(dst, t.byteIDs[word[0]])
	}
	key, slot, short := s.cache.find(word)
	if short && slot.key == key {
		return append(dst, slot.ids[:slot.count]...)
	}
	start := len(dst)
	dst = t.appendMerged(dst, word, s)
	if ids := dst[start:]; short && len(ids) <= len(slot.ids) {
		slot.key, slot.count = key, uint8(len(ids))
		copy(slot.ids[:], ids)
	}
	return dst
}

func (t *Tokenizer) appendMerged(dst []int32, word string, s *mergeScratch) []int32 {
	if id, whole := t.whole[word]; whole {
		return append(dst, id)
	}
	s.ids = t.appendBytes(s.ids[:0], word)
	if len(s.ids) <= shortWord {
		return t.appendShort(dst, s)
	}
	return t.appendLong(dst, s)
}

// appendBytes appends the tokens of the single bytes of word.
func (t *Tokenizer) appendBytes(dst []int32, word string) []int32 {
	unknown := false // whether the byte before had no token
	for i := range len(word) {
		id := t.byteIDs[word[i]]
		if id == noToken {
			if t.unknown != noToken && !(unknown && t.fuseUnknown) {
				dst = append(dst, t.unknown)
			}
			unknown = true
			continue
		}
		dst, unknown = append(dst, id), false
	}
	return dst
}

// appendShort merges the tokens of s.ids by looking at all pairs again and
// again.
func (t *Tokenizer) appendShort(dst []int32, s *mergeScratch) []int32 {
	n := len(s.ids)
	if n == 0 {
		return dst
	}
	word := s.short[:n]
	for i, id := range s.ids {
		word[i] = shortPair{id: id, rank: noMerge}
	}
	for i := range n - 1 {
		word[i].rank, word[i].into = t.ranks.find(pairOf(word[i].id, word[i+1].id))
	}
	for {
		best, at := int32(noMerge), 0
		for i := range word {
			if word[i].rank < best {
				best, at = word[i].rank, i
			}
		}
		if best == noMerge {
			break
		}
		word[at].id, word[at].rank = word[at].into, noMerge
		word = append(word[:at+1], word[at+2:]...)
		if at+1 < len(word) {
			word[at].rank, word[at].into = t.ranks.find(pairOf(word[at].id, word[at+1].id))
		}
		if at > 0 {
			word[at-1].rank, word[at-1].into = t.ranks.find(pairOf(word[at-1].id, word[at].id))
		}
	}
	for i := range word {
		dst = append(dst, word[i].id)
	}
	return dst
}

// appendLong merges the n tokens of s.ids in O(n log n).
func (t *Tokenizer) appendLong(dst []int32, s *mergeScratch) []int32 {
	s.link(t)
	for len(s.queue) > 0 {
		key := s.queue.pop()
		rank, at := int32(key>>32), int32(uint32(key))
		// The pair may have changed since it was queued.
		now, into := s.rankAt(t, at)
		if now != rank {
			continue
		}
		right := s.next[at]
		s.ids[at] = into
		s.ids[right] = noToken
		s.next[at] = s.next[right]
		if after := s.next[at]; after >= 0 {
			s.prev[after] = at
			s.offer(t, at)
		}
		if before := s.prev[at]; before >= 0 {
			s.offer(t, before)
		}
	}
	for at := int32(0); at >= 0; at = s.next[at] {
		dst = append(dst, s.ids[at])
	}
	return dst
}

// link makes the list of s.ids and queues every known pair.
func (s *mergeScratch) link(t *Tokenizer) {
	s.prev, s.next, s.queue = s.prev[:0], s.next[:0], s.queue[:0]
	for i := range s.ids {
		s.prev = append(s.prev, int32(i)-1)
		s.next = append(s.next, int32(i)+1)
	}
	s.next[len(s.ids)-1] = -1
	for at := range len(s.ids) - 1 {
		if rank, _ := s.rankAt(t, int32(at)); rank != noMerge {
			s.queue = append(s.queue, queued(rank, int32(at)))
		}
	}
	s.queue.order()
}

// offer queues the pair that starts at position at if it can be merged.
func (s *mergeScratch) offer(t *Tokenizer, at int32) {
	if rank, _ := s.rankAt(t, at); rank != noMerge {
		s.queue.push(queued(rank, at))
	}
}

// rankAt returns the rank of the pair that starts at position at, and the token
// that it becomes.
func (s *mergeScratch) rankAt(t *Tokenizer, at int32) (rank, into int32) {
	if s.ids[at] < 0 || s.next[at] < 0 {
		return noMerge, 0
	}
	return t.ranks.find(pairOf(s.ids[at], s.ids[s.next[at]]))
}

// queued is the key of a pair: the lowest rank first, then the leftmost.
func queued(rank, at int32) uint64 { return uint64(rank)<<32 | uint64(uint32(at)) }

// minHeap is a heap of keys, the smallest first. Four children a node take
// fewer cache lines than two.
type minHeap []uint64

const heapArity = 4

// order makes a heap of keys in any order.
func (h minHeap) order() {
	for i := len(h)/heapArity + 1; i >= 0; i-- {
		h.sink(i)
	}
}

func (h *minHeap) push(key uint64) {
	*h = append(*h, key)
	q, i := *h, len(*h)-1
	for i > 0 {
		parent := (i - 1) / heapArity
		if q[parent] <= key {
			break
		}
		q[i] = q[parent]
		i = parent
	}
	q[i] = key
}

func (h *minHeap) pop() uint64 {
	q := *h
	top, last := q[0], len(q)-1
	q[0] = q[last]
	*h = q[:last]
	h.sink(0)
	return top
}

// sink moves the key at i down to its place.
func (h minHeap) sink(i int) {
	if i >= len(h) {
		return
	}
	key := h[i]
	for {
		first := heapArity*i + 1
		if first >= len(h) {
			break
		}
		least := first
		for child := first + 1; child < min(first+heapArity, len(h)); child++ {
			if h[child] < h[least] {
				least = child
			}
		}
		if h[least] >= key {
			break
		}
		h[i] = h[least]
		i = least
	}
	h[i] = key
}
