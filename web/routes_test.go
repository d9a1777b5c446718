package web_test

import (
	"net/http"
	"strings"
	"testing"

	"rankloop/ranking"
)

// Who may pass the access check of each route. A route that is not listed fails the test, and so does a line without a
// route. The kinds of people: nobody signed in, an annotator outside the campaign, one inside it, a researcher, an
// admin, an admin who is also a member.
type allowed struct{ nobody, annotator, member, researcher, admin, adminMember bool }

var (
	forPublic = allowed{true, true, true, true, true, true}
	forAll    = allowed{false, true, true, true, true, true}
	forJudges = allowed{member: true, adminMember: true}
	forReader = allowed{member: true, researcher: true, admin: true, adminMember: true}
	forAdmins = allowed{admin: true, adminMember: true}
	forData   = allowed{researcher: true, admin: true, adminMember: true}
)

var routeAccess = map[string]allowed{
	"GET /healthz":                                     forPublic,
	"GET /readyz":                                      forPublic,
	"GET /assets/:hash/*":                              forPublic,
	"GET /sign-in":                                     forPublic,
	"POST /sign-in":                                    forPublic,
	"POST /api/sign-in":                                forPublic,
	"POST /sign-out":                                   forPublic,
	"GET /link/:token":                                 forPublic,
	"POST /link/:token":                                forPublic,
	"POST /preferences":                                forPublic,
	"GET /":                                            forAll,
	"GET /account":                                     forAll,
	"POST /account/password":                           forAll,
	"GET /history":                                     forAll,
	"GET /history/hours.csv":                           forAll,
	"GET /history/judgments/:id":                       forAll,
	"POST /history/judgments/:id":                      forAll,
	"GET /history/judgments/:id/edit":                  forAll,
	"GET /history/skips/:id":                           forAll,
	"POST /api/judgments/:id/submit":                   forAll,
	"POST /api/judgments/:id/draft":                    forAll,
	"GET /campaigns/:name/last":                        forJudges,
	"POST /account/sensitive":                          forAll,
	"GET /questions":                                   forAll,
	"POST /leases/:token/question":                     forAll,
	"POST /api/leases/:token/question":                 forAll,
	"GET /campaigns/:name/guidelines":                  forReader,
	"GET /campaigns/:name/quiz":                        forJudges,
	"POST /campaigns/:name/quiz":                       forJudges,
	"GET /campaigns/:name/quiz/attempts/:number":       forJudges,
	"GET /api/campaigns/:name/quiz":                    forJudges,
	"POST /api/campaigns/:name/quiz":                   forJudges,
	"GET /campaigns/:name/rank":                        forJudges,
	"GET /api/campaigns/:name/guidelines":              forReader,
	"POST /campaigns/:name/guidelines/acknowledge":     forJudges,
	"POST /api/campaigns/:name/guidelines/acknowledge": forJudges,
	"GET /api/campaigns/:name/next":                    forJudges,
	"POST /leases/:token/submit":                       forAll,
	"POST /leases/:token/skip":                         forAll,
	"POST /leases/:token/release":                      forAll,
	"GET /leases/:token/break":                         forAll,
	"POST /account/breaks":                             forAll,
	"POST /api/leases/:token/submit":                   forAll,
	"POST /api/leases/:token/skip":                     forAll,
	"POST /api/leases/:token/draft":                    forAll,
	"POST /api/leases/:token/next":                     forAll,
	"POST /api/leases/:token/renew":                    forAll,
	"POST /api/preview":                                forAll,

	"GET /api/leases/:token/dialogue":                    forAll,
	"POST /leases/:token/turns/:turn/say":                forAll,
	"POST /leases/:token/turns/:turn/suggestions":        forAll,
	"POST /leases/:token/turns/:turn/suggestions/stream": forAll,
	"POST /leases/:token/turns/:turn/reply":              forAll,
	"POST /leases/:token/turns/:turn/back":               forAll,
	"POST /api/leases/:token/turns/:turn/say":            forAll,
	"POST /api/leases/:token/turns/:turn/suggestions":    forAll,
	"POST /api/leases/:token/turns/:turn/reply":          forAll,
	"POST /api/leases/:token/turns/:turn/back":           forAll,

	"GET /campaigns":                           forAdmins,
	"POST /campaigns":                          forAdmins,
	"GET /new/campaign":                        forAdmins,
	"GET /campaigns/:name":                     forAdmins,
	"POST /campaigns/:name/state":              forAdmins,
	"POST /campaigns/:name/guidelines":         forAdmins,
	"POST /campaigns/:name/schema":             forAdmins,
	"POST /campaigns/:name/rules":              forAdmins,
	"POST /campaigns/:name/conversations":      forAdmins,
	"POST /campaigns/:name/revisions":          forAdmins,
	"POST /campaigns/:name/pace":               forAdmins,
	"GET /campaigns/:name/questions":           forAdmins,
	"GET /campaigns/:name/try":                 forAdmins,
	"POST /campaigns/:name/try/:task/submit":   forAdmins,
	"POST /campaigns/:name/try/:task/skip":     forAdmins,
	"POST /campaigns/:name/try/:task/question": forAdmins,

	"POST /campaigns/:name/try/:task/turns/:turn/say":                forAdmins,
	"POST /campaigns/:name/try/:task/turns/:turn/suggestions":        forAdmins,
	"POST /campaigns/:name/try/:task/turns/:turn/suggestions/stream": forAdmins,
	"POST /campaigns/:name/try/:task/turns/:turn/reply":              forAdmins,
	"POST /campaigns/:name/try/:task/turns/:turn/back":               forAdmins,
	"POST /api/campaigns/:name/try/:task/turns/:turn/say":            forAdmins,
	"POST /api/campaigns/:name/try/:task/turns/:turn/reply":          forAdmins,
	"POST /api/campaigns/:name/try/:task/draft":                      forAdmins,
	"POST /api/campaigns/:name/try/:task/submit":                     forAdmins,
	"GET /campaigns/:name/quiz/edit":                                 forAdmins,
	"POST /campaigns/:name/quiz/edit":                                forAdmins,
	"POST /campaigns/:name/quiz/file":                                forAdmins,
	"POST /campaigns/:name/quiz/remove":                              forAdmins,
	"GET /campaigns/:name/quiz/results":                              forAdmins,
	"POST /campaigns/:name/quiz/reset":                               forAdmins,
	"GET /campaigns/:name/calibration":                               forAdmins,
	"POST /campaigns/:name/calibration":                              forAdmins,
	"POST /campaigns/:name/calibration/approve":                      forAdmins,
	"GET /campaigns/:name/try/quiz":                                  forAdmins,
	"POST /campaigns/:name/try/quiz":                                 forAdmins,
	"POST /campaigns/:name/questions":                                forAdmins,
	"POST /campaigns/:name/withdraw":                                 forAdmins,
	"POST /campaigns/:name/members":                                  forAdmins,
	"POST /campaigns/:name/members/remove":                           forAdmins,
	"POST /campaigns/:name/invitations":                              forAdmins,
	"POST /campaigns/:name/generate":                                 forAdmins,
	"GET /campaigns/:name/upload":                                    forAdmins,
	"POST /campaigns/:name/upload":                                   forAdmins,
	"GET /campaigns/:name/uploads/:sha256":                           forAdmins,
	"POST /campaigns/:name/uploads/:sha256":                          forAdmins,
	"GET /people":                                                    forAdmins,
	"POST /people/invitations":                                       forAdmins,
	"POST /people/invitations/revoke":                                forAdmins,
	"POST /people/:id/disabled":                                      forAdmins,
	"POST /people/:id/sign-in-link":                                  forAdmins,
	"GET /audit":                                                     forAdmins,

	"GET /datasets":               forData,
	"GET /datasets/:name":         forData,
	"GET /datasets/:name/export":  forData,
	"GET /new/snapshot":           forData,
	"POST /snapshots":             forData,
	"GET /snapshots/:name":        forData,
	"GET /snapshots/:name/export": forData,
	"GET /runs":                   forData,
	"POST /runs":                  forData,
	"GET /new/run":                forData,
	"POST /new/run/data":          forData,
	"GET /runs/:name":             forData,
	"POST /runs/:name/stop":       forData,
	"POST /runs/:name/resume":     forData,
	"GET /runs/:name/events":      forData,
	"GET /checkpoints":            forData,

	"GET /checkpoints/:name":              forData,
	"POST /checkpoints/:name/evaluations": forData,
	"GET /evaluations/:id":                forData,
	"POST /evaluations/:id/stop":          forData,
	"GET /playground":                     forData,
	"POST /playground":                    forData,
	"POST /playground/stream":             forData,
}

// example fills a route's parameters in.
var example = strings.NewReplacer(":name", "helpful", ":task", "1", ":id", "1", ":sha256", strings.Repeat("0", 64), ":number", "1", ":token", "lease-unknown-0000000000", ":hash", "none", "*", "css/none.css")

func TestRouteAccess(t *testing.T) {
	server, store, _ := newServer()
	store.links["lease-unknown-0000000000"] = ranking.Link{Purpose: ranking.LinkSignIn}
	base := connect(t, server).base
	people := []struct {
		name    string
		client  *client
		allowed func(allowed) bool
	}{
		{"nobody", newClient(t, base), func(a allowed) bool { return a.nobody }},
		{"annotator", newClient(t, base).signIn("annotator@example.org"), func(a allowed) bool { return a.annotator }},
		{"member", newClient(t, base).signIn("member@example.org"), func(a allowed) bool { return a.member }},
		{"researcher", newClient(t, base).signIn("researcher@example.org"), func(a allowed) bool { return a.researcher }},
		{"admin", newClient(t, base).signIn("admin@example.org"), func(a allowed) bool { return a.admin }},
		{"admin who is a member", newClient(t, base).signIn("adminmember@example.org"), func(a allowed) bool { return a.adminMember }},
	}
	seen := map[string]bool{}
	for _, route := range server.Routes() {
		seen[route] = true
		want, listed := routeAccess[route]
		if !listed {
			t.Errorf("%s is not in this test's table: say who may use it", route)
			continue
		}
		method, path, _ := strings.Cut(route, " ")
		for _, p := range people {
			if strings.HasSuffix(route, "/sign-out") || strings.Contains(route, "/link/") {
				continue // these change who is signed in; public by the table below
			}
			// As a program, so that the answer is a status and never a way to the sign-in page.
			a := p.client.do(method, example.Replace(path), "", "Accept", "application/json")
			refused := a.StatusCode == http.StatusForbidden ||
				a.StatusCode == http.StatusUnauthorized && strings.Contains(a.body, "Please sign in")
			if refused == p.allowed(want) {
				t.Errorf("%s as %s: status %d, allowed should be %v", route, p.name, a.StatusCode, p.allowed(want))
			}
		}
	}
	for route := range routeAccess {
		if !seen[route] {
			t.Errorf("%s is in this test's table and not in the route table", route)
		}
	}
}

func TestPublicRoutesWithoutSession(t *testing.T) {
	c, store, _ := serve(t)
	store.links["invite-token-000000"] = ranking.Link{Purpose: ranking.LinkInvitation, Role: ranking.RoleAnnotator}
	c.get("/link/invite-token-000000").want(t, http.StatusOK)
	c.post("/sign-out", nil).want(t, http.StatusSeeOther)
}

func TestUnknownPage(t *testing.T) {
	c, _, _ := serve(t)
	c.get("/no/such/page").want(t, http.StatusNotFound, "There is no such page", "Rankloop")
	c.do(http.MethodDelete, "/", "").want(t, http.StatusNotFound)
	c.get("/api/nothing").want(t, http.StatusNotFound, `{"error":{"code":"not_found"`, `"details":[]`)
}
