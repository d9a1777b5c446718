package app

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"rankloop/internal/postgres/postgrestest"
	"rankloop/ranking"
)

const pagesPassword = "a long enough password"

// site is the whole server over a database of its own, without a worker.
type site struct {
	*Services
	t       *testing.T
	handler http.Handler
	base    string
}

func newSite(t *testing.T) *site {
	t.Helper()
	services, err := Open(t.Context(), Options{DatabaseURL: postgrestest.URL(t), DataDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { services.Close() })
	s := &site{Services: services, t: t, handler: services.server(false).Handler()}
	listening := httptest.NewServer(s.handler)
	t.Cleanup(listening.Close)
	s.base = listening.URL
	return s
}

// visitor is a browser without scripts.
type visitor struct {
	*site
	user   ranking.User
	client *http.Client
}

// as makes a user of a role and signs them in.
func (s *site) as(role ranking.Role) visitor {
	s.t.Helper()
	email := fmt.Sprintf("%s-%d@example.org", role, len(s.users()))
	user, err := s.AddUser(s.t.Context(), ranking.NewUser{Email: email, Name: string(role), Role: role}, pagesPassword)
	s.must(err)
	jar, err := cookiejar.New(nil)
	s.must(err)
	v := visitor{site: s, user: user, client: &http.Client{
		Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	v.post("/sign-in", "email", email, "password", pagesPassword).want(http.StatusSeeOther)
	return v
}

func (s *site) users() []ranking.User {
	users, err := s.Store.ListUsers(s.t.Context())
	s.must(err)
	return users
}

func (s *site) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

type page struct {
	t      *testing.T
	status int
	header http.Header
	body   string
}

func (v visitor) do(method, path, contentType string, body io.Reader) page {
	v.t.Helper()
	request, err := http.NewRequestWithContext(v.t.Context(), method, v.base+path, body)
	v.must(err)
	request.Header.Set("Content-Type", contentType)
	response, err := v.client.Do(request)
	v.must(err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	v.must(err)
	return page{v.t, response.StatusCode, response.Header, string(content)}
}

func (v visitor) get(path string) page { v.t.Helper(); return v.do(http.MethodGet, path, "", nil) }

// post sends a form of name, value, name, value …
func (v visitor) post(path string, fields ...string) page {
	v.t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	return v.do(http.MethodPost, path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
}

// upload sends a file as a browser's form does.
func (v visitor) upload(path, name string, content []byte) page {
	v.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	v.must(err)
	_, err = part.Write(content)
	v.must(err)
	v.must(form.Close())
	return v.do(http.MethodPost, path, form.FormDataContentType(), &body)
}

func (p page) want(status int, texts ...string) page {
	p.t.Helper()
	if p.status != status {
		p.t.Fatalf("status %d, want %d: %s", p.status, status, plainText(p.body))
	}
	for _, text := range texts {
		if !strings.Contains(p.body, text) {
			p.t.Errorf("the page lacks %q: %s", text, plainText(p.body))
		}
	}
	return p
}

func (p page) lacks(texts ...string) page {
	p.t.Helper()
	for _, text := range texts {
		if strings.Contains(p.body, text) {
			p.t.Errorf("the page has %q", text)
		}
	}
	return p
}

var tags = regexp.MustCompile(`(?s)<head>.*</head>|<[^>]*>|\s+`)

func plainText(body string) string {
	return strings.TrimSpace(tags.ReplaceAllString(body, " "))
}

// location is where a redirect leads.
func (p page) location() string {
	p.t.Helper()
	p.want(http.StatusSeeOther)
	return p.header.Get("Location")
}

func (v visitor) newCampaign(name, generateFrom string) ranking.Campaign {
	v.t.Helper()
	v.post("/campaigns", "name", name, "k", "4", "overlap", "1", "lease_minutes", "30", "schema", "ranking-only", "generate_from", generateFrom).want(http.StatusSeeOther)
	campaign, err := v.Store.CampaignByName(v.t.Context(), name)
	v.must(err)
	return campaign
}

func (s *site) counts(campaign ranking.Campaign) ranking.CampaignCounts {
	s.t.Helper()
	counts, err := s.Store.CampaignCounts(s.t.Context(), campaign.ID)
	s.must(err)
	return counts
}

// audited lists the actions noted, newest first.
func (s *site) audited() []string {
	s.t.Helper()
	rows, err := s.Store.AuditPage(s.t.Context(), 0, 100)
	s.must(err)
	var actions []string
	for _, row := range rows {
		actions = append(actions, row.Action+" "+row.Object)
	}
	return actions
}

func TestCampaignPages(t *testing.T) {
	s := newSite(t)
	admin := s.as(ranking.RoleAdmin)
	admin.get("/campaigns").want(http.StatusOK, "No campaigns yet")
	admin.post("/campaigns", "name", "Bad Name", "k", "17", "overlap", "", "lease_minutes", "0", "schema", "none", "generate_from", "nobody").want(http.StatusUnprocessableEntity,
		`id="error-name"`, `id="error-k"`, `id="error-overlap"`, `id="error-lease_minutes"`, `id="error-generate_from"`, `id="error-schema"`, `value="Bad Name"`)
	admin.newCampaign("helpful", "base")
	admin.post("/campaigns", "name", "helpful", "k", "4", "overlap", "1", "lease_minutes", "30", "schema", "staged", "generate_from", "none").want(http.StatusUnprocessableEntity, `id="error-name"`, "There is a campaign helpful already.")

	admin.get(admin.post("/campaigns/helpful/state", "state", "paused").location()).want(http.StatusOK, "paused", "The state has been changed")
	admin.post("/campaigns/helpful/state", "state", "gone").want(http.StatusUnprocessableEntity)
	admin.post("/campaigns/helpful/guidelines", "text", "Be kind.\r\nBe brief.").location()
	admin.post("/campaigns/helpful/guidelines", "text", "broken \x00").want(http.StatusUnprocessableEntity, `id="error-text"`)
	campaign, err := s.Store.CampaignByName(t.Context(), "helpful")
	s.must(err)
	if campaign.GuidelineVersion != 2 || campaign.Guidelines != "Be kind.\nBe brief." || campaign.State != ranking.CampaignPaused {
		t.Errorf("campaign %+v", campaign)
	}

	// What is asked is versioned; what is wrong about it comes back beside the field.
	admin.post("/campaigns/helpful/schema", "schema", `{"stage_one":true}`).want(http.StatusUnprocessableEntity, `id="error-schema"`, "score_max")
	admin.post("/campaigns/helpful/schema", "schema", `{"stage_one":false}`).location() // as it is
	admin.post("/campaigns/helpful/schema", "schema", `{"stage_one":true,"score_max":5}`).location()
	admin.get("/campaigns/helpful").want(http.StatusOK, "a score from 1 to 5", "Version 2")
	admin.get("/campaigns/helpful/questions").want(http.StatusOK, "Nobody has asked")
	admin.post("/campaigns/helpful/questions", "question", "1", "answer", "Yes.").want(http.StatusUnprocessableEntity, "no such question")
	admin.post("/campaigns/helpful/withdraw", "task", "1").want(http.StatusConflict)

	annotator := s.as(ranking.RoleAnnotator)
	id := fmt.Sprint(annotator.user.ID)
	admin.post("/campaigns/helpful/members", "user", id).location()
	admin.get("/campaigns/helpful").want(http.StatusOK, "Members (1)")
	admin.post("/campaigns/helpful/members/remove", "user", id).location()
	admin.post("/campaigns/helpful/members/remove", "user", id).want(http.StatusNotFound)
	admin.post("/campaigns/helpful/members", "user", "no number").want(http.StatusUnprocessableEntity)

	want := []string{
		"campaign.member_remove helpful", "campaign.member_add helpful", "campaign.schema helpful", "campaign.guidelines helpful",
		"campaign.state helpful", "campaign.create helpful",
	}
	if got := s.audited(); !equal(got, want) {
		t.Errorf("audit %q, want %q", got, want)
	}
	admin.get("/audit").want(http.StatusOK, "campaign.member_remove", admin.user.Email, "generate_from base")
}

func equal(a, b []string) bool { return strings.Join(a, "\n") == strings.Join(b, "\n") }

var shownLink = regexp.MustCompile(`value="(http://[^"]*/link/([A-Za-z0-9_-]+))"`)

func TestInvitationIsShownOnceAndWorksOnce(t *testing.T) {
	s := newSite(t)
	admin := s.as(ranking.RoleAdmin)
	campaign := admin.newCampaign("helpful", "none")
	shown := admin.post("/campaigns/helpful/invitations", "role", "annotator").want(http.StatusCreated, "The invitation is ready")
	link := shownLink.FindStringSubmatch(shown.body)
	if link == nil || !strings.HasPrefix(link[1], s.base) {
		t.Fatalf("no link in %s", plainText(shown.body))
	}
	admin.get("/campaigns/helpful").want(http.StatusOK).lacks(link[2])
	admin.get("/people").want(http.StatusOK, "Open invitations").lacks(link[2])
	admin.get("/audit").want(http.StatusOK, "invitation.create").lacks(link[2])

	guest := visitor{site: s, client: &http.Client{CheckRedirect: admin.client.CheckRedirect}}
	form := []string{"name", "Guest", "email", "guest@example.org", "password", pagesPassword}
	guest.post("/link/"+link[2], form...).want(http.StatusSeeOther)
	guest.post("/link/"+link[2], form...).want(http.StatusGone)
	members, err := s.Store.Members(t.Context(), campaign.ID)
	s.must(err)
	if len(members) != 1 || members[0].Email != "guest@example.org" || members[0].Role != ranking.RoleAnnotator {
		t.Errorf("members %+v", members)
	}

	admin.post("/campaigns/helpful/invitations", "role", "emperor").want(http.StatusUnprocessableEntity, `id="error-role"`)
	admin.post("/people/invitations", "role", "researcher", "campaign", "nowhere").want(http.StatusUnprocessableEntity, `id="error-campaign"`)
	shown = admin.post("/people/invitations", "role", "researcher").want(http.StatusCreated)
	token := shownLink.FindStringSubmatch(shown.body)[2]
	open, err := s.Store.OpenInvitations(t.Context())
	s.must(err)
	if len(open) != 1 || open[0].Role != ranking.RoleResearcher || open[0].CreatedBy != admin.user.Email {
		t.Fatalf("open invitations %+v", open)
	}
	admin.post("/people/invitations/revoke", "invitation", open[0].ID).location()
	admin.post("/people/invitations/revoke", "invitation", open[0].ID).want(http.StatusNotFound)
	guest.get("/link/" + token).want(http.StatusGone)
}

func TestPeople(t *testing.T) {
	s := newSite(t)
	admin, annotator := s.as(ranking.RoleAdmin), s.as(ranking.RoleAnnotator)
	own, other := fmt.Sprintf("/people/%d", admin.user.ID), fmt.Sprintf("/people/%d", annotator.user.ID)
	admin.post(own+"/disabled", "disabled", "true").want(http.StatusUnprocessableEntity, "You cannot disable your own account.")
	admin.post(other+"/disabled", "disabled", "true").location()
	annotator.get("/").want(http.StatusSeeOther) // to the sign-in page: the session ends with the account
	admin.post(other + "/sign-in-link").want(http.StatusUnprocessableEntity)
	admin.post(other+"/disabled", "disabled", "false").location()
	shown := admin.post(other + "/sign-in-link").want(http.StatusCreated)
	annotator.post("/link/" + shownLink.FindStringSubmatch(shown.body)[2]).want(http.StatusSeeOther)
	annotator.get("/").want(http.StatusOK)
	admin.post("/people/none/disabled", "disabled", "true").want(http.StatusNotFound)

	_, err := s.AddUser(t.Context(), ranking.NewUser{Email: "sim-01@simulated.invalid", Role: ranking.RoleAnnotator, Simulated: true}, "")
	s.must(err)
	admin.get("/people").want(http.StatusOK, ">simulated<")
}

// uploads left on the disk for a test's data folder.
func (s *site) kept() int {
	s.t.Helper()
	entries, err := os.ReadDir(filepath.Join(s.DataDir, "uploads"))
	if os.IsNotExist(err) {
		return 0
	}
	s.must(err)
	return len(entries)
}

// judge submits a ranking in the order of the file for every task of a campaign.
func (s *site) judge(campaign ranking.Campaign, email string) {
	s.t.Helper()
	ctx := context.Background()
	user, err := s.AddUser(ctx, ranking.NewUser{Email: email, Role: ranking.RoleAnnotator}, "")
	s.must(err)
	s.must(s.Store.AddMember(ctx, campaign.ID, user.ID))
	for {
		lease, task, err := s.Store.LeaseTask(ctx, campaign.ID, user.ID)
		if ranking.ErrorCode(err) == ranking.CodeNotFound {
			return
		}
		s.must(err)
		submission := ranking.Submission{LeaseToken: lease.Token, UserID: user.ID, StartedAt: lease.GrantedAt}
		for _, response := range task.Responses {
			submission.Tiers = append(submission.Tiers, []int64{response.ID})
		}
		_, _, err = s.Store.Submit(ctx, submission)
		s.must(err)
	}
}
