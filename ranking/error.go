package ranking

import (
	"errors"
	"fmt"
)

// Code classifies an error for the caller: HTTP maps it to a status, the command line to an exit status.
type Code string

// The codes. Anything that is not an *Error is internal: logged for the operator, hidden from the user.
const (
	CodeInvalid      Code = "invalid"      // the input is wrong; the message says what to write instead
	CodeUnauthorized Code = "unauthorized" // nobody is signed in
	CodeForbidden    Code = "forbidden"    // signed in, but not allowed
	CodeNotFound     Code = "not_found"
	CodeConflict     Code = "conflict"          // it exists already with other content
	CodeExpired      Code = "expired"           // a lease, link or session that has run out
	CodeTooLarge     Code = "too_large"         // a limit was passed; the message names it
	CodeUnavailable  Code = "unavailable"       // try again later (database handing over, no memory for a run)
	CodeUnread       Code = "guidelines_unread" // the campaign's guidelines come before its next task
	CodeUnqualified  Code = "quiz_unpassed"     // the campaign's quiz comes before its first task
	CodeUncalibrated Code = "calibration_waits" // the calibration batch comes first: its tasks are not ready, or an admin has to let the person go on
	CodeInternal     Code = "internal"
)

// Detail points at one bad place of an input file.
type Detail struct {
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"` // 1-based; 0 when the whole file is meant
	Reason string `json:"reason"`
	Why    *Error `json:"-"` // the reason before it became text, where a page can translate it
}

// Error is an error that a person may read. Format and Args stay apart so that a page can translate it: the English
// Format is the key of the message catalog. An argument may be an *Error too: a phrase that is translated by itself.
type Error struct {
	Code    Code
	Format  string
	Args    []any
	Details []Detail
	Cause   error
}

// Errorf makes an *Error with a code and an English message.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Format: format, Args: args}
}

// because is the reason why an input is bad, or a phrase of one.
func because(format string, args ...any) *Error { return Errorf(CodeInvalid, format, args...) }

// At says where the reason holds.
func (e *Error) At(file string, line int) Detail {
	return Detail{File: file, Line: line, Reason: e.Error(), Why: e}
}

// Error returns the English message.
func (e *Error) Error() string { return fmt.Sprintf(e.Format, e.Args...) }

// Unwrap returns the cause, which is logged but never shown to a user.
func (e *Error) Unwrap() error { return e.Cause }

// WithCause records the underlying error for the log.
func (e *Error) WithCause(err error) *Error {
	e.Cause = err
	return e
}

// WithDetails attaches the bad places of an input.
func (e *Error) WithDetails(details []Detail) *Error {
	e.Details = details
	return e
}

// ErrorCode returns err's code: CodeInternal for an error that is not an *Error, "" for nil.
func ErrorCode(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return CodeInternal
}
