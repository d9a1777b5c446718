package ranking

import (
	"encoding/json"
	"time"
)

// States of a run.
const (
	RunQueued    = "queued"
	RunRunning   = "running"
	RunStopping  = "stopping" // asked to stop; its owner does so at the next step
	RunStopped   = "stopped"
	RunSucceeded = "succeeded"
	RunFailed    = "failed"
)

// Run is one training job.
type Run struct {
	ID          int64
	Name        string
	Kind        string // pretrain, sft, reward, ppo or dpo
	State       string
	Spec        json.RawMessage
	SpecSHA256  string
	Base        string
	Reward      string
	Snapshot    string
	Seed        int64
	Step        int // optimizer steps that are safe in a checkpoint
	StepsTotal  int
	Summary     json.RawMessage
	Warnings    json.RawMessage
	Error       string
	Kernels     string // the kernel set the run is pinned to; "" before it first runs
	Owner       string
	Fence       int64 // raised by every claim; a commit with an older one is refused
	HeartbeatAt *time.Time
	StateSHA256 string // manifest it resumes from; "" at the start
	TrainedMS   int64
	CreatedBy   *int64
	CreatedAt   time.Time
	StartedAt   *time.Time
	FinishedAt  *time.Time
}

// MetricRow holds the metrics of one optimizer step.
type MetricRow struct {
	Step    int             `json:"step"`
	At      time.Time       `json:"time"`
	Metrics json.RawMessage `json:"metrics"` // an object: TRL's name → number

	Histograms json.RawMessage `json:"histograms,omitempty"` // an object: the metric's name → Histogram; nil at most steps
}

// SampleRow is one prompt with the tuned policy's reply beside the reference's.
type SampleRow struct {
	Step, Ordinal             int
	Prompt, Policy, Reference string
	Metrics                   json.RawMessage // score, reference_score, kl, length, reference_length, ended, reference_ended
}

// Checkpoint is a registered checkpoint.
type Checkpoint struct {
	ID         int64
	Name       string
	Kind       string // policy, reward or value
	Base       string // the checkpoint it was trained from; its own name for an import
	RunID      *int64 // nil for an import
	Step       int
	Parameters int64
	SHA256     string // of the manifest
	Meta       json.RawMessage
	CreatedAt  time.Time
}

// Snapshot is an immutable selection of judgments.
type Snapshot struct {
	ID              int64
	Name            string
	SHA256          string
	Seed            int64
	ValidationShare float64
	Counts          json.RawMessage // the numbers of `snapshot show`
	CreatedBy       *int64
	CreatedAt       time.Time
}
