package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"rankloop/internal/store"
	"rankloop/ranking"
	"rankloop/trainer"
)

// commitPatience is how long a commit waits for a database that is away before the session gives up.
const commitPatience = 2 * time.Minute

// errDatabase marks a session that ended because the database stayed away: nothing is wrong with the run.
var errDatabase = errors.New("the database cannot be reached")

// published is what a run hands out, at its end or on its way.
type published struct {
	checkpoints []store.NewCheckpoint
	files       []store.Artifact
}

// Summary is what runs.summary holds: figures of the run as a whole, the newest value of every metric, and the states
// before the run's newest that are kept in case that one is damaged.
type Summary struct {
	trainer.Summary
	Metrics map[string]float64 `json:"metrics"`
	Earlier []StoredState      `json:"earlier_states,omitempty"` // the newest first
}

// StoredState is a state of a run in the artifact folder.
type StoredState struct {
	Step   int    `json:"step"`
	SHA256 string `json:"sha256"` // of its manifest
}

// commit writes the state to artifacts, then moves the run's pointer in one transaction that holds the fence, with the
// metrics, samples and warnings since the last one. A crash between the two leaves the old pointer and unreferenced
// files, which a sweep removes. The state before stays beside the new one; a run that has succeeded keeps none.
func (s *session) commit(ctx context.Context, state string, done *published) error {
	ctx = context.WithoutCancel(ctx) // a checkpoint is what Ctrl-C waits for
	started := time.Now()
	before := s.states()
	var now []StoredState // the newest first
	var c store.Commit
	if done == nil {
		manifest, err := s.saveState(ctx)
		if err != nil {
			return err
		}
		now = keptStates(StoredState{s.training.Step(), manifest.SHA256}, before)
		c = s.newCommit(state, now[1:])
		c.StateSHA256 = manifest.SHA256
		c.Artifacts = append(c.Artifacts, manifest)
	} else {
		c = s.newCommit(state, nil)
		c.Checkpoints, c.Artifacts = append(c.Checkpoints, done.checkpoints...), append(c.Artifacts, done.files...)
	}
	if err := s.send(ctx, c); err != nil {
		return err
	}
	s.run.Step, s.run.StepsTotal, s.run.TrainedMS = c.Step, c.StepsTotal, c.TrainedMS
	if done == nil {
		s.run.StateSHA256, s.earlier = now[0].SHA256, now[1:]
	}
	s.dropStates(ctx, before, now)
	s.metrics, s.samples, s.kept = nil, nil, published{}
	s.since = time.Now()
	s.committed = time.Since(started)
	s.log.Debug("checkpoint", "step", c.Step, "took", s.committed)
	return nil
}

// leaveAsStored ends the session in a state without touching the run's pointer: what was trained since the last
// checkpoint is given up.
func (s *session) leaveAsStored(ctx context.Context, state, fault string) error {
	return s.send(context.WithoutCancel(ctx), store.Commit{
		RunID: s.run.ID, Fence: s.run.Fence, State: state, Error: fault,
		Step: s.run.Step, StepsTotal: s.run.StepsTotal, TrainedMS: s.run.TrainedMS,
	})
}

func (s *session) newCommit(state string, earlier []StoredState) store.Commit {
	summary, err := json.Marshal(Summary{Summary: s.training.Summary(), Metrics: s.last, Earlier: earlier})
	if err != nil {
		panic(err) // the trainer reports finite numbers only
	}
	return store.Commit{
		RunID: s.run.ID, Fence: s.run.Fence, State: state,
		Step: s.training.Step(), StepsTotal: s.training.StepsTotal(),
		Metrics: s.metrics, Samples: s.samples,
		Checkpoints: slices.Clone(s.kept.checkpoints), Artifacts: slices.Clone(s.kept.files),
		Summary: summary, Warnings: s.warnings.json(),
		TrainedMS: s.run.TrainedMS + time.Since(s.since).Milliseconds(),
	}
}

// send stores the commit, waiting for a database that is handing over. A fence that was passed comes back as
// CodeConflict at once.
func (s *session) send(ctx context.Context, c store.Commit) error {
	deadline := time.Now().Add(commitPatience)
	for {
		err := s.owner.Store.CommitRun(ctx, c)
		switch code := ranking.ErrorCode(err); {
		case err == nil:
			return nil
		case code == ranking.CodeConflict:
			return errors.Join(errLost, err)
		case code != ranking.CodeInternal && code != ranking.CodeUnavailable:
			return err
		case time.Now().After(deadline):
			return fmt.Errorf("%w: %w", errDatabase, err)
		}
		s.log.Warn("checkpoint not stored yet; trying again", "error", err)
		sleep(ctx, time.Second)
	}
}

// addSamples keeps the samples of a step for the next commit.
func (s *session) addSamples(report trainer.Report) error {
	for i, sample := range report.Samples {
		metrics, err := json.Marshal(sample.Metrics)
		if err != nil {
			return err
		}
		s.samples = append(s.samples, store.SampleRow{
			Step: report.Step, Ordinal: i,
			Prompt: sample.Prompt, Policy: sample.Policy, Reference: sample.Reference, Metrics: metrics,
		})
	}
	return nil
}

// metricRow is a step's report as the table holds it.
func metricRow(report trainer.Report) (store.MetricRow, error) {
	metrics, err := json.Marshal(report.Metrics)
	if err != nil {
		return store.MetricRow{}, err
	}
	row := store.MetricRow{Step: report.Step, At: time.Now(), Metrics: metrics}
	if len(report.Histograms) > 0 {
		row.Histograms, err = json.Marshal(report.Histograms)
	}
	return row, err
}

// warnings keeps the newest text of each code, in the order the codes first came.
type warnings struct {
	list []Warning
}

// readWarnings takes up what an earlier session stored.
func readWarnings(stored json.RawMessage) (*warnings, error) {
	w := &warnings{}
	if len(stored) == 0 {
		return w, nil
	}
	return w, json.Unmarshal(stored, &w.list)
}

func (w *warnings) add(more ...Warning) {
next:
	for _, warning := range more {
		for i := range w.list {
			if w.list[i].Code == warning.Code {
				w.list[i] = warning
				continue next
			}
		}
		w.list = append(w.list, warning)
	}
}

func (w *warnings) json() json.RawMessage {
	if w.list == nil {
		return json.RawMessage("[]")
	}
	encoded, err := json.Marshal(w.list)
	if err != nil {
		panic(err) // strings only
	}
	return encoded
}
