package e2e

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// fileBytesMax is the limit on a prompt set, after decompression.
const fileBytesMax = 1 << 30

// Whatever is wrong with a prompt set is told by file, line and reason, and nothing of the file is stored.
func TestBadPromptSets(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.run(t, "campaign", "create", "--name", "bad", "--k", "4", "--generate-from", "none")
	good := promptSet(prompts(2))
	line := func(content string) string { return good + content + "\n" }
	responses := func(n int) string {
		return `["` + strings.Join(strings.Split(strings.Repeat("r", n), ""), `","`) + `"]`
	}
	for _, c := range []struct {
		name    string // of the file
		content string
		told    string // after the file's name
	}{
		{"malformed.jsonl", line(`{"id":"x","prompt":"a question","responses":["one","two"}`), ":3: the line is not valid JSON"},
		{"half.jsonl", strings.TrimSuffix(good, "\"]}\n"), ":2: the line"},
		{"one.jsonl", line(`{"id":"x","prompt":"a question","responses":["one"]}`), ":3: has too few distinct responses (1): at least 2 are needed"},
		{"same.jsonl", line(`{"id":"x","prompt":"a question","responses":["one","one"]}`), ":3: has too few distinct responses (1)"},
		{"none.jsonl", line(`{"id":"x","prompt":"a question"}`), ":3: has too few distinct responses (0)"},
		{"key.jsonl", line(`{"id":"x","promt":"a question","responses":["one","two"]}`), `:3: has the unknown key "promt"; did you mean "prompt"?`},
		{"column.csv", "id,prompt,response_1,respnse_2\nx,a question,one,two\n", `:1: the header has the unknown column "respnse_2"`},
		{"reused.jsonl", line(`{"id":"p1","prompt":"another question","responses":["one","two"]}`), `:3: reuses the id "p1" of line 1 with other content`},
		{"nul.jsonl", line(`{"id":"x","prompt":"a question","responses":["one","t\u0000wo"]}`), ":3: response 2 holds a NUL byte"},
		{"raw-nul.jsonl", line("{\"id\":\"x\",\"prompt\":\"a \x00 question\",\"responses\":[\"one\",\"two\"]}"), ":3: the line"},
		{"utf8.jsonl", line("{\"id\":\"x\",\"prompt\":\"a \xff question\",\"responses\":[\"one\",\"two\"]}"), ":3: "},
		{"many.jsonl", line(`{"id":"x","prompt":"a question","responses":` + responses(300) + `}`), ":3: more than 64 responses; the limit is 64"},
		{"long.jsonl", line(`{"id":"x","prompt":"a question","responses":["one","` + strings.Repeat("x", 1<<20) + `"]}`),
			":3: response 2 is 1048576 bytes long; the limit is 262144"},
		{"line.jsonl", line(`{"id":"x","prompt":"` + strings.Repeat("x", 9<<20) + `"}`), ":3: the line is over the limit of 8388608 bytes"},
		{"format.txt", good, ": the file's kind is not known by its name"},
		{"not.jsonl.gz", "\x1f\x8b" + good, ": the gzip compression is damaged"},
		{"cut.jsonl.gz", string(gzipped(t, []byte(good))[:40]), ": the gzip compression is damaged"},
		{"not.parquet", good, ": "},
		{"bomb.jsonl.gz", string(gzipBomb(t)), fmt.Sprintf(": the file is over the limit of %d bytes", fileBytesMax)},
		{"bomb.parquet", string(parquetBomb(t)), ": "},
		{"empty.csv", "", ":1: the file is empty"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := s.write(t, c.name, c.content)
			checkFailure(t, s.try(t, "import", "--campaign", "bad", path), 1, path+c.told)
		})
	}
	t.Run("large.jsonl", func(t *testing.T) { // larger than the limit, and no byte of it on the disk
		path := s.write(t, "large.jsonl", "")
		if err := os.Truncate(path, fileBytesMax+1); err != nil {
			t.Fatal(err)
		}
		checkFailure(t, s.try(t, "import", "--campaign", "bad", path), 1, path+fmt.Sprintf(": the file is over the limit of %d bytes", fileBytesMax))
	})
	t.Run("two files", func(t *testing.T) { // a good file goes in with the bad one or not at all
		fine := s.write(t, "fine.jsonl", good)
		bad := filepath.Join(s.folder, "malformed.jsonl")
		checkFailure(t, s.try(t, "import", "--campaign", "bad", fine, bad), 1, bad+":3: ")
	})
	s.checkEmpty(t, "bad")

	// The good lines of a file go in on request, and the bad ones are listed.
	out := s.run(t, "import", "--campaign", "bad", "--skip-bad", filepath.Join(s.folder, "malformed.jsonl"))
	if !strings.Contains(out, "malformed.jsonl:3: ") || !strings.Contains(out, "2 prompts added") {
		t.Errorf("--skip-bad says:\n%s", out)
	}
	// An id that the database knows with other content is a bad line too.
	other := s.write(t, "other.jsonl", `{"id":"p9","prompt":"new","responses":["a","b"]}`+"\n"+`{"id":"p2","prompt":"changed","responses":["a","b"]}`+"\n")
	checkFailure(t, s.try(t, "import", "--campaign", "bad", other), 1, other+":2: the id p2 is in use with other content")
	var stats struct{ Prompts, Responses int }
	s.json(t, &stats, "stats", "--campaign", "bad")
	if stats.Prompts != 2 || stats.Responses != 8 {
		t.Errorf("stored %+v, want the 2 good prompts with 8 responses", stats)
	}
}

// checkEmpty fails the test if the campaign holds anything.
func (p *program) checkEmpty(t *testing.T, campaign string) {
	t.Helper()
	var stats struct {
		Prompts, Responses, Judgments int
		Tasks                         struct{ Total int }
	}
	p.json(t, &stats, "stats", "--campaign", campaign)
	if stats.Prompts+stats.Responses+stats.Judgments+stats.Tasks.Total != 0 {
		t.Errorf("something of the bad files is stored: %+v", stats)
	}
}

func gzipped(t *testing.T, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// gzipBomb is a megabyte or so that decompresses to more than the limit: one member of zeros, many times over.
func gzipBomb(t *testing.T) []byte {
	t.Helper()
	const member = 64 << 20
	return bytes.Repeat(gzipped(t, make([]byte, member)), fileBytesMax/member+1)
}

// parquetBomb is a small file whose dictionary turns into gigabytes.
func parquetBomb(t *testing.T) []byte {
	t.Helper()
	type row struct {
		Prompt   string `parquet:"prompt,dict,zstd"`
		Response string `parquet:"response_1,dict,zstd"`
	}
	rows := make([]row, 6_000)
	for i := range rows {
		rows[i] = row{strings.Repeat("x", 200_000), "y"}
	}
	var b bytes.Buffer
	w := parquet.NewGenericWriter[row](&b)
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if b.Len() > 4<<20 {
		t.Fatalf("the bomb has %d bytes itself", b.Len())
	}
	return b.Bytes()
}
