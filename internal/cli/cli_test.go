package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rankloop/internal/postgres/postgrestest"
)

// command runs one command line against a database and returns its status and output.
func command(t *testing.T, url, stdin string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	t.Setenv("RANKLOOP_DATA", t.TempDir())
	t.Setenv("DATABASE_URL", url)
	var out, errors bytes.Buffer
	status = run(context.WithoutCancel(t.Context()), args, strings.NewReader(stdin), &out, &errors)
	return status, out.String(), errors.String()
}

// TestExitStatus goes through the ways in which a command line can be wrong. None of them needs a database.
func TestExitStatus(t *testing.T) {
	folder := t.TempDir()
	ranks := filepath.Join(folder, "ranks.jsonl")
	if err := os.WriteFile(ranks, []byte("{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args   string
		status int
		says   string // on standard error; on standard output where the status is 0
	}{
		{"", 0, "rankloop <command>"},
		{"--help", 0, "serve"},
		{"train --help", 0, "--preset"},
		{"serv", 2, `did you mean one of "serve"`},
		{"frobnicate", 2, "rankloop --help"},
		{"serve --adr :80", 2, `did you mean "--addr"`},
		{"serve --log-level loud", 2, "debug"},
		{"campaign create", 2, "--name"},
		{"user add --email a@b.c --role boss", 2, "researcher"},
		{"user add --email a@b.c --role admin --password-stdin", 2, "standard input is empty"},
		{"migrate down", 2, "migrate down --yes"},
		{"train rewards", 2, "reward"},
		{"train", 2, "<kind>"},
		{"train reward --config " + folder + "/none.json", 2, "does not exist"},
		{"train reward --data " + folder + "/rank.jsonl", 2, "did you mean " + ranks},
		{"train ppo --prompts " + folder + "/rank.jsonl", 2, "did you mean " + ranks},
		{"train ppo --prompts " + folder, 2, "is a folder"},
		{"train ppo --ptx " + folder, 1, "ranks.jsonl:1"},
		{"run show r --data " + ranks, 2, "is a file"},
		{"model import " + folder + "/none --name x", 2, "does not exist"},
		{"model import " + ranks + " --name x", 1, "holds no model"},
		{"model import " + folder + " --name x", 1, "config.json"},
		{"model score r --in " + folder + "/rank.jsonl", 2, "did you mean " + ranks},
		{"model eval", 2, "--folds 5"},
		{"model eval r --folds 5 --base base", 2, "or leave its name out"},
		{"model eval r --base base", 2, "are for --folds"},
		{"model eval r --snapshot s --in " + ranks, 2, "not both"},
		{"model eval r --in " + folder + "/rank.jsonl", 2, "did you mean " + ranks},
		{"model generate base --prompt x --n 0", 2, "between 1 and 1000"},
		{"model generate base", 2, "--prompt"},
		{"model export base " + folder, 1, "exists already"},
	} {
		t.Run(test.args, func(t *testing.T) {
			status, stdout, stderr := command(t, "postgres://nobody@127.0.0.1:1/none", "", strings.Fields(test.args)...)
			said := stderr
			if test.status == 0 {
				said = stdout
			}
			if status != test.status || !strings.Contains(said, test.says) {
				t.Errorf("status %d, want %d, and %q in\n%s", status, test.status, test.says, said)
			}
			if test.status == 0 {
				return
			}
			if stdout != "" {
				t.Errorf("standard output holds %q", stdout)
			}
			_, stdout, _ = command(t, "postgres://nobody@127.0.0.1:1/none", "", append(strings.Fields(test.args), "--json")...)
			var failure jsonError
			decoder := json.NewDecoder(strings.NewReader(stdout))
			decoder.DisallowUnknownFields()
			if err := decoder.Decode(&failure); err != nil || failure.Error.Code == "" || !strings.Contains(failure.Error.Message, test.says) {
				t.Errorf("with --json: %v in %s", err, stdout)
			}
		})
	}
}

// TestPeople adds somebody with a password, lists people, and makes a sign-in link.
func TestPeople(t *testing.T) {
	url := postgrestest.URL(t)
	status, stdout, stderr := command(t, url, "a long password\n", "user", "add", "--email", "Ann@Example.org", "--role", "admin", "--password-stdin", "--json")
	var added struct {
		User userView `json:"user"`
		Link string   `json:"link"`
	}
	if err := json.Unmarshal([]byte(stdout), &added); status != 0 || err != nil || added.User.Email != "ann@example.org" || !strings.Contains(added.Link, "/link/") {
		t.Fatalf("status %d, %v: %s%s", status, err, stdout, stderr)
	}
	if strings.Contains(stdout+stderr, "password") {
		t.Error("the password is in the output")
	}
	if status, _, stderr := command(t, url, "short\n", "user", "add", "--email", "b@example.org", "--role", "annotator", "--password-stdin"); status != 1 || !strings.Contains(stderr, "at least") {
		t.Errorf("a short password gave status %d: %s", status, stderr)
	}
	if status, _, stderr := command(t, url, "", "user", "add", "--email", "ann@example.org", "--role", "annotator"); status != 1 || !strings.Contains(stderr, "ann@example.org") {
		t.Errorf("the same address again gave status %d: %s", status, stderr)
	}
	if _, stdout, _ := command(t, url, "", "user", "list"); !strings.Contains(stdout, "ann@example.org") || strings.Contains(stdout, "b@example.org") {
		t.Errorf("the list is\n%s", stdout)
	}
	if status, stdout, _ := command(t, url, "", "user", "token", "ann@example.org"); status != 0 || !strings.Contains(stdout, "/link/") {
		t.Errorf("user token gave status %d: %s", status, stdout)
	}
	if status, _, stderr := command(t, url, "", "user", "token", "nobody@example.org"); status != 1 || stderr == "" {
		t.Errorf("a link for nobody gave status %d: %s", status, stderr)
	}
}

// down takes back one migration, up brings every one.
func TestMigrate(t *testing.T) {
	url := postgrestest.URL(t)
	for _, step := range []struct {
		args    string
		pending int
	}{{"status", 0}, {"down --yes", 1}, {"status", 1}, {"up", 0}, {"up", 0}} {
		status, stdout, stderr := command(t, url, "", append([]string{"migrate", "--json"}, strings.Fields(step.args)...)...)
		var schema struct{ Version, Pending int }
		if err := json.Unmarshal([]byte(stdout), &schema); err != nil || status != 0 || schema.Pending != step.pending || schema.Version < 1 {
			t.Errorf("migrate %s: status %d, %+v, %v\n%s", step.args, status, schema, err, stderr)
		}
	}
}

func TestNearest(t *testing.T) {
	names := []string{"prompts.jsonl", "ranks.jsonl", "README.md"}
	for word, want := range map[string]string{"rank.jsonl": "ranks.jsonl", "prmopts.jsonl": "prompts.jsonl", "readme.md": "README.md", "x": "", "something-else.txt": ""} {
		if got, ok := nearest(word, names); got != want || ok != (want != "") {
			t.Errorf("nearest to %s is %q, want %q", word, got, want)
		}
	}
}

// TestSetData: --data names the folder; beside train it may also name a file.
func TestSetData(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "r.jsonl")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		paths     []string
		train     bool
		dir, file string
		ok        bool
	}{
		{nil, true, "", "", true},
		{[]string{folder}, false, folder, "", true},
		{[]string{folder}, true, folder, "", true},
		{[]string{path}, true, "", path, true},
		{[]string{path, folder}, true, folder, path, true},
		{[]string{folder + "/new"}, true, folder + "/new", "", true},
		{[]string{path}, false, "", "", false},
		{[]string{path, path}, true, "", "", false},
		{[]string{folder, folder}, false, "", "", false},
		{[]string{folder + "/none.jsonl"}, true, "", "", false},
	} {
		c := &Context{Globals: Globals{DataPaths: test.paths}}
		err := c.setData(test.train)
		if (err == nil) != test.ok || test.ok && (c.dataDir != test.dir || c.dataFile != test.file) || !test.ok && exitStatus(err) != exitUsage {
			t.Errorf("--data %v gave folder %q, file %q, %v", test.paths, c.dataDir, c.dataFile, err)
		}
	}
}
