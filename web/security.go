package web

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"rankloop/ranking"
)

// contentSecurityPolicy allows what the pages consist of and nothing else: own scripts, styles and images, and no
// inline code of any kind, so text that slipped through the sanitizer still could not run, load or send anything.
var contentSecurityPolicy = strings.Join([]string{
	"default-src 'none'",
	"script-src 'self'",
	"style-src 'self'",
	"img-src 'self' data:",
	"connect-src 'self'",
	"form-action 'self'",
	"base-uri 'none'",
	"frame-ancestors 'none'",
}, "; ")

func (s *Server) securityHeaders(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Content-Security-Policy", contentSecurityPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		// Sign-in links carry their secret in the path. (no-referrer would also turn the Origin of forms into "null".)
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
		if s.config.SecureCookies {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		return next(c)
	}
}

// refuseCrossOrigin refuses state-changing requests that a browser sends from another site (Sec-Fetch-Site, Origin);
// programs, which send neither header, pass.
func (s *Server) refuseCrossOrigin() echo.MiddlewareFunc {
	protection := http.NewCrossOriginProtection()
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if err := protection.Check(c.Request()); err != nil {
				return ranking.Errorf(ranking.CodeForbidden, "this request came from another site and was refused").WithCause(err)
			}
			return next(c)
		}
	}
}
