package cli

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"rankloop/internal/jobs"
	"rankloop/trainer"
)

// previewView is a preview under --json.
type previewView struct {
	Kind               string             `json:"kind"`
	Name               string             `json:"name,omitempty"` // as given
	Base               string             `json:"base"`
	Reward             string             `json:"reward,omitempty"`
	Snapshot           string             `json:"snapshot,omitempty"`
	Steps              int                `json:"steps"`
	TokensTrained      int64              `json:"tokens_trained"`
	MixShare           float64            `json:"mix_share"`
	FLOP               float64            `json:"flop"`
	AtMost             bool               `json:"at_most"`
	PeakGflops         float64            `json:"peak_gflops"`
	Minutes            float64            `json:"minutes"`
	MemoryBytes        int64              `json:"memory_bytes"`
	MachineMemoryBytes int64              `json:"machine_memory_bytes"`
	Refused            string             `json:"refused,omitempty"`
	Parts              []trainer.CostPart `json:"parts"`
	Warnings           []jobs.Warning     `json:"warnings"`
}

func newPreviewView(name string, p jobs.Preview) previewView {
	v := previewView{
		Kind: p.Spec.Kind, Name: name, Base: p.Spec.Base.Name, Steps: p.Cost.Steps, TokensTrained: p.Cost.TokensTrained,
		MixShare: p.Cost.MixShare(), FLOP: p.Cost.FLOP, AtMost: p.Cost.AtMost, PeakGflops: p.PeakGflops, Minutes: p.Seconds / 60,
		MemoryBytes: p.MemoryBytes, MachineMemoryBytes: p.MachineMemoryBytes, Parts: p.Cost.Parts,
		Warnings: append([]jobs.Warning{}, p.Spec.Notes...),
	}
	if p.Spec.Reward != nil {
		v.Reward = p.Spec.Reward.Name
	}
	if p.Spec.Snapshot != nil {
		v.Snapshot = p.Spec.Snapshot.Name
	}
	if p.Refused != nil {
		v.Refused = p.Refused.Error()
	}
	return v
}

// printPreview writes what a run would take for people.
func printPreview(to io.Writer, p jobs.Preview) error {
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	line := func(name, format string, args ...any) {
		fmt.Fprintf(table, "%s\t%s\n", name, fmt.Sprintf(format, args...))
	}
	about := "about"
	if p.Cost.AtMost {
		about = "at most about"
	}
	work := time.Duration(p.Seconds * float64(time.Second)).Round(time.Second)
	line("expected time", "%s %s at the speed of now (peak %.0f GFLOP/s)", about, work, p.PeakGflops)
	line("work", "%.3g FLOP in %d steps, %d tokens trained on", p.Cost.FLOP, p.Cost.Steps, p.Cost.TokensTrained)
	for _, part := range p.Cost.Parts {
		name := part.Name
		if part.Sampling {
			name += ", sampling"
		}
		line("  "+name, "%d tokens, %.3g FLOP (%.0f %%)", part.Tokens, part.FLOP, 100*part.FLOP/p.Cost.FLOP)
	}
	if p.Cost.MixTokens > 0 {
		line("pretraining mix", "%.0f %% of the tokens trained on", 100*p.Cost.MixShare())
	}
	memory := fmt.Sprintf("about %.1f GiB", float64(p.MemoryBytes)/(1<<30))
	if p.MachineMemoryBytes > 0 {
		memory += fmt.Sprintf(" of %.1f", float64(p.MachineMemoryBytes)/(1<<30))
	}
	line("memory", "%s", memory)
	if p.Refused != nil {
		line("refused", "%s", p.Refused)
	}
	return table.Flush()
}
