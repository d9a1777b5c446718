package handlers

import (
	"context"
	"net/http"
	"net/mail"
	"strings"

	"github.com/labstack/echo/v4"

	"rankloop/internal/i18n"
	"rankloop/ranking"
	"rankloop/views"
)

// linkStore consumes single-use links. Every method fails with CodeExpired for a link that is used, expired or
// unknown, and consumes it in the transaction that does its work.
type linkStore interface {
	PeekLink(ctx context.Context, token string) (ranking.Link, error)
	// RedeemFirstAdmin fails with CodeConflict once an admin exists.
	RedeemFirstAdmin(ctx context.Context, token string, user ranking.NewUser) (ranking.User, error)
	RedeemSignIn(ctx context.Context, token string) (ranking.User, error)
	// RedeemInvitation fails with CodeConflict when the address has an account.
	RedeemInvitation(ctx context.Context, token string, user ranking.NewUser) (ranking.User, error)
	RedeemInvitationAs(ctx context.Context, token string, userID int64) (ranking.User, error)
}

// LinkPath is the page of a single-use link.
func LinkPath(token string) string { return "/link/" + token }

// LinkShow answers GET /link/:token. It only shows what the link does: mail scanners and previews follow links, so
// nothing is consumed before a person presses the button.
func LinkShow(store linkStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		link, err := store.PeekLink(c.Request().Context(), c.Param("token"))
		if err != nil {
			return err
		}
		return Render(c, http.StatusOK, views.LinkPage(linkData(c, link)))
	}
}

// LinkRedeem answers POST /link/:token: it consumes the link and signs the person in.
func LinkRedeem(store linkStore, sessions Sessions) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		link, err := store.PeekLink(ctx, c.Param("token"))
		if err != nil {
			return err
		}
		user, err := redeem(c, store, link)
		if status := ErrorStatus(err); err != nil && (status == http.StatusUnprocessableEntity || status == http.StatusConflict) {
			page := linkData(c, link)
			page.Error = i18n.Error(ctx, err)
			page.Name, page.Email = c.FormValue("name"), c.FormValue("email")
			return Render(c, status, views.LinkPage(page))
		}
		if err != nil {
			return err
		}
		if err := sessions.SignIn(c, user.ID); err != nil {
			return err
		}
		return redirect(c, "/")
	}
}

func linkData(c echo.Context, link ranking.Link) views.LinkData {
	page := views.LinkData{Link: link, Token: c.Param("token")}
	if user := CurrentUser(c.Request().Context()); user != nil && link.Purpose == ranking.LinkInvitation {
		page.JoinAs = user.Name
		if page.JoinAs == "" {
			page.JoinAs = user.Email
		}
	}
	return page
}

func redeem(c echo.Context, store linkStore, link ranking.Link) (ranking.User, error) {
	ctx, token := c.Request().Context(), c.Param("token")
	switch {
	case link.Purpose == ranking.LinkSignIn:
		return store.RedeemSignIn(ctx, token)
	case link.Purpose == ranking.LinkInvitation && CurrentUser(ctx) != nil:
		return store.RedeemInvitationAs(ctx, token, CurrentUser(ctx).ID)
	}
	user, err := newUserFromForm(c)
	if err != nil {
		return ranking.User{}, err
	}
	if link.Purpose == ranking.LinkFirstAdmin {
		return store.RedeemFirstAdmin(ctx, token, user)
	}
	return store.RedeemInvitation(ctx, token, user)
}

// newUserFromForm reads name, email and password. The account starts in the language of the page.
func newUserFromForm(c echo.Context) (ranking.NewUser, error) {
	user := ranking.NewUser{
		Name:   strings.TrimSpace(c.FormValue("name")),
		Email:  strings.ToLower(strings.TrimSpace(c.FormValue("email"))),
		Locale: string(i18n.FromContext(c.Request().Context())),
	}
	if user.Name == "" {
		return user, ranking.Errorf(ranking.CodeInvalid, "a name is missing")
	}
	if err := checkText("name", user.Name, 200); err != nil {
		return user, err
	}
	if err := checkEmail(user.Email); err != nil {
		return user, err
	}
	hash, err := HashPassword(c.FormValue("password"))
	user.PasswordHash = hash
	return user, err
}

// checkEmail accepts a bare address of at most 254 bytes.
func checkEmail(email string) error {
	address, err := mail.ParseAddress(email)
	if err != nil || address.Address != email || len(email) > 254 {
		return ranking.Errorf(ranking.CodeInvalid, "the e-mail address is not valid")
	}
	return nil
}
