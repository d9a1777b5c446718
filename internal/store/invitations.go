package store

import (
	"context"
	"regexp"

	"rankloop/ranking"
)

// OpenInvitations returns the invitations that can still be used, newest first, at most 500.
func (s *Store) OpenInvitations(ctx context.Context) ([]ranking.OpenInvitation, error) {
	rows, err := s.q.OpenInvitations(ctx, pageRowsMax)
	all := make([]ranking.OpenInvitation, len(rows))
	for i, row := range rows {
		all[i] = ranking.OpenInvitation{
			ID: row.ID, Role: ranking.Role(row.Role), Campaign: row.Campaign, CreatedBy: row.CreatedBy,
			CreatedAt: row.CreatedAt, ExpiresAt: row.ExpiresAt,
		}
	}
	return all, explain("open invitations", err)
}

var invitationPattern = regexp.MustCompile(`^[0-9a-f]{64}$`)

// RevokeInvitation makes an invitation worthless. CodeNotFound when there is none that could still be used.
func (s *Store) RevokeInvitation(ctx context.Context, id string) error {
	absent := ranking.Errorf(ranking.CodeNotFound, "this invitation has been used, has expired or was withdrawn")
	if !invitationPattern.MatchString(id) {
		return absent
	}
	n, err := s.q.RevokeInvitation(ctx, id)
	if err == nil && n == 0 {
		return absent
	}
	return explain("revoke invitation", err)
}
