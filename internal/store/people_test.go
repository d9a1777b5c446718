package store_test

import (
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"rankloop/internal/store"
	"rankloop/ranking"
)

func TestUsers(t *testing.T) {
	b := setup(t)
	made, err := b.CreateUser(b.ctx(), store.NewUser{
		Email: " Ada@Example.com ", Name: "Ada 王", Role: ranking.RoleResearcher, PasswordHash: "$argon2id$1",
	})
	b.must(err)
	if made.Email != "ada@example.com" || made.Locale != "en" || made.Pseudonym == "" || made.Disabled || made.Simulated {
		t.Errorf("made %+v", made)
	}
	found, hash, err := b.UserByEmail(b.ctx(), "ADA@example.com")
	b.must(err)
	if found != made || hash != "$argon2id$1" {
		t.Errorf("found %+v, hash %q", found, hash)
	}
	_, err = b.CreateUser(b.ctx(), store.NewUser{Email: "ada@example.com", Role: ranking.RoleAnnotator})
	b.wantCode(err, ranking.CodeConflict)
	for _, bad := range []store.NewUser{
		{Email: "nobody", Role: ranking.RoleAdmin}, {Email: "a@b c", Role: ranking.RoleAdmin},
		{Email: "a@b.c", Role: "owner"}, {Email: "a@b.c", Role: ranking.RoleAdmin, Name: "nul\x00"},
		{Email: "\xff@b.c", Role: ranking.RoleAdmin},
	} {
		_, err := b.CreateUser(b.ctx(), bad)
		b.wantCode(err, ranking.CodeInvalid)
	}
	b.must(b.SetPasswordHash(b.ctx(), made.ID, "$argon2id$2"))
	b.must(b.SetLocale(b.ctx(), made.ID, "zh-Hans"))
	b.must(b.SetUserDisabled(b.ctx(), made.ID, true))
	found, hash, err = b.UserByEmail(b.ctx(), "ada@example.com")
	b.must(err)
	if hash != "$argon2id$2" || found.Locale != "zh-Hans" || !found.Disabled {
		t.Errorf("changed %+v, hash %q", found, hash)
	}
	b.must(b.SetUserDisabled(b.ctx(), made.ID, false))
	found, err = b.UserByID(b.ctx(), made.ID)
	b.must(err)
	if found.Disabled {
		t.Error("still disabled")
	}
	_, err = b.UserByID(b.ctx(), 4711)
	b.wantCode(err, ranking.CodeNotFound)
	_, _, err = b.UserByEmail(b.ctx(), "nul\x00@example.com")
	b.wantCode(err, ranking.CodeNotFound)
	b.wantCode(b.SetLocale(b.ctx(), 4711, "en"), ranking.CodeNotFound)
	all, err := b.ListUsers(b.ctx())
	b.must(err)
	if len(all) != 1 || all[0] != found {
		t.Errorf("listed %+v", all)
	}
}

func TestFirstAdminLink(t *testing.T) {
	b := setup(t)
	old, err := b.CreateFirstAdminLink(b.ctx())
	b.must(err)
	token, err := b.CreateFirstAdminLink(b.ctx())
	b.must(err)
	if len(token) != 43 || old == token {
		t.Errorf("token %q", token)
	}
	if n := b.number("SELECT count(*) FROM links WHERE position($1 IN encode(token_hash, 'escape')) > 0", token); n != 0 {
		t.Error("the token itself is stored")
	}
	_, err = b.PeekLink(b.ctx(), old)
	b.wantCode(err, ranking.CodeExpired)
	link, err := b.PeekLink(b.ctx(), token)
	b.must(err)
	if left := time.Until(link.ExpiresAt); link.Purpose != store.PurposeFirstAdmin || left > 30*time.Minute || left < 29*time.Minute {
		t.Errorf("link %+v", link)
	}
	// A bad form leaves the link usable.
	_, err = b.RedeemFirstAdmin(b.ctx(), token, store.NewUser{Email: "nobody"})
	b.wantCode(err, ranking.CodeInvalid)
	var made atomic.Int32
	var group errgroup.Group
	for range 8 {
		group.Go(func() error {
			user, err := b.RedeemFirstAdmin(b.ctx(), token, store.NewUser{Email: "admin@example.com"})
			if err == nil {
				made.Add(1)
				if user.Role != ranking.RoleAdmin {
					t.Errorf("the first admin is %s", user.Role)
				}
				return nil
			}
			if code := ranking.ErrorCode(err); code != ranking.CodeConflict && code != ranking.CodeExpired {
				return err
			}
			return nil
		})
	}
	b.must(group.Wait())
	if made.Load() != 1 {
		t.Errorf("%d first admins", made.Load())
	}
	_, err = b.CreateFirstAdminLink(b.ctx())
	b.wantCode(err, ranking.CodeConflict)
	exists, err := b.AdminExists(b.ctx())
	b.must(err)
	if !exists {
		t.Error("there is no admin")
	}
}

func TestFirstAdminLinkIsRefusedOnceAnAdminExists(t *testing.T) {
	b := setup(t)
	token, err := b.CreateFirstAdminLink(b.ctx())
	b.must(err)
	b.user("admin", ranking.RoleAdmin)
	_, err = b.RedeemFirstAdmin(b.ctx(), token, store.NewUser{Email: "thief@example.com"})
	b.wantCode(err, ranking.CodeConflict)
	if n := b.number("SELECT count(*) FROM users"); n != 1 {
		t.Errorf("%d users", n)
	}
}

func TestSignInLink(t *testing.T) {
	b := setup(t)
	user := b.user("ada", ranking.RoleAnnotator)
	token, err := b.CreateSignInLink(b.ctx(), user.ID)
	b.must(err)
	_, err = b.RedeemInvitation(b.ctx(), token, store.NewUser{Email: "x@example.com"})
	b.wantCode(err, ranking.CodeExpired) // a link is good for its purpose only
	var signedIn atomic.Int32
	var group errgroup.Group
	for range 8 {
		group.Go(func() error {
			got, err := b.RedeemSignIn(b.ctx(), token)
			if err == nil && got.ID == user.ID {
				signedIn.Add(1)
			}
			if err != nil && ranking.ErrorCode(err) != ranking.CodeExpired {
				return err
			}
			return nil
		})
	}
	b.must(group.Wait())
	if signedIn.Load() != 1 {
		t.Errorf("the link worked %d times", signedIn.Load())
	}
	_, err = b.CreateSignInLink(b.ctx(), 4711)
	b.wantCode(err, ranking.CodeNotFound)

	late, err := b.CreateSignInLink(b.ctx(), user.ID)
	b.must(err)
	b.exec("UPDATE links SET expires_at = now() - interval '1 s' WHERE used_at IS NULL")
	_, err = b.RedeemSignIn(b.ctx(), late)
	b.wantCode(err, ranking.CodeExpired)

	token, err = b.CreateSignInLink(b.ctx(), user.ID)
	b.must(err)
	b.must(b.SetUserDisabled(b.ctx(), user.ID, true))
	_, err = b.RedeemSignIn(b.ctx(), token)
	b.wantCode(err, ranking.CodeForbidden)
}

func TestInvitations(t *testing.T) {
	b := setup(t)
	admin := b.user("admin", ranking.RoleAdmin)
	c := b.campaign(4, 1)
	invite := func(role ranking.Role) string {
		token, err := b.CreateInvitation(b.ctx(), store.Invitation{Role: role, CampaignID: &c.ID, CreatedBy: admin.ID})
		b.must(err)
		return token
	}
	token := invite(ranking.RoleAnnotator)
	link, err := b.PeekLink(b.ctx(), token)
	b.must(err)
	if link.Role != ranking.RoleAnnotator || link.Campaign != "main" || *link.CampaignID != c.ID || time.Until(link.ExpiresAt) < 6*24*time.Hour {
		t.Errorf("link %+v", link)
	}
	_, err = b.RedeemInvitation(b.ctx(), token, store.NewUser{Email: admin.Email})
	b.wantCode(err, ranking.CodeConflict)
	ada, err := b.RedeemInvitation(b.ctx(), token, store.NewUser{Email: "ada@example.com", Role: ranking.RoleAdmin})
	b.must(err)
	if ada.Role != ranking.RoleAnnotator {
		t.Errorf("the invitation made a %s", ada.Role)
	}
	_, err = b.RedeemInvitation(b.ctx(), token, store.NewUser{Email: "bob@example.com"})
	b.wantCode(err, ranking.CodeExpired)

	raised, err := b.RedeemInvitationAs(b.ctx(), invite(ranking.RoleResearcher), ada.ID)
	b.must(err)
	same, err := b.RedeemInvitationAs(b.ctx(), invite(ranking.RoleAnnotator), admin.ID)
	b.must(err)
	if raised.Role != ranking.RoleResearcher || same.Role != ranking.RoleAdmin {
		t.Errorf("roles %s and %s", raised.Role, same.Role)
	}
	members, err := b.Members(b.ctx(), c.ID)
	b.must(err)
	if len(members) != 2 || members[0].ID != admin.ID || members[1].ID != ada.ID {
		t.Errorf("members %+v", members)
	}
	_, err = b.CreateInvitation(b.ctx(), store.Invitation{Role: "owner", CreatedBy: admin.ID})
	b.wantCode(err, ranking.CodeInvalid)
	nowhere := int64(4711)
	_, err = b.CreateInvitation(b.ctx(), store.Invitation{Role: ranking.RoleAdmin, CampaignID: &nowhere, CreatedBy: admin.ID})
	b.wantCode(err, ranking.CodeNotFound)
}

func TestAudit(t *testing.T) {
	b := setup(t)
	admin := b.user("admin", ranking.RoleAdmin)
	b.must(b.Audit(b.ctx(), &admin.ID, "campaign.create", "main", map[string]int{"k": 4}))
	b.must(b.Audit(b.ctx(), nil, "migrate", "", nil))
	page, err := b.AuditPage(b.ctx(), 0, 1)
	b.must(err)
	if len(page) != 1 || page[0].Action != "migrate" || page[0].UserID != nil || string(page[0].Details) != "{}" {
		t.Fatalf("page %+v", page)
	}
	page, err = b.AuditPage(b.ctx(), page[0].ID, 10)
	b.must(err)
	if len(page) != 1 || page[0].Email != admin.Email || string(page[0].Details) != `{"k": 4}` {
		t.Errorf("page %+v", page)
	}
}
