package app

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rankloop/handlers"
	"rankloop/ranking"
)

const twoPrompts = `{"id":"a1","prompt":"Name **three** colours.","responses":[{"text":"Red, green, blue.","model":"secret-one"},{"text":"Blue.","model":"secret-two"}]}
{"id":"a2","prompt":"And one more?","responses":[{"text":"Yellow.","model":"secret-one"},{"text":"No.","model":"secret-two"},{"text":"Yellow.","model":"secret-three"}]}
`

func TestUploadPreviewThenConfirm(t *testing.T) {
	s := newSite(t)
	admin := s.as(ranking.RoleAdmin)
	campaign := admin.newCampaign("helpful", "none")
	preview := admin.upload("/campaigns/helpful/upload", `C:\my files\two prompts.jsonl`, []byte(twoPrompts)).location()
	admin.get(preview).want(http.StatusOK,
		"Preview of two prompts.jsonl", "Import 2 prompts", "Name <strong>three</strong> colours.", "Red, green, blue.").lacks("secret-")
	if counts := s.counts(campaign); counts != (ranking.CampaignCounts{}) {
		t.Errorf("a preview stored something: %+v", counts)
	}

	other := s.as(ranking.RoleAdmin)
	other.get(preview).want(http.StatusGone, "no longer here")
	path, _, _ := strings.Cut(preview, "?")
	confirm := []string{"file", "two prompts.jsonl", "do", "import"}
	other.post(path, confirm...).want(http.StatusGone)

	admin.get(admin.post(path, confirm...).location()).want(http.StatusOK, "The file has been imported")
	if counts := s.counts(campaign); counts.Prompts != 2 || counts.Responses != 4 || counts.TasksOpen != 2 {
		t.Errorf("after the import: %+v", counts)
	}
	if got := s.audited()[0]; got != "campaign.import helpful" {
		t.Errorf("audit %q", got)
	}
	admin.post(path, confirm...).want(http.StatusGone) // the file goes with its import
	if n := s.kept(); n != 0 {
		t.Errorf("%d uploads are left", n)
	}
	again := admin.upload("/campaigns/helpful/upload", "two.jsonl", []byte(twoPrompts)).location()
	admin.get(again).want(http.StatusOK, "in the campaign already").lacks("Import 2")
	path, _, _ = strings.Cut(again, "?")
	admin.post(path, "file", "two.jsonl", "do", "drop").location()
	if n := s.kept(); n != 0 {
		t.Errorf("%d uploads are left after one was dropped", n)
	}
}

func TestUploadAsksForMissingResponses(t *testing.T) {
	s := newSite(t)
	admin := s.as(ranking.RoleAdmin)
	campaign := admin.newCampaign("open", "base")
	preview := admin.upload("/campaigns/open/upload", "p.csv", []byte("id,prompt\nb1,Say hello.\n")).location()
	admin.get(preview).want(http.StatusOK, "To be written by base", "4 responses are still to be written")
	path, _, _ := strings.Cut(preview, "?")
	admin.post(path, "file", "p.csv", "do", "import").location()
	if counts := s.counts(campaign); counts.TasksWaiting != 1 {
		t.Errorf("%+v", counts)
	}
	admin.get("/campaigns/open").want(http.StatusOK, "1 task waits for responses", "<code>base</code>", "No worker is running")
	admin.get(admin.post("/campaigns/open/generate").location()).want(http.StatusOK, "have been asked for")
	var jobs int
	err := s.Cluster.Pool().QueryRow(t.Context(), "SELECT count(*) FROM river.river_job WHERE kind = 'generate_responses'").Scan(&jobs)
	if err != nil || jobs != 2 {
		t.Errorf("%d jobs, %v; one of the import and one asked for again", jobs, err)
	}
}

func TestHostileUploadsStoreNothing(t *testing.T) {
	s := newSite(t)
	admin := s.as(ranking.RoleAdmin)
	campaign := admin.newCampaign("helpful", "none")
	first := admin.upload("/campaigns/helpful/upload", "first.jsonl", []byte(`{"id":"used","prompt":"p","responses":[{"text":"a","model":"m"},{"text":"b","model":"m"}]}`)).location()
	path, _, _ := strings.Cut(first, "?")
	admin.post(path, "file", "first.jsonl", "do", "import").location()
	before := s.counts(campaign)

	var responses []string
	for i := range 300 {
		responses = append(responses, fmt.Sprintf(`{"text":"r%d","model":"m"}`, i))
	}
	for name, c := range map[string]struct {
		file    string
		content []byte
		want    []string
	}{
		"a malformed line":      {"f.jsonl", []byte(twoPrompts + "{\"id\":\n"), []string{"f.jsonl:3"}},
		"one response":          {"f.jsonl", []byte(`{"id":"x","prompt":"p","responses":[{"text":"a","model":"m"}]}`), []string{"f.jsonl:1", "response"}},
		"an unknown column":     {"f.csv", []byte("id,prompt,colour\n1,p,red\n"), []string{"f.csv", "colour"}},
		"an id twice":           {"f.jsonl", []byte(twoPrompts + strings.Replace(strings.Split(twoPrompts, "\n")[0], "three", "four", 1)), []string{"f.jsonl:3", "a1"}},
		"an id of the campaign": {"f.jsonl", []byte(`{"id":"used","prompt":"other","responses":[{"text":"a","model":"m"},{"text":"b","model":"m"}]}`), []string{"f.jsonl:1", "used"}},
		"a gzip bomb":           {"f.jsonl.gz", bomb(t), []string{"f.jsonl.gz"}},
		"a broken gzip":         {"f.jsonl.gz", []byte("\x1f\x8b\x08nothing"), []string{"f.jsonl.gz"}},
		"a broken parquet":      {"f.parquet", []byte("PAR1 no parquet PAR1"), []string{"f.parquet"}},
		"NUL bytes":             {"f.jsonl", []byte(`{"id":"x","prompt":"p\u0000","responses":[{"text":"a","model":"m"},{"text":"b","model":"m"}]}`), []string{"f.jsonl:1", "NUL"}},
		"300 responses":         {"f.jsonl", []byte(`{"id":"x","prompt":"p","responses":[` + strings.Join(responses, ",") + `]}`), []string{"f.jsonl:1", "64"}},
		"a response of 1 MB":    {"f.jsonl", []byte(`{"id":"x","prompt":"p","responses":[{"text":"` + strings.Repeat("a", 1<<20) + `","model":"m"},{"text":"b","model":"m"}]}`), []string{"f.jsonl:1"}},
		"another kind of file":  {"f.exe", []byte("MZ"), []string{"f.exe", ".jsonl"}},
		"markup for a name":     {"<script>.jsonl", []byte("{"), []string{"&lt;script&gt;.jsonl:1"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := *s
			s.t = t
			admin := visitor{&s, admin.user, admin.client}
			preview := admin.upload("/campaigns/helpful/upload", c.file, c.content).location()
			shown := admin.get(preview)
			if shown.status != http.StatusOK && shown.status != http.StatusUnprocessableEntity && shown.status != http.StatusRequestEntityTooLarge {
				t.Fatalf("status %d", shown.status)
			}
			shown.want(shown.status, c.want...).lacks(`value="import"`, "<script>.jsonl")
			path, _, _ := strings.Cut(preview, "?")
			if forced := admin.post(path, "file", c.file, "do", "import"); forced.status < 400 || forced.status >= 500 {
				t.Errorf("confirmed anyway: status %d", forced.status)
			}
			if after := s.counts(campaign); after != before {
				t.Errorf("something was stored: %+v, before %+v", after, before)
			}
		})
	}
	admin.do(http.MethodPost, "/campaigns/helpful/upload", "text/plain", strings.NewReader("no form")).want(http.StatusUnprocessableEntity, "Choose a file first.")
	admin.post("/campaigns/helpful/uploads/..%2f..%2fetc%2fpasswd", "do", "import").want(http.StatusNotFound)
	admin.post("/campaigns/helpful/uploads/"+strings.Repeat("0", 64), "file", "f.jsonl", "do", "import").want(http.StatusGone)
}

// What is wrong with a file is said in the reader's language, to the end.
func TestBadLinesAreTranslated(t *testing.T) {
	s := newSite(t)
	admin := s.as(ranking.RoleAdmin)
	admin.newCampaign("helpful", "none")
	admin.post("/preferences", "locale", "zh-Hans")
	content := `{"id":"a","prompt":"p","responses":[{"text":"x","modle":"m"},{"text":"y"}]}` + "\n" +
		`{"id":"b","prompt":"p","responses":["x"]}` + "\n" + `{"id":"c","prompt":"p","responses":["x","y` + "\u0000" + `"]}` + "\n"
	shown := admin.get(admin.upload("/campaigns/helpful/upload", "f.jsonl", []byte(content)).location())
	shown.want(http.StatusOK, "第 1 个回复有未知的键 &#34;modle&#34;；是否指 &#34;model&#34;？", "不同的回复太少（1 个）：至少需要 2 个", "该行在第 43 列含有 NUL 字节").
		lacks("unknown key", "distinct responses", "NUL byte")
	header := admin.get(admin.upload("/campaigns/helpful/upload", "f.csv", []byte("id,prompt,respnse_1\n")).location())
	header.want(http.StatusUnprocessableEntity, "标题行有未知的列 &#34;respnse_1&#34;").lacks("the header")
}

// bomb unpacks to far more than a prompt set may hold in a line.
func bomb(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	zeros := bytes.Repeat([]byte(" "), 1<<20)
	for range 64 {
		if _, err := w.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestUploadOverTheLimitIsRefusedUnread(t *testing.T) {
	s := newSite(t)
	admin := s.as(ranking.RoleAdmin)
	admin.newCampaign("helpful", "none")
	request := httptest.NewRequest(http.MethodPost, "/campaigns/helpful/upload", strings.NewReader(""))
	request.ContentLength = handlers.UploadBytesMax + 2<<20
	for _, cookie := range admin.client.Jar.Cookies(httptest.NewRequest(http.MethodGet, s.base, nil).URL) {
		request.AddCookie(cookie)
	}
	recorder := httptest.NewRecorder()
	s.handler.ServeHTTP(recorder, request)
	if recorder.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d", recorder.Code)
	}
}

func TestUploadsAreSwept(t *testing.T) {
	u := newUploads(t.TempDir())
	old, err := u.save(1, strings.NewReader("old"))
	if err != nil {
		t.Fatal(err)
	}
	yesterday := time.Now().Add(-uploadAge - time.Minute)
	if err := os.Chtimes(u.path(1, old), yesterday, yesterday); err != nil {
		t.Fatal(err)
	}
	for i := range uploadsOfUser + 3 {
		if _, err := u.save(2, strings.NewReader(fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := u.open(1, old); ranking.ErrorCode(err) != ranking.CodeExpired {
		t.Errorf("an old upload: %v", err)
	}
	left, err := filepath.Glob(filepath.Join(u.dir, "*"))
	if err != nil || len(left) != uploadsOfUser {
		t.Errorf("%d uploads are left, %v", len(left), err)
	}
}
