package ranking_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"

	"rankloop/ranking"
)

type parquetMessage struct {
	Role    string `parquet:"role"`
	Content string `parquet:"content"`
}

type parquetResponse struct {
	Text  string `parquet:"text"`
	Model string `parquet:"model,optional"`
}

type parquetRow struct {
	ID        string            `parquet:"id"`
	Prompt    string            `parquet:"prompt,optional"`
	Messages  []parquetMessage  `parquet:"messages,list"`
	Responses []parquetResponse `parquet:"responses,list"`
	Metadata  parquetMetadata   `parquet:"metadata,optional"`
}

type parquetMetadata struct {
	Source string `parquet:"source,optional"`
	Score  int64  `parquet:"score,optional"`
}

func parquetFile[T any](t testing.TB, rows []T, options ...parquet.WriterOption) []byte {
	t.Helper()
	var b bytes.Buffer
	w := parquet.NewGenericWriter[T](&b, options...)
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestParquet(t *testing.T) {
	rows := []parquetRow{
		{ID: "a", Prompt: "What?", Responses: []parquetResponse{{"one", "m"}, {"two", ""}, {"one", "n"}}, Metadata: parquetMetadata{"web", 3}},
		{ID: "b", Messages: []parquetMessage{{"user", "Hi"}, {"assistant", "Ho"}, {"user", "He"}}},
		{ID: "c", Messages: []parquetMessage{{"user", "Hi"}, {"assistant", "Ho"}}},
		{ID: "d", Prompt: "NUL \x00", Responses: []parquetResponse{{"x", ""}}},
		{ID: "e", Prompt: "bytes \xff"},
	}
	for _, codec := range []compress.Codec{&parquet.Uncompressed, &parquet.Snappy, &parquet.Gzip, &parquet.Zstd} {
		for _, version := range []int{1, 2} {
			content := parquetFile(t, rows, parquet.Compression(codec), parquet.DataPageVersion(version))
			file := mustLoad(t, "a.parquet", string(content))
			if len(file.Prompts) != 2 || len(file.Bad) != 3 {
				t.Fatalf("%s: %d prompts, bad %v", codec, len(file.Prompts), file.Bad)
			}
			a, b := file.Prompts[0], file.Prompts[1]
			if len(a.Responses) != 2 || a.Responses[0].Text != "one" || len(a.Responses[0].FileIndexes) != 2 || a.Responses[0].Model != "m" ||
				a.Prompt.Metadata["source"] != "web" || a.Prompt.Metadata["score"] != int64(3) {
				t.Errorf("%s: a = %+v", codec, a)
			}
			if len(b.Prompt.Messages) != 3 || b.Prompt.Messages[1].Role != "assistant" || b.Prompt.Messages[2].Content != "He" {
				t.Errorf("%s: b = %+v", codec, b)
			}
			for i, want := range []string{"the last message must be a user turn", "prompt holds a NUL byte", "prompt is not UTF-8"} {
				if file.Bad[i].Line != i+3 || !strings.HasPrefix(file.Bad[i].Reason, want) {
					t.Errorf("%s: bad %v, want row %d: %s", codec, file.Bad[i], i+3, want)
				}
			}
		}
	}
}

func TestParquetShapes(t *testing.T) {
	type flat struct {
		Prompt    string `parquet:"prompt"`
		Response1 string `parquet:"response_1"`
		Response2 string `parquet:"response_2,optional"`
		Metadata  string `parquet:"metadata,optional,dict"`
	}
	file := mustLoad(t, "a.parquet", string(parquetFile(t, []flat{{"x", "a", "b", `{"k":[1,2]}`}, {"y", "a", "", ""}})))
	if len(file.Prompts) != 2 || len(file.Prompts[0].Responses) != 2 || len(file.Prompts[1].Responses) != 1 {
		t.Errorf("flat: %+v %v", file.Prompts, file.Bad)
	}
	type texts struct {
		ID        int64    `parquet:"id"`
		Prompt    string   `parquet:"prompt"`
		Responses []string `parquet:"responses"`
	}
	file = mustLoad(t, "a.parquet", string(parquetFile(t, []texts{{7, "x", []string{"a", "b"}}, {8, "y", nil}})))
	if len(file.Prompts) != 2 || file.Prompts[0].Prompt.ExternalID != "7" || len(file.Prompts[0].Responses) != 2 || len(file.Prompts[1].Responses) != 0 {
		t.Errorf("texts: %+v %v", file.Prompts, file.Bad)
	}
	type delta struct {
		Prompt string `parquet:"prompt,delta"`
	}
	_, err := load(t, "a.parquet", string(parquetFile(t, []delta{{"x"}})))
	if d := details(err); len(d) != 1 || !strings.Contains(d[0].Reason, "write the file with PLAIN or dictionary encoding") {
		t.Errorf("delta strings: %v %v", err, d)
	}
	type unknown struct {
		Prompt   string `parquet:"prompt"`
		Respones string `parquet:"respones"`
	}
	_, err = load(t, "a.parquet", string(parquetFile(t, []unknown{{"x", "y"}})))
	if d := details(err); len(d) != 1 || !strings.Contains(d[0].Reason, `unknown column "respones"; did you mean "responses"?`) {
		t.Errorf("unknown column: %v %v", err, d)
	}
}

// A file that expands beyond the limits is refused, and refusing it takes no more memory than the limits allow.
func TestParquetBombs(t *testing.T) {
	type row struct {
		Prompt string `parquet:"prompt,dict"`
	}
	long := strings.Repeat("x", 200<<10)
	dictionary := make([]row, 20_000)
	for i := range dictionary {
		dictionary[i].Prompt = long
	}
	type plain struct {
		Prompt string `parquet:"prompt,plain"`
	}
	zeros := make([]plain, 400)
	for i := range zeros {
		zeros[i].Prompt = long
	}
	type list struct {
		Prompt    string   `parquet:"prompt"`
		Responses []string `parquet:"responses,dict"`
	}
	wide := []list{{"x", make([]string, 5_000_000)}}
	good := parquetFile(t, []row{{"x"}})
	footer := bytes.Clone(good)
	binary.LittleEndian.PutUint32(footer[len(footer)-8:], 1<<31)

	limits := ranking.DefaultPromptSetLimits()
	limits.FileBytes = 32 << 20
	for _, c := range []struct {
		name    string
		content []byte
		reason  string
	}{
		{"one long text named 20,000 times", parquetFile(t, dictionary), "over the limit of 33554432 bytes"},
		{"compressed pages", parquetFile(t, zeros, parquet.Compression(&parquet.Zstd), parquet.PageBufferSize(128<<20)), "expands beyond the limits"},
		{"gzip pages", parquetFile(t, zeros, parquet.Compression(&parquet.Gzip), parquet.PageBufferSize(128<<20)), "expands beyond the limits"},
		{"snappy pages", parquetFile(t, zeros, parquet.Compression(&parquet.Snappy), parquet.PageBufferSize(128<<20)), "expands beyond the limits"},
		{"one row of 5,000,000 items", parquetFile(t, wide, parquet.PageBufferSize(128<<20)), "expands beyond the limits"},
		{"footer length", footer, "expands beyond the limits"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := ranking.LoadPromptSet("a.parquet", bytes.NewReader(c.content), limits, make(ranking.PromptIDs))
			runtime.ReadMemStats(&after)
			if d := details(err); ranking.ErrorCode(err) != ranking.CodeTooLarge || len(d) != 1 || !strings.Contains(d[0].Reason, c.reason) {
				t.Errorf("%d bytes: %v %v, want %s", len(c.content), err, d, c.reason)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 512<<20 {
				t.Errorf("refusing it took %d MB", used>>20)
			}
		})
	}
}

// Damage anywhere in a file is refused or changes nothing; it never ends the program.
func TestParquetDamage(t *testing.T) {
	rows := []parquetRow{{ID: "a", Prompt: "What?", Responses: []parquetResponse{{"one", "m"}, {"two", ""}}}}
	good := parquetFile(t, rows, parquet.Compression(&parquet.Snappy))
	random := rand.New(rand.NewPCG(1, 2))
	refused := 0
	for range 3000 {
		content := bytes.Clone(good)
		for range 1 + random.IntN(3) {
			content[random.IntN(len(content))] = byte(random.Uint32())
		}
		if _, err := load(t, "a.parquet", string(content)); err != nil {
			refused++
			if ranking.ErrorCode(err) == ranking.CodeInternal {
				t.Fatalf("an error without a code: %v", err)
			}
		}
	}
	if refused == 0 {
		t.Error("no damage was noticed")
	}
}

// The shared real files are read without a bad line.
func TestSharedPromptSets(t *testing.T) {
	for name, prompts := range map[string]int{"oasst_prompts.jsonl": 212, "instructgpt_tldr_prompts.jsonl": 100, "alpaca_eval_prompts.jsonl": 600} {
		file := openShared(t, name)
		set, err := ranking.LoadPromptSet(name, file, ranking.DefaultPromptSetLimits(), make(ranking.PromptIDs))
		if err != nil || len(set.Prompts) != prompts || len(set.Bad) != 0 || set.Duplicates != 0 {
			t.Errorf("%s: %d prompts, bad %v, err %v", name, len(set.Prompts), set.Bad, err)
		}
	}
}

// openShared opens a file of the folder of trial data beside the repository, which is not part of it.
func openShared(t *testing.T, name string) *os.File {
	t.Helper()
	root := os.Getenv("RANKLOOP_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "shared")
	}
	file, err := os.Open(filepath.Join(root, "data", name))
	if err != nil {
		t.Skipf("the trial data is not here (set RANKLOOP_SHARED to its folder): %v", err)
	}
	t.Cleanup(func() { file.Close() })
	return file
}
