package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"rankloop/ranking"
)

// explain turns a database error into one that callers can act on: a person's error stays as it is, a database that is
// away or busy becomes CodeUnavailable, text that it cannot store CodeInvalid. Anything else is internal, and what was
// tried is put before it.
func explain(what string, err error) error {
	if err == nil {
		return nil
	}
	var known *ranking.Error
	if errors.As(err, &known) {
		return err
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s: %w", what, err)
	}
	cause := fmt.Errorf("%s: %w", what, err)
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return explainRefusal(refused, cause)
	}
	var connect *pgconn.ConnectError
	var network net.Error
	if errors.As(err, &connect) || errors.As(err, &network) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) || strings.Contains(err.Error(), "conn closed") {
		return ranking.Errorf(ranking.CodeUnavailable, "the database is away; try again in a moment").WithCause(cause)
	}
	return cause
}

// explainRefusal maps what the server answered, by SQLSTATE (PostgreSQL documentation, appendix A).
func explainRefusal(refused *pgconn.PgError, cause error) error {
	switch refused.Code {
	case "57P01", "57P02", "57P03", "53300": // shutdown, crash, starting up, too many connections
		return ranking.Errorf(ranking.CodeUnavailable, "the database is away; try again in a moment").WithCause(cause)
	case "57014", "55P03", "40001", "40P01": // statement or lock timeout, serialization failure, deadlock
		return ranking.Errorf(ranking.CodeUnavailable, "the database is busy; try again in a moment").WithCause(cause)
	case "53100":
		return ranking.Errorf(ranking.CodeUnavailable, "the database's disk is full; free some space and try again").WithCause(cause)
	case "22021", "22P05": // a byte or escape that text cannot hold
		return ranking.Errorf(ranking.CodeInvalid, "the text holds a character that cannot be stored").WithCause(cause)
	case "54000": // program limit exceeded
		return ranking.Errorf(ranking.CodeTooLarge, "the input is larger than the database can store").WithCause(cause)
	}
	if strings.HasPrefix(refused.Code, "08") {
		return ranking.Errorf(ranking.CodeUnavailable, "the database is away; try again in a moment").WithCause(cause)
	}
	return cause
}

// noRows says that a query found nothing.
func noRows(err error) bool { return errors.Is(err, pgx.ErrNoRows) }

// missing turns "no rows" into the given error and leaves every other error to explain.
func missing(what string, err error, absent *ranking.Error) error {
	if noRows(err) {
		return absent
	}
	return explain(what, err)
}
