package views

import (
	"context"

	"rankloop/internal/i18n"
	"rankloop/ranking"
)

// linkButton says what pressing the button of a link does.
func linkButton(ctx context.Context, d LinkData) string {
	switch {
	case d.Link.Purpose == ranking.LinkSignIn:
		return i18n.T(ctx, "sign_in.submit")
	case d.JoinAs != "":
		return i18n.T(ctx, "link.join_as", d.JoinAs)
	}
	return i18n.T(ctx, "link.create")
}
