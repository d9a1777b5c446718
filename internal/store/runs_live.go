package store

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// Metrics between commits travel through NOTIFY: a page sees a step at once, and the table stays the truth. Whatever is
// lost on the way is stored with the next commit.

const (
	notifyBytesMax   = 7999 // Postgres' limit on a payload
	liveBuffer       = 256  // steps a slow reader may be behind before it misses some
	liveReconnecting = time.Second
	liveConnecting   = 5 * time.Second
)

// liveMetrics hands what one connection hears to all who listen in this process.
type liveMetrics struct {
	mu        sync.Mutex
	listeners map[chan MetricRow]int64 // → run
	cancel    context.CancelFunc       // ends the connection; nil while nobody listens
}

type liveRow struct {
	Run int64 `json:"run"`
	MetricRow
}

// NotifyMetrics tells listeners about a step, best effort: a row too large for a notification is left to the table.
func (s *Store) NotifyMetrics(ctx context.Context, runID int64, m MetricRow) error {
	m.Histograms = nil // of these a page shows few, and asks the table
	payload, err := json.Marshal(liveRow{Run: runID, MetricRow: m})
	if err != nil || len(payload) > notifyBytesMax {
		return err
	}
	return explain("notify metrics", s.q.NotifyMetrics(ctx, string(payload)))
}

// ListenMetrics yields the steps of a run as they are notified, until ctx ends; then the channel is closed. Read
// RunMetrics after calling it, and nothing is missed in between.
func (s *Store) ListenMetrics(ctx context.Context, runID int64) (<-chan MetricRow, error) {
	l := &s.live
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cancel == nil {
		conn, err := s.listen(ctx)
		if err != nil {
			return nil, explain("listen for metrics", err)
		}
		hearing, cancel := context.WithCancel(context.Background())
		l.cancel = cancel
		l.listeners = make(map[chan MetricRow]int64)
		go s.hear(hearing, conn)
	}
	rows := make(chan MetricRow, liveBuffer)
	l.listeners[rows] = runID
	context.AfterFunc(ctx, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.listeners, rows)
		close(rows)
		if len(l.listeners) == 0 {
			l.cancel()
			l.cancel = nil
		}
	})
	return rows, nil
}

// listen opens a connection of its own: waiting would hold one of the pool's for good.
func (s *Store) listen(ctx context.Context) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, liveConnecting)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, s.pool.Config().ConnConfig)
	if err != nil {
		return nil, err
	}
	if _, err := conn.Exec(ctx, "LISTEN run_metrics"); err != nil {
		conn.Close(ctx)
		return nil, err
	}
	return conn, nil
}

// hear passes notifications on until ctx ends, connecting again when the database was away.
func (s *Store) hear(ctx context.Context, conn *pgx.Conn) {
	for {
		notification, err := conn.WaitForNotification(ctx)
		if err == nil {
			s.live.pass(notification.Payload)
			continue
		}
		conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // it is broken or no longer needed
		for conn = nil; conn == nil; {
			select {
			case <-ctx.Done():
				return
			case <-time.After(liveReconnecting):
			}
			conn, _ = s.listen(ctx) // tried until it works
		}
	}
}

// pass hands a notification to the listeners of its run. It never waits for a slow one.
func (l *liveMetrics) pass(payload string) {
	var row liveRow
	if json.Unmarshal([]byte(payload), &row) != nil {
		return // not ours
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for rows, runID := range l.listeners {
		if runID != row.Run {
			continue
		}
		select {
		case rows <- row.MetricRow:
		default:
		}
	}
}
