package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"rankloop/ranking"
)

// The exit statuses.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// detailsShown is how many bad places are printed for people; --json has them all.
const detailsShown = 20

// usageError is a command line that cannot be run as it stands: an unknown flag, a missing file, flags that exclude
// each other. Its message says what to write instead.
type usageError struct{ message string }

func (e *usageError) Error() string { return e.message }

// Usagef makes an error that ends the program with status 2. Say what to write instead.
func Usagef(format string, args ...any) error {
	return &usageError{message: fmt.Sprintf(format, args...)}
}

// exitStatus maps a command's result to the program's exit status.
func exitStatus(err error) int {
	var usage *usageError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &usage):
		return exitUsage
	default:
		return exitFailed
	}
}

// jsonError is the form of a failure under --json.
type jsonError struct {
	Error struct {
		Code    ranking.Code     `json:"code"`
		Message string           `json:"message"`
		Details []ranking.Detail `json:"details"`
	} `json:"error"`
}

// report prints err plainly on stderr, and as one JSON object on stdout under --json.
func report(err error, asJSON bool, stdout, stderr io.Writer) {
	var (
		form  jsonError
		usage *usageError
		known *ranking.Error
	)
	form.Error.Message = err.Error()
	form.Error.Details = []ranking.Detail{}
	switch {
	case errors.As(err, &usage):
		form.Error.Code = ranking.CodeInvalid
	case errors.As(err, &known):
		form.Error.Code = known.Code
		if known.Details != nil {
			form.Error.Details = known.Details
		}
	case errors.Is(err, context.Canceled):
		form.Error.Code = "canceled"
		form.Error.Message = "stopped before it was done"
	default:
		form.Error.Code = ranking.CodeInternal
	}
	fmt.Fprintf(stderr, "rankloop: %s\n", form.Error.Message)
	shown := form.Error.Details[:min(len(form.Error.Details), detailsShown)]
	for _, detail := range shown {
		fmt.Fprintf(stderr, "  %s\n", detailLine(detail))
	}
	if more := len(form.Error.Details) - len(shown); more > 0 {
		fmt.Fprintf(stderr, "  … and %d more (--json lists them)\n", more)
	}
	if known != nil && known.Cause != nil {
		fmt.Fprintf(stderr, "  caused by: %s\n", known.Cause)
	}
	if asJSON {
		_ = json.NewEncoder(stdout).Encode(form) // a closed standard output has nobody to be told
	}
}

// detailLine is a detail as file:line: reason, leaving out what is unknown.
func detailLine(d ranking.Detail) string {
	switch {
	case d.File == "":
		return d.Reason
	case d.Line == 0:
		return d.File + ": " + d.Reason
	default:
		return fmt.Sprintf("%s:%d: %s", d.File, d.Line, d.Reason)
	}
}
