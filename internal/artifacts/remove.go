package artifacts

import (
	"context"
	"errors"
	"io/fs"
	"os"
)

// Remove removes files at once. It is for content that nobody else can have stored, such as a superseded state of a
// training run, which names its run: whatever others might name is Sweep's to judge. A file that is gone already is no
// error.
func (f *Folder) Remove(ctx context.Context, shas ...string) error {
	for _, sha := range shas {
		if err := ctx.Err(); err != nil {
			return err
		}
		path, err := f.path(sha)
		if err != nil {
			return err
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
