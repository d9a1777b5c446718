package ranking

// NextStep is what a campaign asks of somebody next.
type NextStep string

// The next steps, in the order in which they come before a task.
const (
	NextTask   NextStep = "task"    // the first one, or another one
	NextResume NextStep = "resume"  // the task that is held already
	NextRead   NextStep = "read"    // the newest guidelines
	NextQuiz   NextStep = "quiz"    // which was not tried yet
	NextRetry  NextStep = "retry"   // the quiz again
	NextUsedUp NextStep = "used_up" // nothing: no attempt at the quiz is left
	NextWait   NextStep = "wait"    // nothing: an admin has to let them go on behind the calibration batch
)

// FirstSteps is how far an admin has set the loop up.
type FirstSteps struct {
	Campaign  string // the newest, "" while there is none
	Prompts   bool   // some campaign has prompts
	Tasks     bool   // with all the responses that they need, so that they can be given out
	People    bool   // work on a campaign, or are invited to one
	Judgments bool
	Snapshots bool
	Trained   bool // a run has succeeded
}

// Done counts the steps that are taken, and all of them.
func (f FirstSteps) Done() (done, all int) {
	steps := []bool{f.Campaign != "", f.Prompts, f.Tasks, f.People, f.Trained}
	for _, step := range steps {
		if step {
			done++
		}
	}
	return done, len(steps)
}
