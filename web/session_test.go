package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"rankloop/ranking"
)

func (c *client) sessionToken() string {
	c.t.Helper()
	base, err := url.Parse(c.base)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, cookie := range c.http.Jar.Cookies(base) {
		if cookie.Name == "rankloop_session" {
			return cookie.Value
		}
	}
	return ""
}

func TestSignInByForm(t *testing.T) {
	c, _, _ := serve(t)
	a := c.get("/campaigns/helpful/rank?x=1").want(t, http.StatusSeeOther)
	if location := a.Header.Get("Location"); location != "/sign-in?next=%2Fcampaigns%2Fhelpful%2Frank%3Fx%3D1" {
		t.Errorf("led to %q", location)
	}
	c.get("/sign-in?next=/history").want(t, http.StatusOK, `value="/history"`)
	c.get("/sign-in?next=https://evil.example/").want(t, http.StatusOK, `name="next" value="/"`)
	c.post("/sign-in", url.Values{"email": {"member@example.org"}, "password": {"not the password"}}).
		want(t, http.StatusUnauthorized, "The address or the password is wrong", `value="member@example.org"`)
	if c.sessionToken() != "" {
		t.Error("a failed sign-in left a session")
	}
	a = c.post("/sign-in", url.Values{"email": {" Member@Example.org "}, "password": {password}, "next": {"/history"}}).want(t, http.StatusSeeOther)
	if a.Header.Get("Location") != "/history" {
		t.Errorf("led to %q", a.Header.Get("Location"))
	}
	cookie := a.Header.Get("Set-Cookie")
	if !strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Lax") {
		t.Errorf("session cookie: %q", cookie)
	}
	c.get("/history").want(t, http.StatusOK)
	c.post("/sign-out", nil).want(t, http.StatusSeeOther)
	c.get("/history").want(t, http.StatusSeeOther)
}

// A token planted in the victim's browser before signing in must not become the victim's session.
func TestSessionFixation(t *testing.T) {
	victim, _, _ := serve(t)
	attacker := newClient(t, victim.base).signIn("annotator@example.org")
	planted := attacker.sessionToken()
	base, _ := url.Parse(victim.base)
	victim.http.Jar.SetCookies(base, []*http.Cookie{{Name: "rankloop_session", Value: planted, Path: "/"}})
	victim.signIn("member@example.org")
	if token := victim.sessionToken(); token == planted || token == "" {
		t.Fatal("signing in kept the planted token")
	}
	if a := attacker.get("/account"); a.StatusCode == http.StatusOK && strings.Contains(a.body, "member@example.org") {
		t.Error("the planted token shows the victim's account")
	}
	// A token that the server never gave is worth nothing either.
	stranger := newClient(t, victim.base)
	stranger.http.Jar.SetCookies(base, []*http.Cookie{{Name: "rankloop_session", Value: "made-up", Path: "/"}})
	stranger.signIn("member@example.org")
	if stranger.sessionToken() == "made-up" {
		t.Error("signing in kept a made-up token")
	}
}

func TestSignOutEndsTheSessionOnTheServer(t *testing.T) {
	c, _, _ := serve(t)
	token := c.signIn("member@example.org").sessionToken()
	c.post("/sign-out", nil)
	thief := newClient(t, c.base)
	base, _ := url.Parse(c.base)
	thief.http.Jar.SetCookies(base, []*http.Cookie{{Name: "rankloop_session", Value: token, Path: "/"}})
	thief.get("/").want(t, http.StatusSeeOther)
}

func TestDisabledUsers(t *testing.T) {
	c, store, _ := serve(t)
	c.postJSON("/api/sign-in", map[string]string{"email": "disabled@example.org", "password": password}).want(t, http.StatusUnauthorized)
	c.signIn("member@example.org").get("/").want(t, http.StatusOK)
	user := store.users[memberID]
	user.Disabled = true
	store.users[memberID] = user
	c.get("/").want(t, http.StatusSeeOther)
}

func TestSignInIsRateLimited(t *testing.T) {
	c, _, _ := serve(t)
	wrong := map[string]string{"email": "member@example.org", "password": "wrong"}
	for range 10 {
		c.postJSON("/api/sign-in", wrong).want(t, http.StatusUnauthorized)
	}
	c.postJSON("/api/sign-in", wrong).want(t, http.StatusTooManyRequests, "rate_limited")
	c.postJSON("/api/sign-in", map[string]string{"email": "member@example.org", "password": password}).want(t, http.StatusTooManyRequests)
	// Others at the same address still get in.
	c.signIn("annotator@example.org")
}

func TestLinks(t *testing.T) {
	c, store, _ := serve(t)
	store.links["sign-in-link-token"] = ranking.Link{Purpose: ranking.LinkSignIn}
	for range 2 { // looking at it does not use it up
		c.get("/link/sign-in-link-token").want(t, http.StatusOK, "Press the button", `method="post"`)
	}
	c.post("/link/sign-in-link-token", nil).want(t, http.StatusSeeOther)
	c.get("/").want(t, http.StatusOK, "Hello, member")
	newClient(t, c.base).post("/link/sign-in-link-token", nil).want(t, http.StatusGone)
	newClient(t, c.base).get("/link/unknown").want(t, http.StatusGone, "has been used or has expired")
}

func TestFirstAdmin(t *testing.T) {
	c, store, _ := serve(t)
	store.links["first-admin-link-token"] = ranking.Link{Purpose: ranking.LinkFirstAdmin}
	form := url.Values{"name": {"Ada"}, "email": {"ada@example.org"}, "password": {"short"}}
	c.post("/link/first-admin-link-token", form).want(t, http.StatusUnprocessableEntity, "at least 10 characters", `value="Ada"`)
	form.Set("password", "ten characters")
	form.Set("email", "not an address")
	c.post("/link/first-admin-link-token", form).want(t, http.StatusUnprocessableEntity, "e-mail address is not valid")
	form.Set("email", "Ada@Example.org")
	c.post("/link/first-admin-link-token", form).want(t, http.StatusSeeOther)
	c.get("/account").want(t, http.StatusOK, "ada@example.org", "Admin")
}

func TestInvitationOfSomebodySignedIn(t *testing.T) {
	c, store, _ := serve(t)
	store.links["invitation-link-token"] = ranking.Link{Purpose: ranking.LinkInvitation, Role: ranking.RoleAnnotator, Campaign: "helpful"}
	newClient(t, c.base).get("/link/invitation-link-token").want(t, http.StatusOK, "Create account", "helpful")
	c.signIn("annotator@example.org").get("/link/invitation-link-token").want(t, http.StatusOK, "Join as annotator")
	c.post("/link/invitation-link-token", nil).want(t, http.StatusSeeOther)
	if len(store.links) != 0 {
		t.Error("the invitation was not consumed")
	}
}

func TestPasswordChange(t *testing.T) {
	c, _, _ := serve(t)
	c.signIn("member@example.org")
	c.post("/account/password", url.Values{"present": {"wrong"}, "password": {"another long one"}}).
		want(t, http.StatusUnprocessableEntity, "The present password is wrong")
	c.post("/account/password", url.Values{"present": {password}, "password": {"another long one"}}).want(t, http.StatusSeeOther)
	other := newClient(t, c.base)
	other.postJSON("/api/sign-in", map[string]string{"email": "member@example.org", "password": password}).want(t, http.StatusUnauthorized)
	other.postJSON("/api/sign-in", map[string]string{"email": "member@example.org", "password": "another long one"}).want(t, http.StatusOK)
}

// A form whose session is over waits, in the sign-in page and behind a wrong password, until its person is back and says
// that it may go.
func TestUnsentForm(t *testing.T) {
	c, store := member(t)
	c.get("/campaigns/helpful/rank")
	c.post("/sign-out", nil)
	form := url.Values{"rank_11": {"1"}, "rank_12": {"2"}, "rank_13": {"3"}, "rank_14": {"3"}, "comment": {`<"close" call>`}, "flag_11": {"a", "b"}}
	path := "/leases/" + firstLease + "/submit"
	a := c.do(http.MethodPost, path, form.Encode(), "Content-Type", "application/x-www-form-urlencoded", "Referer", c.base+"/campaigns/helpful/rank?step=0")
	a.want(t, http.StatusUnauthorized, `name="replay_path" value="`+path+`"`, `name="replay.rank_12" value="2"`,
		`name="replay.comment" value="&lt;&#34;close&#34; call&gt;"`, `name="next" value="/campaigns/helpful/rank?step=0"`)
	if len(store.judgments) != 0 {
		t.Fatal("somebody who is not signed in has ranked")
	}
	carried := url.Values{"email": {"member@example.org"}, "password": {"wrong"}, "next": {"/campaigns/helpful/rank?step=0"}, "replay_path": {path}}
	for name, values := range form {
		carried["replay."+name] = values
	}
	c.post("/sign-in", carried).want(t, http.StatusUnauthorized, "the password is wrong", `name="replay.rank_12" value="2"`)
	carried.Set("password", password)
	c.post("/sign-in", carried).want(t, http.StatusOK, `action="`+path+`"`, `name="rank_12" value="2"`, `name="flag_11" value="b"`, `href="/campaigns/helpful/rank?step=0"`)
	if len(store.judgments) != 0 {
		t.Fatal("it was sent unasked")
	}
	form.Del("flag_11")
	c.post(path, form).want(t, http.StatusSeeOther)
	if len(store.judgments) != 1 || store.submission.Comment != `<"close" call>` {
		t.Errorf("stored %+v", store.submission)
	}
}

// What cannot be carried along leads to the sign-in page and back to its own.
func TestNoUnsentForm(t *testing.T) {
	c, _, _ := serve(t)
	for name, a := range map[string]answer{
		"a password":      c.post("/account/password", url.Values{"password": {"a new long password"}}),
		"too large":       c.post("/history/judgments/1", url.Values{"comment": {strings.Repeat("x", 600<<10)}}),
		"a file":          c.do(http.MethodPost, "/history/judgments/1", "--b--", "Content-Type", "multipart/form-data; boundary=b"),
		"another site's":  c.do(http.MethodPost, "/account/password", "", "Content-Type", "application/x-www-form-urlencoded", "Referer", "https://evil.example/x"),
		"a referer in it": c.do(http.MethodPost, "/account/password", "", "Content-Type", "application/x-www-form-urlencoded", "Referer", c.base+"//evil.example"),
	} {
		if a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/sign-in" {
			t.Errorf("%s: status %d, led to %q", name, a.StatusCode, a.Header.Get("Location"))
		}
	}
	c.post("/sign-in", url.Values{"email": {"member@example.org"}, "password": {password}, "replay_path": {"//evil.example/"}, "replay.x": {"y"}}).
		want(t, http.StatusSeeOther)
}

func TestPasswordChangeEndsOtherSessions(t *testing.T) {
	c, _, _ := serve(t)
	c.signIn("member@example.org")
	other := newClient(t, c.base).signIn("member@example.org")
	stranger := newClient(t, c.base).signIn("annotator@example.org")
	c.post("/account/password", url.Values{"present": {password}, "password": {"another long one"}}).want(t, http.StatusSeeOther)
	c.get("/account").want(t, http.StatusOK)
	other.get("/account").want(t, http.StatusSeeOther)
	stranger.get("/account").want(t, http.StatusOK)
}
