package handlers

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"rankloop/ranking"
)

// CodeRateLimited marks a request that came too soon after too many others.
const CodeRateLimited ranking.Code = "rate_limited"

// errorStatuses maps an error's code to the HTTP status; every other code is a 500.
var errorStatuses = map[ranking.Code]int{
	ranking.CodeInvalid:      http.StatusUnprocessableEntity,
	ranking.CodeUnauthorized: http.StatusUnauthorized,
	ranking.CodeForbidden:    http.StatusForbidden,
	ranking.CodeNotFound:     http.StatusNotFound,
	ranking.CodeConflict:     http.StatusConflict,
	ranking.CodeExpired:      http.StatusGone,
	ranking.CodeTooLarge:     http.StatusRequestEntityTooLarge,
	ranking.CodeUnread:       http.StatusPreconditionRequired,
	ranking.CodeUnqualified:  http.StatusPreconditionRequired,
	ranking.CodeUncalibrated: http.StatusPreconditionRequired,
	ranking.CodeUnavailable:  http.StatusServiceUnavailable,
	CodeRateLimited:          http.StatusTooManyRequests,
}

// ErrorStatus is the HTTP status for err.
func ErrorStatus(err error) int {
	if status, ok := errorStatuses[ranking.ErrorCode(err)]; ok {
		return status
	}
	return http.StatusInternalServerError
}

// FromRouter turns what echo itself raises (no such route, body too large, a bad form) into an error that a person may
// read. Any other error passes through.
func FromRouter(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return ranking.Errorf(ranking.CodeTooLarge, "the request is larger than %d bytes", tooLarge.Limit).WithCause(err)
	}
	var e *echo.HTTPError
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code {
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		return ranking.Errorf(ranking.CodeNotFound, "there is no such page").WithCause(err)
	case http.StatusRequestEntityTooLarge:
		return ranking.Errorf(ranking.CodeTooLarge, "the request is too large").WithCause(err)
	case http.StatusBadRequest, http.StatusUnsupportedMediaType:
		return ranking.Errorf(ranking.CodeInvalid, "the request could not be read").WithCause(err)
	case http.StatusServiceUnavailable:
		return ranking.Errorf(ranking.CodeUnavailable, "this took too long; please try again").WithCause(err)
	}
	return err
}
