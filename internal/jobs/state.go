package jobs

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"rankloop/internal/artifacts"
	"rankloop/internal/store"
	"rankloop/trainer"
)

// Each file of a state begins with a line that names the run, its fence and the step. Runs of one spec train to the
// same bytes; the line makes a state the content of this owner alone, so it can be removed once the pointer has moved
// on. A state may be large, and there is one a minute.
const stateLine = "rankloop-state run=%d fence=%d step=%d\n"

// saveState writes everything a run needs to go on bit for bit to artifacts and returns their manifest.
func (s *session) saveState(ctx context.Context) (manifest store.Artifact, err error) {
	line := fmt.Sprintf(stateLine, s.run.ID, s.run.Fence, s.training.Step())
	contents := map[string]func(io.Writer) error{}
	err = s.training.Save(func(name string, write func(io.Writer) error) error {
		if _, taken := contents[name]; taken {
			return fmt.Errorf("the run saves %s twice", name)
		}
		contents[name] = func(w io.Writer) error {
			if _, err := io.WriteString(w, line); err != nil {
				return err
			}
			return write(w)
		}
		return nil
	})
	if err != nil {
		return store.Artifact{}, err
	}
	manifest, _, err = putFiles(ctx, s.owner.Artifacts, contents)
	return manifest, err
}

// statesKept is how many states a run keeps: the newest, and the one before, should the newest turn out to be damaged.
const statesKept = 2

// states are those that the run's row names, the newest first.
func (s *session) states() []StoredState {
	if s.run.StateSHA256 == "" {
		return nil
	}
	return append([]StoredState{{s.run.Step, s.run.StateSHA256}}, s.earlier...)
}

// keptStates puts a new state before the others and forgets the oldest. The same content again is the same state.
func keptStates(newest StoredState, before []StoredState) []StoredState {
	kept := []StoredState{newest}
	for _, state := range before {
		if state.SHA256 != newest.SHA256 && len(kept) < statesKept {
			kept = append(kept, state)
		}
	}
	return kept
}

// dropStates removes the states that are no longer named, except for files that one in use holds too. Their row has
// moved on by now, so what cannot be removed is left to the sweep.
func (s *session) dropStates(ctx context.Context, before, now []StoredState) {
	for _, old := range before {
		if slices.ContainsFunc(now, func(kept StoredState) bool { return kept.SHA256 == old.SHA256 }) {
			continue
		}
		if err := s.dropState(ctx, old.SHA256, now); err != nil {
			s.log.Warn("an old state stays until the next sweep", "manifest", old.SHA256, "error", err)
		}
	}
}

func (s *session) dropState(ctx context.Context, old string, now []StoredState) error {
	kept := map[string]bool{}
	for _, state := range now {
		files, err := s.owner.Artifacts.Files(ctx, state.SHA256)
		if err != nil {
			return err
		}
		for _, file := range files {
			kept[file.SHA256] = true
		}
	}
	files, err := s.owner.Artifacts.Files(ctx, old)
	if err != nil {
		return err
	}
	for _, file := range files {
		if !kept[file.SHA256] {
			err = errors.Join(err, s.owner.Artifacts.Remove(ctx, file.SHA256))
		}
	}
	return errors.Join(err, s.owner.Artifacts.Remove(ctx, old))
}

// restoreState brings a fresh run to a stored state. Damage of the stored files is an error: the run must not be used then.
func restoreState(ctx context.Context, from *artifacts.Folder, state StoredState, run trainer.Run) error {
	folder, err := from.OpenFS(ctx, state.SHA256)
	if err != nil {
		return err
	}
	err = run.Restore(func(name string) (io.ReadCloser, error) {
		file, err := folder.Open(name)
		if err != nil {
			return nil, err
		}
		return openStateFile(file)
	})
	if err == nil && run.Step() != state.Step {
		return fmt.Errorf("it is of step %d, not of step %d", run.Step(), state.Step)
	}
	return err
}

// stateFile is a file of a state behind its first line. It is read to its end before it is closed, since the checksum
// is checked there.
type stateFile struct {
	*bufio.Reader
	file fs.File
}

func openStateFile(file fs.File) (io.ReadCloser, error) {
	reader := bufio.NewReaderSize(file, 1<<20)
	line, err := reader.ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "rankloop-state ") {
		file.Close()
		return nil, errors.Join(errors.New("the file is no part of a run's state"), err)
	}
	return &stateFile{reader, file}, nil
}

func (f *stateFile) Close() error {
	_, err := io.Copy(io.Discard, f.Reader)
	return errors.Join(err, f.file.Close())
}

// putFiles writes files and their manifest.
func putFiles(ctx context.Context, to *artifacts.Folder, contents map[string]func(io.Writer) error) (manifest store.Artifact, files []store.Artifact, err error) {
	sha256, written, err := to.PutFiles(ctx, contents)
	if err != nil {
		return store.Artifact{}, nil, err
	}
	for _, file := range written {
		if file.SHA256 == sha256 {
			manifest = store.Artifact(file)
		} else {
			files = append(files, store.Artifact(file))
		}
	}
	return manifest, files, nil
}
