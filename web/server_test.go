package web_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2/memstore"

	"rankloop/ranking"
	"rankloop/web"
)

func TestSecurityHeaders(t *testing.T) {
	c, _, _ := serve(t)
	for _, path := range []string{"/sign-in", "/no/such/page", "/healthz"} {
		a := c.get(path)
		csp := a.Header.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: Content-Security-Policy %q", path, csp)
		}
		if a.Header.Get("X-Content-Type-Options") != "nosniff" || a.Header.Get("Referrer-Policy") != "same-origin" {
			t.Errorf("%s lacks security headers: %v", path, a.Header)
		}
	}
}

// The policy forbids inline code, so no page may need any.
func TestPagesHaveNothingInline(t *testing.T) {
	c, store, _ := serve(t)
	store.links["first-admin-token-0"] = ranking.Link{Purpose: ranking.LinkFirstAdmin}
	inline := regexp.MustCompile(`(?i)<script(?:\s+type="module")?>|<style|\son[a-z]+=|\sstyle=|javascript:`)
	pages := []string{"/sign-in", "/link/first-admin-token-0", "/no/such/page"}
	for _, path := range pages {
		if found := inline.FindString(c.get(path).body); found != "" {
			t.Errorf("%s holds %q", path, found)
		}
	}
	c.signIn("member@example.org")
	for _, path := range []string{"/", "/account", "/history", "/campaigns/helpful/guidelines", "/campaigns/helpful/rank"} {
		if found := inline.FindString(c.get(path).want(t, http.StatusOK).body); found != "" {
			t.Errorf("%s holds %q", path, found)
		}
	}
}

func TestCrossOriginPostIsRefused(t *testing.T) {
	c, store, _ := serve(t)
	c.signIn("member@example.org")
	c.get("/campaigns/helpful/rank")
	for _, headers := range [][]string{
		{"Sec-Fetch-Site", "cross-site"},
		{"Origin", "https://evil.example"},
	} {
		a := c.do(http.MethodPost, "/leases/lease-p1-000000000000/skip", "reason=unclear",
			append(headers, "Content-Type", "application/x-www-form-urlencoded")...)
		a.want(t, http.StatusForbidden, "another site")
	}
	if len(store.skips) != 0 {
		t.Error("a request from another site had an effect")
	}
	c.do(http.MethodPost, "/leases/lease-p1-000000000000/skip", "reason=unclear",
		"Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin").want(t, http.StatusSeeOther)
}

func TestBodyLimit(t *testing.T) {
	c, _, _ := serve(t)
	c.signIn("member@example.org")
	big := `{"reason":"` + strings.Repeat("x", 2<<20) + `"}`
	c.do(http.MethodPost, "/api/leases/lease-p1-000000000000/skip", big, "Content-Type", "application/json").
		want(t, http.StatusRequestEntityTooLarge, `"too_large"`)
	// Without a Content-Length the limit holds as well.
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.base+"/api/leases/lease-p1-000000000000/skip",
		io.NopCloser(strings.NewReader(big)))
	if err != nil {
		t.Fatal(err)
	}
	response, err := c.http.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("a chunked body over the limit: status %d", response.StatusCode)
	}
}

func TestHealthAndDatabaseAway(t *testing.T) {
	c, _, health := serve(t)
	c.get("/readyz").want(t, http.StatusOK, "ready")
	health.down = true
	c.get("/healthz").want(t, http.StatusOK, "ok")
	c.get("/readyz").want(t, http.StatusServiceUnavailable)
	a := c.get("/sign-in").want(t, http.StatusServiceUnavailable, "starting or moving")
	if a.Header.Get("Retry-After") == "" {
		t.Error("503 without Retry-After")
	}
}

func TestAssets(t *testing.T) {
	c, _, _ := serve(t)
	links := regexp.MustCompile(`(?:href|src)="(/assets/[^"]+)"`).FindAllStringSubmatch(c.get("/sign-in").body, -1)
	if len(links) < 4 {
		t.Fatalf("the page names %d assets", len(links))
	}
	for _, link := range links {
		a := c.get(link[1]).want(t, http.StatusOK)
		if !strings.Contains(a.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: Cache-Control %q", link[1], a.Header.Get("Cache-Control"))
		}
	}
	folder := links[0][1][:len("/assets/")+12]
	for _, path := range []string{
		"/assets/000000000000/css/tokens.css", folder + "/vendor/VENDORED.md", folder + "/css", folder + "/css/..%2f..%2fassets.go",
		folder + "/../../routes.go",
	} {
		if a := c.get(path); a.StatusCode != http.StatusNotFound {
			t.Errorf("%s: status %d", path, a.StatusCode)
		}
	}
}

// Paths carry link tokens, forms carry passwords, answers carry what people wrote: none of it may reach the log.
func TestLogKeepsSecretsOut(t *testing.T) {
	var log bytes.Buffer
	store := newFakeStore()
	store.links["very-secret-link-token"] = ranking.Link{Purpose: ranking.LinkSignIn}
	server := web.New(web.Deps{
		Store: store, Sessions: memstore.New(), Health: &fakeHealth{},
		Log: slog.New(slog.NewJSONHandler(&log, nil)),
	}, web.Config{})
	c := connect(t, server)
	c.get("/link/very-secret-link-token")
	c.postJSON("/api/sign-in", map[string]string{"email": "member@example.org", "password": "wrong password here"})
	c.signIn("member@example.org")
	c.get("/campaigns/helpful/rank?secret=in-the-query")
	c.get("/no/such/very-secret-path")
	for _, secret := range []string{"very-secret", password, "wrong password", "sourdough", "secret-model", "in-the-query"} {
		if strings.Contains(strings.ToLower(log.String()), secret) {
			t.Errorf("the log holds %q:\n%s", secret, log.String())
		}
	}
	if !strings.Contains(log.String(), `"route":"/campaigns/:name/rank","status":200`) || !strings.Contains(log.String(), `"user_id":2`) {
		t.Errorf("the log lacks the request:\n%s", log.String())
	}
}

func TestServeStopsInOrder(t *testing.T) {
	server, _, _ := newServer()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx, listener) }()
	newClient(t, "http://"+listener.Addr().String()).get("/healthz").want(t, http.StatusOK)
	stop()
	select {
	case err := <-served:
		if err != nil {
			t.Errorf("an orderly stop: %v", err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("the server did not stop")
	}
}

func TestLanguage(t *testing.T) {
	c, store, _ := serve(t)
	c.do(http.MethodGet, "/sign-in", "", "Accept-Language", "zh-CN,zh;q=0.9,en;q=0.5").want(t, http.StatusOK, `lang="zh-Hans"`, "登录")
	c.do(http.MethodGet, "/sign-in", "", "Accept-Language", "de,fr").want(t, http.StatusOK, `lang="en"`)
	a := c.post("/preferences", url.Values{"locale": {"zh-Hans"}, "next": {"/sign-in"}}).want(t, http.StatusSeeOther)
	if a.Header.Get("Location") != "/sign-in" {
		t.Errorf("led to %q", a.Header.Get("Location"))
	}
	c.get("/sign-in").want(t, http.StatusOK, "登录")
	// The account's language wins, and is changed by the same form.
	c.signIn("member@example.org").get("/").want(t, http.StatusOK, `lang="en"`)
	c.post("/preferences", url.Values{"locale": {"zh-Hans"}, "next": {"//evil.example"}}).want(t, http.StatusSeeOther)
	c.get("/").want(t, http.StatusOK, `lang="zh-Hans"`, "待完成")
	if store.users[memberID].Locale != "zh-Hans" {
		t.Error("the language was not kept with the account")
	}
}

func TestTheme(t *testing.T) {
	c, _, _ := serve(t)
	c.get("/sign-in").want(t, http.StatusOK, `data-theme="system"`)
	c.post("/preferences", url.Values{"theme": {"dark"}})
	c.get("/sign-in").want(t, http.StatusOK, `data-theme="dark"`)
	c.post("/preferences", url.Values{"theme": {`"><script>`}})
	c.get("/sign-in").want(t, http.StatusOK, `data-theme="system"`)
}

// A browser without scripts sends the whole of a form before it reads. It gets the page that says what the limit is, with
// the connection whole.
func TestTooLargeIsAnsweredAfterItWasRead(t *testing.T) {
	c, _, _ := serve(t)
	host := strings.TrimPrefix(c.base, "http://")
	for contentType, says := range map[string]string{
		"application/x-www-form-urlencoded":  "larger than the limit of 1024 KiB",
		"multipart/form-data; boundary=xxxx": "larger than the limit of 256 MiB: compress it (.gz) or split it",
	} {
		conn, err := net.Dial("tcp", host)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		body := strings.Repeat("x", 6<<20)
		fmt.Fprintf(conn, "POST /preferences HTTP/1.1\r\nHost: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", host, contentType, len(body))
		if _, err := io.WriteString(conn, body); err != nil {
			t.Fatalf("the body was not taken: %v", err)
		}
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		page, err := io.ReadAll(response.Body)
		if err != nil || response.StatusCode != http.StatusRequestEntityTooLarge || !strings.Contains(string(page), says) {
			t.Errorf("%s: status %d, %v, without %q", contentType, response.StatusCode, err, says)
		}
	}
}
