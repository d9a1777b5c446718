package handlers

import (
	"sync"
	"time"

	"rankloop/ranking"
)

// Sign-in attempts that may fail within the window, for one address of the network and for one account. Successes do
// not count, so a room of annotators behind one address is not locked out.
const (
	failuresPerAddressMax = 100
	failuresPerAccountMax = 10
	failuresWindow        = 15 * time.Minute
	failuresKeysMax       = 100_000 // entries kept at most
)

// attemptLimiter counts attempts in fixed windows per key. An attempt is counted before it is checked and taken back
// when it succeeds, so that many at once cannot slip through.
type attemptLimiter struct {
	mu      sync.Mutex
	windows map[string]*attemptWindow
	now     func() time.Time
}

type attemptWindow struct {
	count  int
	endsAt time.Time
}

func newAttemptLimiter() *attemptLimiter {
	return &attemptLimiter{windows: map[string]*attemptWindow{}, now: time.Now}
}

// take counts one attempt under each key, or counts none and fails with CodeRateLimited when a key has used up its
// limit.
func (l *attemptLimiter) take(limits map[string]int) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if len(l.windows) > failuresKeysMax {
		l.dropEnded(now)
	}
	for key, limit := range limits {
		if w := l.windows[key]; w != nil && now.Before(w.endsAt) && w.count >= limit {
			minutes := int(w.endsAt.Sub(now).Minutes()) + 1
			return ranking.Errorf(CodeRateLimited, "too many failed attempts; try again in %d minutes", minutes)
		}
	}
	for key := range limits {
		w := l.windows[key]
		if w == nil || !now.Before(w.endsAt) {
			w = &attemptWindow{endsAt: now.Add(failuresWindow)}
			l.windows[key] = w
		}
		w.count++
	}
	return nil
}

// giveBack uncounts an attempt that succeeded.
func (l *attemptLimiter) giveBack(limits map[string]int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for key := range limits {
		if w := l.windows[key]; w != nil && w.count > 0 {
			w.count--
		}
	}
}

// dropEnded removes windows that are over; under attack from more addresses than are kept, it starts afresh rather
// than grow without bound.
func (l *attemptLimiter) dropEnded(now time.Time) {
	for key, w := range l.windows {
		if !now.Before(w.endsAt) {
			delete(l.windows, key)
		}
	}
	if len(l.windows) > failuresKeysMax {
		clear(l.windows)
	}
}
