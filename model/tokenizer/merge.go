package tokenizer

// mergeScratch holds one word while its pairs are merged: a doubly linked list
// of tokens in slices, and a heap of the pairs that can be merged.
type mergeScratch struct {
	ids        []int32
	prev, next []int32 // positions; -1 is no neighbour
	queue      minHeap // rank<<32 | position of the left token
}

// minHeap is a binary heap of keys, the smallest first.
type minHeap []uint64

// appendWord appends the encoding of one word: the pair of lowest rank is
// merged first, the leftmost of equals. A word of n bytes takes O(n log n).
func (t *Tokenizer) appendWord(dst []int32, word string, s *mergeScratch) []int32 {
	if len(word) == 1 {
		return append(dst, t.byteIDs[word[0]])
	}
	s.load(t, word)
	for len(s.queue) > 0 {
		key := s.queue.pop()
		rank, at := int32(key>>32), int32(uint32(key))
		// The pair may have changed since it was queued.
		if now, ok := s.rankAt(t, at); !ok || now != rank {
			continue
		}
		right := s.next[at]
		s.ids[at] = t.merges[rank].id
		s.ids[right] = -1 // no longer a token
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

// load fills the list with the bytes of word and queues every known pair.
func (s *mergeScratch) load(t *Tokenizer, word string) {
	s.ids, s.prev, s.next, s.queue = s.ids[:0], s.prev[:0], s.next[:0], s.queue[:0]
	for i := range len(word) {
		s.ids = append(s.ids, t.byteIDs[word[i]])
		s.prev = append(s.prev, int32(i)-1)
		s.next = append(s.next, int32(i)+1)
	}
	s.next[len(word)-1] = -1
	for at := range len(word) - 1 {
		s.offer(t, int32(at))
	}
}

// offer queues the pair that starts at position at if it can be merged.
func (s *mergeScratch) offer(t *Tokenizer, at int32) {
	if rank, ok := s.rankAt(t, at); ok {
		s.queue.push(uint64(rank)<<32 | uint64(uint32(at)))
	}
}

func (s *mergeScratch) rankAt(t *Tokenizer, at int32) (int32, bool) {
	if s.ids[at] < 0 || s.next[at] < 0 {
		return 0, false
	}
	rank, ok := t.ranks[pairOf(s.ids[at], s.ids[s.next[at]])]
	return rank, ok
}

func (h *minHeap) push(key uint64) {
	*h = append(*h, key)
	q, i := *h, len(*h)-1
	for i > 0 && q[(i-1)/2] > q[i] {
		q[(i-1)/2], q[i] = q[i], q[(i-1)/2]
		i = (i - 1) / 2
	}
}

func (h *minHeap) pop() uint64 {
	q := *h
	top, last := q[0], len(q)-1
	q[0] = q[last]
	q = q[:last]
	*h = q
	for i := 0; ; {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < last; child++ {
			if q[child] < q[least] {
				least = child
			}
		}
		if least == i {
			return top
		}
		q[i], q[least] = q[least], q[i]
		i = least
	}
}
