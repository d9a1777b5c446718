package web

import (
	"errors"
	"net/http"
	"net/http/httptest"
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
