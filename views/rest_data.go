package views

import (
	"strconv"
	"time"
)

// BreakData is a break from a task.
type BreakData struct {
	Campaign, LeaseToken string
	Until                time.Time // how long the task is held
}

// minutes writes a duration as whole minutes.
func minutes(d time.Duration) string { return strconv.Itoa(int(d.Minutes())) }
