package cli

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"rankloop/model"
)

const tinyLlama = "../../model/testdata/tiny-llama"

// A model goes in as a folder and as a GGUF, is listed, writes, comes out again as what it was, and is a run's base.
func TestModelCommands(t *testing.T) {
	p := newProgram(t)
	var imported modelView
	p.json(&imported, "model", "import", tinyLlama, "--name", "folder")
	if imported.Name != "folder" || imported.Kind != "policy" || imported.Parameters != 8112 {
		t.Errorf("%+v", imported)
	}
	p.json(nil, "model", "import", tinyLlama+".gguf", "--name", "gguf")
	var listed struct{ Models []modelView }
	p.json(&listed, "model", "list")
	if len(listed.Models) != 3 || listed.Models[0].Name != "gguf" || listed.Models[1].Name != "folder" {
		t.Errorf("%+v", listed)
	}

	var texts [2]struct {
		Responses []struct {
			Text string
			IDs  []int32
		}
	}
	p.json(&texts[0], "model", "generate", "folder", "--prompt", "the theme", "--max-new", "20", "--temperature", "0.8", "--top-k", "50", "--top-p", "0.9")
	p.json(&texts[1], "model", "generate", "gguf", "--prompt", "the theme", "--max-new", "20", "--temperature", "0.8", "--top-k", "50", "--top-p", "0.9")
	if first, second := texts[0].Responses[0], texts[1].Responses[0]; first.Text != second.Text || len(first.IDs) == 0 {
		t.Errorf("the folder wrote %q, the GGUF %q", first.Text, second.Text)
	}
	status, stdout, stderr := p.try("model", "generate", "gguf", "--prompt", "the <|im_end|>", "--raw", "--max-new", "4")
	if status != exitDone || !strings.HasSuffix(stdout, "\n") {
		t.Errorf("raw: %d %q %s", status, stdout, stderr)
	}

	out := filepath.Join(p.data, "out")
	p.json(nil, "model", "export", "folder", out)
	for _, name := range []string{"model.safetensors", "tokenizer_config.json"} {
		want, err := os.ReadFile(filepath.Join(tinyLlama, name))
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			t.Fatal(err)
		}
		// The header may differ in spaces and in the order of tensors; its own import must not.
		if name != "model.safetensors" && !bytes.Equal(got, want) {
			t.Errorf("%s came out as %s", name, got)
		}
	}
	p.json(nil, "model", "import", out, "--name", "again")
	p.json(nil, "model", "export", "again", out+"2")
	first, second := readFolder(t, out), readFolder(t, out+"2")
	for name, content := range first {
		if !bytes.Equal(content, second[name]) {
			t.Errorf("%s differs after export, import and export", name)
		}
	}

	text := p.file("text.txt", strings.Repeat("the theme of the hen\n\n", 100))
	var run struct {
		State           string
		FinalCheckpoint string `json:"final_checkpoint"`
	}
	p.json(&run, "train", "pretrain", "--base", "gguf", "--name", "more", "--data", text, "--set", "steps=2", "--set", "batch_windows=2", "--set", "warmup_steps=0")
	if run.State != "succeeded" || run.FinalCheckpoint == "" {
		t.Errorf("%+v", run)
	}
}

// A run with lora_r is published merged, with its adapter beside it; the adapter goes out alone, comes in again on its base and
// is the same model.
func TestModelAdapters(t *testing.T) {
	p := newProgram(t)
	p.json(nil, "model", "import", tinyLlama, "--name", "below")
	text := p.file("examples.jsonl", `{"id":"a","prompt":"the theme","responses":["of the hen"]}`+"\n"+`{"id":"b","prompt":"the hen","responses":["then"]}`+"\n")
	var run struct {
		FinalCheckpoint string `json:"final_checkpoint"`
	}
	p.json(&run, "train", "sft", "--base", "below", "--name", "tuned", "--data", text, "--set", "epochs=2", "--set", "warmup_steps=0",
		"--set", "max_new=12", "--set", "pretrain_share=0", "--set", "select=last", "--set", "lora_r=2", "--set", "learning_rate=0.05")
	alone, whole := filepath.Join(p.data, "adapter"), filepath.Join(p.data, "whole")
	p.json(nil, "model", "export", run.FinalCheckpoint, alone, "--adapter")
	p.json(nil, "model", "export", run.FinalCheckpoint, whole)
	files := readFolder(t, alone)
	if len(files) != 3 || !strings.Contains(string(files["adapter_config.json"]), `"base_model_name_or_path": "below"`) {
		t.Errorf("%s", files["adapter_config.json"])
	}

	var again modelView
	p.json(&again, "model", "import", alone, "--base", "below", "--name", "again")
	if again.Base != "below" || again.Kind != "policy" {
		t.Errorf("%+v", again)
	}
	p.json(nil, "model", "export", "again", whole+"2")
	for _, folder := range []string{"", "adapter"} {
		first, second := readFolder(t, filepath.Join(whole, folder)), readFolder(t, filepath.Join(whole+"2", folder))
		for name, content := range first {
			if !bytes.Equal(content, second[name]) && name != "rankloop.json" {
				t.Errorf("%s of %q differs after export of the adapter and import", name, folder)
			}
		}
	}
	for _, c := range []struct {
		status int
		want   string
		args   []string
	}{
		{exitUsage, "name the checkpoint that it was trained on with --base", []string{"import", alone, "--name", "x"}},
		{exitUsage, "--base is for adapters", []string{"import", tinyLlama, "--base", "below", "--name", "x"}},
		{exitFailed, "holds no adapter that fits base", []string{"import", alone, "--base", "base", "--name", "x"}},
		{exitFailed, "none", []string{"import", alone, "--base", "none", "--name", "x"}},
		{exitFailed, "was not trained with lora_r", []string{"export", "below", alone + "2", "--adapter"}},
	} {
		if failed := p.fail(c.status, append([]string{"model"}, c.args...)...); !strings.Contains(failed.Error.Message, c.want) {
			t.Errorf("want %q in %q", c.want, failed.Error.Message)
		}
	}
}

// readFolder reads the files of a folder, and leaves folders in it out.
func readFolder(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, entry := range entries {
		if entry.IsDir() {
			continue
		}
		if files[entry.Name()], err = os.ReadFile(filepath.Join(dir, entry.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// What cannot be imported is refused by name, and nothing of it is stored.
func TestModelImportRefuses(t *testing.T) {
	p := newProgram(t)
	whole, err := os.ReadFile(tinyLlama + ".gguf")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		status     int
		path, want string
	}{
		{exitUsage, filepath.Join(p.data, "missing"), "does not exist"},
		{exitFailed, p.file("cut.gguf", string(whole[:len(whole)-100])), `cut.gguf: tensor "`},
		{exitFailed, p.file("no.gguf", "hello, this is text"), "this is no GGUF file"},
		{exitFailed, filepath.Join(tinyLlama, "model.safetensors"), "name its folder"},
		{exitFailed, p.data, "config.json"},
	} {
		if failed := p.fail(c.status, "model", "import", c.path, "--name", "m"); !strings.Contains(failed.Error.Message, c.want) {
			t.Errorf("%s: want %q in %q", c.path, c.want, failed.Error.Message)
		}
	}
	if failed := p.fail(exitFailed, "model", "import", tinyLlama, "--name", "Not A Name"); !strings.Contains(failed.Error.Message, "is no name of a checkpoint") {
		t.Errorf("%+v", failed)
	}
	var listed struct{ Models []modelView }
	if p.json(&listed, "model", "list"); len(listed.Models) != 1 {
		t.Errorf("%+v", listed)
	}
}

// A model can be registered with less context than it has, so that runs need less memory.
func TestModelImportContext(t *testing.T) {
	p := newProgram(t)
	whole, _ := model.LoadConfig(os.DirFS(tinyLlama))
	failed := p.fail(exitFailed, "model", "import", tinyLlama, "--name", "m", "--context", strconv.Itoa(whole.Context+1))
	if !strings.Contains(failed.Error.Message, fmt.Sprint("at most ", whole.Context)) {
		t.Errorf("%+v", failed)
	}
	p.json(nil, "model", "import", tinyLlama, "--name", "short", "--context", "12")
	out := filepath.Join(p.data, "short")
	p.json(nil, "model", "export", "short", out)
	short, err := model.LoadConfig(os.DirFS(out))
	if err != nil {
		t.Fatal(err)
	}
	if whole.Context = 12; short != whole {
		t.Errorf("%+v, not %+v", short, whole)
	}
}

// fakeHub serves the tiny model as acme/tiny, and its GGUF as acme/quantised.
func fakeHub(t *testing.T) *httptest.Server {
	t.Helper()
	const commit = "0123456789abcdef0123456789abcdef01234567"
	gguf, err := os.ReadFile(tinyLlama + ".gguf")
	if err != nil {
		t.Fatal(err)
	}
	repositories := map[string]map[string][]byte{"acme/tiny": readFolder(t, tinyLlama), "acme/quantised": {"tiny.gguf": gguf}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, files := range repositories {
			if r.URL.Path == "/api/models/"+name+"/revision/main" {
				var listed []map[string]any
				for file, content := range files {
					blob := sha1.Sum(fmt.Appendf(nil, "blob %d\x00%s", len(content), content))
					entry := map[string]any{"rfilename": file, "size": len(content), "blobId": hex.EncodeToString(blob[:])}
					if !strings.HasSuffix(file, ".json") {
						sum := sha256.Sum256(content)
						entry["lfs"] = map[string]any{"sha256": hex.EncodeToString(sum[:]), "size": len(content)}
					}
					listed = append(listed, entry)
				}
				if err := json.NewEncoder(w).Encode(map[string]any{"sha": commit, "siblings": listed}); err != nil {
					t.Error(err)
				}
				return
			}
			if file, ok := strings.CutPrefix(r.URL.Path, "/"+name+"/resolve/"+commit+"/"); ok && files[file] != nil {
				http.ServeContent(w, r, file, time.Time{}, bytes.NewReader(files[file]))
				return
			}
		}
		http.NotFound(w, r)
	}))
	t.Cleanup(server.Close)
	return server
}

func TestModelPull(t *testing.T) {
	p := newProgram(t)
	t.Setenv("HF_ENDPOINT", fakeHub(t).URL)
	t.Setenv("HF_TOKEN", "")
	var folder, gguf, imported modelView
	p.json(&folder, "model", "pull", "acme/tiny", "--name", "folder")
	p.json(&imported, "model", "import", tinyLlama, "--name", "imported")
	if folder.SHA256 != imported.SHA256 {
		t.Errorf("pulled %+v, imported %+v", folder, imported)
	}
	p.json(&gguf, "model", "pull", "acme/quantised", "--name", "gguf", "--file", "tiny.gguf")
	if gguf.Parameters != folder.Parameters {
		t.Errorf("%+v", gguf)
	}
	if left, err := filepath.Glob(filepath.Join(p.data, "downloads", "*@*[0-9a-f]")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
	for _, c := range []struct {
		want string
		args []string
	}{
		{"choose one with --file: tiny.gguf", []string{"acme/quantised", "--name", "x"}},
		{"the hub has no revision main of acme/other", []string{"acme/other", "--name", "x"}},
		{"is no name of a repository", []string{"../x", "--name", "x"}},
		{"is no name of a checkpoint", []string{"acme/tiny", "--name", "X Y"}},
		{"there is a checkpoint folder already", []string{"acme/tiny", "--name", "folder"}},
	} {
		if failed := p.fail(exitFailed, append([]string{"model", "pull"}, c.args...)...); !strings.Contains(failed.Error.Message, c.want) {
			t.Errorf("want %q in %q", c.want, failed.Error.Message)
		}
	}
	t.Setenv("HF_ENDPOINT", "http://example.invalid")
	if failed := p.fail(exitFailed, "model", "pull", "acme/tiny", "--name", "x"); !strings.Contains(failed.Error.Message, "neither https") {
		t.Errorf("%+v", failed)
	}
}
