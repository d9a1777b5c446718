package ranking_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"rankloop/ranking"
)

func load(t testing.TB, name, content string) (ranking.PromptSetFile, error) {
	t.Helper()
	return ranking.LoadPromptSet(name, strings.NewReader(content), ranking.DefaultPromptSetLimits(), make(ranking.PromptIDs))
}

func mustLoad(t testing.TB, name, content string) ranking.PromptSetFile {
	t.Helper()
	file, err := load(t, name, content)
	if err != nil {
		t.Fatalf("%s: %v %v", name, err, details(err))
	}
	return file
}

func details(err error) []ranking.Detail {
	var e *ranking.Error
	if errors.As(err, &e) {
		return e.Details
	}
	return nil
}

func zip(content string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(content))
	_ = w.Close()
	return b.String()
}

func TestPromptSetLine(t *testing.T) {
	const line = `{"id":"a1","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi?"}],` +
		`"responses":[{"text":"Hello.","model":"m1"},{"text":"Yo.","model":"m2"},{"text":"Hello.","model":"m3"}],` +
		`"group":"g","metadata":{"n":12345678901234567890,"tags":["x",null]}}` + "\n"
	want := ranking.PromptInputLine{
		Line: 1,
		Prompt: ranking.Prompt{
			ExternalID: "a1", Group: "g",
			Messages: []ranking.Message{{Role: "system", Content: "Be brief."}, {Role: "user", Content: "Hi?"}},
			Metadata: map[string]any{"n": json.Number("12345678901234567890"), "tags": []any{"x", nil}},
		},
		Responses: []ranking.Response{
			{Text: "Hello.", Model: "m1", FileIndexes: []int{0, 2}},
			{Text: "Yo.", Model: "m2", FileIndexes: []int{1}},
		},
	}
	for name, content := range map[string]string{
		"a.jsonl":    line,
		"a.jsonl.gz": zip(line),
		"A.JSONL":    "\ufeff" + line,
		"-":          line,
		"gz.jsonl":   zip(line), // the bytes tell, whatever the name says
	} {
		file := mustLoad(t, name, content)
		if len(file.Prompts) != 1 || len(file.Bad) != 0 {
			t.Fatalf("%s: %d prompts, bad %v", name, len(file.Prompts), file.Bad)
		}
		got := file.Prompts[0]
		got.ContentSHA256 = [32]byte{}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		sum := sha256.Sum256([]byte(content))
		if file.SHA256 != hex.EncodeToString(sum[:]) {
			t.Errorf("%s: the file's hash is not that of its bytes", name)
		}
	}
}

func TestPromptSetDefaults(t *testing.T) {
	file := mustLoad(t, "a.jsonl", `{"prompt":"One?"}`+"\n\n"+`{"prompt":"One?","responses":null,"group":null}`+"\n"+`{"id":7,"prompt":"Two?","responses":["a","b"]}`)
	if file.Lines != 3 || file.Duplicates != 1 || len(file.Prompts) != 2 || len(file.Bad) != 0 {
		t.Fatalf("lines %d, duplicates %d, prompts %d, bad %v", file.Lines, file.Duplicates, len(file.Prompts), file.Bad)
	}
	first, second := file.Prompts[0], file.Prompts[1]
	if !strings.HasPrefix(first.Prompt.ExternalID, "p-") || first.Prompt.Group != first.Prompt.ExternalID {
		t.Errorf("id %q, group %q", first.Prompt.ExternalID, first.Prompt.Group)
	}
	if second.Prompt.ExternalID != "7" || second.Line != 4 || len(second.Responses) != 2 {
		t.Errorf("second: %+v", second)
	}
}

// Every bad line is named by its number and a reason that says what is wrong; the good lines beside it are read.
func TestBadLines(t *testing.T) {
	big := strings.Repeat("x", 1<<20)
	many := strings.TrimSuffix(strings.Repeat(`{"text":"r"},`, 300), ",")
	deep := strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40)
	for _, c := range []struct{ name, line, reason string }{
		{"malformed", `{"id":"b","prompt":"x"`, "the line is not valid JSON: unexpected end of JSON input"},
		{"not an object", `["a"]`, "is not a JSON object"},
		{"number", `12`, "is not a JSON object"},
		{"two values", `{"prompt":"x"} {"prompt":"y"}`, "the line is not valid JSON: invalid character '{' after top-level value"},
		{"unknown key", `{"id":"b","prompt":"x","respones":[]}`, `has the unknown key "respones"; did you mean "responses"?`},
		{"far key", `{"id":"b","prompt":"x","zzzzzzzz":1}`, `has the unknown key "zzzzzzzz"; known are id, prompt,`},
		{"other case", `{"ID":"b","prompt":"x"}`, `has the unknown key "ID"`},
		{"key twice", `{"id":"b","prompt":"x","id":"c"}`, `has the key "id" twice`},
		{"message key", `{"id":"b","messages":[{"role":"user","content":"x","name":"y"}]}`, `message 1 has the unknown key "name"`},
		{"response key", `{"id":"b","prompt":"x","responses":[{"text":"a","modle":"y"}]}`, `response 1 has the unknown key "modle"; did you mean "model"?`},
		{"no text", `{"id":"b","prompt":"x","responses":[{"model":"y"}]}`, "response 1 has no text"},
		{"no prompt", `{"id":"b"}`, "has neither prompt nor messages"},
		{"both", `{"id":"b","prompt":"x","messages":[]}`, "has both prompt and messages"},
		{"empty messages", `{"id":"b","messages":[]}`, "messages is empty"},
		{"role", `{"id":"b","messages":[{"role":"human","content":"x"}]}`, `message 1 has the role "human"; known are system, user, assistant`},
		{"assistant last", `{"id":"b","messages":[{"role":"user","content":"x"},{"role":"assistant","content":"y"}]}`, "the last message must be a user turn, not assistant"},
		{"content list", `{"id":"b","messages":[{"role":"user","content":["x"]}]}`, "message 1 content must be a string"},
		{"empty prompt", `{"id":"b","prompt":" \n"}`, "prompt is empty"},
		{"empty response", `{"id":"b","prompt":"x","responses":[{"text":"ok"},{"text":""}]}`, "response 2 is empty"},
		{"NUL escape", `{"id":"b","prompt":"a\u0000b"}`, "prompt holds a NUL byte"},
		{"NUL in response", `{"id":"b","prompt":"a","responses":[{"text":"r\u0000"}]}`, "response 1 holds a NUL byte"},
		{"NUL in id", `{"id":"b\u0000","prompt":"a"}`, "id holds a control character"},
		{"NUL in metadata", `{"id":"b","prompt":"a","metadata":{"x":["\u0000"]}}`, "metadata holds a NUL byte"},
		{"raw NUL", "{\"id\":\"b\",\"prompt\":\"a\x00b\"}", "the line holds a NUL byte at column 22"},
		{"not UTF-8", "{\"id\":\"b\",\"prompt\":\"\xff\"}", "the line is not UTF-8 at column 21"},
		{"half a surrogate", `{"id":"b","prompt":"\ud83d!"}`, `the line holds half of a surrogate pair (\ud83d)`},
		{"300 responses", `{"id":"b","prompt":"x","responses":[` + many + `]}`, "more than 64 responses; the limit is 64"},
		{"response of 1 MB", `{"id":"b","prompt":"x","responses":[{"text":"a"},{"text":"` + big + `"}]}`, "response 2 is 1048576 bytes long; the limit is 262144"},
		{"line too long", `{"id":"b","prompt":"` + strings.Repeat("y", 9<<20) + `"}`, "the line is over the limit of 8388608 bytes"},
		{"long id", `{"id":"` + strings.Repeat("i", 300) + `","prompt":"x"}`, "id is 300 bytes long; the limit is 256"},
		{"metadata list", `{"id":"b","prompt":"x","metadata":[1]}`, "metadata must be an object"},
		{"deep metadata", `{"id":"b","prompt":"x","metadata":` + deep + `}`, "metadata is nested more than 32 deep"},
		{"huge number", `{"id":"b","prompt":"x","metadata":{"n":1e999}}`, "metadata holds a number out of range: 1e999"},
		{"tiny number", `{"id":"b","prompt":"x","metadata":{"n":1e-9999}}`, "metadata holds a number out of range: 1e-9999"},
		{"id reused", `{"id":"first","prompt":"something else"}`, `reuses the id "first" of line 1 with other content`},
		{"boolean id", `{"id":true,"prompt":"x"}`, "id must be a string"},
		{"responses object", `{"id":"b","prompt":"x","responses":{}}`, "responses must be a list"},
	} {
		t.Run(c.name, func(t *testing.T) {
			content := `{"id":"first","prompt":"good"}` + "\n" + c.line + "\n" + `{"id":"last","prompt":"good too"}` + "\n"
			file := mustLoad(t, "set.jsonl", content)
			if len(file.Bad) != 1 || file.Bad[0].Line != 2 || file.Bad[0].File != "set.jsonl" || !strings.HasPrefix(file.Bad[0].Reason, c.reason) {
				t.Errorf("bad = %v\nwant line 2: %s", file.Bad, c.reason)
			}
			if len(file.Prompts) != 2 {
				t.Errorf("%d good prompts, want 2", len(file.Prompts))
			}
		})
	}
}

func TestTooFewResponses(t *testing.T) {
	limits := ranking.DefaultPromptSetLimits()
	limits.MinResponses = 2
	const content = `{"prompt":"a","responses":["x","x"]}` + "\n" + `{"prompt":"b","responses":["x","y"]}`
	file, err := ranking.LoadPromptSet("s.jsonl", strings.NewReader(content), limits, make(ranking.PromptIDs))
	if err != nil || len(file.Prompts) != 1 || len(file.Bad) != 1 {
		t.Fatalf("%v, %d prompts, bad %v", err, len(file.Prompts), file.Bad)
	}
	if want := "has too few distinct responses (1): at least 2 are needed"; !strings.HasPrefix(file.Bad[0].Reason, want) {
		t.Errorf("reason %q", file.Bad[0].Reason)
	}
}

func TestIDReusedBetweenFiles(t *testing.T) {
	ids := make(ranking.PromptIDs)
	limits := ranking.DefaultPromptSetLimits()
	if _, err := ranking.LoadPromptSet("one.jsonl", strings.NewReader(`{"id":"a","prompt":"x"}`), limits, ids); err != nil {
		t.Fatal(err)
	}
	two, err := ranking.LoadPromptSet("two.jsonl", strings.NewReader(`{"id":"a","prompt":"x"}`+"\n"+`{"id":"a","prompt":"y"}`), limits, ids)
	if err != nil {
		t.Fatal(err)
	}
	if two.Duplicates != 1 || len(two.Bad) != 1 || two.Bad[0].Reason != `reuses the id "a" of one.jsonl:1 with other content` {
		t.Errorf("duplicates %d, bad %v", two.Duplicates, two.Bad)
	}
}

// Whole-file faults end the reading with an error that names the file.
func TestFileFaults(t *testing.T) {
	small := ranking.DefaultPromptSetLimits()
	small.FileBytes, small.Prompts, small.BadLines, small.LineBytes = 1<<20, 100, 10, 1<<16
	bomb := zip(strings.Repeat("\n", 64<<20))
	for _, c := range []struct {
		name, file, content string
		code                ranking.Code
		line                int
		reason              string
	}{
		{"unknown kind", "a.xlsx", "x", ranking.CodeInvalid, 0, "must end in .jsonl, .jsonl.gz, .csv or .parquet"},
		{"gzip bomb", "a.jsonl.gz", bomb, ranking.CodeTooLarge, 0, "over the limit of 1048576 bytes (after decompression)"},
		{"csv bomb", "a.csv.gz", zip("prompt\n" + strings.Repeat("x\n", 1<<20)), ranking.CodeTooLarge, 102, "more than 100 prompts"},
		{"gzip cut short", "a.jsonl.gz", zip(strings.Repeat("hello", 1000))[:20], ranking.CodeInvalid, 0, "gzip compression is damaged"},
		{"gzip header", "a.jsonl.gz", "\x1f\x8b\x00\x00", ranking.CodeInvalid, 0, "gzip compression is damaged"},
		{"too large", "a.jsonl", strings.Repeat(`{"prompt":"`+strings.Repeat("x", 20_000)+"\"}\n", 60), ranking.CodeTooLarge, 0, "over the limit of 1048576 bytes"},
		{"too many prompts", "a.jsonl", strings.Repeat(`{"prompt":"x"}`+"\n", 101), ranking.CodeTooLarge, 101, "more than 100 prompts"},
		{"too many bad lines", "a.jsonl", strings.Repeat("x\n", 11), ranking.CodeInvalid, 11, "more than 10 bad lines"},
		{"UTF-16", "a.jsonl", "\xff\xfe{\x00", ranking.CodeInvalid, 1, "UTF-16"},
		{"Parquet in disguise", "a.jsonl", "PAR1....", ranking.CodeInvalid, 0, "must end in .parquet"},
		{"not Parquet", "a.parquet", "hello, I am text", ranking.CodeInvalid, 0, "Parquet file is damaged"},
		{"short Parquet", "a.parquet", "PAR1", ranking.CodeInvalid, 0, "Parquet file is damaged"},
		{"empty CSV", "a.csv", "", ranking.CodeInvalid, 1, "a header row"},
		{"CSV column", "a.csv", "id,prompt,respons_1\n", ranking.CodeInvalid, 1, `unknown column "respons_1"; did you mean "response_1"?`},
		{"CSV column twice", "a.csv", "prompt,prompt\n", ranking.CodeInvalid, 1, "occurs twice"},
		{"CSV gap", "a.csv", "prompt,response_1,response_3\n", ranking.CodeInvalid, 1, "have a gap"},
		{"CSV 300 responses", "a.csv", "prompt,response_300\n", ranking.CodeInvalid, 1, "passes the limit of 64 responses"},
		{"CSV model alone", "a.csv", "prompt,model_1\n", ranking.CodeInvalid, 1, "has no response_1 beside it"},
		{"CSV no prompt", "a.csv", "id,response_1\n", ranking.CodeInvalid, 1, "neither a prompt nor a messages column"},
		{"CSV open quote", "a.csv", "prompt\n\"" + strings.Repeat("x\n", 100_000), ranking.CodeTooLarge, 3, "is a quote left open?"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ranking.LoadPromptSet(c.file, strings.NewReader(c.content), small, make(ranking.PromptIDs))
			if ranking.ErrorCode(err) != c.code {
				t.Fatalf("code %q (%v %v), want %q", ranking.ErrorCode(err), err, details(err), c.code)
			}
			d := details(err)
			if len(d) != 1 || d[0].File != c.file || d[0].Line != c.line || !strings.Contains(d[0].Reason, c.reason) {
				t.Errorf("details %v, want line %d: %s", d, c.line, c.reason)
			}
		})
	}
}

func TestCSV(t *testing.T) {
	const content = "id,prompt,response_1,model_1,response_2,response_3,group,metadata\r\n" +
		"a,\"Hi,\nthere\",one,m,two,,g,\"{\"\"k\"\":1}\"\r\n" +
		"b,What?,,,,,,\n" +
		"c,What?,x,,,z,,\n" +
		"d,short row\n" +
		"e,\"a\"b,x,,,,,\n" +
		"f,fine,x,,y,z,,\n"
	file := mustLoad(t, "a.csv", content)
	if len(file.Prompts) != 3 {
		t.Fatalf("%d prompts, bad %v", len(file.Prompts), file.Bad)
	}
	a := file.Prompts[0]
	if a.Line != 2 || a.Prompt.Messages[0].Content != "Hi,\nthere" || a.Prompt.Group != "g" || len(a.Responses) != 2 ||
		a.Responses[0].Model != "m" || a.Prompt.Metadata["k"] != json.Number("1") {
		t.Errorf("a = %+v", a)
	}
	if n := len(file.Prompts[1].Responses); n != 0 {
		t.Errorf("b has %d responses, want none", n)
	}
	want := []ranking.Detail{
		{File: "a.csv", Line: 5, Reason: "response 2 is empty"},
		{File: "a.csv", Line: 6, Reason: "has 2 of the 8 cells of the header"},
		{File: "a.csv", Line: 7, Reason: `is not valid CSV: extraneous or missing " in quoted-field`},
	}
	if diff := cmp.Diff(want, file.Bad, cmpopts.IgnoreFields(ranking.Detail{}, "Why")); diff != "" {
		t.Error(diff)
	}
}

// The same content has the same hash in every format, and any change of it another.
func TestContentHash(t *testing.T) {
	const base = `{"id":"a","prompt":"x","responses":[{"text":"r","model":"m"},{"text":"s","model":"m"}],"metadata":{"a":1,"b":2}}`
	hash := func(name, content string) [32]byte { return mustLoad(t, name, content).Prompts[0].ContentSHA256 }
	want := hash("a.jsonl", base)
	for name, same := range map[string]string{
		"a.jsonl": `{ "metadata":{"b":2,"a":1}, "group":"a", "responses":[{"model":"m","text":"r"},{"text":"s","model":"m"}], "messages":[{"content":"x","role":"user"}], "id":"a"}`,
		"a.csv":   "id,prompt,response_1,model_1,response_2,model_2,metadata\na,x,r,m,s,m,\"{\"\"a\"\":1,\"\"b\"\":2}\"\n",
	} {
		if hash(name, same) != want {
			t.Errorf("%s: other hash for the same content", name)
		}
	}
	for _, other := range []string{
		strings.Replace(base, `"x"`, `"y"`, 1), strings.Replace(base, `"r"`, `"q"`, 1), strings.Replace(base, `"m"`, `"n"`, 1),
		strings.Replace(base, `1`, `3`, 1), strings.Replace(base, `"id":"a"`, `"id":"a","group":"g"`, 1),
	} {
		if hash("a.jsonl", other) == want {
			t.Errorf("the same hash for %s", other)
		}
	}
}

// What is written as a prompt set is read back as it was.
func TestPromptSetRoundTrip(t *testing.T) {
	text := rapid.StringMatching(`[ -~äß漢字😀\n\t]{0,20}[a-z]`)
	rapid.Check(t, func(t *rapid.T) {
		type response struct {
			Text  string `json:"text"`
			Model string `json:"model"`
		}
		type line struct {
			ID        string            `json:"id"`
			Messages  []ranking.Message `json:"messages"`
			Responses []response        `json:"responses"`
		}
		var written []line
		var b bytes.Buffer
		encoder := json.NewEncoder(&b)
		for i := range rapid.IntRange(1, 5).Draw(t, "prompts") {
			l := line{ID: fmt.Sprint("p", i)}
			for range rapid.IntRange(0, 2).Draw(t, "turns") {
				l.Messages = append(l.Messages, ranking.Message{Role: "user", Content: text.Draw(t, "u")}, ranking.Message{Role: "assistant", Content: text.Draw(t, "a")})
			}
			l.Messages = append(l.Messages, ranking.Message{Role: "user", Content: text.Draw(t, "last")})
			for range rapid.IntRange(0, 6).Draw(t, "responses") {
				l.Responses = append(l.Responses, response{text.Draw(t, "r"), text.Draw(t, "m")})
			}
			for i := range l.Responses {
				l.Responses[i].Model = strings.NewReplacer("\n", "", "\t", "").Replace(l.Responses[i].Model)
			}
			written = append(written, l)
			if err := encoder.Encode(l); err != nil {
				t.Fatal(err)
			}
		}
		i := 0
		for got, err := range ranking.ReadPromptSet("a.jsonl", &b, ranking.DefaultPromptSetLimits()) {
			if err != nil || got.Bad != nil {
				t.Fatalf("%v %s", err, got.Bad)
			}
			want := written[i]
			if diff := cmp.Diff(want.Messages, got.Prompt.Messages); diff != "" {
				t.Fatal(diff)
			}
			places := map[int]string{}
			texts := map[string]bool{}
			for _, r := range got.Responses {
				if texts[r.Text] {
					t.Fatalf("%q is there twice", r.Text)
				}
				texts[r.Text] = true
				for _, place := range r.FileIndexes {
					places[place] = r.Text
				}
			}
			for place, r := range want.Responses {
				if places[place] != r.Text {
					t.Fatalf("response %d is %q, want %q", place, places[place], r.Text)
				}
			}
			i++
		}
		if i != len(written) {
			t.Fatalf("%d prompts, want %d", i, len(written))
		}
	})
}

// A consumer may stop early.
func TestStopReading(t *testing.T) {
	n := 0
	for range ranking.ReadPromptSet("a.jsonl", strings.NewReader(strings.Repeat(`{"prompt":"x"}`+"\n", 10)), ranking.DefaultPromptSetLimits()) {
		if n++; n == 3 {
			break
		}
	}
	if n != 3 {
		t.Errorf("read %d lines", n)
	}
}

// A reading error is passed on, not taken for the end.
func TestReadError(t *testing.T) {
	broken := io.MultiReader(strings.NewReader(`{"prompt":"x"}`+"\n"), errReader{})
	_, err := ranking.LoadPromptSet("a.jsonl", broken, ranking.DefaultPromptSetLimits(), make(ranking.PromptIDs))
	if ranking.ErrorCode(err) != ranking.CodeUnavailable {
		t.Errorf("err = %v", err)
	}
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, errors.New("the disk is gone") }

// No input makes the readers panic, and whatever they accept keeps the rules.
func FuzzReadPromptSet(f *testing.F) {
	for _, name := range []string{"a.jsonl", "a.csv", "a.jsonl.gz"} {
		f.Add(name, []byte(`{"id":"a","prompt":"x","responses":[{"text":"r","model":"m"}],"metadata":{"a":[1,{}]}}`))
		f.Add(name, []byte("id,prompt,response_1,response_2\na,\"x\ny\",b,c\n"))
		f.Add(name, []byte(zip(`{"prompt":"\ud83d\ude00"}`)))
	}
	f.Add("a.parquet", parquetFile(f, []parquetRow{{ID: "a", Prompt: "x", Responses: []parquetResponse{{"r", "m"}}}}))
	limits := ranking.DefaultPromptSetLimits()
	limits.FileBytes = 1 << 20
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		for line, err := range ranking.ReadPromptSet(name, bytes.NewReader(content), limits) {
			if err != nil {
				if ranking.ErrorCode(err) == ranking.CodeInternal {
					t.Fatalf("an error without a code: %v", err)
				}
				return
			}
			if line.Bad != nil {
				continue
			}
			messages := line.Prompt.Messages
			if len(messages) == 0 || messages[len(messages)-1].Role != "user" || line.Prompt.ExternalID == "" {
				t.Fatalf("accepted %+v", line)
			}
			for _, r := range line.Responses {
				if strings.TrimSpace(r.Text) == "" || strings.ContainsRune(r.Text, 0) || len(r.FileIndexes) == 0 {
					t.Fatalf("accepted the response %+v", r)
				}
			}
		}
	})
}
