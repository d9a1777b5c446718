package handlers

import "github.com/labstack/echo/v4"

// SignOut answers POST /sign-out.
func SignOut(sessions Sessions) echo.HandlerFunc {
	return func(c echo.Context) error {
		if err := sessions.SignOut(c); err != nil {
			return err
		}
		return redirect(c, "/sign-in")
	}
}
