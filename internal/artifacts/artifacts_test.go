package artifacts

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	"pgregory.net/rapid"

	"rankloop/ranking"
)

func open(t *testing.T) *Folder {
	t.Helper()
	f, err := Open(filepath.Join(t.TempDir(), "artifacts"))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func content(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

func put(t *testing.T, f *Folder, text string) string {
	t.Helper()
	sha, size, err := f.Put(t.Context(), content(text))
	if err != nil || size != int64(len(text)) {
		t.Fatalf("put: %d bytes, %v", size, err)
	}
	return sha
}

func get(f *Folder, sha string) (string, error) {
	r, err := f.Get(context.Background(), sha)
	if err != nil {
		return "", err
	}
	defer r.Close()
	all, err := io.ReadAll(r)
	return string(all), err
}

// files lists everything in the folder but the lock.
func files(t *testing.T, f *Folder) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(f.dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && path != f.sweep {
			all = append(all, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestWhatIsPutIsGot(t *testing.T) {
	f := open(t)
	rapid.Check(t, func(r *rapid.T) {
		data := rapid.SliceOfN(rapid.Byte(), 0, 5000).Draw(r, "data")
		sha, size, err := f.Put(t.Context(), func(w io.Writer) error {
			for chunk := range slices.Chunk(data, 1+rapid.IntRange(0, 999).Draw(r, "chunk")) {
				if _, err := w.Write(chunk); err != nil {
					return err
				}
			}
			return nil
		})
		sum := sha256.Sum256(data)
		if err != nil || size != int64(len(data)) || sha != hex.EncodeToString(sum[:]) {
			r.Fatalf("put %d bytes as %s: %v", size, sha, err)
		}
		got, err := get(f, sha)
		if err != nil || got != string(data) {
			r.Fatalf("got %d bytes: %v", len(got), err)
		}
	})
}

func TestADamagedFileIsAnError(t *testing.T) {
	f := open(t)
	text := strings.Repeat("weights ", 10_000)
	sha := put(t, f, text)
	path, err := f.path(sha)
	if err != nil {
		t.Fatal(err)
	}
	for name, broken := range map[string]string{
		"torn": text[:len(text)-100], "empty": "", "flipped": text[:500] + "W" + text[501:], "longer": text + "x",
	} {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(broken), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := get(f, sha); err == nil {
			t.Errorf("%s: read without an error", name)
		}
		if err := f.Verify(t.Context(), sha); err == nil {
			t.Errorf("%s: verified", name)
		}
	}
	if put(t, f, text) != sha {
		t.Fatal("another hash")
	}
	if err := f.Verify(t.Context(), sha); err != nil {
		t.Errorf("storing it again did not heal it: %v", err)
	}
}

func TestOrderOfWriting(t *testing.T) {
	f := open(t)
	real := f.disk
	var steps []string
	f.disk.syncFile = func(file *os.File) error {
		info, err := file.Stat()
		if err != nil || info.Size() != 4 {
			t.Errorf("synced at %d bytes: %v", info.Size(), err)
		}
		steps = append(steps, "sync file")
		return real.syncFile(file)
	}
	f.disk.rename = func(from, to string) error {
		if filepath.Dir(from) != f.temporary() {
			t.Errorf("written at %s", from)
		}
		steps = append(steps, "rename")
		return real.rename(from, to)
	}
	f.disk.syncFolder = func(path string) error {
		steps = append(steps, "sync "+map[bool]string{true: "root", false: "folder"}[path == f.dir])
		return real.syncFolder(path)
	}
	put(t, f, "text")
	if want := []string{"sync file", "rename", "sync folder", "sync root"}; !slices.Equal(steps, want) {
		t.Errorf("steps %q, want %q", steps, want)
	}
}

func TestAFailureStoresNothing(t *testing.T) {
	broken := errors.New("broken")
	for name, test := range map[string]struct {
		breakIt func(*Folder) (context.Context, func(io.Writer) error)
		want    ranking.Code
	}{
		"the writer fails": {func(*Folder) (context.Context, func(io.Writer) error) {
			return context.Background(), func(w io.Writer) error {
				_, err := io.WriteString(w, "half")
				return errors.Join(err, broken)
			}
		}, ranking.CodeInternal},
		"the disk is full": {func(f *Folder) (context.Context, func(io.Writer) error) {
			f.disk.create = func(string) (*os.File, error) { return os.OpenFile("/dev/full", os.O_WRONLY, 0) }
			return context.Background(), content("text")
		}, ranking.CodeUnavailable},
		"the disk is full and the writer hides it": {func(f *Folder) (context.Context, func(io.Writer) error) {
			f.disk.create = func(string) (*os.File, error) { return os.OpenFile("/dev/full", os.O_WRONLY, 0) }
			return context.Background(), func(w io.Writer) error {
				_, _ = io.WriteString(w, "text")
				return nil
			}
		}, ranking.CodeUnavailable},
		"the sync fails": {func(f *Folder) (context.Context, func(io.Writer) error) {
			f.disk.syncFile = func(*os.File) error { return broken }
			return context.Background(), content("text")
		}, ranking.CodeInternal},
		"the rename fails": {func(f *Folder) (context.Context, func(io.Writer) error) {
			f.disk.rename = func(string, string) error { return broken }
			return context.Background(), content("text")
		}, ranking.CodeInternal},
		"the context ends": {func(*Folder) (context.Context, func(io.Writer) error) {
			ctx, cancel := context.WithCancel(context.Background())
			return ctx, func(w io.Writer) error {
				cancel()
				_, err := io.WriteString(w, "text")
				return err
			}
		}, ranking.CodeInternal},
	} {
		t.Run(name, func(t *testing.T) {
			f := open(t)
			if _, err := os.Stat("/dev/full"); err != nil && test.want == ranking.CodeUnavailable {
				t.Skip("this system has no /dev/full")
			}
			ctx, write := test.breakIt(f)
			if _, _, err := f.Put(ctx, write); ranking.ErrorCode(err) != test.want {
				t.Errorf("error %v, want the code %q", err, test.want)
			}
			if left := files(t, f); len(left) != 0 {
				t.Errorf("left behind: %q", left)
			}
		})
	}
}

func TestConcurrentPutsOfTheSameContent(t *testing.T) {
	f := open(t)
	text := strings.Repeat("same ", 20_000)
	var group errgroup.Group
	for range 16 {
		group.Go(func() error {
			sha, _, err := f.Put(context.Background(), content(text))
			if err != nil {
				return err
			}
			got, err := get(f, sha)
			if err == nil && got != text {
				err = errors.New("read something else")
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	if n := len(files(t, f)); n != 1 {
		t.Errorf("%d files", n)
	}
}

func TestUnknownAndHostileNames(t *testing.T) {
	f := open(t)
	if _, err := f.Get(t.Context(), strings.Repeat("ab", 32)); ranking.ErrorCode(err) != ranking.CodeNotFound {
		t.Errorf("unknown: %v", err)
	}
	for _, name := range []string{"", "ab", "../../etc/passwd", strings.Repeat("AB", 32), strings.Repeat("../", 22)} {
		if _, err := f.Get(t.Context(), name); ranking.ErrorCode(err) != ranking.CodeInvalid {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestReaderAt(t *testing.T) {
	f := open(t)
	r, size, err := f.ReaderAt(t.Context(), put(t, f, "0123456789"))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	p := make([]byte, 3)
	if _, err := r.ReadAt(p, 4); err != nil || size != 10 || string(p) != "456" {
		t.Errorf("read %q of %d bytes: %v", p, size, err)
	}
}

// A part of a damaged file is not given out either.
func TestDamageIsFoundAtAnyOffset(t *testing.T) {
	f := open(t)
	sha, stored, err := f.PutFiles(t.Context(), map[string]func(io.Writer) error{"weights.bin": content(strings.Repeat("w", 1000))})
	if err != nil {
		t.Fatal(err)
	}
	path, err := f.path(stored[0].SHA256)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Chmod(path, 0o600), os.WriteFile(path, []byte(strings.Repeat("w", 999)+"v"), 0o600)); err != nil {
		t.Fatal(err)
	}
	tree, err := f.OpenFS(t.Context(), sha)
	if err != nil {
		t.Fatal(err)
	}
	file, err := tree.Open("weights.bin")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.(io.ReaderAt).ReadAt(make([]byte, 10), 0); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("the first bytes of a damaged file: %v", err)
	}
}

func TestManifest(t *testing.T) {
	f := open(t)
	set := map[string]func(io.Writer) error{
		"weights.bin": content(strings.Repeat("w", 1000)), "state/moments.bin": content("m"), "config.json": content("{}"),
	}
	sha, stored, err := f.PutFiles(t.Context(), set)
	if err != nil {
		t.Fatal(err)
	}
	if len(stored) != 4 || stored[3].SHA256 != sha {
		t.Errorf("stored %v", stored)
	}
	again, _, err := f.PutFiles(t.Context(), set)
	if err != nil || again != sha {
		t.Errorf("the same files have the manifests %s and %s (%v)", sha, again, err)
	}
	tree, err := f.OpenFS(t.Context(), sha)
	if err != nil {
		t.Fatal(err)
	}
	for name, write := range set {
		var want bytes.Buffer
		if err := write(&want); err != nil {
			t.Fatal(err)
		}
		got, err := fs.ReadFile(tree, name)
		if err != nil || !bytes.Equal(got, want.Bytes()) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	file, err := tree.Open("weights.bin")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	at := file.(io.ReaderAt)
	middle := make([]byte, 10)
	if n, err := at.ReadAt(middle, 500); n != 10 || err != nil || string(middle) != "wwwwwwwwww" {
		t.Errorf("at 500: %q, %v", middle[:n], err)
	}
	if _, err := tree.Open("missing"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
	if _, err := f.OpenFS(t.Context(), stored[0].SHA256); err == nil {
		t.Error("a file that is no manifest was opened as one")
	}
	if _, _, err := f.PutFiles(t.Context(), map[string]func(io.Writer) error{"../up": content("")}); err == nil {
		t.Error("a name that leaves the tree was stored")
	}
}

func TestSweep(t *testing.T) {
	f := open(t)
	manifest, stored, err := f.PutFiles(t.Context(), map[string]func(io.Writer) error{"a": content("a"), "b": content("b")})
	if err != nil {
		t.Fatal(err)
	}
	kept, unused := put(t, f, "kept"), put(t, f, "unused")
	if err := os.WriteFile(filepath.Join(f.temporary(), "put-crashed"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	keep := []string{manifest, kept, strings.Repeat("00", 32)}
	if removed, _, err := f.Sweep(t.Context(), keep); err != nil || removed != 0 {
		t.Errorf("%d young files were removed: %v", removed, err)
	}
	old := time.Now().Add(-48 * time.Hour)
	for _, path := range files(t, f) {
		if err := os.Chtimes(path, old, old); err != nil {
			t.Fatal(err)
		}
	}
	removed, freed, err := f.Sweep(t.Context(), keep)
	if err != nil || removed != 2 || freed != int64(len("unused")+len("half")) {
		t.Errorf("removed %d files, %d bytes: %v", removed, freed, err)
	}
	for _, sha := range []string{manifest, stored[0].SHA256, stored[1].SHA256, kept} {
		if err := f.Verify(t.Context(), sha); err != nil {
			t.Errorf("a file in use is gone: %v", err)
		}
	}
	if err := f.Verify(t.Context(), unused); ranking.ErrorCode(err) != ranking.CodeNotFound {
		t.Errorf("an unused file stays: %v", err)
	}
}
