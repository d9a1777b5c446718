package ranking

import "time"

// NewUser is what it takes to create a user.
type NewUser struct {
	Email        string // stored in lower case
	Name         string
	Role         Role   // ignored where a link decides it
	PasswordHash string // argon2id as a PHC string; "" for a user who signs in by link only
	Simulated    bool
	Locale       string // "en" or "zh-Hans"
}

// What a single-use link does.
const (
	LinkFirstAdmin = "first_admin"
	LinkSignIn     = "sign_in"
	LinkInvitation = "invitation"
)

// Link is a single-use link that has not been used and has not expired. Only its token's hash is stored.
type Link struct {
	Purpose    string // LinkFirstAdmin, LinkSignIn or LinkInvitation
	Role       Role   // invitations
	CampaignID *int64 // invitations to a campaign
	Campaign   string // its name
	UserID     *int64 // sign-in links: whom
	ExpiresAt  time.Time
}
