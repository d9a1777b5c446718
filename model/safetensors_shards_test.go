package model

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// shardedFolder divides a checkpoint's tensors over three files.
func shardedFolder(t *testing.T, c *Checkpoint) fstest.MapFS {
	t.Helper()
	files := folder(t, c, F32)
	delete(files, weightsFile)
	index := map[string]string{}
	tensors := c.Weights.Tensors()
	for i, name := range []string{"model-00001-of-00003.safetensors", "model-00002-of-00003.safetensors", "model-00003-of-00003.safetensors"} {
		part := tensors[i*len(tensors)/3 : (i+1)*len(tensors)/3]
		files[name] = &fstest.MapFile{Data: safetensorsBytes(t, part)}
		for _, tensor := range part {
			index[tensor.Name] = name
		}
	}
	setIndex(t, files, index)
	return files
}

func safetensorsBytes(t *testing.T, tensors []Tensor) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := WriteSafetensors(&out, tensors, F32, nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func setIndex(t *testing.T, files fstest.MapFS, index map[string]string) {
	t.Helper()
	data, err := json.Marshal(map[string]any{"metadata": map[string]int{"total_size": 1}, "weight_map": index})
	if err != nil {
		t.Fatal(err)
	}
	files[indexFile] = &fstest.MapFile{Data: data}
}

func readIndexOf(t *testing.T, files fstest.MapFS) map[string]string {
	t.Helper()
	index, err := readIndex(files)
	if err != nil {
		t.Fatal(err)
	}
	return index
}

func TestLoadShards(t *testing.T) {
	want := testCheckpoint(t, LanguageModel)
	files := shardedFolder(t, want)
	got, err := LoadCheckpoint(files)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Weights.Data, want.Weights.Data) {
		t.Error("the weights differ")
	}
}

func TestLoadShardsRefuses(t *testing.T) {
	const second = "model-00002-of-00003.safetensors"
	for want, change := range map[string]func(fstest.MapFS){
		weightsFile:                     func(f fstest.MapFS) { delete(f, indexFile) },
		second + ": ":                   func(f fstest.MapFS) { f[second].Data = f[second].Data[:len(f[second].Data)-1] },
		"open " + second:                func(f fstest.MapFS) { delete(f, second) },
		indexFile + ": invalid":         func(f fstest.MapFS) { f[indexFile] = &fstest.MapFile{Data: []byte("x")} },
		indexFile + " is over":          func(f fstest.MapFS) { f[indexFile] = &fstest.MapFile{Data: make([]byte, maxIndexBytes+1)} },
		"names 0 files":                 func(f fstest.MapFS) { setIndex(t, f, nil) },
		"no name of a safetensors file": func(f fstest.MapFS) { setIndex(t, f, map[string]string{"a": "../x.safetensors"}) },
		"said to be in \"/etc/passwd\"": func(f fstest.MapFS) { setIndex(t, f, map[string]string{"a": "/etc/passwd"}) },
		"said to be in \"a\\\\b.safet":  func(f fstest.MapFS) { setIndex(t, f, map[string]string{"a": `a\b.safetensors`}) },
		"tensor \"lost\" is not in " + second: func(f fstest.MapFS) {
			index := readIndexOf(t, f)
			index["lost"] = second
			setIndex(t, f, index)
		},
		"\"transformer.ln_f.bias\" is not in " + indexFile: func(f fstest.MapFS) {
			index := readIndexOf(t, f)
			delete(index, "transformer.ln_f.bias")
			setIndex(t, f, index)
		},
		"is in model-00001-of-00003.safetensors as well": func(f fstest.MapFS) { f[second].Data = f["model-00001-of-00003.safetensors"].Data },
	} {
		files := shardedFolder(t, testCheckpoint(t, LanguageModel))
		change(files)
		if _, err := LoadCheckpoint(files); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
}

// A folder on disk is mapped; the numbers are those of any other way to read it.
func TestMappedFile(t *testing.T) {
	dir := t.TempDir()
	content := bytes.Repeat([]byte("0123456789abcdef"), 4096)
	if err := os.WriteFile(filepath.Join(dir, "f"), content, 0o600); err != nil {
		t.Fatal(err)
	}
	source, err := openSource(os.DirFS(dir), "f")
	if err != nil {
		t.Fatal(err)
	}
	defer source.close()
	for _, at := range []struct{ offset, length, want int }{{0, 10, 10}, {65530, 6, 6}, {65530, 10, 6}, {65536, 1, 0}, {70000, 1, 0}} {
		p := make([]byte, at.length)
		n, err := source.ReadAt(p, int64(at.offset))
		if n != at.want || (n < at.length) != (err == io.EOF) || n > 0 && !bytes.Equal(p[:n], content[at.offset:at.offset+n]) {
			t.Errorf("%d bytes at %d: %d, %v", at.length, at.offset, n, err)
		}
	}
	if _, ok := source.ReaderAt.(*mapping); !ok {
		t.Skip("this system maps no files")
	}
	// Another program cuts the file short while it is mapped.
	if err := os.Truncate(filepath.Join(dir, "f"), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := source.ReadAt(make([]byte, 100), 50); err == nil || !strings.Contains(err.Error(), "cut short") {
		t.Errorf("a file cut short: %v", err)
	}
}

func TestOpenSourceRefuses(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, weightsFile), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := openSource(os.DirFS(dir), weightsFile); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("a folder: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "empty"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	source, err := openSource(os.DirFS(dir), "empty")
	if err != nil || source.size != 0 {
		t.Errorf("an empty file: %d bytes, %v", source.size, err)
	}
	if err := source.close(); err != nil {
		t.Error(err)
	}
}
