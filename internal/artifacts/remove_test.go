package artifacts

import (
	"errors"
	"io/fs"
	"slices"
	"testing"
)

func TestRemove(t *testing.T) {
	f := open(t)
	kept, gone := put(t, f, "kept"), put(t, f, "gone")
	for range 2 { // the second finds it gone
		if err := f.Remove(t.Context(), gone); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := get(f, gone); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("reading what was removed gave %v", err)
	}
	if text, err := get(f, kept); err != nil || text != "kept" {
		t.Errorf("the other file is %q, %v", text, err)
	}
	if left := files(t, f); slices.Contains(left, gone) {
		t.Errorf("the folder still holds %v", left)
	}
	if err := f.Remove(t.Context(), "../../etc/passwd"); err == nil {
		t.Error("a path was taken for a hash")
	}
}
