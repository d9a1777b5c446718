package views

import (
	"fmt"
	"slices"

	"rankloop/ranking"
)

// CalibrationData is a campaign's calibration batch, and the form that chooses it, as it is or as it came back.
type CalibrationData struct {
	Campaign string
	Report   ranking.CalibrationReport
	First    string // how many of the first prompts
	Prompts  string // ids of others, one a line
	Approval bool
	Notice   string // catalog key of what was just done
	Errors   FormErrors
}

// CalibrationPath is the page of a campaign's calibration batch.
func CalibrationPath(campaign string) string { return CampaignPath(campaign) + "/calibration" }

// through counts the people who have nothing left of the batch.
func (d CalibrationData) through() int {
	n := 0
	for _, s := range d.Report.Standings {
		if s.Done() {
			n++
		}
	}
	return n
}

// hasKnown reports whether some task has a right answer.
func (d CalibrationData) hasKnown() bool {
	return slices.ContainsFunc(d.Report.Items, func(i ranking.CalibrationItem) bool { return i.Known != nil })
}

// standing is where a person stands, as a key of the catalog and a kind of badge.
func (d CalibrationData) standing(person int) (key, badge string) {
	switch {
	case d.Report.Waits(person):
		return "calibration.stands_waits", "paused"
	case !d.Report.Standings[person].Done():
		return "calibration.stands_working", "running"
	case d.Report.Approval:
		return "calibration.stands_approved", "succeeded"
	}
	return "calibration.stands_through", "succeeded"
}

// taskTitle names a task by the beginning of what is asked, or by its id where nothing is.
func taskTitle(task ranking.CalibrationTask) string {
	if n := len(task.Prompt.Messages); n > 0 {
		return excerpt(task.Prompt.Messages[n-1].Content, 120)
	}
	return task.PromptID
}

// turnsOf lays messages out.
func turnsOf(messages []ranking.Message) []Turn {
	var out []Turn
	for _, m := range messages {
		out = append(out, Turn{Role: m.Role, HTML: Markdown(m.Content)})
	}
	return out
}

func wholePercent(p ranking.Proportion) string { return fmt.Sprintf("%.0f %%", 100*p.Count/p.Of) }
