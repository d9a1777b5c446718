package jobs

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"rankloop/ranking"
	"rankloop/trainer"
)

// Spec is what a stored run was asked to do, with every default filled in and every input pinned by its content: a run
// that goes on after a week, on another machine, reads the same bytes (runs.spec).
type Spec struct {
	Kind     string          `json:"kind"`
	Seed     int64           `json:"seed"`
	Config   json.RawMessage `json:"config"` // every key of the kind
	Base     Pinned          `json:"base"`
	Reward   *Pinned         `json:"reward,omitempty"`   // ppo
	Snapshot *Pinned         `json:"snapshot,omitempty"` // records
	Data     *Pinned         `json:"data,omitempty"`     // a file instead of a snapshot
	Prompts  *PinnedPrompts  `json:"prompts,omitempty"`  // ppo
	Ptx      *PinnedText     `json:"ptx,omitempty"`      // pretraining text; nil where there is none

	CheckpointEvery time.Duration `json:"checkpoint_every_ns,omitempty"` // 0: the owner's rule
	Cold            bool          `json:"cold,omitempty"`                // reload everything after each checkpoint
	Notes           []Warning     `json:"notes,omitempty"`               // what the user should know about the inputs
}

// Pinned names an input and the artifact that holds it: a checkpoint's manifest, a snapshot's or a file's bytes.
type Pinned struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
}

// PinnedPrompts are the prompts of a PPO run, drawn once when the run was made.
type PinnedPrompts struct {
	Pinned
	Unjudged int `json:"unjudged"`        // prompts that nobody has judged
	Train    int `json:"train"`           // prompts of the snapshot's training split
	HeldOut  int `json:"held_out"`        // prompts of the sample table
	Overlap  int `json:"overlap"`         // prompts that the reward model was trained on
	Given    int `json:"given,omitempty"` // prompts of a campaign or file that was named
}

// PinnedText is where the pretraining mix comes from: a file, or the text that the base checkpoint records as its own.
type PinnedText struct {
	Source string `json:"source"`           // "base" or the file's name
	SHA256 string `json:"sha256,omitempty"` // of the file
}

// Warning is a remark on a run that its page shows: a code for programs, a text for people.
type Warning struct {
	Code   string   `json:"code"`
	Text   string   `json:"text"`             // in English
	Format string   `json:"format,omitempty"` // of it, by which it is translated
	Args   []string `json:"args,omitempty"`
}

func newWarning(code, format string, args ...any) Warning {
	message := ranking.Errorf(ranking.CodeInvalid, format, args...)
	return Warning{code, message.Error(), format, message.TextArgs()}
}

// Message is the warning for a page to translate.
func (w Warning) Message() *ranking.Error {
	if w.Format == "" { // stored by an earlier version
		return ranking.Stored(ranking.CodeInvalid, "%s", []string{w.Text})
	}
	return ranking.Stored(ranking.CodeInvalid, w.Format, w.Args)
}

// trainer is what the trainer needs to know of it.
func (s Spec) trainer() trainer.Spec {
	return trainer.Spec{Kind: s.Kind, Seed: s.Seed, Config: canonical(s.Config)}
}

// digest identifies what the spec asks for; how often it checkpoints and what was remarked are no part of it.
func (s Spec) digest() string {
	s.CheckpointEvery, s.Cold, s.Notes = 0, false, nil
	s.Config = canonical(s.Config)
	encoded, err := json.Marshal(s)
	if err != nil {
		panic(err) // plain data, and a Config that has been parsed
	}
	sum := sha256.Sum256(encoded)
	return hex.EncodeToString(sum[:])
}

// artifacts lists what the spec names in the artifact folder.
func (s Spec) artifacts() []string {
	named := []string{s.Base.SHA256}
	for _, pinned := range []*Pinned{s.Reward, s.Snapshot, s.Data} {
		if pinned != nil {
			named = append(named, pinned.SHA256)
		}
	}
	if s.Prompts != nil {
		named = append(named, s.Prompts.SHA256)
	}
	if s.Ptx != nil && s.Ptx.SHA256 != "" {
		named = append(named, s.Ptx.SHA256)
	}
	return named
}

// ReadSpec reads a stored run's spec.
func ReadSpec(stored json.RawMessage) (Spec, error) {
	var spec Spec
	if err := json.Unmarshal(stored, &spec); err != nil {
		return Spec{}, ranking.Errorf(ranking.CodeInternal, "the run's stored request cannot be read").WithCause(err)
	}
	return spec, nil
}

// canonical is a configuration with its keys in order and its numbers in one form, as a jsonb column may change both.
func canonical(config json.RawMessage) json.RawMessage {
	var value any
	if json.Unmarshal(config, &value) != nil {
		return bytes.TrimSpace(config)
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		return config
	}
	return encoded
}
