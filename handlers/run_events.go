package handlers

import (
	"bytes"
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"rankloop/ranking"
	"rankloop/views"
)

const (
	eventPageRows   = 500  // metric rows of one event and of one query
	eventPointsMax  = 4000 // of a long run's past; a curve has no more pixels
	eventStatePoll  = time.Second
	eventMetricName = "metrics"
	eventStateName  = "state"
	eventEndName    = "end"
)

// eventStore is what the curves of a run are fed from.
type eventStore interface {
	RunByName(ctx context.Context, name string) (ranking.Run, error)
	// RunMetrics lists rows behind a step (-1 for all), by step: what checkpoints have made safe.
	RunMetrics(ctx context.Context, runID int64, afterStep, limit int) ([]ranking.MetricRow, error)
	// ListenMetrics yields steps as they happen until ctx ends, best effort.
	ListenMetrics(ctx context.Context, runID int64) (<-chan ranking.MetricRow, error)
}

// RunEvents answers GET /runs/:name/events: first what the run's curves show so far, then every step as it happens.
//
//	event: metrics  id: <step>  data: {"rows":[{"step":1,"metrics":{"loss":0.69}}]}   the metrics that the charts draw
//	event: state    id: <step>  data: {"state":"running","step":60,"steps_total":90}  whenever one of them changes
//	event: end                                                                        the run has ended; so does the stream
//
// A browser that connects again names the last step it has seen (Last-Event-ID) and gets what came after it.
func RunEvents(store eventStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		run, err := store.RunByName(ctx, c.Param("name"))
		if err != nil {
			return err
		}
		// Listening begins before the table is read, so that no step falls between the two.
		live, err := store.ListenMetrics(ctx, run.ID)
		if err != nil {
			return err
		}
		events, err := openEvents(c)
		if err != nil {
			return err
		}
		f := &follower{store: store, events: events, drawn: views.ChartMetrics(run.Kind), stored: -1, ahead: map[int]bool{}}
		if step, err := strconv.Atoi(lastEventID(c)); err == nil && step >= 0 {
			f.stored, f.id = min(step, run.Step), step
		}
		err = f.follow(ctx, run, live)
		if ctx.Err() != nil {
			return nil // the browser or the server has gone
		}
		return err
	}
}

// follower is one open stream.
type follower struct {
	store  eventStore
	events eventStream
	drawn  map[string]bool
	id     int          // the last step sent
	stored int          // the step up to which everything in the table has been sent
	ahead  map[int]bool // steps sent live that no checkpoint holds yet
	shown  runState
}

type runState struct {
	State      string `json:"state"`
	Step       int    `json:"step"`
	StepsTotal int    `json:"steps_total"`
}

type metricsEvent struct {
	Rows []metricsRow `json:"rows"`
}

type metricsRow struct {
	Step    int                        `json:"step"`
	Metrics map[string]json.RawMessage `json:"metrics"`
}

func (f *follower) follow(ctx context.Context, run ranking.Run, live <-chan ranking.MetricRow) error {
	keepAlive, poll := time.NewTicker(eventKeepAlive), time.NewTicker(eventStatePoll)
	defer keepAlive.Stop()
	defer poll.Stop()
	for {
		if ended, err := f.update(ctx, run); err != nil || ended {
			return err
		}
		for waiting := true; waiting; {
			select {
			case <-ctx.Done():
				return nil
			case <-keepAlive.C:
				if err := f.events.keepAlive(); err != nil {
					return err
				}
			case row, open := <-live:
				if !open {
					return nil
				}
				if row.Step > f.stored {
					f.ahead[row.Step] = true
				}
				if err := f.send([]ranking.MetricRow{row}); err != nil {
					return err
				}
			case <-poll.C:
				waiting = false
			}
		}
		var err error
		if run, err = f.store.RunByName(ctx, run.Name); err != nil {
			return err
		}
	}
}

// update sends what the table has and was not sent live, and the state where it has changed. ended is true after the
// end of a run, when nothing more can come.
func (f *follower) update(ctx context.Context, run ranking.Run) (ended bool, err error) {
	if err := f.catchUp(ctx, run); err != nil {
		return false, err
	}
	if now := (runState{run.State, run.Step, run.StepsTotal}); now != f.shown {
		f.shown = now
		if err := f.events.send(eventStateName, strconv.Itoa(f.id), now); err != nil {
			return false, err
		}
	}
	switch run.State {
	case ranking.RunStopped, ranking.RunSucceeded, ranking.RunFailed:
		return true, f.events.send(eventEndName, strconv.Itoa(f.id), struct{}{})
	}
	return false, nil
}

// catchUp reads the table page by page. Of a past too long to draw, every n-th step is sent, and every evaluation.
func (f *follower) catchUp(ctx context.Context, run ranking.Run) error {
	every := max(1, (run.Step-f.stored)/eventPointsMax)
	for f.stored < run.Step {
		rows, err := f.store.RunMetrics(ctx, run.ID, f.stored, eventPageRows)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			f.stored = run.Step
			return nil
		}
		var missing []ranking.MetricRow
		for _, row := range rows {
			f.stored = row.Step
			if !f.ahead[row.Step] && (row.Step%every == 0 || row.Step == run.Step || bytes.Contains(row.Metrics, []byte(`"eval/`))) {
				missing = append(missing, row)
			}
			delete(f.ahead, row.Step)
		}
		if err := f.send(missing); err != nil {
			return err
		}
	}
	return nil
}

// send writes rows, cut down to what the charts draw.
func (f *follower) send(rows []ranking.MetricRow) error {
	event := metricsEvent{Rows: make([]metricsRow, 0, len(rows))}
	for _, row := range rows {
		var all map[string]json.RawMessage
		if json.Unmarshal(row.Metrics, &all) != nil {
			continue // a row that is no object can be drawn by nobody
		}
		for name := range all {
			if !f.drawn[name] {
				delete(all, name)
			}
		}
		event.Rows = append(event.Rows, metricsRow{row.Step, all})
		f.id = max(f.id, row.Step)
	}
	if len(event.Rows) == 0 {
		return nil
	}
	return f.events.send(eventMetricName, strconv.Itoa(f.id), event)
}
