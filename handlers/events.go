package handlers

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// eventKeepAlive is how often a quiet stream writes a comment, so that no proxy takes it for dead and a browser that
// has gone is noticed.
const eventKeepAlive = 15 * time.Second

// eventStream writes server-sent events. Its route must be marked as a stream in the route table: only then is the
// request's time limit lifted and its context ended when the server stops.
type eventStream struct {
	c echo.Context
}

// openEvents starts the answer of a stream.
func openEvents(c echo.Context) (eventStream, error) {
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/event-stream; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	// The request is read whole; the server's deadline for that would end the stream as if the browser had gone.
	_ = http.NewResponseController(c.Response()).SetReadDeadline(time.Time{})
	c.Response().WriteHeader(http.StatusOK)
	s := eventStream{c}
	return s, s.flush()
}

// lastEventID is what a browser that connects again saw last, "" at first.
func lastEventID(c echo.Context) string { return c.Request().Header.Get("Last-Event-ID") }

// send writes one event with its payload as JSON. id is what lastEventID returns after a lost connection.
func (s eventStream) send(event, id string, payload any) error {
	data, err := json.Marshal(payload)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(s.c.Response(), "event: %s\nid: %s\ndata: %s\n\n", event, id, data); err != nil {
		return err
	}
	return s.flush()
}

// keepAlive writes a comment.
func (s eventStream) keepAlive() error {
	if _, err := s.c.Response().Write([]byte(":\n\n")); err != nil {
		return err
	}
	return s.flush()
}

func (s eventStream) flush() error {
	return http.NewResponseController(s.c.Response()).Flush()
}
