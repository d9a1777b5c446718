package views

import (
	"fmt"
	"math"
	"net/url"
	"strconv"
	"time"

	"rankloop/internal/i18n"
	"rankloop/ranking"
)

// RunsData lists the runs, newest first.
type RunsData struct {
	Runs []ranking.Run
}

// RunPath is the page of a run.
func RunPath(name string) string { return "/runs/" + name }

// RunFormData is the form of a new run, with what it had where it came back.
type RunFormData struct {
	Kind, Preset                           string
	Name, Base, Reward, Snapshot, Campaign string
	Seed, Sets                             string
	Bases, Rewards, Snapshots, Campaigns   []string
	Presets                                []string
	Settings                               []RunSetting      // all of the kind, as the preset has them
	Values                                 map[string]string // typed: setting → value
	Errors                                 FormErrors
	WorkerAlive                            bool
	Preview                                *RunPreview // nil where nobody asked for it
	Data, File                             string      // SHA-256 and name of an uploaded file; "" for none
	DataBytes, DataBytesMax                int64
}

// UploadPath is where a file for the run goes; the form comes back with it.
func (d RunFormData) uploadPath() string {
	return "/new/run/data?" + url.Values{"kind": {d.Kind}, "preset": {d.Preset}, "base": {d.Base}}.Encode()
}

// RunPreview is what a run would take, were it started now.
type RunPreview struct {
	Steps         int
	TokensTrained int64
	MixShare      float64 // of the tokens trained on, 0 to 1
	FLOP          float64
	AtMost        bool // replies may end sooner
	Time          time.Duration
	PeakGflops    float64 // measured just now
	Memory        int64   // bytes
	MachineMemory int64   // bytes; 0 where unknown
	Parts         []RunCost
	Notes         []string
	Refused       error // why it would not be started; nil where it would
}

// RunCost is one kind of work of a run.
type RunCost struct {
	Name     string // training, value, mix, rollout, scoring, reference, evaluation or zero_point
	Sampling bool
	Tokens   int64
	FLOP     float64
}

// RunSetting is one setting of a kind of run.
type RunSetting struct {
	Name, Value string
	Source      string // where the value comes from
}

// importantSettings are asked for one by one; every other one can be set by a key=value line.
var importantSettings = map[string][]string{
	"pretrain": {"steps", "learning_rate", "batch_windows", "context", "packing", "denoise_share", "held_out", "eval_every"},
	"sft":      {"epochs", "learning_rate", "batch_examples", "pretrain_share", "select", "lora_r"},
	"reward":   {"epochs", "learning_rate", "batch_tasks", "ties", "eval_every"},
	"dpo":      {"epochs", "learning_rate", "batch_tasks", "loss", "beta", "label_smoothing", "ties", "eval_every"},
	"ppo":      {"iterations", "episodes", "max_new", "learning_rate", "kl_coef", "kl_controller", "gamma_ptx", "sample_every"},
}

// ImportantSettings are the settings that the form of a kind asks for one by one.
func ImportantSettings(kind string) []string { return importantSettings[kind] }

// RunKinds are the kinds of run, in the order in which a model goes through them.
func RunKinds() []string { return []string{"pretrain", "sft", "reward", "ppo", "dpo"} }

// TakesFile reports whether a kind of run can learn from a file: text, prompts with replies, or judgments.
func TakesFile(kind string) bool { return kind != "ppo" }

// TakesSnapshot reports whether a kind of run can learn from a snapshot.
func TakesSnapshot(kind string) bool { return kind != "pretrain" }

// important are the settings of the form's fields, in their order.
func (d RunFormData) important() []RunSetting {
	var found []RunSetting
	for _, name := range importantSettings[d.Kind] {
		for _, s := range d.Settings {
			if s.Name == name {
				found = append(found, s)
			}
		}
	}
	return found
}

// RunData is one run with all that is known about it.
type RunData struct {
	Run         ranking.Run
	Description RunDescription
	Checkpoints []ranking.Checkpoint
	Steps       []int // that have a sample table
	Step        int   // whose table is shown
	Samples     []Sample
	Histograms  HistogramsData
	Evaluations *EvaluationPanel // of what the run has published; nil where there is nothing yet
	WorkerAlive bool
	Notice      string
}

// RunDescription is what a run's stored request and summary say.
type RunDescription struct {
	Config                []RunSetting // in the order of the configuration; Source is empty
	Data                  string       // a file in place of a snapshot
	Prompts               string       // where a PPO run's prompts come from
	PromptsTotal          int
	PromptsHeldOut        int
	PromptsSeen           int // that the reward model was trained on
	Ptx                   string
	Parameters, Trainable int64
	TokensSeen            int64
	TokensPerSecond       float64
	Metrics               []Metric         // the newest values, by name
	Warnings              []*ranking.Error // messages for the researcher
}

// Metric is one value.
type Metric struct {
	Name  string
	Value float64
}

// Sample is a prompt with the tuned policy's reply beside the reference's.
type Sample struct {
	Prompt, Policy, Reference string
	Score, ReferenceScore     *float64
	KL                        *float64 // nats, of the policy's reply
	Length, ReferenceLength   *float64 // tokens
	Ended, ReferenceEnded     bool
}

// better says whether the policy's reply has the higher score.
func (s Sample) better() bool {
	return s.Score != nil && s.ReferenceScore != nil && *s.Score > *s.ReferenceScore
}

// live says whether a run may still change by itself.
func (d RunData) live() bool {
	switch d.Run.State {
	case ranking.RunQueued, ranking.RunRunning, ranking.RunStopping:
		return true
	}
	return false
}

// mayStop and mayResume say which button a run has.
func (d RunData) mayStop() bool {
	return d.Run.State == ranking.RunQueued || d.Run.State == ranking.RunRunning
}

func (d RunData) mayResume() bool {
	return d.Run.State == ranking.RunStopped || d.Run.State == ranking.RunFailed
}

// CheckpointsData lists the checkpoints as a tree: each below the one it was trained from.
type CheckpointsData struct {
	Lines []CheckpointLine
}

// CheckpointLine is one checkpoint with its place in the tree.
type CheckpointLine struct {
	Checkpoint ranking.Checkpoint
	Depth      int
	Run        string // that made it; "" for an import
}

// figures writes a number with four significant digits, as short as it goes.
func figures(x float64) string {
	switch size := math.Abs(x); {
	case x == math.Trunc(x) && size < 1e6:
		return strconv.FormatFloat(x, 'f', -1, 64)
	case size >= 1e-3 && size < 1e6:
		return strconv.FormatFloat(x, 'f', max(0, min(6, 3-int(math.Floor(math.Log10(size))))), 64)
	}
	return strconv.FormatFloat(x, 'e', 2, 64)
}

// optional writes a number that may be missing.
func optional(x *float64) string {
	if x == nil {
		return "–"
	}
	return figures(*x)
}

// compact writes a count of parameters or tokens: 3.1 M.
func compact(n int64) string {
	for _, unit := range []struct {
		size float64
		name string
	}{{1e12, " T"}, {1e9, " G"}, {1e6, " M"}, {1e3, " k"}} {
		if x := float64(n) / unit.size; math.Abs(x) >= 1 {
			return strconv.FormatFloat(x, 'f', 1, 64) + unit.name
		}
	}
	return i18n.Number(int(n))
}

// spent writes a time that something took: 0:42, 12:05, 1:02:03.
func spent(d time.Duration) string {
	seconds := int(d.Round(time.Second).Seconds())
	if hours := seconds / 3600; hours > 0 {
		return fmt.Sprintf("%d:%02d:%02d", hours, seconds/60%60, seconds%60)
	}
	return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
}

// shortHash is the beginning of a content hash.
func shortHash(sha256 string) string { return sha256[:min(len(sha256), 12)] }
