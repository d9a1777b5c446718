package e2e

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// The guard of every browser test notices what it is there for.
func TestTabNotices(t *testing.T) {
	t.Parallel()
	pages := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'self'; img-src data:; connect-src *")
		w.Write([]byte("<!DOCTYPE html><title>page</title><link rel=icon href=data:,><p>hello")) //nolint:errcheck // a test's page
	}))
	defer pages.Close()

	for _, act := range []struct{ name, script, noticed string }{
		{"nothing", `1`, ""},
		{"console", `console.log("said")`, `console.log: "said"`},
		{"exception", `setTimeout(() => { throw new Error("thrown") })`, "Error: thrown"},
		{"rejection", `void Promise.reject(new Error("rejected"))`, "Error: rejected"},
		{"inline style", `document.body.insertAdjacentHTML("beforeend", "<i style='color:red'>x</i>")`, "Content Security Policy"},
		{"other host", `void fetch("http://127.0.0.2:9/").catch(() => {})`, "request to another host: http://127.0.0.2:9/"},
	} {
		t.Run(act.name, func(t *testing.T) {
			b := newTab(t, pages.URL)
			b.open("/")
			b.see("hello")
			eval[any](b, "("+act.script+", 0)")
			if act.noticed == "" {
				return
			}
			eventually(t, act.noticed, func() bool { return strings.Contains(strings.Join(b.unexpected(), "\n"), act.noticed) })
			b.expect("")
		})
	}
}
