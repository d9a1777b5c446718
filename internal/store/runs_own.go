package store

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/jackc/pgx/v5"

	"rankloop/internal/store/db"
	"rankloop/ranking"
)

// Control is what an owner is told with each heartbeat.
type Control struct {
	Stop bool // end at the next step, with a checkpoint
}

// Artifact is a file of the artifact folder.
type Artifact struct {
	SHA256 string
	Bytes  int64
}

// MetricRow holds the metrics of one optimizer step.
type MetricRow = ranking.MetricRow

// SampleRow is one prompt with the tuned policy's reply beside the reference's.
type SampleRow = ranking.SampleRow

// Commit is all that one checkpoint of a run brings.
type Commit struct {
	RunID, Fence      int64
	Step, StepsTotal  int
	StateSHA256       string // manifest to resume from; "" keeps the last
	Artifacts         []Artifact
	Metrics           []MetricRow // since the last commit
	Samples           []SampleRow
	Summary, Warnings json.RawMessage // nil keeps the last
	TrainedMS         int64           // in all
	Checkpoints       []NewCheckpoint // to publish; RunID is set here
	State             string          // "" goes on; else RunQueued, RunStopped, RunSucceeded or RunFailed
	Error             string          // for RunFailed
}

// errorMax bounds a run's error message, in bytes.
const errorMax = 4000

// metricRowsMax bounds one page of metrics.
const metricRowsMax = 100_000

// ClaimRun makes owner the one who trains a run: the oldest that is queued, or whose owner has been silent for
// ClaimSilence; the run with the id only, if that is not 0. A run is pinned to the kernel set it first ran with. It
// returns false when there is nothing to do.
func (s *Store) ClaimRun(ctx context.Context, owner, kernels string, only int64) (Run, bool, error) {
	var row db.Run
	silence := s.ClaimSilence.Seconds()
	err := s.inTx(ctx, "claim run", readWrite, func(_ pgx.Tx, q *db.Queries) error {
		if err := q.EndAbandonedStops(ctx, silence); err != nil {
			return err
		}
		var err error
		row, err = q.ClaimRun(ctx, db.ClaimRunParams{Owner: owner, Kernels: kernels, SilenceSeconds: silence, OnlyID: only})
		if noRows(err) {
			return nil
		}
		return err
	})
	if err != nil || row.ID == 0 {
		return Run{}, false, err
	}
	return runOf(row), true, nil
}

// Heartbeat tells that the owner of a fence is alive and asks whether to go on. CodeConflict when another worker has
// claimed the run: the caller must drop what it has.
func (s *Store) Heartbeat(ctx context.Context, runID, fence int64) (Control, error) {
	state, err := s.q.Heartbeat(ctx, db.HeartbeatParams{ID: runID, Fence: fence})
	if err != nil {
		return Control{}, missing("heartbeat", err, fenced())
	}
	return Control{Stop: state == RunStopping}, nil
}

// CommitRun moves a run's pointer and stores what belongs to it, in one transaction that holds only if the run still is
// under the commit's fence (else CodeConflict).
func (s *Store) CommitRun(ctx context.Context, c Commit) error {
	finished := c.State == RunStopped || c.State == RunSucceeded || c.State == RunFailed
	if !finished && c.State != "" && c.State != RunQueued {
		return ranking.Errorf(ranking.CodeInvalid, "a run cannot be committed as %q", c.State)
	}
	return s.inTx(ctx, "commit run", readWrite, func(_ pgx.Tx, q *db.Queries) error {
		state, err := q.LockOwnedRun(ctx, db.LockOwnedRunParams{ID: c.RunID, Fence: c.Fence})
		if err != nil {
			return missing("lock run", err, fenced())
		}
		if err := putRows(ctx, q, c); err != nil {
			return err
		}
		if c.State != "" {
			state = c.State
		}
		var manifest *string
		if c.StateSHA256 != "" {
			manifest = &c.StateSHA256
		}
		return q.MoveRun(ctx, db.MoveRunParams{
			ID: c.RunID, Step: int32(c.Step), StepsTotal: int32(c.StepsTotal), State: state, Error: tidy(c.Error, errorMax),
			StateSha256: manifest, Summary: c.Summary, Warnings: c.Warnings, TrainedMs: c.TrainedMS, Finished: finished,
		})
	})
}

// putRows stores a commit's artifacts, metrics, samples and checkpoints, one statement for each kind.
func putRows(ctx context.Context, q *db.Queries, c Commit) error {
	files := db.PutArtifactsParams{}
	for _, a := range c.Artifacts {
		files.Sha256 = append(files.Sha256, a.SHA256)
		files.Bytes = append(files.Bytes, a.Bytes)
	}
	for _, n := range c.Checkpoints {
		files.Sha256 = append(files.Sha256, n.SHA256)
		files.Bytes = append(files.Bytes, n.Bytes)
	}
	if err := q.PutArtifacts(ctx, files); err != nil {
		return err
	}
	metrics := db.PutMetricsParams{RunID: c.RunID}
	for _, m := range c.Metrics {
		metrics.Steps = append(metrics.Steps, int32(m.Step))
		metrics.Ats = append(metrics.Ats, m.At)
		metrics.Metrics = append(metrics.Metrics, m.Metrics)
		if m.Histograms == nil {
			m.Histograms = json.RawMessage("{}")
		}
		metrics.Histograms = append(metrics.Histograms, m.Histograms)
	}
	if err := q.PutMetrics(ctx, metrics); err != nil {
		return err
	}
	samples := db.PutSamplesParams{RunID: c.RunID}
	for _, r := range c.Samples {
		if r.Metrics == nil {
			r.Metrics = json.RawMessage("{}")
		}
		samples.Steps = append(samples.Steps, int32(r.Step))
		samples.Ordinals = append(samples.Ordinals, int32(r.Ordinal))
		samples.Prompts = append(samples.Prompts, tidy(r.Prompt, -1))
		samples.Policies = append(samples.Policies, tidy(r.Policy, -1))
		samples.Refs = append(samples.Refs, tidy(r.Reference, -1))
		samples.Metrics = append(samples.Metrics, r.Metrics)
	}
	if err := q.PutSamples(ctx, samples); err != nil {
		return err
	}
	for _, n := range c.Checkpoints {
		n.RunID = &c.RunID
		if _, err := addCheckpoint(ctx, q, n); err != nil {
			return err
		}
	}
	return nil
}

// tidy makes a text storable, since a commit must not fail on what a half-trained decoder wrote: what cannot be stored
// becomes U+FFFD, and of more than bytesMax bytes (-1: no limit) the beginning is kept.
func tidy(text string, bytesMax int) string {
	if bytesMax >= 0 && len(text) > bytesMax {
		text = text[:bytesMax]
	}
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
}

// RunMetrics returns up to limit rows of a run's metrics behind a step (-1 for the first page), by step.
func (s *Store) RunMetrics(ctx context.Context, runID int64, afterStep, limit int) ([]MetricRow, error) {
	rows, err := s.q.RunMetrics(ctx, db.RunMetricsParams{
		RunID: runID, AfterStep: int32(afterStep), MaxRows: int32(min(max(limit, 1), metricRowsMax)),
	})
	all := make([]MetricRow, len(rows))
	for i, row := range rows {
		all[i] = MetricRow{Step: int(row.Step), At: row.At, Metrics: row.Metrics}
		if string(row.Histograms) != "{}" {
			all[i].Histograms = row.Histograms
		}
	}
	return all, explain("metrics of a run", err)
}

// RunSamples returns all samples of a run, by step and ordinal.
func (s *Store) RunSamples(ctx context.Context, runID int64) ([]SampleRow, error) {
	rows, err := s.q.RunSamples(ctx, runID)
	all := make([]SampleRow, len(rows))
	for i, row := range rows {
		all[i] = SampleRow{
			Step: int(row.Step), Ordinal: int(row.Ordinal), Prompt: row.Prompt, Policy: row.Policy,
			Reference: row.Reference, Metrics: row.Metrics,
		}
	}
	return all, explain("samples of a run", err)
}

func fenced() *ranking.Error {
	return ranking.Errorf(ranking.CodeConflict, "another worker has taken this run over")
}
