package web

import (
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"

	"rankloop/handlers"
	"rankloop/internal/i18n"
	"rankloop/ranking"
	"rankloop/views"
)

const (
	sessionCookie  = "rankloop_session"
	sessionUserKey = "user_id"
	sessionEpoch   = "epoch" // of the user when the session began
)

// newSessionManager keeps sessions in Deps.Sessions under a random token in a cookie. scs' own LoadAndSave is not used:
// a session changes at sign-in, sign-out and half-way through its life, and each of these commits it on the spot, so
// that a failure is an error of the request and reading a page costs one lookup and no write.
func (s *Server) newSessionManager() *scs.SessionManager {
	m := scs.New()
	m.Store = s.deps.Sessions
	m.Lifetime = s.config.SessionLifetime
	m.Cookie.Name = sessionCookie
	m.Cookie.HttpOnly = true
	m.Cookie.SameSite = http.SameSiteLaxMode
	m.Cookie.Secure = s.config.SecureCookies
	return m
}

// loadSession reads the session that the request's cookie names, and prolongs one that is past half of its life.
func (s *Server) loadSession(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		token := ""
		if cookie, err := c.Request().Cookie(sessionCookie); err == nil {
			token = cookie.Value
		}
		ctx, err := s.sessions.Load(c.Request().Context(), token)
		if err != nil {
			return s.sessionError(err)
		}
		c.SetRequest(c.Request().WithContext(ctx))
		c.Response().Header().Add("Vary", "Cookie")
		if s.sessions.Exists(ctx, sessionUserKey) && time.Until(s.sessions.Deadline(ctx)) < s.config.SessionLifetime/2 {
			s.sessions.SetDeadline(ctx, time.Now().Add(s.config.SessionLifetime))
			if err := s.commitSession(c); err != nil {
				return err
			}
		}
		return next(c)
	}
}

// SignIn implements handlers.Sessions.
func (s *Server) SignIn(c echo.Context, userID int64) error {
	ctx := c.Request().Context()
	user, err := s.deps.Store.UserByID(ctx, userID)
	if err != nil {
		return err
	}
	if err := s.sessions.RenewToken(ctx); err != nil {
		return s.sessionError(err)
	}
	s.sessions.Put(ctx, sessionUserKey, userID)
	s.sessions.Put(ctx, sessionEpoch, user.SessionEpoch)
	return s.commitSession(c)
}

// SignOut implements handlers.Sessions.
func (s *Server) SignOut(c echo.Context) error {
	if err := s.sessions.Destroy(c.Request().Context()); err != nil {
		return s.sessionError(err)
	}
	s.sessions.WriteSessionCookie(c.Request().Context(), c.Response(), "", time.Time{})
	return nil
}

func (s *Server) commitSession(c echo.Context) error {
	ctx := c.Request().Context()
	token, expiry, err := s.sessions.Commit(ctx)
	if err != nil {
		return s.sessionError(err)
	}
	s.sessions.WriteSessionCookie(ctx, c.Response(), token, expiry)
	return nil
}

func (s *Server) sessionError(err error) error {
	return ranking.Errorf(ranking.CodeUnavailable, "sessions cannot be reached at the moment; please try again").WithCause(err)
}

// identify finds out who is signed in. The user is read afresh for every request, so that a role taken away, an account
// disabled or a password changed elsewhere counts from the next click.
func (s *Server) identify(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		id := s.sessions.GetInt64(ctx, sessionUserKey)
		if id == 0 {
			return next(c)
		}
		user, err := s.deps.Store.UserByID(ctx, id)
		switch {
		case ranking.ErrorCode(err) == ranking.CodeNotFound,
			err == nil && (user.Disabled || user.SessionEpoch != s.sessions.GetInt(ctx, sessionEpoch)):
			if err := s.SignOut(c); err != nil {
				return err
			}
			return next(c)
		case err != nil:
			return err
		}
		ctx = handlers.WithUser(ctx, &user)
		shell := views.ShellFrom(ctx)
		shell.User = &user
		ctx = views.WithShell(ctx, shell)
		if locale := i18n.Locale(user.Locale); locale.Valid() {
			ctx = i18n.WithLocale(ctx, locale)
		}
		c.SetRequest(c.Request().WithContext(ctx))
		return next(c)
	}
}

// shell notes what every page needs before anybody is known: assets, path, theme, the panel of guidelines, and the language of the cookie or of
// the browser. The language of the account, where there is one, wins later.
func (s *Server) shell(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		locale := i18n.Match(r.Header.Get("Accept-Language"))
		if cookie, err := r.Cookie(handlers.LocaleCookie); err == nil && i18n.Locale(cookie.Value).Valid() {
			locale = i18n.Locale(cookie.Value)
		}
		theme := views.ThemeSystem
		if cookie, err := r.Cookie(handlers.ThemeCookie); err == nil {
			theme = views.ParseTheme(cookie.Value)
		}
		guide, err := r.Cookie(handlers.GuideCookie)
		ctx := i18n.WithLocale(r.Context(), locale)
		ctx = views.WithShell(ctx, views.Shell{
			Assets: assetPrefix, Path: r.URL.RequestURI(), Theme: theme, Guide: err == nil && guide.Value == "open",
		})
		c.SetRequest(r.WithContext(ctx))
		return next(c)
	}
}
