package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"

	"github.com/labstack/echo/v4"

	"rankloop/handlers"
	"rankloop/internal/i18n"
	"rankloop/ranking"
	"rankloop/views"
)

// renderErrors answers with the error page right where the reader is known.
func (s *Server) renderErrors(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if err := next(c); err != nil {
			s.renderError(err, c)
		}
		return nil
	}
}

// recoverPanics turns a panic into an error, with its stack in the log.
func (s *Server) recoverPanics(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			value := recover()
			if value == nil {
				return
			}
			if value == http.ErrAbortHandler {
				panic(value) // the documented way to cut a response off
			}
			stack := make([]byte, 16<<10)
			stack = stack[:runtime.Stack(stack, false)]
			err = fmt.Errorf("panic: %v\n%s", value, stack)
		}()
		return next(c)
	}
}

// renderError writes err as a page or as {"error":{"code","message","details":[]}}. What is not a *ranking.Error is
// logged, and its text is kept from the reader.
func (s *Server) renderError(err error, c echo.Context) {
	if c.Response().Committed {
		s.logError(c, err)
		panic(http.ErrAbortHandler) // half a file must not look like a whole one
	}
	err = handlers.FromRouter(err)
	// What went wrong is told although the request's time has run out: a page renders under a live context only.
	ctx := context.WithoutCancel(c.Request().Context())
	c.SetRequest(c.Request().WithContext(ctx))
	if ranking.ErrorCode(err) == ranking.CodeInternal {
		if errors.Is(err, context.DeadlineExceeded) {
			err = ranking.Errorf(ranking.CodeUnavailable, "this took too long; please try again").WithCause(err)
		} else if !s.deps.Health.Available() {
			err = unavailable().WithCause(err)
		}
	}
	status := handlers.ErrorStatus(err)
	if status >= http.StatusInternalServerError {
		s.logError(c, err)
	}
	if status == http.StatusServiceUnavailable {
		c.Response().Header().Set("Retry-After", "2")
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	if handlers.WantsJSON(c.Request()) {
		err = c.JSON(status, errorBody(ctx, err))
	} else if status == http.StatusUnauthorized {
		err = handlers.SignInAgain(c)
	} else {
		err = handlers.Render(c, status, views.ErrorPage(views.ErrorPageData{
			Status: status, Message: i18n.Error(ctx, err), Details: details(err),
			RequestID: c.Response().Header().Get(echo.HeaderXRequestID),
		}))
	}
	if err != nil {
		s.logError(c, err)
	}
}

type errorJSON struct {
	Code    ranking.Code     `json:"code"`
	Message string           `json:"message"`
	Details []ranking.Detail `json:"details"`
}

func errorBody(ctx context.Context, err error) map[string]errorJSON {
	translated := []ranking.Detail{}
	for _, d := range details(err) {
		d.Reason = i18n.Reason(ctx, d)
		translated = append(translated, d)
	}
	return map[string]errorJSON{"error": {ranking.ErrorCode(err), i18n.Error(ctx, err), translated}}
}

func details(err error) []ranking.Detail {
	var e *ranking.Error
	if errors.As(err, &e) && e.Details != nil {
		return e.Details
	}
	return []ranking.Detail{}
}

// logError logs an error for the operator, with its cause.
func (s *Server) logError(c echo.Context, err error) {
	if errors.Is(err, context.Canceled) {
		return // the browser went away
	}
	attrs := []any{
		slog.String("request_id", c.Response().Header().Get(echo.HeaderXRequestID)),
		slog.String("method", c.Request().Method), slog.String("route", c.Path()), slog.String("error", err.Error()),
	}
	if cause := errors.Unwrap(err); cause != nil {
		attrs = append(attrs, slog.String("cause", cause.Error()))
	}
	s.deps.Log.ErrorContext(c.Request().Context(), "request failed", attrs...)
}
