package jobs

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"rankloop/internal/artifacts"
	"rankloop/internal/store"
	"rankloop/ranking"
	"rankloop/trainer"
)

// Request is what somebody asks for on the command line or in the browser. Empty fields take their defaults; where a
// run of that name exists, they take what it has.
type Request struct {
	Kind     string
	Name     string // "" is kind-N
	Base     string // "" is base
	Reward   string // ppo; "" is the newest reward checkpoint of the same base
	Snapshot string // "" is the newest; sft has no default
	Data     *File  // instead of a snapshot: judgments in the native format (reward), a prompt set with replies (sft), text (pretrain)
	Campaign string // ppo: the prompts of this campaign
	Prompts  *File  // ppo: the prompts of this prompt set
	Ptx      *File  // pretraining text: plain, or JSON lines with "text"
	Preset   string
	Sets     []string // key=value
	Config   []byte   // a flat JSON object
	Seed     *int64   // nil is 1

	CheckpointEvery time.Duration // 0 is at least 60 s, and at most 5 % of the time
	Cold            bool          // reload everything after each checkpoint
	CreatedBy       *int64
}

// File is a file that came with a request.
type File struct {
	Name    string
	Content io.Reader
}

// DefaultBase is the checkpoint that runs start from unless they say otherwise: the embedded model.
const DefaultBase = "base"

// maxFileBytes bounds a file that comes with a request.
const maxFileBytes = 1 << 30

// Launcher turns requests into stored runs.
type Launcher struct {
	Store     *store.Store
	Artifacts *artifacts.Folder
	Inputs    *Inputs
}

// Launch fills in the defaults of a request, checks everything that can be checked before training, pins the inputs by
// their content and stores the run, queued. The same name with the same request gives the run that exists (queued
// again where it was stopped or had failed); with another one it is CodeConflict that says what differs.
func (l *Launcher) Launch(ctx context.Context, r Request) (run store.Run, created bool, err error) {
	spec, err := l.specify(ctx, r)
	if err != nil {
		return store.Run{}, false, err
	}
	if err := l.Inputs.check(ctx, spec); err != nil {
		return store.Run{}, false, err
	}
	return l.create(ctx, r, spec)
}

// specify fills in the defaults of a request and pins its inputs. It fails with CodeConflict where a run of that name
// was asked for something else.
func (l *Launcher) specify(ctx context.Context, r Request) (Spec, error) {
	existing, old, err := l.existing(ctx, r.Name)
	if err != nil {
		return Spec{}, err
	}
	spec := Spec{Kind: r.Kind, Seed: 1, CheckpointEvery: r.CheckpointEvery, Cold: r.Cold}
	if old != nil {
		spec.Seed = old.Seed
	}
	if r.Seed != nil {
		spec.Seed = *r.Seed
	}
	b := &builder{Launcher: l, request: r, old: old, spec: &spec}
	if err := b.build(ctx); err != nil {
		return Spec{}, err
	}
	if old != nil {
		err = sameSpec(existing.Name, *old, spec)
	}
	return spec, err
}

// create stores the run. A free default name may be taken by somebody else in between, so a few are tried.
func (l *Launcher) create(ctx context.Context, r Request, spec Spec) (store.Run, bool, error) {
	encoded, err := json.Marshal(spec)
	if err != nil {
		return store.Run{}, false, err
	}
	new := store.NewRun{
		Name: r.Name, Kind: spec.Kind, Spec: encoded, SpecSHA256: spec.digest(),
		Base: spec.Base.Name, Seed: spec.Seed, CreatedBy: r.CreatedBy,
	}
	if spec.Reward != nil {
		new.Reward = spec.Reward.Name
	}
	if spec.Snapshot != nil {
		new.Snapshot = spec.Snapshot.Name
	}
	if r.Name != "" {
		return l.Store.CreateRun(ctx, new)
	}
	for attempt := 0; ; attempt++ {
		if new.Name, err = l.freeName(ctx, r.Kind); err != nil {
			return store.Run{}, false, err
		}
		run, created, err := l.Store.CreateRun(ctx, new)
		if err == nil && created {
			return run, true, nil
		}
		if attempt == 10 || (err != nil && ranking.ErrorCode(err) != ranking.CodeConflict) {
			return store.Run{}, false, err
		}
	}
}

// freeName is the first kind-N that no run and no checkpoint has.
func (l *Launcher) freeName(ctx context.Context, kind string) (string, error) {
	runs, err := l.Store.ListRuns(ctx)
	if err != nil {
		return "", err
	}
	checkpoints, err := l.Store.ListCheckpoints(ctx)
	if err != nil {
		return "", err
	}
	for n := 1; ; n++ {
		name := fmt.Sprintf("%s-%d", kind, n)
		taken := slices.ContainsFunc(runs, func(r store.Run) bool { return r.Name == name }) ||
			slices.ContainsFunc(checkpoints, func(c store.Checkpoint) bool { return c.Name == name })
		if !taken {
			return name, nil
		}
	}
}

// existing finds the run of that name. A checkpoint of that name that no run made is in the way.
func (l *Launcher) existing(ctx context.Context, name string) (store.Run, *Spec, error) {
	if name == "" {
		return store.Run{}, nil, nil
	}
	run, err := l.Store.RunByName(ctx, name)
	if ranking.ErrorCode(err) == ranking.CodeNotFound {
		if _, err := l.Store.CheckpointByName(ctx, name); err == nil {
			return store.Run{}, nil, ranking.Errorf(ranking.CodeConflict, "a checkpoint is called %q already; choose another name for the run", name)
		} else if ranking.ErrorCode(err) != ranking.CodeNotFound {
			return store.Run{}, nil, err
		}
		return store.Run{}, nil, nil
	}
	if err != nil {
		return store.Run{}, nil, err
	}
	spec, err := ReadSpec(run.Spec)
	return run, &spec, err
}

// sameSpec says what a run of that name has other than what is asked for now.
func sameSpec(name string, old, new Spec) error {
	if old.digest() == new.digest() {
		return nil
	}
	var differences []string
	note := func(what, was, is string) {
		if was != is {
			differences = append(differences, fmt.Sprintf("%s %s instead of %s", what, orNone(was), orNone(is)))
		}
	}
	note("kind", old.Kind, new.Kind)
	note("seed", fmt.Sprint(old.Seed), fmt.Sprint(new.Seed))
	note("base", old.Base.Name, new.Base.Name)
	note("reward", nameOf(old.Reward), nameOf(new.Reward))
	note("snapshot", nameOf(old.Snapshot), nameOf(new.Snapshot))
	note("data", nameOf(old.Data), nameOf(new.Data))
	if old.Kind == new.Kind {
		differences = append(differences, configDifferences(old.Config, new.Config)...)
	}
	if len(differences) == 0 {
		differences = []string{"other content of its inputs"}
	}
	return ranking.Errorf(ranking.CodeConflict, "a run called %q exists with %s; choose another --name", name, strings.Join(differences, ", "))
}

func configDifferences(old, new json.RawMessage) []string {
	var was, is map[string]json.RawMessage
	if json.Unmarshal(canonical(old), &was) != nil || json.Unmarshal(canonical(new), &is) != nil {
		return nil
	}
	var keys []string
	for key, value := range is {
		if !bytes.Equal(was[key], value) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	for i, key := range keys {
		keys[i] = fmt.Sprintf("%s=%s instead of %s", key, was[key], is[key])
	}
	return keys
}

func nameOf(p *Pinned) string {
	if p == nil {
		return ""
	}
	return p.Name
}

func orNone(name string) string {
	if name == "" {
		return "none"
	}
	return name
}

// asksFor says whether the request names one of the settings itself, and not only through a preset.
func (r Request) asksFor(keys ...string) bool {
	for _, set := range r.Sets {
		name, _, _ := strings.Cut(set, "=")
		if slices.Contains(keys, strings.TrimSpace(name)) {
			return true
		}
	}
	var file map[string]json.RawMessage
	if json.Unmarshal(r.Config, &file) != nil {
		return false
	}
	return slices.ContainsFunc(keys, func(key string) bool { _, ok := file[key]; return ok })
}

// configured says whether the request says anything about the configuration.
func (r Request) configured() bool {
	return r.Preset != "" || len(r.Sets) > 0 || len(bytes.TrimSpace(r.Config)) > 0
}

// resolve makes the configuration of the request, with further settings on top.
func (r Request) resolve(more ...string) (json.RawMessage, error) {
	return trainer.ResolveConfig(r.Kind, r.Preset, append(slices.Clone(r.Sets), more...), r.Config)
}
