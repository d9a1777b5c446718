package web

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"rankloop/handlers"
	"rankloop/ranking"
)

// Streams (server-sent events) that may be open at once: browsers allow six connections to a host over HTTP/1.1, so
// more than a few for one person would be a page gone wrong.
const (
	streamsPerUserMax = 6
	streamsMax        = 512
)

// largeBody is where limitBody leaves the body of a request that says itself that it is too large.
const largeBody = "large body"

// drainFactor is how many times a route's limit is read away of a request that is refused.
const drainFactor = 8

// limitBody cuts a request's body off after limit bytes; reading on fails with *http.MaxBytesError.
func limitBody(limit int64) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			if r.ContentLength > limit {
				c.Set(largeBody, r.Body)
			}
			r.Body = http.MaxBytesReader(c.Response(), r.Body, limit)
			return next(c)
		}
	}
}

// refuseLarge stands behind limitBody and the check of access. A browser without scripts reads the answer once all is
// sent, and would show a connection that was reset: so what it sends is read away first, within bounds.
func refuseLarge(limit int64) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			body, large := c.Get(largeBody).(io.Reader)
			if !large {
				return next(c)
			}
			_, _ = io.CopyN(io.Discard, body, drainFactor*limit) // who breaks off or sends still more sees no page
			if strings.HasPrefix(c.Request().Header.Get(echo.HeaderContentType), echo.MIMEMultipartForm) {
				return ranking.Errorf(ranking.CodeTooLarge,
					"the file is larger than the limit of %d MiB: compress it (.gz) or split it, or import it on the server with `rankloop import`",
					handlers.UploadBytesMax>>20)
			}
			return ranking.Errorf(ranking.CodeTooLarge, "what was sent is larger than the limit of %d KiB; go back and shorten it", limit>>10)
		}
	}
}

// limitTime ends the request's context after d, and lets a route that may take longer than the server's default read
// and write for that long.
func limitTime(d time.Duration) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if d > readTimeout {
				control := http.NewResponseController(c.Response())
				// Not every writer has deadlines (tests' recorders do not); the server's own then hold.
				_ = control.SetReadDeadline(time.Now().Add(d))
				_ = control.SetWriteDeadline(time.Now().Add(d + readTimeout))
			}
			ctx, cancel := context.WithTimeout(c.Request().Context(), d)
			defer cancel()
			c.SetRequest(c.Request().WithContext(ctx))
			return next(c)
		}
	}
}

// streamLimiter counts open streams and can end them all.
type streamLimiter struct {
	ended context.Context
	end   context.CancelFunc

	mu    sync.Mutex
	total int
	users map[int64]int
}

func newStreamLimiter() *streamLimiter {
	ended, end := context.WithCancel(context.Background())
	return &streamLimiter{ended: ended, end: end, users: map[int64]int{}}
}

// endAll ends every open stream, and every later one as soon as it opens: http.Server.Shutdown alone would wait.
func (l *streamLimiter) endAll() { l.end() }

func (l *streamLimiter) open(userID int64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.total >= streamsMax || l.users[userID] >= streamsPerUserMax {
		return ranking.Errorf(handlers.CodeRateLimited, "too many pages follow live events; close one and try again")
	}
	l.total++
	l.users[userID]++
	return nil
}

func (l *streamLimiter) close(userID int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total--
	if l.users[userID]--; l.users[userID] == 0 {
		delete(l.users, userID)
	}
}

// limitStreams stands before a handler that streams: it counts it, lifts the server's write deadline, and ends its
// context when the server stops.
func (s *Server) limitStreams(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		var userID int64
		if user := handlers.CurrentUser(c.Request().Context()); user != nil {
			userID = user.ID
		}
		if err := s.streams.open(userID); err != nil {
			return err
		}
		defer s.streams.close(userID)
		_ = http.NewResponseController(c.Response()).SetWriteDeadline(time.Time{})
		ctx, cancel := context.WithCancel(c.Request().Context())
		defer cancel()
		stop := context.AfterFunc(s.streams.ended, cancel)
		defer stop()
		c.SetRequest(c.Request().WithContext(ctx))
		return next(c)
	}
}
