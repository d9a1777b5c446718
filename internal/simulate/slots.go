package simulate

import (
	"slices"
	"sync"
)

// slots numbers the judgments of one task: 0 for its first, 1 for its second, and so on. A slot whose judgment came to
// nothing is given out again.
type slots struct {
	mu       sync.Mutex
	next     int
	returned []int
}

func (s *slots) take() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.returned) > 0 {
		slot := slices.Min(s.returned)
		s.returned = slices.DeleteFunc(s.returned, func(other int) bool { return other == slot })
		return slot
	}
	s.next++
	return s.next - 1
}

func (s *slots) giveBack(slot int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.returned = append(s.returned, slot)
}
