package cli

import "testing"

func TestCampaignPace(t *testing.T) {
	p := newProgram(t)
	type pace struct {
		BreakMinutes int  `json:"break_minutes"`
		ShowKnown    bool `json:"show_known"`
	}
	p.fail(exitFailed, "campaign", "create", "--name", "c", "--break-minutes", "481")
	p.json(nil, "campaign", "create", "--name", "c") // the name is free: nothing was made before
	p.json(nil, "campaign", "create", "--name", "d", "--break-minutes", "0", "--show-known")
	for name, want := range map[string]pace{"c": {50, false}, "d": {0, true}} {
		var got pace
		p.json(&got, "campaign", "show", name)
		if got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
}
