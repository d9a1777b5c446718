package hub

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

const commit = "0123456789abcdef0123456789abcdef01234567"

// server is a hub of one repository, acme/tiny, which misbehaves as told.
type server struct {
	*httptest.Server
	t     *testing.T
	files map[string][]byte

	mu       sync.Mutex
	requests []string // METHOD path range
	listing  func(files []map[string]any) []map[string]any
	before   func(w http.ResponseWriter, r *http.Request) (done bool) // every request
	serve    func(w http.ResponseWriter, r *http.Request, name string, content []byte)
}

func newServer(t *testing.T, files map[string][]byte) *server {
	s := &server{t: t, files: files}
	s.Server = httptest.NewServer(http.HandlerFunc(s.answer))
	t.Cleanup(s.Close)
	return s
}

func (s *server) answer(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests = append(s.requests, strings.TrimSpace(r.Method+" "+r.URL.EscapedPath()+" "+r.Header.Get("Range")))
	s.mu.Unlock()
	if s.before != nil && s.before(w, r) {
		return
	}
	if strings.HasPrefix(r.URL.Path, "/api/models/acme/tiny/revision/") {
		s.list(w)
		return
	}
	name, ok := strings.CutPrefix(r.URL.Path, "/acme/tiny/resolve/"+commit+"/")
	content, there := s.files[name]
	if !ok || !there {
		http.NotFound(w, r)
		return
	}
	if s.serve != nil {
		s.serve(w, r, name, content)
		return
	}
	http.ServeContent(w, r, name, time.Time{}, strings.NewReader(string(content)))
}

// list answers as the hub does: large files have a SHA-256, small ones the SHA-1 of their git blob.
func (s *server) list(w http.ResponseWriter) {
	var files []map[string]any
	for name, content := range s.files {
		entry := map[string]any{"rfilename": name, "size": len(content)}
		if strings.HasSuffix(name, ".json") {
			sum := sha1.Sum(fmt.Appendf(nil, "blob %d\x00%s", len(content), content))
			entry["blobId"] = hex.EncodeToString(sum[:])
		} else {
			sum := sha256.Sum256(content)
			entry["blobId"] = strings.Repeat("0", 40)
			entry["lfs"] = map[string]any{"sha256": hex.EncodeToString(sum[:]), "size": len(content), "pointerSize": 130}
		}
		files = append(files, entry)
	}
	if s.listing != nil {
		files = s.listing(files)
	}
	if err := json.NewEncoder(w).Encode(map[string]any{"id": "acme/tiny", "sha": commit, "siblings": files}); err != nil {
		s.t.Error(err)
	}
}

// asked lists the requests since the last call, those of the listing left out.
func (s *server) asked() (files []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.requests {
		if !strings.Contains(r, "/api/") {
			files = append(files, strings.ReplaceAll(r, "/acme/tiny/resolve/"+commit+"/", ""))
		}
	}
	s.requests = nil
	return files
}

// client does not wait between attempts, and has disk enough.
func (s *server) client(t *testing.T) *Client {
	t.Helper()
	c, err := New(s.URL, "hf_secret")
	if err != nil {
		t.Fatal(err)
	}
	c.wait = func(ctx context.Context, _ int, _ time.Duration) error { return ctx.Err() }
	c.free = func(string) (int64, bool) { return 1 << 40, true }
	return c
}

// cutAfter sends the first n bytes of what was asked for and breaks the connection.
func cutAfter(n int) func(http.ResponseWriter, *http.Request, string, []byte) {
	return func(w http.ResponseWriter, r *http.Request, _ string, content []byte) {
		from := 0
		if span := r.Header.Get("Range"); span != "" {
			fmt.Sscanf(span, "bytes=%d-", &from)
			w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(content)-1, len(content)))
		}
		rest := content[from:]
		w.Header().Set("Content-Length", fmt.Sprint(len(rest)))
		if from > 0 {
			w.WriteHeader(http.StatusPartialContent)
		}
		w.Write(rest[:min(n, len(rest))]) //nolint:errcheck // the client may be gone
		if len(rest) > n {
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}
	}
}
