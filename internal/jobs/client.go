package jobs

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"rankloop/internal/inference"
)

// Tx is a database transaction, for those who enqueue work in the transaction that causes it.
type Tx = pgx.Tx

const (
	riverSchema   = "river"
	queueGenerate = "generate"
	queueEvaluate = "evaluate"

	// Generation is short, so a time limit and the rescue of jobs whose worker was killed can be short too.
	jobTimeout  = 3 * time.Minute
	rescueAfter = 4 * time.Minute
)

// Client enqueues short jobs, and works them where it was made by NewWorker.
type Client struct {
	river *river.Client[pgx.Tx]
}

// NewClient makes a client that only enqueues.
func NewClient(pool *pgxpool.Pool, log *slog.Logger) (*Client, error) {
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{Schema: riverSchema, Logger: Quiet(log)})
	return &Client{client}, err
}

// NewWorker makes a client that works jobs between Start and Stop.
func NewWorker(pool *pgxpool.Pool, l *Launcher, engine *inference.Engine, log *slog.Logger) (*Client, error) {
	workers := river.NewWorkers()
	river.AddWorker(workers, &generateWorker{store: l.Store, engine: engine, log: log})
	river.AddWorker(workers, &evaluateWorker{launcher: l, log: log})
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{
		Schema:               riverSchema,
		Logger:               Quiet(log),
		Workers:              workers,
		Queues:               map[string]river.QueueConfig{queueGenerate: {MaxWorkers: 1}, queueEvaluate: {MaxWorkers: 1}}, // one job fills all cores
		JobTimeout:           jobTimeout,
		RescueStuckJobsAfter: rescueAfter,
		SoftStopTimeout:      time.Second,
	})
	return &Client{client}, err
}

// Start begins to work jobs.
func (c *Client) Start(ctx context.Context) error {
	return c.river.Start(context.WithoutCancel(ctx))
}

// Stop ends the work: jobs under way are given a second, then go back to the queue.
func (c *Client) Stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	err := c.river.Stop(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return errors.New("a job did not stop in time")
	}
	return err
}

// Quiet gives a logger that speaks of trouble only.
func Quiet(log *slog.Logger) *slog.Logger {
	return slog.New(&atLeast{log.Handler(), slog.LevelWarn})
}

// atLeast is a log handler that drops records below a level.
type atLeast struct {
	slog.Handler
	level slog.Level
}

func (h *atLeast) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= h.level && h.Handler.Enabled(ctx, level)
}

func (h *atLeast) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &atLeast{h.Handler.WithAttrs(attrs), h.level}
}

func (h *atLeast) WithGroup(name string) slog.Handler {
	return &atLeast{h.Handler.WithGroup(name), h.level}
}
