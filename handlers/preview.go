package handlers

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"rankloop/ranking"
	"rankloop/views"
)

// Preview answers POST /api/preview: a text as every page will show it, made safe, as HTML.
func Preview() echo.HandlerFunc {
	return func(c echo.Context) error {
		var in struct {
			Text string `json:"text"`
		}
		if err := bindJSON(c, &in); err != nil {
			return err
		}
		if err := checkText("text", in.Text, ranking.WrittenMax); err != nil {
			return err
		}
		var html strings.Builder
		if err := views.Prose(views.Markdown(in.Text)).Render(c.Request().Context(), &html); err != nil {
			return err
		}
		return c.JSON(http.StatusOK, map[string]any{"html": html.String()})
	}
}
