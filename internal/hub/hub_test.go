package hub

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"rankloop/ranking"
)

// tiny are the files of a repository, more than a model needs.
func tiny() map[string][]byte {
	return map[string][]byte{
		"config.json": []byte(`{"model_type":"gpt2"}`), "tokenizer.json": []byte(`{}`), "generation_config.json": []byte(`{"top_k":0}`),
		"model.safetensors": bytes.Repeat([]byte("weights "), 5000), "pytorch_model.bin": []byte("not this"), "README.md": []byte("nor this"),
		"onnx/model.onnx": []byte("nor that"), "tiny.Q4_1.gguf": bytes.Repeat([]byte("gguf"), 300),
	}
}

func sharded() map[string][]byte {
	return map[string][]byte{
		"config.json": []byte(`{}`), "tokenizer.json": []byte(`{}`),
		indexName:                          []byte(`{"weight_map":{"a":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors","c":"model-00001-of-00002.safetensors"}}`),
		"model-00001-of-00002.safetensors": []byte("one"), "model-00002-of-00002.safetensors": []byte("two"), "consolidated.safetensors": []byte("all"),
	}
}

func pullTiny(ctx context.Context, c *Client, dir string) (*Pulled, error) {
	return c.Pull(ctx, Request{Repository: "acme/tiny"}, dir, nil)
}

// contents are the files of a folder.
func contents(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, entry := range entries {
		if files[entry.Name()], err = os.ReadFile(filepath.Join(folder, entry.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

func TestPull(t *testing.T) {
	for _, c := range []struct {
		files map[string][]byte
		file  string
		want  []string
	}{
		{tiny(), "", []string{"config.json", "generation_config.json", "model.safetensors", "tokenizer.json"}},
		{tiny(), "tiny.Q4_1.gguf", []string{"tiny.Q4_1.gguf"}},
		{map[string][]byte{"Q8/tiny ä.gguf": []byte("x")}, "Q8/tiny ä.gguf", []string{"tiny ä.gguf"}},
		{sharded(), "", []string{"config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", indexName, "tokenizer.json"}},
	} {
		s := newServer(t, c.files)
		var done, total int64
		pulled, err := s.client(t).Pull(t.Context(), Request{"acme/tiny", "v1.0", c.file}, t.TempDir(), func(d, all int64) { done, total = d, all })
		if err != nil {
			t.Fatal(err)
		}
		folder, bytesWanted := pulled.folder, int64(0)
		for name, content := range contents(t, folder) {
			whole := name
			if c.file != "" {
				whole = c.file
			}
			if !bytes.Equal(content, c.files[whole]) || !slices.Contains(c.want, name) {
				t.Errorf("%s: %q", name, content)
			}
			bytesWanted += int64(len(content))
		}
		if done != bytesWanted || total != bytesWanted || pulled.Bytes != bytesWanted || pulled.Commit != commit || len(s.asked()) != len(c.want) {
			t.Errorf("%d of %d bytes told, %d wanted: %+v", done, total, bytesWanted, pulled)
		}
		if c.file != "" && filepath.Base(pulled.Path) != c.want[0] {
			t.Errorf("path %s", pulled.Path)
		}
		if err := pulled.Remove(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(folder); err == nil {
			t.Error("the folder is still there")
		}
	}
}

// A server that breaks off again and again is asked for the rest only, within one call and across calls.
func TestResume(t *testing.T) {
	files := tiny()
	s := newServer(t, files)
	s.serve = cutAfter(9000)
	pulled, err := pullTiny(t.Context(), s.client(t), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(contents(t, pulled.Path)["model.safetensors"], files["model.safetensors"]) {
		t.Error("the content differs")
	}
	requests := s.asked()
	for _, want := range []string{"GET model.safetensors", "GET model.safetensors bytes=9000-", "GET model.safetensors bytes=36000-"} {
		if !slices.Contains(requests, want) {
			t.Errorf("%q is not among %q", want, requests)
		}
	}

	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	s.serve = cutAfter(10_000)
	_, err = s.client(t).Pull(ctx, Request{Repository: "acme/tiny"}, dir, func(done, _ int64) {
		if done > 20_000 {
			cancel() // somebody presses Ctrl-C
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("stopped: %v", err)
	}
	s.asked()
	s.serve = nil
	pulled, err = pullTiny(t.Context(), s.client(t), dir)
	if err != nil {
		t.Fatal(err)
	}
	from := 0
	requests = s.asked()
	if n, _ := fmt.Sscanf(requests[0], "GET model.safetensors bytes=%d-", &from); len(requests) != 1 || n != 1 || from < 10_000 {
		t.Errorf("the second call asked for %q", requests)
	}
	if !bytes.Equal(contents(t, pulled.Path)["model.safetensors"], files["model.safetensors"]) {
		t.Error("the content differs")
	}
}

// A server that does not know ranges, or lost the file's end, is asked for the whole file again.
func TestResumeRefused(t *testing.T) {
	for name, refuse := range map[string]func(http.ResponseWriter, []byte){
		"ignores": func(w http.ResponseWriter, content []byte) { w.Write(content) },
		"refuses": func(w http.ResponseWriter, _ []byte) { w.WriteHeader(http.StatusRequestedRangeNotSatisfiable) },
	} {
		files := tiny()
		s := newServer(t, files)
		s.serve = func(w http.ResponseWriter, r *http.Request, name string, content []byte) {
			if r.Header.Get("Range") != "" {
				refuse(w, content)
				return
			}
			if len(s.requestsOf(name)) == 1 {
				cutAfter(10_000)(w, r, name, content)
			}
			w.Write(content)
		}
		var done, total int64
		pulled, err := s.client(t).Pull(t.Context(), Request{Repository: "acme/tiny"}, t.TempDir(), func(d, all int64) { done, total = d, all })
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !bytes.Equal(contents(t, pulled.Path)["model.safetensors"], files["model.safetensors"]) || done != total {
			t.Errorf("%s: the content differs, or %d is not %d", name, done, total)
		}
	}
}

func (s *server) requestsOf(name string) (of []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.requests {
		if strings.Contains(r, "/"+name) {
			of = append(of, r)
		}
	}
	return of
}

// What a server gets wrong is an error, and no file stands under its final name that is not what the hub lists.
func TestMisbehaviour(t *testing.T) {
	type request = func(w http.ResponseWriter, r *http.Request, name string, content []byte)
	weights := func(f request) request {
		return func(w http.ResponseWriter, r *http.Request, name string, content []byte) {
			if name != "model.safetensors" {
				w.Write(content)
				return
			}
			f(w, r, name, content)
		}
	}
	for _, c := range []struct {
		name, want string
		code       ranking.Code
		serve      request
	}{
		{"other content", "another hash", ranking.CodeInvalid, weights(func(w http.ResponseWriter, _ *http.Request, _ string, content []byte) {
			w.Write(bytes.ToUpper(content))
		})},
		{"too short", "should have 40000 more bytes, the hub sends 10", ranking.CodeInvalid, weights(func(w http.ResponseWriter, _ *http.Request, _ string, content []byte) {
			w.Write(content[:10])
		})},
		{"too long", "should have 40000 more bytes, the hub sends 40001", ranking.CodeInvalid, weights(func(w http.ResponseWriter, _ *http.Request, _ string, content []byte) {
			w.Header().Set("Content-Length", "40001")
			w.Write(append(content, 0))
		})},
		{"without end", "sends more of model.safetensors", ranking.CodeInvalid, weights(func(w http.ResponseWriter, _ *http.Request, _ string, content []byte) {
			for {
				if _, err := w.Write(content); err != nil {
					return
				}
				w.(http.Flusher).Flush()
			}
		})},
		{"broken off always at once", "broke off at 0 of 40000", ranking.CodeUnavailable, weights(cutAfter(0))},
		{"another part", "from byte 100 of 40000, the hub sends", ranking.CodeInvalid, weights(func(w http.ResponseWriter, r *http.Request, name string, content []byte) {
			if r.Header.Get("Range") == "" {
				cutAfter(100)(w, r, name, content)
			}
			w.Header().Set("Content-Range", "bytes 0-39999/40000")
			w.WriteHeader(http.StatusPartialContent)
		})},
		{"gone", "has no model.safetensors of acme/tiny", ranking.CodeNotFound, weights(func(w http.ResponseWriter, _ *http.Request, _ string, _ []byte) {
			w.WriteHeader(http.StatusNotFound)
		})},
		{"gated", "set HF_TOKEN", ranking.CodeForbidden, weights(func(w http.ResponseWriter, _ *http.Request, _ string, _ []byte) {
			w.WriteHeader(http.StatusForbidden)
		})},
		{"down", "503 Service Unavailable for model.safetensors of acme/tiny, after 5 attempts", ranking.CodeUnavailable, weights(func(w http.ResponseWriter, _ *http.Request, _ string, _ []byte) {
			w.WriteHeader(http.StatusServiceUnavailable)
		})},
		{"elsewhere in the open", "http://example.invalid is neither https nor on this machine", ranking.CodeForbidden, weights(func(w http.ResponseWriter, r *http.Request, _ string, _ []byte) {
			http.Redirect(w, r, "http://example.invalid/secret?signature=1", http.StatusFound)
		})},
		{"to a file", "neither https", ranking.CodeForbidden, weights(func(w http.ResponseWriter, r *http.Request, _ string, _ []byte) {
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		})},
		{"in circles", "more than 10", ranking.CodeForbidden, weights(func(w http.ResponseWriter, r *http.Request, _ string, _ []byte) {
			http.Redirect(w, r, r.URL.Path, http.StatusFound)
		})},
	} {
		s := newServer(t, tiny())
		s.serve = c.serve
		dir := t.TempDir()
		_, err := pullTiny(t.Context(), s.client(t), dir)
		if err == nil || !strings.Contains(err.Error(), c.want) || ranking.ErrorCode(err) != c.code {
			t.Errorf("%s: want %s with %q, got %s: %v", c.name, c.code, c.want, ranking.ErrorCode(err), err)
		}
		if err != nil && strings.Contains(err.Error(), "signature") {
			t.Errorf("%s: the error shows the query of a redirect: %v", c.name, err)
		}
		if left := contents(t, filepath.Join(dir, "acme--tiny@"+commit)); left["model.safetensors"] != nil || c.name == "other content" && left["model.safetensors.part"] != nil {
			t.Errorf("%s: left behind %v", c.name, left)
		}
		s.serve = nil // what is left behind does no harm
		if _, err := pullTiny(t.Context(), s.client(t), dir); err != nil {
			t.Errorf("%s: afterwards: %v", c.name, err)
		}
	}
}

func TestSilentServer(t *testing.T) {
	s := newServer(t, tiny())
	release := make(chan struct{})
	defer close(release)
	s.serve = func(w http.ResponseWriter, r *http.Request, name string, content []byte) {
		if name == "model.safetensors" && r.Header.Get("Range") == "" {
			w.Header().Set("Content-Length", fmt.Sprint(len(content)))
			w.Write(content[:100])
			w.(http.Flusher).Flush()
			<-release
			return
		}
		http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(content))
	}
	c := s.client(t)
	c.silence = 50 * time.Millisecond
	if _, err := pullTiny(t.Context(), c, t.TempDir()); err != nil {
		t.Fatal(err)
	}
}

// The token goes to the hub and to nobody it redirects to.
func TestToken(t *testing.T) {
	files := tiny()
	var elsewhere *httptest.Server
	elsewhere = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Errorf("%s got the token", elsewhere.URL)
		}
		w.Write(files[strings.TrimPrefix(r.URL.Path, "/")])
	}))
	defer elsewhere.Close()
	s := newServer(t, files)
	s.before = func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Header.Get("Authorization") != "Bearer hf_secret" {
			t.Errorf("%s came without the token", r.URL)
		}
		return false
	}
	s.serve = func(w http.ResponseWriter, r *http.Request, name string, _ []byte) {
		http.Redirect(w, r, elsewhere.URL+"/"+name, http.StatusFound)
	}
	if _, err := pullTiny(t.Context(), s.client(t), t.TempDir()); err != nil {
		t.Fatal(err)
	}
}

// A busy hub is asked again, after as long as it says.
func TestBusy(t *testing.T) {
	s := newServer(t, tiny())
	busy := 2
	s.before = func(w http.ResponseWriter, _ *http.Request) bool {
		if busy == 0 {
			return false
		}
		busy--
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusTooManyRequests)
		return true
	}
	c := s.client(t)
	var waits []time.Duration
	c.wait = func(_ context.Context, _ int, asked time.Duration) error {
		waits = append(waits, asked)
		return nil
	}
	if _, err := c.Find(t.Context(), "acme/tiny", ""); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(waits, []time.Duration{7 * time.Second, 7 * time.Second}) {
		t.Errorf("waited %v", waits)
	}
}

func TestRefusedBeforeDownload(t *testing.T) {
	for _, c := range []struct {
		want    string
		request Request
		files   map[string][]byte
		listing func([]map[string]any) []map[string]any
	}{
		{"is no name of a repository", Request{Repository: "../etc"}, nil, nil},
		{"is no name of a repository", Request{Repository: "a/b/c"}, nil, nil},
		{"is no name of a repository", Request{Repository: "a/.."}, nil, nil},
		{"is no name of a repository", Request{Repository: "a--b/c"}, nil, nil},
		{"is no name of a repository", Request{Repository: "a/b?x=1"}, nil, nil},
		{"is no name of a repository", Request{Repository: strings.Repeat("a", 201)}, nil, nil},
		{"is no revision", Request{Repository: "acme/tiny", Revision: "../../x"}, nil, nil},
		{"is no revision", Request{Repository: "acme/tiny", Revision: "a b"}, nil, nil},
		{"has no revision main of acme/other", Request{Repository: "acme/other"}, tiny(), nil},
		{"is no name of a .gguf", Request{Repository: "acme/tiny", File: "../x.gguf"}, tiny(), nil},
		{"is no name of a .gguf", Request{Repository: "acme/tiny", File: "/etc/x.gguf"}, tiny(), nil},
		{"is no name of a .gguf", Request{Repository: "acme/tiny", File: "model.safetensors"}, tiny(), nil},
		{"has no file other.gguf", Request{Repository: "acme/tiny", File: "other.gguf"}, tiny(), nil},
		{"choose one with --file: a.gguf, b/c.gguf", Request{Repository: "acme/tiny"}, map[string][]byte{"b/c.gguf": nil, "a.gguf": nil}, nil},
		{"has neither", Request{Repository: "acme/tiny"}, map[string][]byte{"pytorch_model.bin": nil}, nil},
		{"has no file tokenizer.json", Request{Repository: "acme/tiny"}, map[string][]byte{"config.json": nil, weightsName: nil}, nil},
		{"over the limit of 67108864", Request{Repository: "acme/tiny"}, tiny(), edit("config.json", "size", 1<<30)},
		{"does not say how large config.json", Request{Repository: "acme/tiny"}, tiny(), edit("config.json", "size", nil)},
		{"no usable hash for config.json", Request{Repository: "acme/tiny"}, tiny(), edit("config.json", "blobId", "../../x")},
		{"no usable hash for model.safetensors", Request{Repository: "acme/tiny"}, tiny(), edit(weightsName, "lfs", map[string]any{"size": 1})},
		{"over the limit of 68719476736", Request{Repository: "acme/tiny"}, tiny(), edit(weightsName, "lfs", map[string]any{"sha256": strings.Repeat("0", 64), "size": 1 << 40})},
		{"does not say how large model.saf", Request{Repository: "acme/tiny"}, tiny(), edit(weightsName, "lfs", map[string]any{"sha256": strings.Repeat("0", 64), "size": -1})},
		{`"config.json" is listed twice`, Request{Repository: "acme/tiny"}, tiny(), func(files []map[string]any) []map[string]any {
			return append(files, map[string]any{"rfilename": "config.json", "size": 1})
		}},
		{"has no file config.json", Request{Repository: "acme/tiny"}, tiny(), edit("config.json", "rfilename", "../config.json")},
	} {
		s := newServer(t, c.files)
		s.listing = c.listing
		dir := t.TempDir()
		if _, err := s.client(t).Pull(t.Context(), c.request, dir, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("want an error with %q, got %v", c.want, err)
		}
		if asked, left := s.asked(), contents(t, dir); len(asked) > 0 || len(left) > 0 {
			t.Errorf("%q: asked for %q, left %v", c.want, asked, left)
		}
	}
}

// edit changes what the listing says of a file.
func edit(name, key string, value any) func([]map[string]any) []map[string]any {
	return func(files []map[string]any) []map[string]any {
		for _, f := range files {
			if f["rfilename"] == name {
				f[key] = value
			}
		}
		return files
	}
}

// An index that names files elsewhere fetches none of them.
func TestHostileIndex(t *testing.T) {
	for _, name := range []string{"../../x.safetensors", "/x.safetensors", "a/b.safetensors", "x.bin", "", `..\\x.safetensors`} {
		files := sharded()
		files[indexName] = fmt.Appendf(nil, `{"weight_map":{"a":"%s"}}`, name)
		s := newServer(t, files)
		if _, err := pullTiny(t.Context(), s.client(t), t.TempDir()); err == nil || !strings.Contains(err.Error(), "no name of a safetensors file") {
			t.Errorf("%q: %v", name, err)
		}
		if asked := s.asked(); len(asked) != 3 {
			t.Errorf("%q: asked for %q", name, asked)
		}
	}
}

func TestDiskAndLock(t *testing.T) {
	s := newServer(t, tiny())
	c, dir := s.client(t), t.TempDir()
	c.free = func(string) (int64, bool) { return spareBytes + 1000, true }
	if _, err := pullTiny(t.Context(), c, dir); ranking.ErrorCode(err) != ranking.CodeUnavailable || len(s.asked()) > 0 {
		t.Errorf("a full disk: %v", err)
	}
	c.free = freeBytes
	pulled, err := pullTiny(t.Context(), c, dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pullTiny(t.Context(), c, dir); ranking.ErrorCode(err) != ranking.CodeConflict {
		t.Errorf("two at once: %v", err)
	}
	pulled.Close()
	old := time.Now().Add(-keptFor - time.Hour)
	stale := filepath.Join(dir, "acme--old@"+commit)
	if err := errors.Join(os.Mkdir(stale, 0o700), os.Chtimes(stale, old, old)); err != nil {
		t.Fatal(err)
	}
	s.asked()
	if _, err := pullTiny(t.Context(), c, dir); err != nil || len(s.asked()) > 0 {
		t.Errorf("what is there was fetched again, or %v", err)
	}
	if _, err := os.Stat(stale); err == nil {
		t.Error("an old download was not removed")
	}
}

func TestNew(t *testing.T) {
	for _, endpoint := range []string{"http://example.org", "ftp://localhost", "example.org", "https://", "https://user:word@example.org", "https://example.org/?x=1", "http://127.0.0.1.example.org"} {
		if _, err := New(endpoint, ""); ranking.ErrorCode(err) != ranking.CodeInvalid {
			t.Errorf("%s: %v", endpoint, err)
		}
	}
	if _, err := New("", "two words"); err == nil {
		t.Error("a token with a space")
	}
	for _, endpoint := range []string{"", "https://example.org/mirror/", "http://localhost:8000", "http://[::1]:1"} {
		if _, err := New(endpoint, "t"); err != nil {
			t.Errorf("%s: %v", endpoint, err)
		}
	}
}
