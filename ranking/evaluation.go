package ranking

import (
	"encoding/json"
	"time"
)

// Kinds of evaluation.
const (
	EvaluationReport = "report" // of a reward model: a RewardReport
	EvaluationFolds  = "folds"  // of a reward run, annotators held out: a CrossValidation
)

// Evaluation is a measurement of a model that a worker makes. Its states are those of a run.
type Evaluation struct {
	ID          int64
	Kind        string
	State       string
	Checkpoint  string          // what is measured
	Spec        json.RawMessage // what was asked for
	Done, Total int             // how far it is; Total is 0 before it begins
	Partial     json.RawMessage // what need not be measured again
	Result      json.RawMessage // null before it has succeeded
	Error       string
	Fence       int64 // raised by every claim
	CreatedBy   *int64
	CreatedAt   time.Time
	StartedAt   *time.Time
	FinishedAt  *time.Time
}

// Ended says whether nothing more will come.
func (e Evaluation) Ended() bool { return e.State != RunQueued && e.State != RunRunning }

// RewardReport is what there is to say about a reward model on rankings it was not trained on. Shares are of strict pairs,
// with 95 % intervals by bootstrap over prompts; an equal score is half right.
type RewardReport struct {
	Rankings  int `json:"rankings"`
	Simulated int `json:"simulated_rankings"` // of Rankings, by simulated annotators
	Prompts   int `json:"prompts"`
	Pairs     int `json:"pairs"`
	Dropped   int `json:"dropped"` // responses that do not fit the model's context; their pairs are left out

	Accuracy  Share  `json:"accuracy"`
	Agreement *Share `json:"agreement"` // of annotators with one another on the same tasks; nil where no task has two

	// Rules that read no text, fitted on the training split: what a reward model must beat.
	LengthBaseline Share `json:"length_baseline"`
	ModelBaseline  Share `json:"model_baseline"` // the model that won more often wins

	SimilarLength SimilarLength `json:"similar_length"`

	Annotators []Slice `json:"annotators"`
	Margins    []Slice `json:"margins"` // by |r_w − r_l| in σ_ref
	Models     []Slice `json:"models"`  // by pair of models

	Calibration       Calibration `json:"calibration"`
	LengthCorrelation float64     `json:"length_correlation"` // Pearson's, of score and characters over responses
}

// Slice is the accuracy on a part of the pairs.
type Slice struct {
	Name      string `json:"name"`
	Simulated bool   `json:"simulated,omitempty"` // of an annotator
	Accuracy  Share  `json:"accuracy"`
}

// SimilarLength compares with length alone where length says little: pairs whose lengths are within a quarter of the
// longer one. Difference is reward model minus length, its interval by paired bootstrap over prompts.
type SimilarLength struct {
	Accuracy       Share `json:"accuracy"`
	LengthBaseline Share `json:"length_baseline"`
	Difference     Share `json:"difference"`
}

// Calibration compares σ(r_w − r_l) with how often such a pair is in order.
type Calibration struct {
	ECE   float64          `json:"ece"`   // expected calibration error: Σ |observed − predicted| · share of pairs
	Brier float64          `json:"brier"` // mean (1 − σ(r_w − r_l))²; ¼ is a coin
	Bins  []CalibrationBin `json:"bins"`  // reliability curve
}

// CalibrationBin holds the pairs whose predicted probability, of the side that the model prefers, is within [Low, High).
type CalibrationBin struct {
	Low       float64 `json:"low"`
	High      float64 `json:"high"`
	Predicted float64 `json:"predicted"`
	Observed  float64 `json:"observed"`
	Pairs     int     `json:"pairs"`
}

// CrossValidation is InstructGPT's analysis of appendix E.2: does a reward model predict people whose rankings it has never
// seen as well as those it has learned from? In each fold one group of annotators is held out of training; accuracy is
// measured on the validation split's prompts, apart for both kinds of annotators.
type CrossValidation struct {
	Folds   []Fold      `json:"folds"`
	Seen    MeanOfFolds `json:"seen"`     // annotators that the fold trained on (the paper: 72.4 ± 0.4 %)
	HeldOut MeanOfFolds `json:"held_out"` // annotators that it did not (the paper: 69.6 ± 0.9 %)
}

// Fold is one group of annotators held out.
type Fold struct {
	HeldOutAnnotators []string `json:"held_out_annotators"`
	Simulated         bool     `json:"simulated,omitempty"` // one of them is, at least
	Rankings          int      `json:"rankings"`            // trained on
	Seen              Share    `json:"seen"`
	HeldOut           Share    `json:"held_out"`
}

// MeanOfFolds is a mean with its standard error over folds.
type MeanOfFolds struct {
	Mean          float64 `json:"mean"`
	StandardError float64 `json:"standard_error"`
	Folds         int     `json:"folds"`
}
