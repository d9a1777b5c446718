package store

import (
	"context"
	"encoding/json"
	"fmt"

	"rankloop/internal/store/db"
	"rankloop/ranking"
)

// AuditRow is one thing that somebody did.
type AuditRow = ranking.AuditRow

// Audit writes down what was done. Details must not hold secrets or what annotators wrote.
func (s *Store) Audit(ctx context.Context, userID *int64, action, object string, details any) error {
	if details == nil {
		details = struct{}{}
	}
	encoded, err := json.Marshal(details)
	if err != nil {
		return fmt.Errorf("audit %s: %w", action, err)
	}
	return explain("audit", s.q.InsertAudit(ctx, db.InsertAuditParams{
		UserID: userID, Action: action, Object: tidy(object, errorMax), Details: encoded,
	}))
}

// AuditPage returns up to limit rows before beforeID (0 for the newest), newest first.
func (s *Store) AuditPage(ctx context.Context, beforeID int64, limit int) ([]AuditRow, error) {
	if beforeID == 0 {
		beforeID = 1<<63 - 1
	}
	rows, err := s.q.AuditPage(ctx, db.AuditPageParams{BeforeID: beforeID, MaxRows: pageRows(limit)})
	all := make([]AuditRow, len(rows))
	for i, row := range rows {
		all[i] = AuditRow(row)
	}
	return all, explain("audit page", err)
}
