package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// tab is a tab of the browser that belongs to one test. Whatever a page says on its console, throws, or asks of another
// host fails the test, unless it was announced with expect.
type tab struct {
	t    *testing.T
	ctx  context.Context
	site string // scheme and host of the server; the only one that may be asked
	bare bool   // runs no scripts

	mu       sync.Mutex
	noticed  []string
	expected []string
	points   int // of curves, received as server-sent events
	posted   int // requests that change something
}

// newTab opens a tab with cookies and storage of its own: another person at another machine.
func newTab(t *testing.T, site string) *tab {
	t.Helper()
	parent, err := browser()
	if err != nil {
		t.Fatal(err)
	}
	return openTab(t, parent, site, chromedp.WithNewBrowserContext())
}

// another opens a second tab of the same person.
func (b *tab) another() *tab {
	b.t.Helper()
	return openTab(b.t, b.ctx, b.site)
}

func openTab(t *testing.T, parent context.Context, site string, options ...chromedp.ContextOption) *tab {
	t.Helper()
	b := &tab{t: t, site: site}
	ctx, cancel := chromedp.NewContext(parent, append(options, chromedp.WithListener(b.observe))...)
	b.ctx = ctx
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			b.describe()
		}
		cancel()
		for _, complaint := range b.unexpected() {
			t.Errorf("the browser noticed: %s", complaint)
		}
	})
	return b
}

// observe notes what must not happen.
func (b *tab) observe(event any) {
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		var words []string
		for _, arg := range e.Args {
			words = append(words, string(arg.Value)+arg.Description)
		}
		b.notice("console.%s: %s", e.Type, strings.Join(words, " "))
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			text += " " + e.ExceptionDetails.Exception.Description
		}
		b.notice("exception: %s (%s:%d)", text, e.ExceptionDetails.URL, e.ExceptionDetails.LineNumber+1)
	case *log.EventEntryAdded:
		b.notice("%s %s: %s (%s)", e.Entry.Source, e.Entry.Level, e.Entry.Text, e.Entry.URL)
	case *network.EventEventSourceMessageReceived:
		var message struct{ Rows []struct{} }
		if e.EventName == "metrics" && json.Unmarshal([]byte(e.Data), &message) == nil {
			b.mu.Lock()
			b.points += len(message.Rows)
			b.mu.Unlock()
		}
	case *network.EventRequestWillBeSent:
		if e.Request.Method != http.MethodGet && e.RedirectResponse == nil {
			b.mu.Lock()
			b.posted++
			b.mu.Unlock()
		}
		if !b.mayAsk(e.Request.URL) {
			b.notice("request to another host: %s", e.Request.URL)
		}
	}
}

func (b *tab) mayAsk(address string) bool {
	parsed, err := url.Parse(address)
	if err != nil {
		return false
	}
	switch parsed.Scheme {
	case "data", "blob", "about":
		return true
	}
	return parsed.Scheme+"://"+parsed.Host == b.site
}

func (b *tab) notice(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.noticed = append(b.noticed, fmt.Sprintf(format, args...))
}

// expect announces a message that belongs to what the test does, such as the browser's line about an answer of 422.
func (b *tab) expect(part string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expected = append(b.expected, part)
}

// pointsReceived is how many points of a run's curves have come as server-sent events.
func (b *tab) pointsReceived() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.points
}

// posts is how many requests have been sent that change something.
func (b *tab) posts() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.posted
}

func (b *tab) unexpected() (complaints []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
next:
	for _, line := range b.noticed {
		for _, part := range b.expected {
			if strings.Contains(line, part) {
				continue next
			}
		}
		complaints = append(complaints, line)
	}
	return complaints
}

// describe logs what the tab shows, for whoever reads a failure.
func (b *tab) describe() {
	ctx, cancel := context.WithTimeout(b.ctx, 10*time.Second)
	defer cancel()
	shown, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.href + "\n" + document.body.innerText.slice(0, 1500)`))
	b.t.Logf("the tab shows (%v):\n%s", err, shown)
}

// staleNode is how the browser answers for an element of the page before: a new page can be seen by its scripts a moment
// before chromedp has heard that its elements are others. It fails before a key or a click is sent.
const staleNode = "Could not find node with given id"

// do runs steps in the tab.
func (b *tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, longWait)
	defer cancel()
	err := chromedp.Do(ctx, steps...)
	for err != nil && strings.Contains(err.Error(), staleNode) && ctx.Err() == nil {
		time.Sleep(20 * time.Millisecond)
		err = chromedp.Do(ctx, steps...)
	}
	if err != nil {
		b.t.Fatalf("%s: %v", what, err)
	}
}

// open goes to a page of the server, or to a whole address of it.
func (b *tab) open(path string) {
	b.t.Helper()
	address := path
	if strings.HasPrefix(path, "/") {
		address = b.site + path
	}
	b.do("open "+path, chromedp.Navigate(address))
}

// click presses the mouse on an element.
func (b *tab) click(css string) {
	b.t.Helper()
	b.do("click "+css, chromedp.Click(chromedp.CSS(css)))
}

// tap touches an element with a finger, after scrolling it out from under whatever sticks to an edge of the screen.
func (b *tab) tap(css string) {
	b.t.Helper()
	b.do("tap "+css,
		chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector(%q).scrollIntoView({ block: "center" })`, css)),
		chromedp.Tap(chromedp.CSS(css)))
}

// fill types into an empty field.
func (b *tab) fill(css, text string) {
	b.t.Helper()
	b.do("fill "+css, chromedp.SendKeys(chromedp.CSS(css), text))
}

// press types keys, one after the other, wherever the focus is.
func (b *tab) press(keys ...string) {
	b.t.Helper()
	for _, key := range keys {
		b.do("press "+key, chromedp.KeyEvent(key))
	}
}

// waitFor waits until a JavaScript expression is true, over page loads.
func (b *tab) waitFor(what, expression string) {
	b.t.Helper()
	eventually(b.t, what, func() bool {
		ctx, cancel := context.WithTimeout(b.ctx, longWait)
		defer cancel()
		is, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("Boolean("+expression+")"))
		return err == nil && is
	})
}

// waitForPage waits until a page of this path has loaded whole.
func (b *tab) waitForPage(path string) {
	b.t.Helper()
	b.waitFor("the page "+path, fmt.Sprintf(`location.pathname === %q && document.readyState === "complete"`, path))
}

// see fails the test unless the page shows the text.
func (b *tab) see(text string) {
	b.t.Helper()
	if shown := eval[string](b, `document.body.innerText`); !strings.Contains(shown, text) {
		b.t.Fatalf("the page does not show %q:\n%s", text, shown)
	}
}

// eval is the value of a JavaScript expression.
func eval[T any](b *tab, expression string, options ...chromedp.EvaluateOption) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, longWait)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, options...))
	if err != nil {
		b.t.Fatalf("evaluate %s: %v", expression, err)
	}
	return value
}

// withoutScripts makes the tab run no scripts of pages from its next page on.
func (b *tab) withoutScripts() {
	b.t.Helper()
	b.bare = true
	ctx, cancel := context.WithTimeout(b.ctx, longWait)
	defer cancel()
	if _, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		b.t.Fatal(err)
	}
}

// clearCookies takes every session from the tab's browser context.
func clearCookies(ctx context.Context, t *chromedp.Target) error {
	_, err := cdp.Call(ctx, t, network.ClearBrowserCookies, cdp.Empty{})
	return err
}
