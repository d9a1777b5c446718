package e2e

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// checkFailure fails the test unless a command ended with the status, said nothing on standard output and told all of
// this on standard error.
func checkFailure(t *testing.T, r result, status int, told ...string) {
	t.Helper()
	if r.status != status || r.stdout != "" {
		t.Errorf("%v; want status %d and nothing on standard output", r, status)
	}
	for _, part := range told {
		if !strings.Contains(r.stderr, part) {
			t.Errorf("standard error does not say %q:\n%s", part, r.stderr)
		}
	}
}

// A command line that cannot be run ends with status 2 before a database is started, and says what to write.
func TestUsage(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.write(t, "prompts.jsonl", "")
	for _, c := range []struct {
		args []string
		told []string
	}{
		{[]string{"serv"}, []string{`did you mean one of "serve"`, "rankloop --help"}},
		{[]string{"serve", "--adr", "x"}, []string{"--adr", "--addr", "rankloop serve --help"}},
		{[]string{"import", "--campain", "c", "f.jsonl"}, []string{"--campain", "--campaign"}},
		{[]string{"import", "--campaign", "c"}, []string{"<file>", "rankloop import --help"}},
		{[]string{"import", "--campaign", "c", "promts.jsonl"}, []string{"promts.jsonl does not exist", "prompts.jsonl"}},
		{[]string{"import", "--campaign", "c", "nowhere/prompts.jsonl"}, []string{"nowhere/prompts.jsonl does not exist"}},
		{[]string{"simulate", "--campaign", "c"}, []string{"--scores FILE or --ranks FILE"}},
		{[]string{"simulate", "--campaign", "c", "--ranks", "ranks.jsonl"}, []string{"ranks.jsonl does not exist"}},
		{[]string{"campaign", "create", "--name", "c", "--guidelines", "g.md"}, []string{"g.md does not exist"}},
		{[]string{"export", "--campaign", "c", "--format", "trll", "--out", "-"}, []string{"trll", "trl"}},
		{[]string{"export", "--format", "trl", "--out", "-"}, []string{"--campaign N or --snapshot S"}},
		{[]string{"stats"}, []string{"--campaign N or --snapshot S"}},
		{[]string{"train", "rewrd"}, []string{"rewrd", "reward"}},
		{[]string{"train", "reward", "--config", "c.json"}, []string{"c.json does not exist"}},
		{[]string{"train", "ppo", "--prompts", "p.jsonl"}, []string{"p.jsonl does not exist"}},
		{[]string{"user", "add", "--email", "a@example.org", "--role", "boss"}, []string{"annotator", "researcher", "admin"}},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			checkFailure(t, p.try(t, c.args...), 2, c.told...)
		})
	}
	if _, err := os.Stat(p.data); err == nil {
		t.Error("a command line that could not be run made a data folder")
	}
}

// A kernel set that the machine does not have would change every number: no command goes on with another one.
func TestUnknownKernelSet(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	for _, args := range [][]string{{"serve"}, {"worker"}, {"campaign", "list"}, {"train", "reward"}, {"bench", "gemm"}, {"demo", "--quick"}} {
		cmd := p.command(args...)
		cmd.Env = append(cmd.Env, "RANKLOOP_CPU=avx9")
		checkFailure(t, p.finish(t, cmd), 2, `RANKLOOP_CPU is "avx9"`, "generic", "leave it unset")
	}
	if _, err := os.Stat(p.data); err == nil {
		t.Error("a data folder was made")
	}
}

func TestPortInUse(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	p := newProgram(t)
	address := listener.Addr().String()
	checkFailure(t, p.try(t, "serve", "--addr", address), 1, address+" is in use", "choose another port with --addr 127.0.0.1:")
	if _, err := os.Stat(filepath.Join(p.data, "postgres")); err == nil {
		t.Error("a database was made for a server that has no port")
	}
}

// Root's database is run by another user, who must be able to enter the data folder.
func TestFolderThatTheDatabaseCannotEnter(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root's database runs as another user")
	}
	p := newProgram(t)
	if err := os.Chmod(p.folder, 0o700); err != nil {
		t.Fatal(err)
	}
	checkFailure(t, p.try(t, "campaign", "list"), 1,
		"cannot enter "+p.folder, "chmod o+x "+p.folder, "--data", "DATABASE_URL")
	if err := os.Chmod(p.folder, 0o755); err != nil {
		t.Fatal(err)
	}
	p.run(t, "campaign", "list") // nothing half-made is in the way
}

func TestForeignPostgresVersion(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.run(t, "campaign", "create", "--name", "kept")
	version := filepath.Join(p.data, "postgres", "data", "PG_VERSION")
	own, err := os.ReadFile(version)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(version, []byte("99\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	checkFailure(t, p.try(t, "campaign", "list"), 1,
		"was made by Postgres 99", "not installed", "postgresql-99", "--data", "DATABASE_URL", "Nothing was changed")
	if err := os.WriteFile(version, own, 0o600); err != nil {
		t.Fatal(err)
	}
	if list := p.run(t, "campaign", "list"); !strings.Contains(list, "kept") {
		t.Errorf("the campaign is gone:\n%s", list)
	}
}

// A run that would not fit into memory is refused before it starts, and its setting is named.
func TestRunThatDoesNotFit(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.campaign(t, "large", prompts(12), "--k", "4")
	ranks := s.write(t, "large-ranks.jsonl", ranksInOrder(prompts(12)))
	s.run(t, "simulate", "--campaign", "large", "--ranks", ranks, "--annotators", "1")
	s.run(t, "snapshot", "create", "--campaign", "large", "--name", "large")
	checkFailure(t, s.try(t, "train", "reward", "--name", "huge", "--snapshot", "large", "--set", "micro_batch_tokens=2000000000"), 1,
		"micro_batch_tokens")
	checkFailure(t, s.try(t, "train", "reward", "--name", "typo", "--snapshot", "large", "--set", "epoch=2"), 1,
		"epoch", "epochs")
	for _, name := range []string{"huge", "typo"} {
		checkFailure(t, s.try(t, "run", "show", name), 1, name)
	}
}

// ranksInOrder is a truth file that likes each prompt's responses in the order of the file.
func ranksInOrder(set []prompt) string {
	var lines strings.Builder
	for _, p := range set {
		fmt.Fprintf(&lines, `{"id":%q,"ranks":[`, p.ID)
		for i := range p.Responses {
			if i > 0 {
				lines.WriteByte(',')
			}
			fmt.Fprint(&lines, i+1)
		}
		lines.WriteString("]}\n")
	}
	return lines.String()
}
