// Package web assembles the server: the order of the middleware, the whole route table, sessions, the
// Content-Security-Policy, assets and the error page. It knows no database: app fills in what Deps asks for.
package web

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"rankloop/handlers"
	"rankloop/ranking"
)

// Deps is what the server works with.
type Deps struct {
	Store    Store
	Desk     handlers.Desk // what admins and researchers work with
	Sessions scs.Store     // where sessions live; rows of the database, so that they survive a restart
	Health   Health
	Log      *slog.Logger
}

// Store is what the handlers need of the database, and what the checks before them need.
type Store interface {
	handlers.Store
	// UserByID fails with CodeNotFound for an unknown user.
	UserByID(ctx context.Context, id int64) (ranking.User, error)
	CampaignByName(ctx context.Context, name string) (ranking.Campaign, error)
	IsMember(ctx context.Context, campaignID, userID int64) (bool, error)
}

// Health tells whether the parts behind the server can work.
type Health interface {
	// Available reports whether the database can be asked at all; false while it is being handed over.
	Available() bool
	// Ready checks the database and that every migration has been applied.
	Ready(ctx context.Context) error
}

// Config is what an operator may choose.
type Config struct {
	SecureCookies   bool          // the site is reached over https: cookies say so, and browsers are told to insist
	SessionLifetime time.Duration // 0 for 14 days; a session in use is prolonged
	ShutdownTimeout time.Duration // how long requests may finish when the server stops; 0 for 10 s
}

// Limits that hold for every route; a route may have its own body limit (see route).
const (
	headerBytesMax    = 64 << 10
	bodyBytesMax      = 1 << 20
	readHeaderTimeout = 10 * time.Second
	readTimeout       = 60 * time.Second
	writeTimeout      = 90 * time.Second
	idleTimeout       = 2 * time.Minute
	handlerTimeout    = 30 * time.Second
	gzipBytesMin      = 1 << 10
)

// Server is the assembled HTTP server.
type Server struct {
	deps     Deps
	config   Config
	echo     *echo.Echo
	sessions *scs.SessionManager
	streams  *streamLimiter
	routes   []route
}

// New assembles the server. Middleware runs in this order:
//
//	request id → log → recover → security headers → language and theme → database available? → cross-origin check
//	→ per route: time limit → body limit → gzip → session → user → errors → access → too large? → handler
//
// Errors raised inside the session are rendered there, so that the error page knows its reader; what is raised outside
// (panics, a database that is away) is rendered by echo's error handler with the same function.
func New(deps Deps, config Config) *Server {
	if config.SessionLifetime == 0 {
		config.SessionLifetime = 14 * 24 * time.Hour
	}
	if config.ShutdownTimeout == 0 {
		config.ShutdownTimeout = 10 * time.Second
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{deps: deps, config: config, echo: echo.New(), streams: newStreamLimiter()}
	s.sessions = s.newSessionManager()
	e := s.echo
	e.HideBanner, e.HidePort = true, true
	// Trust no X-Forwarded-For: whoever connects is the client (GHSA-246p-cpwv-v3jq).
	e.IPExtractor = echo.ExtractIPDirect()
	e.HTTPErrorHandler = s.renderError
	e.Logger.SetOutput(discard{})

	e.Use(requestID, s.logRequests, s.recoverPanics, s.securityHeaders, s.shell, s.requireDatabase, s.refuseCrossOrigin())

	s.routes = s.routeTable()
	for _, r := range s.routes {
		e.Add(r.Method, r.Path, r.Handler, s.routeMiddleware(r)...)
	}
	// Anything else: an error page that knows its reader.
	e.RouteNotFound("/*", func(echo.Context) error { return echo.ErrNotFound }, s.pageMiddleware(public)...)
	return s
}

// routeMiddleware is what stands before one route's handler, outermost first.
func (s *Server) routeMiddleware(r route) []echo.MiddlewareFunc {
	if r.Bare {
		return []echo.MiddlewareFunc{middleware.GzipWithConfig(middleware.GzipConfig{MinLength: gzipBytesMin})}
	}
	limit := r.BodyBytesMax
	if limit == 0 {
		limit = bodyBytesMax
	}
	if r.Stream {
		return append([]echo.MiddlewareFunc{limitBody(limit), s.loadSession, s.identify, s.renderErrors, s.requireAccess(r.Access)},
			s.limitStreams)
	}
	timeout := r.Timeout
	if timeout == 0 {
		timeout = handlerTimeout
	}
	before := append([]echo.MiddlewareFunc{limitTime(timeout), limitBody(limit)}, s.pageMiddleware(r.Access)...)
	return append(before, refuseLarge(limit))
}

// pageMiddleware is the inner part that every page shares.
func (s *Server) pageMiddleware(a access) []echo.MiddlewareFunc {
	return []echo.MiddlewareFunc{
		middleware.GzipWithConfig(middleware.GzipConfig{MinLength: gzipBytesMin}),
		s.loadSession, s.identify, s.renderErrors, s.requireAccess(a),
	}
}

// Handler is the whole server as an http.Handler, for tests and for mounting elsewhere.
func (s *Server) Handler() http.Handler { return s.echo }

// Serve answers requests on listener until ctx ends, then stops: open streams end at once, other requests may finish
// within Config.ShutdownTimeout. It returns nil after an orderly stop.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{
		Handler:           s.echo,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    headerBytesMax,
		ErrorLog:          slog.NewLogLogger(s.deps.Log.Handler(), slog.LevelWarn),
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	s.streams.endAll()
	deadline, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.config.ShutdownTimeout)
	defer cancel()
	err := server.Shutdown(deadline)
	if errors.Is(err, context.DeadlineExceeded) {
		s.deps.Log.Warn("requests were still running at the end of the shutdown time; they are cut off")
		err = server.Close()
	}
	if served := <-served; err == nil && !errors.Is(served, http.ErrServerClosed) {
		err = served
	}
	return err
}

// discard swallows echo's own log lines: what matters is logged through slog.
type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
