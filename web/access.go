package web

import (
	"github.com/labstack/echo/v4"

	"rankloop/handlers"
	"rankloop/ranking"
)

// access says who may use a route.
type access string

// The kinds of access. Judging needs membership for every role; an admin may see everything; a researcher sees data
// and runs.
const (
	public   access = "public"    // anybody
	signedIn access = "signed in" // any role
	judge    access = "judge"     // members of the campaign in the path (:name), whatever their role
	reader   access = "reader"    // the campaign's members, researchers, admins
	data     access = "data"      // researchers and admins
	admin    access = "admin"     // admins
)

// requireAccess lets a request through to a route or fails with CodeUnauthorized or CodeForbidden. A campaign that a
// person may not see answers like one that does not exist.
func (s *Server) requireAccess(a access) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if a == public {
				return next(c)
			}
			user := handlers.CurrentUser(c.Request().Context())
			if user == nil {
				return ranking.Errorf(ranking.CodeUnauthorized, "please sign in")
			}
			allowed, err := s.allows(c, a, user)
			if err != nil {
				return err
			}
			if !allowed {
				return ranking.Errorf(ranking.CodeForbidden, "your account may not do this")
			}
			return next(c)
		}
	}
}

func (s *Server) allows(c echo.Context, a access, user *ranking.User) (bool, error) {
	privileged := user.Role == ranking.RoleAdmin || user.Role == ranking.RoleResearcher
	switch a {
	case signedIn:
		return true, nil
	case admin:
		return user.Role == ranking.RoleAdmin, nil
	case data:
		return privileged, nil
	case reader:
		if privileged {
			return true, nil
		}
		return s.isMember(c, user)
	case judge:
		return s.isMember(c, user)
	}
	panic("web: unknown access " + string(a))
}

// isMember looks the campaign of the path up. An annotator outside it learns nothing, not even whether it exists.
func (s *Server) isMember(c echo.Context, user *ranking.User) (bool, error) {
	ctx := c.Request().Context()
	campaign, err := s.deps.Store.CampaignByName(ctx, c.Param("name"))
	if ranking.ErrorCode(err) == ranking.CodeNotFound && user.Role == ranking.RoleAnnotator {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	member, err := s.deps.Store.IsMember(ctx, campaign.ID, user.ID)
	if member {
		c.SetRequest(c.Request().WithContext(handlers.WithCampaign(ctx, &campaign)))
	}
	return member, err
}
