package postgres

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"rankloop/ranking"
)

// guarded is a server whose user "locked" needs a password and whose user "stranger" is let in nowhere.
func guarded(t *testing.T) (c *Cluster, socket string) {
	t.Helper()
	data := folder(t)
	rules := filepath.Join(data, "pg_hba.conf")
	content := "local all locked scram-sha-256\nlocal all stranger reject\nlocal all all trust\n"
	if err := os.WriteFile(rules, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	o := quick(data)
	o.Settings["hba_file"] = rules
	c, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, statement := range []string{
		"CREATE ROLE locked LOGIN PASSWORD 'correct'", "CREATE ROLE stranger LOGIN", "CREATE ROLE guest LOGIN",
		"CREATE DATABASE closed", "REVOKE CONNECT ON DATABASE closed FROM PUBLIC", "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
	} {
		if _, err := c.Pool().Exec(t.Context(), statement); err != nil {
			t.Fatal(statement, err)
		}
	}
	return c, c.private.paths.socket
}

func urlOf(host, user, password, database string, more ...string) string {
	query := url.Values{"host": {host}, "user": {user}, "sslmode": {"disable"}}
	if password != "" {
		query.Set("password", password)
	}
	for i := 0; i+1 < len(more); i += 2 {
		query.Set(more[i], more[i+1])
	}
	return "postgres:///" + database + "?" + query.Encode()
}

// TestURLFaults: what is wrong with a database is said within seconds, by name, with what to correct, and without the
// password.
func TestURLFaults(t *testing.T) {
	_, socket := guarded(t)
	silent, err := net.Listen("tcp", "127.0.0.1:0") // takes connections and never says a word
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	silentPort := silent.Addr().(*net.TCPAddr).Port
	const secret = "s3cret-word"
	for _, test := range []struct {
		name, url string
		says      string
	}{
		{"wrong password", urlOf(socket, "locked", secret, databaseName), `does not accept the password of user "locked"; correct it in DATABASE_URL`},
		{"no password", urlOf(socket, "locked", "", databaseName), `does not accept the password of user "locked"`},
		{"refused user", urlOf(socket, "stranger", secret, databaseName), `does not let user "stranger" in`},
		{"unknown user", urlOf(socket, "nobody_here", secret, databaseName), `does not let user "nobody_here" in`},
		{"unknown database", urlOf(socket, "guest", secret, "nowhere"), `has no database "nowhere"; make it (CREATE DATABASE nowhere OWNER guest)`},
		{"closed database", urlOf(socket, "guest", secret, "closed"), `may not use the database "closed"`},
		{"no socket", urlOf(t.TempDir(), "guest", secret, databaseName), "nothing listens at"},
		{"no server", "postgres://guest:" + secret + "@127.0.0.1:1/x", "nothing listens at 127.0.0.1:1"},
		{"unknown host", "postgres://guest:" + secret + "@no-such-host.invalid/x", `no host "no-such-host.invalid" is known`},
		{"no encryption there", "postgres://guest:" + secret + "@127.0.0.1:" + itoa(plainServer(t)) + "/x?sslmode=require", "do not agree on encryption; set sslmode"},
		{"silence", urlOf("127.0.0.1", "guest", secret, "x", "port", itoa(silentPort)), "did not answer at 127.0.0.1:" + itoa(silentPort)},
		{"no URL", "postgres//guest:" + secret + "@127.0.0.1", "is not a connection string"},
	} {
		t.Run(test.name, func(t *testing.T) {
			begun := time.Now()
			c, err := Open(t.Context(), Options{DatabaseURL: test.url, Wait: time.Second, Log: slog.New(slog.DiscardHandler)})
			if err == nil {
				c.Close()
				t.Fatal("it was opened")
			}
			if took := time.Since(begun); took > 20*time.Second {
				t.Errorf("it took %s to say so", took)
			}
			if !strings.Contains(err.Error(), test.says) {
				t.Errorf("says %q, want %q", err, test.says)
			}
			for cause := err; cause != nil; cause = unwrap(cause) {
				if strings.Contains(cause.Error(), secret) {
					t.Errorf("the password is shown: %s", cause)
				}
			}
		})
	}
}

// plainServer refuses encryption, as a Postgres without certificates does.
func plainServer(t *testing.T) (port int) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			request := make([]byte, 8) // SSLRequest
			if _, err := io.ReadFull(conn, request); err == nil {
				_, _ = conn.Write([]byte("N"))
			}
			conn.Close()
		}
	}()
	return listener.Addr().(*net.TCPAddr).Port
}

func itoa(n int) string { return strconv.Itoa(n) }

func unwrap(err error) error {
	if e, ok := err.(interface{ Unwrap() error }); ok {
		return e.Unwrap()
	}
	return nil
}

// TestURLThatMayNotMakeTables: an account without rights and a database that can only be read are told apart.
func TestURLThatMayNotMakeTables(t *testing.T) {
	_, socket := guarded(t)
	for _, test := range []struct{ url, says string }{
		{urlOf(socket, "guest", "", databaseName), `user "guest" may not make tables in the database "rankloop"; make it the owner`},
		{urlOf(socket, superuser, "", databaseName, "default_transaction_read_only", "on"), "can only be read"},
	} {
		c, err := Open(t.Context(), Options{DatabaseURL: test.url})
		if err != nil {
			t.Fatal(err)
		}
		err = MigrateUp(t.Context(), c.Pool())
		if ranking.ErrorCode(err) != ranking.CodeUnavailable || !strings.Contains(err.Error(), test.says) {
			t.Errorf("says %v, want %q", err, test.says)
		}
		c.Close()
	}
}

// TestURLIsWaitedFor: a server that starts a little later than the program is no fault.
func TestURLIsWaitedFor(t *testing.T) {
	data := folder(t)
	p, err := newPaths(data)
	if err != nil {
		t.Fatal(err)
	}
	started := make(chan *Cluster)
	go func() {
		time.Sleep(time.Second)
		c, err := Open(context.Background(), quick(data))
		if err != nil {
			t.Error(err)
		}
		started <- c
	}()
	var said strings.Builder
	guest, err := Open(t.Context(), Options{
		DatabaseURL: p.url(databaseName), Wait: 2 * time.Minute, Log: slog.New(slog.NewTextHandler(&said, nil)),
	})
	owner := <-started
	if owner != nil {
		defer owner.Close()
	}
	// The server runs before it has our database: that is a fault of the URL, not of the wait.
	if err != nil && !strings.Contains(err.Error(), `has no database "rankloop"`) {
		t.Fatal(err)
	}
	if err == nil {
		guest.Close()
	}
	if n := strings.Count(said.String(), "waiting for the database"); n != 1 {
		t.Errorf("it is said %d times that it is waited for", n)
	}
}

func TestSupportedVersions(t *testing.T) {
	for number, ok := range map[int]bool{90624: false, 120022: false, 130000: true, 170005: true} {
		if err := supported(number, "x"); (err == nil) != ok {
			t.Errorf("version %d: %v", number, err)
		}
	}
	if err := supported(120022, "12.22 (Debian)"); !strings.Contains(err.Error(), "Postgres 12.22 (Debian), but 13 or newer is needed") {
		t.Error(err)
	}
}
