package postgres

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"rankloop/ranking"
)

// A test binary that finds this variable is an owner: it opens the folder, says "ready", and waits to be killed.
const ownerVariable = "RANKLOOP_TEST_OWNER"

func TestMain(m *testing.M) {
	if folder := os.Getenv(ownerVariable); folder != "" {
		c, err := Open(context.Background(), quick(folder))
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("ready", c.Owner())
		// Ends with its parent's pipe at the latest.
		_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
		if err := c.Close(); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func quick(folder string) Options {
	return Options{DataDir: folder, Log: slog.New(slog.DiscardHandler), Settings: map[string]string{"fsync": "off"}}
}

// folder makes a data folder that the server's user can enter, and a path short enough for sockets.
func folder(t *testing.T) string {
	t.Helper()
	path, err := os.MkdirTemp("", "rankloop-pg-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o711); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(path); err != nil {
			t.Error(err)
		}
	})
	return path
}

func mustOpen(t *testing.T, folder string) *Cluster {
	t.Helper()
	c, err := Open(t.Context(), quick(folder))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// child is another process that has opened a folder.
type child struct {
	cmd   *exec.Cmd
	stdin interface{ Close() error }
}

func startChild(t *testing.T, folder string, wantOwner bool) child {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), ownerVariable+"="+folder)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stdin.Close()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if want := fmt.Sprintf("ready %t\n", wantOwner); err != nil || line != want {
		t.Fatalf("the child says %q (%v), want %q", line, err, want)
	}
	return child{cmd, stdin}
}

// serverPID is the process that runs on a folder, 0 for none.
func serverPID(t *testing.T, folder string) int {
	t.Helper()
	p, err := newPaths(folder)
	if err != nil {
		t.Fatal(err)
	}
	return orphan(p)
}

func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if condition() {
			return
		}
	}
	t.Fatalf("after 30 s still not: %s", what)
}

func exec1(t *testing.T, c *Cluster, query string) {
	t.Helper()
	if _, err := c.Pool().Exec(t.Context(), query); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func count(c *Cluster, table string) (n int, err error) {
	err = c.Pool().QueryRow(context.Background(), "SELECT count(*) FROM "+table).Scan(&n)
	return n, err
}

func TestFirstStartAndRestart(t *testing.T) {
	t.Parallel()
	folder := folder(t)
	first, err := Open(t.Context(), quick(folder))
	if err != nil {
		t.Fatal(err)
	}
	if !first.Available() || !first.Owner() {
		t.Error("the first process is not the owner of an available cluster")
	}
	exec1(t, first, "CREATE TABLE kept AS SELECT 1 AS x")
	var user, encoding string
	if err := first.Pool().QueryRow(t.Context(), "SELECT current_setting('listen_addresses') || session_user, current_setting('server_encoding')").
		Scan(&user, &encoding); err != nil || user != superuser || encoding != "UTF8" {
		t.Errorf("user %q, encoding %q, %v", user, encoding, err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Errorf("closing twice: %v", err)
	}
	if first.Available() {
		t.Error("available after Close")
	}
	if pid := serverPID(t, folder); pid != 0 {
		t.Errorf("process %d is left behind", pid)
	}
	if n, err := count(mustOpen(t, folder), "kept"); err != nil || n != 1 {
		t.Errorf("after a restart: %d rows, %v", n, err)
	}
}

func TestMigrations(t *testing.T) {
	t.Parallel()
	c := mustOpen(t, folder(t))
	newest, err := newestMigration()
	if err != nil {
		t.Fatal(err)
	}
	status := func() [3]int {
		version, dirty, pending, err := MigrateStatus(t.Context(), c.Pool())
		if err != nil {
			t.Fatal(err)
		}
		return [3]int{version, map[bool]int{true: 1}[dirty], pending}
	}
	if got := status(); got != [3]int{0, 0, newest} {
		t.Errorf("status of an empty database %v", got)
	}
	errs := make(chan error)
	for range 3 {
		go func() { errs <- MigrateUp(context.Background(), c.Pool()) }()
	}
	for range 3 {
		if err := <-errs; err != nil {
			t.Errorf("migrating at once: %v", err)
		}
	}
	if got := status(); got != [3]int{newest, 0, 0} {
		t.Errorf("status after migrating %v", got)
	}
	exec1(t, c, "SELECT FROM campaigns, river.river_job")
	for range newest {
		if err := MigrateDown(t.Context(), c.Pool()); err != nil {
			t.Fatal(err)
		}
	}
	if err := MigrateDown(t.Context(), c.Pool()); ranking.ErrorCode(err) != ranking.CodeConflict {
		t.Errorf("below the first migration: %v", err)
	}
	var left int
	if err := c.Pool().QueryRow(t.Context(), "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname NOT LIKE 'schema_migrations%'").
		Scan(&left); err != nil || left != 0 {
		t.Errorf("%d relations are left after migrating down (%v)", left, err)
	}
	if err := MigrateUp(t.Context(), c.Pool()); err != nil {
		t.Fatalf("up again: %v", err)
	}
	exec1(t, c, "UPDATE schema_migrations SET version = 9999")
	if err := MigrateUp(t.Context(), c.Pool()); ranking.ErrorCode(err) != ranking.CodeUnavailable || !strings.Contains(err.Error(), "newer rankloop") {
		t.Errorf("a schema from the future: %v", err)
	}
}

// The owner is killed: its server goes with it, the guest takes over, and its pool goes on.
func TestHandOverAfterKill(t *testing.T) {
	t.Parallel()
	folder := folder(t)
	owner := startChild(t, folder, true)
	guest := mustOpen(t, folder)
	if guest.Owner() {
		t.Fatal("two owners")
	}
	exec1(t, guest, "CREATE TABLE kept AS SELECT 1 AS x")
	before := serverPID(t, folder)
	if before == 0 {
		t.Fatal("no server is found")
	}
	if err := owner.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = owner.cmd.Wait()
	eventually(t, "the guest owns the cluster", func() bool { return guest.Owner() && guest.Available() })
	if n, err := count(guest, "kept"); err != nil || n != 1 {
		t.Errorf("after the hand-over: %d rows, %v", n, err)
	}
	if commandLine(before) != "" {
		t.Errorf("the first server (%d) still runs", before)
	}
	// A third process finds the new owner.
	startChild(t, folder, false)
}

// The owner leaves politely with guests in work: they go on under a new owner, and a third one follows.
func TestHandOverAfterClose(t *testing.T) {
	t.Parallel()
	folder := folder(t)
	owner, err := Open(t.Context(), quick(folder))
	if err != nil {
		t.Fatal(err)
	}
	guests := []*Cluster{mustOpen(t, folder), mustOpen(t, folder)}
	exec1(t, guests[0], "CREATE TABLE kept AS SELECT 1 AS x")
	if err := owner.Close(); err != nil {
		t.Fatal(err)
	}
	for i, guest := range guests {
		eventually(t, fmt.Sprintf("guest %d goes on", i), func() bool {
			n, err := count(guest, "kept")
			return err == nil && n == 1 && guest.Available()
		})
	}
	if guests[0].Owner() == guests[1].Owner() {
		t.Error("there is not exactly one owner")
	}
}

// kill -9 of the only process leaves no server behind.
func TestKillLeavesNoServer(t *testing.T) {
	t.Parallel()
	folder := folder(t)
	owner := startChild(t, folder, true)
	if serverPID(t, folder) == 0 {
		t.Fatal("no server is found")
	}
	if err := owner.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = owner.cmd.Wait()
	eventually(t, "the server has ended", func() bool { return serverPID(t, folder) == 0 })
}

// The server is killed under a living owner, which brings it back.
func TestServerIsBroughtBack(t *testing.T) {
	t.Parallel()
	folder := folder(t)
	c := mustOpen(t, folder)
	exec1(t, c, "CREATE TABLE kept AS SELECT 1 AS x")
	exec1(t, c, "CHECKPOINT")
	pid := serverPID(t, folder)
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a new server answers", func() bool {
		n, err := count(c, "kept")
		return err == nil && n == 1 && c.Available() && serverPID(t, folder) != pid
	})
}

// A crash left the lock file, and its number now names another living program of the server's own user.
func TestStalePIDFile(t *testing.T) {
	t.Parallel()
	folder := folder(t)
	first, err := Open(t.Context(), quick(folder))
	if err != nil {
		t.Fatal(err)
	}
	exec1(t, first, "CREATE TABLE kept AS SELECT 1 AS x")
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	account, err := serverAccount()
	if err != nil {
		t.Fatal(err)
	}
	other := exec.Command("sleep", "600")
	other.Dir = "/"
	other.SysProcAttr = &syscall.SysProcAttr{Credential: account.credential}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = other.Process.Kill()
		_ = other.Wait()
	})
	path := filepath.Join(folder, "postgres", "data", "postmaster.pid")
	content := strconv.Itoa(other.Process.Pid) + "\n" + filepath.Dir(path) + "\n1700000000\n5432\n\n\n  1  1\nready\n"
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if account.credential != nil {
		if err := os.Chown(path, int(account.credential.Uid), int(account.credential.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := count(mustOpen(t, folder), "kept"); err != nil || n != 1 {
		t.Errorf("%d rows, %v", n, err)
	}
}

func TestForeignVersionIsLeftAlone(t *testing.T) {
	t.Parallel()
	folder := folder(t)
	data := filepath.Join(folder, "postgres", "data")
	if err := os.MkdirAll(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "PG_VERSION"), []byte("9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(t.Context(), quick(folder))
	if ranking.ErrorCode(err) != ranking.CodeUnavailable || !strings.Contains(err.Error(), "made by Postgres 9") {
		t.Fatalf("error %v", err)
	}
	for _, wayOut := range []string{"apt install postgresql-9", "--data", "DATABASE_URL"} {
		if !strings.Contains(err.Error(), wayOut) {
			t.Errorf("%q does not name %s", err, wayOut)
		}
	}
	entries, err := os.ReadDir(data)
	if err != nil || len(entries) != 1 {
		t.Errorf("the folder was touched: %v, %v", entries, err)
	}
}

func TestNoBinaries(t *testing.T) {
	t.Parallel()
	o := quick(folder(t))
	o.binaries = []string{t.TempDir()}
	_, err := Open(t.Context(), o)
	if ranking.ErrorCode(err) != ranking.CodeUnavailable {
		t.Fatalf("error %v", err)
	}
	for _, wayOut := range []string{"make setup", "apt install postgresql", "DATABASE_URL", "docker compose up"} {
		if !strings.Contains(err.Error(), wayOut) {
			t.Errorf("%q does not name %s", err, wayOut)
		}
	}
	// Nothing is held: with binaries the same folder opens.
	mustOpen(t, o.DataDir)
}

func TestFolderThatTheServerCannotEnter(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root runs the server as another user")
	}
	closed := folder(t)
	if err := os.Chmod(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := Open(t.Context(), quick(filepath.Join(closed, "deep", "data")))
	if ranking.ErrorCode(err) != ranking.CodeUnavailable {
		t.Fatalf("error %v", err)
	}
	for _, part := range []string{"cannot enter " + closed + ".", "chmod o+x " + closed, "/var/lib/rankloop", "DATABASE_URL"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
}

func TestFolderThatCannotBeMade(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(t.Context(), quick(filepath.Join(file, "data")))
	if ranking.ErrorCode(err) != ranking.CodeUnavailable || !strings.Contains(err.Error(), "--data") {
		t.Errorf("error %v", err)
	}
}

func TestLongSocketPath(t *testing.T) {
	t.Parallel()
	deep := filepath.Join(folder(t), strings.Repeat("long-name/", 12))
	c := mustOpen(t, deep)
	exec1(t, c, "SELECT 1")
	socket := c.private.paths.socket
	if strings.HasPrefix(socket, deep) {
		t.Errorf("the socket is in %s", socket)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(socket); !os.IsNotExist(err) {
		t.Errorf("the socket's folder stays: %v", err)
	}
}

func TestDatabaseURL(t *testing.T) {
	t.Parallel()
	_, err := Open(t.Context(), Options{DatabaseURL: "postgres://user:secret@host:notaport/name"})
	if ranking.ErrorCode(err) != ranking.CodeInvalid || strings.Contains(err.Error(), "secret") {
		t.Errorf("a bad URL: %v", err)
	}
	_, err = Open(t.Context(), Options{DatabaseURL: "postgres://user:secret@127.0.0.1:1/name", Wait: 300 * time.Millisecond})
	if ranking.ErrorCode(err) != ranking.CodeUnavailable || strings.Contains(err.Error(), "secret") {
		t.Errorf("nobody there: %v", err)
	}
	owner := mustOpen(t, folder(t))
	c, err := Open(t.Context(), Options{DatabaseURL: owner.Pool().Config().ConnString()})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if !c.Available() || c.Owner() {
		t.Error("a cluster by URL is available and not owned")
	}
	var timeout string
	if err := c.Pool().QueryRow(t.Context(), "SHOW statement_timeout").Scan(&timeout); err != nil || timeout != "30s" {
		t.Errorf("statements may take %s (%v)", timeout, err)
	}
}
