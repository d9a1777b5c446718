package web_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"rankloop/web"
)

// client is a browser without scripts, or a program, talking to one server.
type client struct {
	t    *testing.T
	base string
	http *http.Client
}

// serve starts the server over fakes and returns it with a client that nobody has signed in.
func serve(t *testing.T) (*client, *fakeStore, *fakeHealth) {
	t.Helper()
	server, store, health := newServer()
	return connect(t, server), store, health
}

func connect(t *testing.T, server *web.Server) *client {
	t.Helper()
	listening := httptest.NewServer(server.Handler())
	t.Cleanup(listening.Close)
	return newClient(t, listening.URL)
}

func newClient(t *testing.T, base string) *client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &client{t: t, base: base, http: &http.Client{
		Jar:           jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// answer is a response read to its end.
type answer struct {
	*http.Response
	body string
}

func (c *client) do(method, path, body string, headers ...string) answer {
	c.t.Helper()
	request, err := http.NewRequestWithContext(c.t.Context(), method, c.base+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := c.http.Do(request)
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return answer{response, string(read)}
}

func (c *client) get(path string) answer { c.t.Helper(); return c.do(http.MethodGet, path, "") }

func (c *client) post(path string, form url.Values) answer {
	c.t.Helper()
	return c.do(http.MethodPost, path, form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
}

func (c *client) postJSON(path string, body any) answer {
	c.t.Helper()
	encoded, err := json.Marshal(body)
	if err != nil {
		c.t.Fatal(err)
	}
	return c.do(http.MethodPost, path, string(encoded), "Content-Type", "application/json")
}

// signIn signs in with the password that all the fakes share.
func (c *client) signIn(email string) *client {
	c.t.Helper()
	if a := c.postJSON("/api/sign-in", map[string]string{"email": email, "password": password}); a.StatusCode != http.StatusOK {
		c.t.Fatalf("signing in as %s: %d %s", email, a.StatusCode, a.body)
	}
	return c
}

func (a answer) want(t *testing.T, status int, texts ...string) answer {
	t.Helper()
	if a.StatusCode != status {
		t.Fatalf("status %d, want %d; body: %s", a.StatusCode, status, a.body)
	}
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			t.Errorf("the answer lacks %q: %s", text, a.body)
		}
	}
	return a
}
