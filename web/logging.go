package web

import (
	"crypto/rand"
	"log/slog"
	"time"

	"github.com/labstack/echo/v4"

	"rankloop/handlers"
)

// requestID names every request, in the log and for the reader of an error page. A name that a client brings along is
// not used: it could not be trusted to be one.
func requestID(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderXRequestID, rand.Text())
		return next(c)
	}
}

// logRequests writes one line a request. It names the route and never the path, the query, a form or a body: paths
// carry sign-in secrets, forms carry passwords, bodies carry what people wrote.
func (s *Server) logRequests(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := time.Now()
		err := next(c)
		if err != nil {
			c.Error(err) // renders it, so that the status below is the one that was sent
		}
		r, w := c.Request(), c.Response()
		level := slog.LevelInfo
		if c.Path() == assetRoute || c.Path() == "/healthz" || c.Path() == "/readyz" {
			level = slog.LevelDebug
		}
		attrs := []slog.Attr{
			slog.String("request_id", w.Header().Get(echo.HeaderXRequestID)),
			slog.String("method", r.Method), slog.String("route", c.Path()),
			slog.Int("status", w.Status), slog.Int64("bytes", w.Size),
			slog.Float64("duration_ms", float64(time.Since(start).Microseconds())/1000),
			slog.String("remote_ip", c.RealIP()),
		}
		if user := handlers.CurrentUser(r.Context()); user != nil {
			attrs = append(attrs, slog.Int64("user_id", user.ID))
		}
		s.deps.Log.LogAttrs(r.Context(), level, "request", attrs...)
		return nil
	}
}
