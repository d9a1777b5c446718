package postgres

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"rankloop/ranking"
)

// DefaultWait is how long the server of a URL may take to answer, unless Options say otherwise. Whoever starts both at
// once gives it longer (docker-compose.yml does).
const DefaultWait = 5 * time.Second

const (
	urlPoll = 200 * time.Millisecond

	// startWait is how long a server is waited for that answers, and says that it is starting or has no connection free.
	startWait = time.Minute
)

func openURL(ctx context.Context, o Options) (*Cluster, error) {
	pool, err := newPool(o.DatabaseURL)
	if err != nil {
		return nil, err
	}
	if err := reach(ctx, pool, o.Wait, o.Log); err != nil {
		pool.Close()
		return nil, err
	}
	c := &Cluster{pool: pool}
	c.available.Store(true)
	return c, nil
}

// reach waits until the server answers and finds out whether it will do. What waiting cannot cure fails at once.
func reach(ctx context.Context, pool *pgxpool.Pool, wait time.Duration, log *slog.Logger) error {
	if wait <= 0 {
		wait = DefaultWait
	}
	config := pool.Config().ConnConfig.Config
	begun := time.Now()
	for waiting := false; ; waiting = true {
		err := try(ctx, pool, begun.Add(wait))
		if err == nil {
			return checkVersion(ctx, pool)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if startingUp(err) {
			wait = max(wait, startWait)
		}
		if hopeless(err, config) || time.Since(begun)+urlPoll >= wait {
			return unreachable(err, config, time.Since(begun))
		}
		if !waiting {
			log.Info("waiting for the database", "at_most", wait)
		}
		select {
		case <-ctx.Done():
		case <-time.After(urlPoll):
		}
	}
}

// try connects once, beside the pool: that goes on connecting after its caller has left, and so could not be closed.
func try(ctx context.Context, pool *pgxpool.Pool, deadline time.Time) error {
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, pool.Config().ConnConfig)
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

// sqlState is the server's own code for what it refuses with; "" where it did not speak.
func sqlState(err error) string {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return refused.Code
	}
	return ""
}

// The states that a server refuses a connection with.
const (
	stateWrongPassword      = "28P01"
	stateNotAuthorized      = "28000"
	stateNoSuchDatabase     = "3D000"
	stateNoPrivilege        = "42501"
	stateReadOnly           = "25006"
	stateAdminShutdown      = "57P01"
	stateCrashShutdown      = "57P02"
	stateCannotConnectNow   = "57P03"
	stateTooManyConnections = "53300"
)

// startingUp says whether the server is there and will take connections in a while.
func startingUp(err error) bool {
	state := sqlState(err)
	return state == stateCannotConnectNow || state == stateTooManyConnections
}

// leaving says whether the server ended the connection because it stops.
func leaving(err error) bool {
	state := sqlState(err)
	return state == stateAdminShutdown || state == stateCrashShutdown || state == stateCannotConnectNow
}

// hopeless says whether asking again would get the same answer.
func hopeless(err error, c pgconn.Config) bool {
	switch sqlState(err) {
	case stateWrongPassword, stateNotAuthorized, stateNoSuchDatabase, stateNoPrivilege:
		return true
	}
	return tlsFault(err, c)
}

// tlsFault says whether the two sides cannot agree on encryption. Where the URL leaves it open (sslmode=prefer, the
// default), it is tried without as well, and what that ended with counts.
func tlsFault(err error, c pgconn.Config) bool {
	optional := func(f *pgconn.FallbackConfig) bool { return f.TLSConfig == nil }
	if c.TLSConfig == nil || slices.ContainsFunc(c.Fallbacks, optional) || sqlState(err) != "" {
		return false
	}
	var certificate *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	return errors.As(err, &certificate) || errors.As(err, &authority) || errors.As(err, &host) ||
		strings.Contains(err.Error(), "server refused TLS connection")
}

// unreachable says what is wrong with the server of a URL and what to do about it. The password is never shown.
func unreachable(err error, c pgconn.Config, waited time.Duration) error {
	server := net.JoinHostPort(c.Host, strconv.Itoa(int(c.Port)))
	if strings.HasPrefix(c.Host, "/") {
		server = c.Host
	}
	fault := func(format string, args ...any) error {
		return ranking.Errorf(ranking.CodeUnavailable, format, args...).WithCause(err)
	}
	var unknown *net.DNSError
	switch state := sqlState(err); {
	case state == stateWrongPassword:
		return fault("the database server at %s does not accept the password of user %q; correct it in DATABASE_URL (postgres://user:password@host:5432/name)", server, c.User)
	case state == stateNotAuthorized:
		return fault("the database server at %s does not let user %q in; correct the user in DATABASE_URL, or let it in (CREATE ROLE … LOGIN, pg_hba.conf)", server, c.User)
	case state == stateNoSuchDatabase:
		return fault("the server at %s has no database %q; make it (CREATE DATABASE %s OWNER %s), or name another in DATABASE_URL", server, c.Database, c.Database, c.User)
	case state == stateNoPrivilege:
		return fault("user %q may not use the database %q at %s; make it the owner (ALTER DATABASE %s OWNER TO %s)", c.User, c.Database, server, c.Database, c.User)
	case state == stateTooManyConnections:
		return fault("the database server at %s has had no connection free for %s; raise its max_connections, or end what holds them", server, seconds(waited))
	case state == stateCannotConnectNow:
		return fault("the database server at %s has been starting or stopping for %s; look into its log", server, seconds(waited))
	case tlsFault(err, c):
		return fault("the database server at %s and DATABASE_URL do not agree on encryption; set sslmode in it (disable, require, or verify-full with sslrootcert=FILE)", server)
	case errors.As(err, &unknown):
		return fault("no host %q is known, which DATABASE_URL names; correct it, or wait longer with --database-wait", c.Host)
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.ENOENT):
		return fault("nothing listens at %s, which DATABASE_URL names; start Postgres there, correct host and port, or wait longer with --database-wait. Without DATABASE_URL, rankloop runs its own", server)
	default:
		return fault("the database that DATABASE_URL names did not answer at %s within %s; is it Postgres, and can it be reached from here? --database-wait waits longer", server, seconds(waited))
	}
}

func seconds(d time.Duration) time.Duration { return max(d.Round(time.Second), time.Second) }

// checkVersion refuses a server that lacks what is used.
func checkVersion(ctx context.Context, pool *pgxpool.Pool) error {
	var number int // major·10000 + minor
	var name string
	err := pool.QueryRow(ctx, "SELECT current_setting('server_version_num')::int, current_setting('server_version')").Scan(&number, &name)
	if err != nil {
		return ranking.Errorf(ranking.CodeUnavailable, "the database that DATABASE_URL names does not tell its version; is it Postgres?").WithCause(err)
	}
	return supported(number, name)
}

func supported(number int, name string) error {
	if number/10000 >= majorMin {
		return nil
	}
	return ranking.Errorf(ranking.CodeUnavailable,
		"the database that DATABASE_URL names is Postgres %s, but %d or newer is needed; upgrade it, or name another", name, majorMin)
}
