package ranking

import "time"

// Pace is how somebody comes along in a campaign: what their page says quietly, and when it suggests a break.
type Pace struct {
	Today          int   // judgments since their midnight
	MedianActiveMS int64 // of their last judgments; 0 without any
	Worked         time.Duration
	BreakAfter     time.Duration // of uninterrupted work; 0 suggests none
}

// DueBreak reports whether a break is due before the task at hand begins.
func (p Pace) DueBreak() bool { return p.BreakAfter > 0 && p.Worked >= p.BreakAfter }

// BreakMinutesMax bounds PaceSettings.BreakMinutes: a working day.
const BreakMinutesMax = 480

// PaceSettings are a campaign's choices about its annotators' pace.
type PaceSettings struct {
	BreakMinutes int  // of uninterrupted work after which a break is suggested, 0 for never
	ShowKnown    bool // the right answer of a task that has one is shown once it was answered
}

// Validate checks the bounds.
func (p PaceSettings) Validate() error {
	if p.BreakMinutes < 0 || p.BreakMinutes > BreakMinutesMax {
		return Errorf(CodeInvalid, "the minutes after which a break is suggested must be 0 to %d, not %d", BreakMinutesMax, p.BreakMinutes)
	}
	return nil
}

// BreakMin is the shortest pause that counts as a break.
const BreakMin = 5 * time.Minute

// WorkSpan is one submitted answer as time: Active lies somewhere between StartedAt and SubmittedAt.
type WorkSpan struct {
	StartedAt, SubmittedAt time.Time
	Active                 time.Duration
}

// Uninterrupted is the active time since the last break, of answers that come newest first; now is when the present task
// began. A break is BreakMin without work, between two answers or within one: of one that holds a break, nothing counts.
func Uninterrupted(work []WorkSpan, now time.Time) (worked time.Duration) {
	for _, span := range work {
		idle := span.SubmittedAt.Sub(span.StartedAt) - span.Active
		if now.Sub(span.SubmittedAt) >= BreakMin || idle >= BreakMin {
			break
		}
		worked += span.Active
		now = span.StartedAt
	}
	return worked
}
