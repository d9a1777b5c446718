package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"time"

	"github.com/jackc/pgx/v5"

	"rankloop/internal/store/db"
	"rankloop/ranking"
)

// Purposes of links.
const (
	PurposeFirstAdmin = "first_admin"
	PurposeSignIn     = "sign_in"
	PurposeInvitation = "invitation"
)

// How long links are valid.
const (
	signInValid     = 30 * time.Minute
	invitationValid = 7 * 24 * time.Hour
)

// Link is what a valid link leads to.
type Link = ranking.Link

// Invitation is a link that makes somebody a user, or a user a member.
type Invitation = ranking.Invitation

// newToken returns 32 random bytes as base64url; only the hash of what goes into the link is stored.
func newToken() string {
	random := make([]byte, 32)
	rand.Read(random) // never fails
	return base64.RawURLEncoding.EncodeToString(random)
}

func hashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// CreateFirstAdminLink makes the link that gives the first admin, valid for 30 minutes. It replaces one made earlier.
// CodeConflict once an admin exists.
func (s *Store) CreateFirstAdminLink(ctx context.Context) (string, error) {
	token := newToken()
	err := s.inTx(ctx, "make first admin link", readWrite, func(_ pgx.Tx, q *db.Queries) error {
		if err := refuseSecondAdmin(ctx, q); err != nil {
			return err
		}
		if err := q.DropFirstAdminLinks(ctx); err != nil {
			return err
		}
		return q.InsertLink(ctx, db.InsertLinkParams{
			TokenHash: hashToken(token), Purpose: PurposeFirstAdmin, ValidSeconds: signInValid.Seconds(),
		})
	})
	return token, err
}

func refuseSecondAdmin(ctx context.Context, q *db.Queries) error {
	if err := q.LockFirstAdmin(ctx); err != nil {
		return err
	}
	exists, err := q.AdminExists(ctx)
	if err == nil && exists {
		return ranking.Errorf(ranking.CodeConflict, "there is an admin already; ask them for an invitation")
	}
	return err
}

// CreateSignInLink makes a link that signs a user in, valid for 30 minutes. CodeNotFound if there is no such user.
func (s *Store) CreateSignInLink(ctx context.Context, userID int64) (string, error) {
	if _, err := s.UserByID(ctx, userID); err != nil {
		return "", err
	}
	token := newToken()
	err := s.q.InsertLink(ctx, db.InsertLinkParams{
		TokenHash: hashToken(token), Purpose: PurposeSignIn, UserID: &userID, ValidSeconds: signInValid.Seconds(),
	})
	return token, explain("make sign-in link", err)
}

// CreateInvitation makes an invitation, valid for 7 days.
func (s *Store) CreateInvitation(ctx context.Context, i Invitation) (string, error) {
	switch i.Role {
	case ranking.RoleAnnotator, ranking.RoleResearcher, ranking.RoleAdmin:
	default:
		return "", ranking.Errorf(ranking.CodeInvalid, "%q is not a role: use annotator, researcher or admin", i.Role)
	}
	if i.CampaignID != nil {
		if _, err := s.CampaignByID(ctx, *i.CampaignID); err != nil {
			return "", err
		}
	}
	token, role := newToken(), string(i.Role)
	err := s.q.InsertLink(ctx, db.InsertLinkParams{
		TokenHash: hashToken(token), Purpose: PurposeInvitation, Role: &role, CampaignID: i.CampaignID,
		CreatedBy: &i.CreatedBy, ValidSeconds: invitationValid.Seconds(),
	})
	return token, explain("make invitation", err)
}

// PeekLink says what a link leads to without using it. CodeExpired when it was used, has run out or never was.
func (s *Store) PeekLink(ctx context.Context, token string) (Link, error) {
	row, err := s.q.PeekLink(ctx, hashToken(token))
	if err != nil {
		return Link{}, missing("look at link", err, linkExpired())
	}
	link := Link{Purpose: row.Purpose, CampaignID: row.CampaignID, Campaign: row.Campaign, UserID: row.UserID, ExpiresAt: row.ExpiresAt}
	if row.Role != nil {
		link.Role = ranking.Role(*row.Role)
	}
	return link, nil
}

// RedeemFirstAdmin uses the first admin's link: it makes the user an admin whatever n.Role says. CodeExpired when the
// link is not valid, CodeConflict once an admin exists.
func (s *Store) RedeemFirstAdmin(ctx context.Context, token string, n NewUser) (ranking.User, error) {
	n.Role = ranking.RoleAdmin
	return s.redeem(ctx, token, PurposeFirstAdmin, func(q *db.Queries, _ db.Link) (ranking.User, error) {
		return createUser(ctx, q, n)
	})
}

// RedeemSignIn uses a sign-in link. CodeExpired when it is not valid, CodeForbidden when the user is disabled.
func (s *Store) RedeemSignIn(ctx context.Context, token string) (ranking.User, error) {
	return s.redeem(ctx, token, PurposeSignIn, func(q *db.Queries, link db.Link) (ranking.User, error) {
		if link.UserID == nil {
			return ranking.User{}, linkExpired()
		}
		return enabledUser(ctx, q, *link.UserID)
	})
}

// RedeemInvitation uses an invitation for somebody new: a user with the invitation's role and the membership in its
// campaign. CodeExpired when it is not valid, CodeConflict when the email address is taken; then it can be used again.
func (s *Store) RedeemInvitation(ctx context.Context, token string, n NewUser) (ranking.User, error) {
	return s.redeem(ctx, token, PurposeInvitation, func(q *db.Queries, link db.Link) (ranking.User, error) {
		n.Role = ranking.Role(*link.Role)
		user, err := createUser(ctx, q, n)
		if err != nil {
			return user, err
		}
		return user, joinCampaign(ctx, q, link, user.ID)
	})
}

// RedeemInvitationAs uses an invitation for somebody who is signed in already: they join its campaign, and get its role
// if that may do more than theirs.
func (s *Store) RedeemInvitationAs(ctx context.Context, token string, userID int64) (ranking.User, error) {
	return s.redeem(ctx, token, PurposeInvitation, func(q *db.Queries, link db.Link) (ranking.User, error) {
		user, err := enabledUser(ctx, q, userID)
		if err != nil {
			return user, err
		}
		if role := ranking.Role(*link.Role); power(role) > power(user.Role) {
			user.Role = role
			if _, err := q.SetUserRole(ctx, db.SetUserRoleParams{ID: userID, Role: string(role)}); err != nil {
				return user, err
			}
		}
		return user, joinCampaign(ctx, q, link, userID)
	})
}

// redeem consumes a link and does what it stands for, both or neither.
func (s *Store) redeem(ctx context.Context, token, purpose string, f func(*db.Queries, db.Link) (ranking.User, error)) (ranking.User, error) {
	var user ranking.User
	err := s.inTx(ctx, "redeem link", readWrite, func(_ pgx.Tx, q *db.Queries) error {
		if purpose == PurposeFirstAdmin { // its lock comes before the link's, as in CreateFirstAdminLink
			if err := refuseSecondAdmin(ctx, q); err != nil {
				return err
			}
		}
		link, err := q.ConsumeLink(ctx, db.ConsumeLinkParams{TokenHash: hashToken(token), Purpose: purpose})
		if err != nil {
			return missing("consume link", err, linkExpired())
		}
		if user, err = f(q, link); err != nil {
			return err
		}
		return q.SetLinkUser(ctx, db.SetLinkUserParams{TokenHash: link.TokenHash, UsedBy: &user.ID})
	})
	if err != nil {
		return ranking.User{}, err
	}
	return user, nil
}

func enabledUser(ctx context.Context, q *db.Queries, id int64) (ranking.User, error) {
	row, err := q.UserByID(ctx, id)
	if err != nil {
		return ranking.User{}, missing("user by id", err, noUser())
	}
	if row.DisabledAt != nil {
		return ranking.User{}, ranking.Errorf(ranking.CodeForbidden, "this account is disabled")
	}
	return user(row), nil
}

func joinCampaign(ctx context.Context, q *db.Queries, link db.Link, userID int64) error {
	if link.CampaignID == nil {
		return nil
	}
	return q.AddMember(ctx, db.AddMemberParams{CampaignID: *link.CampaignID, UserID: userID})
}

func power(role ranking.Role) int {
	switch role {
	case ranking.RoleAdmin:
		return 2
	case ranking.RoleResearcher:
		return 1
	}
	return 0
}

func linkExpired() *ranking.Error {
	return ranking.Errorf(ranking.CodeExpired, "this link was used already or has run out; ask for a new one")
}
