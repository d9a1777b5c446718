package postgres

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"rankloop/ranking"
)

// Limits of every connection. Work that needs longer (an import, an export, a migration) lifts them for its own
// transaction.
const (
	statementTimeout = 30 * time.Second
	lockTimeout      = 10 * time.Second
	idleInTxTimeout  = 60 * time.Second
	connectTimeout   = 10 * time.Second // unless the URL says connect_timeout
	poolSize         = 20               // unless the URL says pool_max_conns
)

// readyWait is how long to wait for a database to answer: an owner may be in its first start or in crash recovery.
const readyWait = 60 * time.Second

const readyPoll = 20 * time.Millisecond

func newPool(url string) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		// The cause may hold the password, so it is not shown and not kept.
		return nil, ranking.Errorf(ranking.CodeInvalid,
			"DATABASE_URL is not a connection string; write it like postgres://user:password@host:5432/name")
	}
	if !strings.Contains(url, "pool_max_conns") {
		config.MaxConns = poolSize
	}
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = connectTimeout
	}
	defaults := map[string]string{
		"application_name":                    "rankloop",
		"timezone":                            "UTC",
		"statement_timeout":                   milliseconds(statementTimeout),
		"lock_timeout":                        milliseconds(lockTimeout),
		"idle_in_transaction_session_timeout": milliseconds(idleInTxTimeout),
		// Compiling a query costs more than any of ours runs.
		"jit": "off",
	}
	for name, value := range defaults {
		if _, set := config.ConnConfig.RuntimeParams[name]; !set {
			config.ConnConfig.RuntimeParams[name] = value
		}
	}
	return pgxpool.NewWithConfig(context.Background(), config)
}

// unlimited copies a pool's configuration without the limits on statements, for migrations.
func unlimited(pool *pgxpool.Pool) *pgxpool.Config {
	config := pool.Config()
	for _, name := range []string{"statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"} {
		config.ConnConfig.RuntimeParams[name] = "0"
	}
	config.MaxConns = 4
	return config
}

// waitReady pings until the database answers, ctx ends, or failed yields an error.
func waitReady(ctx context.Context, pool *pgxpool.Pool, failed func() error) error {
	for {
		err := pool.Ping(ctx)
		if err == nil {
			return nil
		}
		if failed != nil {
			if cause := failed(); cause != nil {
				return cause
			}
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(readyPoll):
		}
	}
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
