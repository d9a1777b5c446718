package handlers

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"rankloop/ranking"
)

// bindJSON reads a request's JSON body into v. Unknown keys are refused: a misspelt one would be lost in silence.
func bindJSON(c echo.Context, v any) error {
	decoder := json.NewDecoder(c.Request().Body)
	decoder.DisallowUnknownFields()
	err := decoder.Decode(v)
	if err == nil {
		if _, extra := decoder.Token(); !errors.Is(extra, io.EOF) {
			err = errors.New("more than one JSON value")
		}
	}
	if err == nil {
		return nil
	}
	if FromRouter(err) != err { // the body was cut off at its limit
		return err
	}
	return ranking.Errorf(ranking.CodeInvalid, "the request is not the JSON expected: %s", strings.TrimPrefix(err.Error(), "json: ")).WithCause(err)
}

// checkText refuses text that Postgres could not store or that passes a limit in characters. name is the field's.
func checkText(name, text string, charactersMax int) error {
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return ranking.Errorf(ranking.CodeInvalid, "%s: not valid text", name)
	}
	if utf8.RuneCountInString(text) > charactersMax {
		return ranking.Errorf(ranking.CodeInvalid, "%s: more than %d characters", name, charactersMax)
	}
	return nil
}

// truncate cuts s to at most n bytes.
func truncate(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}
