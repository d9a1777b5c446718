package handlers

import (
	"fmt"
	"testing"
	"time"

	"rankloop/ranking"
)

func TestAttemptLimiter(t *testing.T) {
	l := newAttemptLimiter()
	now := time.Unix(0, 0)
	l.now = func() time.Time { return now }
	limits := map[string]int{"account a": 3, "address b": 5}
	for range 3 {
		if err := l.take(limits); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.take(limits); ranking.ErrorCode(err) != CodeRateLimited {
		t.Errorf("the fourth attempt: %v", err)
	}
	if err := l.take(map[string]int{"account c": 3, "address b": 5}); err != nil {
		t.Errorf("a refused attempt was counted at the address: %v", err)
	}
	l.giveBack(limits)
	if err := l.take(limits); err != nil {
		t.Errorf("after a success: %v", err)
	}
	now = now.Add(failuresWindow)
	if err := l.take(limits); err != nil {
		t.Errorf("after the window: %v", err)
	}
}

func TestAttemptLimiterIsBounded(t *testing.T) {
	l := newAttemptLimiter()
	for i := range failuresKeysMax + 1000 {
		if err := l.take(map[string]int{fmt.Sprint(i): 1}); err != nil {
			t.Fatal(err)
		}
	}
	if len(l.windows) > failuresKeysMax+1 {
		t.Errorf("%d windows are kept", len(l.windows))
	}
}
