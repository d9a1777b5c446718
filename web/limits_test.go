package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"rankloop/handlers"
	"rankloop/ranking"
)

func TestStreamsAreCounted(t *testing.T) {
	l := newStreamLimiter()
	for range streamsPerUserMax {
		if err := l.open(1); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.open(1); ranking.ErrorCode(err) != handlers.CodeRateLimited {
		t.Errorf("one stream too many: %v", err)
	}
	if err := l.open(2); err != nil {
		t.Errorf("somebody else: %v", err)
	}
	l.close(1)
	if err := l.open(1); err != nil {
		t.Errorf("after one closed: %v", err)
	}
	for user := int64(10); ; user++ {
		if l.open(user) != nil {
			break
		}
		if l.total > streamsMax {
			t.Fatal("more streams than the limit")
		}
	}
	if l.total != streamsMax {
		t.Errorf("%d streams open, the limit is %d", l.total, streamsMax)
	}
}

func TestStreamsEndWhenTheServerStops(t *testing.T) {
	s := &Server{streams: newStreamLimiter()}
	e := echo.New()
	started, ended := make(chan struct{}), make(chan error, 1)
	e.GET("/", func(c echo.Context) error {
		close(started)
		<-c.Request().Context().Done()
		return c.Request().Context().Err()
	}, s.limitStreams)
	e.HTTPErrorHandler = func(err error, _ echo.Context) { ended <- err }
	go e.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
	<-started
	s.streams.endAll()
	select {
	case err := <-ended:
		if err == nil || errors.Is(err, http.ErrServerClosed) {
			t.Errorf("the stream ended with %v", err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("the stream went on")
	}
	if s.streams.total != 0 {
		t.Error("the stream is still counted")
	}
}

type healthy struct{}

func (healthy) Available() bool             { return true }
func (healthy) Ready(context.Context) error { return nil }

// What went wrong is told in full, also where the time of the request has run out or was never begun.
func TestErrorPagesOutliveTheRequestsTime(t *testing.T) {
	s := &Server{deps: Deps{Health: healthy{}, Log: slog.New(slog.DiscardHandler)}}
	e := echo.New()
	e.HTTPErrorHandler = s.renderError
	e.POST("/slow", func(c echo.Context) error {
		<-c.Request().Context().Done()
		return c.Request().Context().Err()
	}, limitTime(time.Millisecond), s.renderErrors)
	e.POST("/large", func(echo.Context) error { return nil }, limitTime(time.Minute), limitBody(3), s.renderErrors, refuseLarge(3))
	for path, status := range map[string]int{"/slow": http.StatusServiceUnavailable, "/large": http.StatusRequestEntityTooLarge} {
		w := httptest.NewRecorder()
		e.ServeHTTP(w, httptest.NewRequest(http.MethodPost, path, strings.NewReader("four")))
		if w.Code != status || !strings.Contains(w.Body.String(), "</html>") {
			t.Errorf("%s: status %d, want %d, with the page %q", path, w.Code, status, w.Body)
		}
	}
}
