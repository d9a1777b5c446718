package handlers

import (
	"context"
	"regexp"
	"time"

	"github.com/labstack/echo/v4"

	"rankloop/ranking"
)

// rankingStore is the annotators' hot path. Leases belong to one user: with another user's token the methods fail with
// CodeNotFound.
type rankingStore interface {
	dialogueStore
	myQuestions
	paceStore
	// LeaseTask returns the user's live lease of the campaign, or leases the next free task. CodeNotFound: nothing is
	// left; CodeForbidden: not a member.
	LeaseTask(ctx context.Context, campaignID, userID int64) (ranking.Lease, ranking.Task, error)
	LeasedTask(ctx context.Context, token string, userID int64) (ranking.Lease, ranking.Task, error)
	// LeaseAhead leases the task that comes after the one of a lease, or returns it. CodeNotFound: there is none now.
	LeaseAhead(ctx context.Context, token string, userID int64) (ranking.Lease, ranking.Task, error)
	// BeginAhead begins a task leased ahead, once the one before it is done; false where it cannot be begun.
	BeginAhead(ctx context.Context, token string, userID int64) (begun bool, err error)
	RenewLease(ctx context.Context, token string, userID int64) (time.Time, error)
	ReleaseLease(ctx context.Context, token string, userID int64) error
	// Submit stores the judgment of a lease once; duplicate is true for a resend. CodeExpired: the lease ended and
	// its place was given away.
	Submit(ctx context.Context, s ranking.Submission) (j ranking.Judgment, duplicate bool, err error)
	// SaveDraft keeps what the holder of a lease, live or run out, has answered so far. CodeConflict: the task is done.
	SaveDraft(ctx context.Context, leaseToken string, userID int64, draft ranking.Draft) (savedAt time.Time, err error)
	// Draft is what the user has answered of a task so far; the zero draft where nothing is kept.
	Draft(ctx context.Context, taskID, userID int64) (ranking.Draft, error)
	Skip(ctx context.Context, leaseToken string, userID int64, reason string) error
	CampaignByID(ctx context.Context, id int64) (ranking.Campaign, error)
}

type campaignKey struct{}

// WithCampaign notes the campaign of the path, which the access check has read.
func WithCampaign(ctx context.Context, campaign *ranking.Campaign) context.Context {
	return context.WithValue(ctx, campaignKey{}, campaign)
}

// campaignFrom is the campaign of a route whose access is by membership.
func campaignFrom(ctx context.Context) *ranking.Campaign {
	campaign, ok := ctx.Value(campaignKey{}).(*ranking.Campaign)
	if !ok {
		panic("handlers: the route does not check membership")
	}
	return campaign
}

var leaseTokenPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{16,64}$`)

// leaseToken reads the lease of the path.
func leaseToken(c echo.Context) (string, error) {
	token := c.Param("token")
	if !leaseTokenPattern.MatchString(token) {
		return "", ranking.Errorf(ranking.CodeNotFound, "there is no such lease")
	}
	return token, nil
}
