package jobs

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"rankloop/internal/artifacts"
	"rankloop/internal/store"
	"rankloop/model/kernel"
	"rankloop/trainer"
)

const (
	beatEvery       = 3 * time.Second  // a fifth of the horizon after which a run counts as abandoned
	pollEvery       = time.Second      // how long a queued run waits for an idle worker at most
	checkpointEvery = 60 * time.Second // least time between two checkpoints
	overheadLimit   = 0.05             // share of the time that checkpoints may take
	stepGrace       = 5 * time.Second  // how long a step may go on after the process was asked to leave
)

// Owner claims training runs and works them, one at a time.
type Owner struct {
	Store     *store.Store
	Artifacts *artifacts.Folder
	Inputs    *Inputs
	Log       *slog.Logger

	// Cold reloads everything from the artifacts after each checkpoint: what a resume would do, all the time.
	Cold bool
	// OnStep sees every step of the run as it happens; nil for none.
	OnStep func(run store.Run, stepsTotal int, report trainer.Report)

	id        string
	beatEvery time.Duration // beatEvery unless a test is in a hurry
}

// identify gives the owner the name it claims runs under: unique for this process and this start.
func (o *Owner) identify() string {
	if o.id == "" {
		host, err := os.Hostname()
		if err != nil {
			host = "unknown"
		}
		random := make([]byte, 4)
		rand.Read(random)
		o.id = fmt.Sprintf("%s/%d/%s", host, os.Getpid(), hex.EncodeToString(random))
	}
	return o.id
}

// Work claims and works runs until ctx ends, which checkpoints the run at hand and leaves it claimable. A database
// that is away (handing over, restarting) is waited for.
func (o *Owner) Work(ctx context.Context) error {
	for ctx.Err() == nil {
		worked, err := o.workOne(ctx, 0)
		if err != nil && ctx.Err() == nil {
			o.Log.Warn("cannot claim a run; trying again", "error", err)
		}
		if !worked {
			sleep(ctx, pollEvery)
		}
	}
	return nil
}

// WorkRun claims and works one run until it has ended, was stopped, or ctx ends. It waits while somebody else owns
// the run; claimed says whether this call has worked it at all.
func (o *Owner) WorkRun(ctx context.Context, runID int64) (claimed bool, err error) {
	return o.workOne(ctx, runID)
}

// workOne claims a run (any, where only is 0) and works it. Trouble with the run itself is stored with the run; the
// error is about claiming.
func (o *Owner) workOne(ctx context.Context, only int64) (worked bool, err error) {
	run, ok, err := o.Store.ClaimRun(ctx, o.identify(), kernel.Name(), only)
	if err != nil || !ok {
		return false, err
	}
	log := o.Log.With("run", run.Name, "fence", run.Fence)
	log.Info("working a run", "kind", run.Kind, "step", run.Step)
	s := &session{owner: o, run: run, log: log}
	if err := s.work(ctx); err != nil {
		log.Warn("left the run", "step", s.step(), "error", err)
		if only != 0 && !errors.Is(err, errLost) {
			return true, err
		}
	}
	return true, nil
}

// sleep waits for d or the end of ctx.
func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
