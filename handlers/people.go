package handlers

import (
	"context"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"rankloop/internal/i18n"
	"rankloop/ranking"
	"rankloop/views"
)

// peopleStore is what the page of people needs.
type peopleStore interface {
	inviter
	ListUsers(ctx context.Context) ([]ranking.User, error)
	ListCampaigns(ctx context.Context) ([]ranking.CampaignOverview, error)
	CampaignByName(ctx context.Context, name string) (ranking.Campaign, error)
	UserByID(ctx context.Context, id int64) (ranking.User, error)
	SetUserDisabled(ctx context.Context, userID int64, disabled bool) error
	CreateSignInLink(ctx context.Context, userID int64) (token string, err error)
	// OpenInvitations lists the invitations that can still be used, newest first.
	OpenInvitations(ctx context.Context) ([]ranking.OpenInvitation, error)
	// RevokeInvitation fails with CodeNotFound for one that cannot be used any more.
	RevokeInvitation(ctx context.Context, id string) error
}

var peopleNotices = map[string]string{"disabled": "people.saved", "revoked": "people.saved_revoked"}

// PeopleList answers GET /people.
func PeopleList(store peopleStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		page, err := peopleData(c.Request().Context(), store)
		if err != nil {
			return err
		}
		page.Notice = peopleNotices[c.QueryParam("done")]
		return Render(c, http.StatusOK, views.PeoplePage(page))
	}
}

func peopleData(ctx context.Context, store peopleStore) (d views.PeopleData, err error) {
	d = views.PeopleData{Me: CurrentUser(ctx).ID, Errors: views.FormErrors{}}
	if d.Users, err = store.ListUsers(ctx); err != nil {
		return d, err
	}
	if d.Invitations, err = store.OpenInvitations(ctx); err != nil {
		return d, err
	}
	all, err := store.ListCampaigns(ctx)
	for _, o := range all {
		d.Campaigns = append(d.Campaigns, o.Campaign.Name)
	}
	return d, err
}

// PeopleInvite answers POST /people/invitations with the page of people, which shows the link this once.
func PeopleInvite(store peopleStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		role, name := ranking.Role(c.FormValue("role")), typed(c, "campaign")
		errors := views.FormErrors{}
		var campaign *ranking.Campaign
		if name != "" {
			found, err := store.CampaignByName(ctx, name)
			if err != nil && !shownBeside(err) {
				return err
			}
			note(ctx, errors, "campaign", err)
			campaign = &found
		}
		link := ""
		if len(errors) == 0 {
			var err error
			if link, err = invite(c, store, role, campaign); err != nil && !shownBeside(err) {
				return err
			}
			note(ctx, errors, "role", err)
		}
		page, err := peopleData(ctx, store)
		if err != nil {
			return err
		}
		page.Link, page.LinkRole, page.LinkCampaign, page.Errors = link, role, name, errors
		status := http.StatusCreated
		if len(errors) > 0 {
			status = http.StatusUnprocessableEntity
		}
		return Render(c, status, views.PeoplePage(page))
	}
}

// PeopleRevoke answers POST /people/invitations/revoke.
func PeopleRevoke(store peopleStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		if err := store.RevokeInvitation(c.Request().Context(), c.FormValue("invitation")); err != nil {
			return err
		}
		if err := audit(c, store, "invitation.revoke", "", nil); err != nil {
			return err
		}
		return redirect(c, "/people?done=revoked")
	}
}

// PeopleSignInLink answers POST /people/:id/sign-in-link with a link for somebody who cannot sign in, shown this once.
func PeopleSignInLink(store peopleStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		user, err := userOfPath(c, store)
		if err != nil {
			return err
		}
		if user.Simulated || user.Disabled {
			return ranking.Errorf(ranking.CodeInvalid, "a simulated or disabled account takes no sign-in link")
		}
		token, err := store.CreateSignInLink(ctx, user.ID)
		if err != nil {
			return err
		}
		if err := audit(c, store, "user.sign_in_link", user.Email, nil); err != nil {
			return err
		}
		page, err := peopleData(ctx, store)
		if err != nil {
			return err
		}
		page.Link, page.SignInFor = absolute(c, LinkPath(token)), user.Email
		return Render(c, http.StatusCreated, views.PeoplePage(page))
	}
}

// PeopleDisable answers POST /people/:id/disabled. Nobody can lock themselves out.
func PeopleDisable(store peopleStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		user, err := userOfPath(c, store)
		if err != nil {
			return err
		}
		disabled := c.FormValue("disabled") == "true"
		if disabled && user.ID == CurrentUser(ctx).ID {
			page, err := peopleData(ctx, store)
			if err != nil {
				return err
			}
			page.Errors[""] = i18n.Error(ctx, ranking.Errorf(ranking.CodeInvalid, "you cannot disable your own account"))
			return Render(c, http.StatusUnprocessableEntity, views.PeoplePage(page))
		}
		if err := store.SetUserDisabled(ctx, user.ID, disabled); err != nil {
			return err
		}
		action := "user.enable"
		if disabled {
			action = "user.disable"
		}
		if err := audit(c, store, action, user.Email, nil); err != nil {
			return err
		}
		return redirect(c, "/people?done=disabled")
	}
}

func userOfPath(c echo.Context, store peopleStore) (ranking.User, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return ranking.User{}, ranking.Errorf(ranking.CodeNotFound, "there is no such user")
	}
	return store.UserByID(c.Request().Context(), id)
}
