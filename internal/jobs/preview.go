package jobs

import (
	"context"
	"sync"

	"rankloop/internal/store"
	"rankloop/model/kernel"
	"rankloop/ranking"
	"rankloop/trainer"
)

// Preview is what a run would take on this machine, were it launched now.
type Preview struct {
	Spec               Spec
	Cost               trainer.Cost
	PeakGflops         float64 // of multiply-adds on all threads, measured just now
	Seconds            float64 // of work at that speed
	MemoryBytes        int64   // at the run's peak
	MachineMemoryBytes int64   // 0 where unknown
	Refused            error   // why it would not be launched: memory; nil where it would
}

// Prepared is a request that could be launched.
type Prepared struct {
	Preview
	launcher *Launcher
	request  Request
}

// Prepare does what Launch does short of storing a run, and counts what the run would take. It fails as Launch
// or the run's start would, but for a lack of memory, which the preview tells.
func (l *Launcher) Prepare(ctx context.Context, r Request) (*Prepared, error) {
	spec, err := l.specify(ctx, r)
	if err != nil {
		return nil, err
	}
	inputs, err := l.Inputs.usable(ctx, spec)
	if err != nil {
		return nil, err
	}
	p := &Prepared{Preview: Preview{Spec: spec, MachineMemoryBytes: totalMemory()}, launcher: l, request: r}
	if p.MemoryBytes, err = trainer.EstimateMemory(spec.trainer(), inputs.Sizes()); err != nil {
		return nil, err
	}
	p.Refused = fits(p.MemoryBytes, p.MachineMemoryBytes)
	workload, err := trainer.MeasureWorkload(spec.trainer(), inputs)
	if err != nil {
		return nil, err
	}
	if p.Cost, err = trainer.EstimateCost(spec.trainer(), workload); err != nil {
		return nil, err
	}
	p.PeakGflops = peakGflops()
	p.Seconds = p.Cost.Seconds(p.PeakGflops)
	return p, nil
}

// Start stores the run, queued, as Launch does.
func (p *Prepared) Start(ctx context.Context) (run store.Run, created bool, err error) {
	if p.Refused != nil {
		return store.Run{}, false, p.Refused
	}
	return p.launcher.create(ctx, p.request, p.Spec)
}

// calibrating keeps measurements from slowing one another down.
var calibrating sync.Mutex

func peakGflops() float64 {
	calibrating.Lock()
	defer calibrating.Unlock()
	return kernel.Calibrate().FMAGflopsAll
}

// usable loads a run's inputs and finds out whether it could start with them.
func (in *Inputs) usable(ctx context.Context, spec Spec) (trainer.Inputs, error) {
	inputs, err := in.Load(ctx, spec)
	if err != nil {
		return trainer.Inputs{}, err
	}
	if ranked := spec.Kind == trainer.KindReward || spec.Kind == trainer.KindDPO; ranked && !anyTrainingPair(inputs.Records) {
		return trainer.Inputs{}, ranking.Errorf(ranking.CodeInvalid, "there is no comparison to learn from: the training split has no ranking with two untied responses")
	}
	return inputs, nil
}
