package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"rankloop/ranking"
)

// healthz answers as long as the process can: it says nothing about the database.
func healthz(c echo.Context) error {
	return c.String(http.StatusOK, "ok\n")
}

// readyz answers 200 when requests can be served: the database is reachable and migrated.
func (s *Server) readyz(c echo.Context) error {
	if err := s.deps.Health.Ready(c.Request().Context()); err != nil {
		s.deps.Log.Warn("not ready", "error", err.Error())
		return c.String(http.StatusServiceUnavailable, "not ready\n")
	}
	return c.String(http.StatusOK, "ready\n")
}

// requireDatabase answers 503 while the database is being handed over, without making each request wait for a timeout.
func (s *Server) requireDatabase(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if r, ok := s.routeOf(c); ok && r.Bare || s.deps.Health.Available() {
			return next(c)
		}
		return unavailable()
	}
}

func unavailable() *ranking.Error {
	return ranking.Errorf(ranking.CodeUnavailable, "the database is starting or moving; please try again in a few seconds")
}
