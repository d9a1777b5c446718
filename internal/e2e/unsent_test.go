package e2e

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// loseConnection makes every request of the page's scripts fail from now on; with answers, they arrive but nothing comes
// back. A page load ends it.
func (b *tab) loseConnection(arrive bool) {
	b.t.Helper()
	eval[any](b, `((real, arrive) => {
		globalThis.fetch = async (...request) => {
			if (arrive) await real(...request);
			throw new TypeError("no connection");
		};
		globalThis.findConnection = () => { globalThis.fetch = real; dispatchEvent(new Event("online")); };
	})(fetch, `+map[bool]string{true: "true", false: "false"}[arrive]+`)`)
}

func (b *tab) waitForOffline() {
	b.t.Helper()
	b.waitFor("the word that there is no connection", `[...document.querySelectorAll("[data-banner]")].some((e) => !e.hidden && e.textContent.includes("No connection"))`)
}

// What is submitted without a connection is sent once when it is back: on the same page, after a reload, from another
// page; and also when only the answer was lost.
func TestSubmitWithoutConnection(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.campaign(t, "unsent", prompts(5), "--k", "4")
	b := s.signIn(t, s.person(t, "unsent@example.org", "annotator", "unsent"))
	b.open("/campaigns/unsent/rank")
	stored := map[string][][]string{}
	orderShown := [][]string{{"A"}, {"B"}, {"C"}, {"D"}}

	task := b.waitForBoard(shownTask{})
	b.loseConnection(false)
	b.rank("a", "b", "c", "d")
	b.waitForOffline()
	s.checkStored(t, "unsent", stored)
	eval[any](b, `findConnection()`)
	stored[task.Prompt] = task.texts(orderShown)
	task = b.waitForBoard(task)
	s.checkStored(t, "unsent", stored)

	b.loseConnection(false)
	b.rank("a", "b", "c", "d")
	b.waitForOffline()
	b.do("reload", chromedp.Reload())
	stored[task.Prompt] = task.texts(orderShown)
	task = b.waitForBoard(task)
	s.checkStored(t, "unsent", stored)

	b.loseConnection(true)
	b.rank("a", "b", "c", "d")
	b.waitForOffline()
	stored[task.Prompt] = task.texts(orderShown)
	s.checkStored(t, "unsent", stored)
	b.open("/")
	b.waitFor("the word that it is sent", `document.querySelector("#unsent").textContent.includes("has been sent")`)
	if left := eval[int](b, `Object.keys(localStorage).filter((key) => key.startsWith("rankloop.outbox")).length`); left != 0 {
		t.Errorf("%d answers wait to be sent after all of them were", left)
	}
	b.open("/campaigns/unsent/rank")
	b.waitForBoard(task)
	s.checkStored(t, "unsent", stored)
}

// password gives the person of the tab one, so that they can sign in again.
func (b *tab) password(password string) {
	b.t.Helper()
	b.open("/account")
	b.fill("#field-password", password)
	b.click(`form[action="/account/password"] button`)
	b.waitFor("the password to be set", `location.search === "?saved=1" && document.readyState === "complete"`)
}

func (b *tab) signInAgain(email, password string) {
	b.t.Helper()
	b.waitFor("the sign-in page", `document.querySelector("#field-password") !== null && document.readyState === "complete"`)
	b.fill("#field-email", email)
	b.fill("#field-password", password)
	b.click("main form button.primary")
}

// A session that ends in the middle of a task leads through the sign-in page back to it, and what was submitted is sent.
func TestSessionEndsOnTheBoard(t *testing.T) {
	t.Parallel()
	s := shared(t)
	const email, password = "expiring@example.org", "a long enough password"
	s.campaign(t, "expiring", prompts(3), "--k", "4")
	b := s.signIn(t, s.person(t, email, "annotator", "expiring"))
	b.password(password)
	b.open("/campaigns/expiring/rank")
	task := b.waitForBoard(shownTask{})
	b.expect("401 (Unauthorized)")

	// While it is answered: the page says so, and nothing that was answered is lost.
	b.do("lose the session", chromedp.Func(clearCookies))
	b.press("b", "a")
	b.waitFor("the way to sign in", `document.querySelector("[data-banner]:not([hidden]) a")?.textContent === "Sign in again"`)
	b.click("#order [data-banner] a")
	b.signInAgain(email, password)
	b.waitForPage("/campaigns/expiring/rank")
	if again := b.waitForBoard(shownTask{}); again.Lease != task.Lease {
		t.Fatal("signing in again led to another task")
	}
	b.press("c")

	// When it is submitted.
	b.do("lose the session", chromedp.Func(clearCookies))
	b.rank("d")
	b.signInAgain(email, password)
	b.waitForBoard(task)
	s.checkStored(t, "expiring", map[string][][]string{task.Prompt: task.texts([][]string{{"B"}, {"A"}, {"C"}, {"D"}})})
}

// The other kinds of tasks say the same of a session that has ended, and lead back to the draft.
func TestSessionEndsOnAComparison(t *testing.T) {
	t.Parallel()
	s := shared(t)
	const email, password = "expiring-duel@example.org", "a long enough password"
	s.campaign(t, "expiring-duel", prompts(2), "--kind", "comparison")
	b := s.signIn(t, s.person(t, email, "annotator", "expiring-duel"))
	b.password(password)
	b.open("/campaigns/expiring-duel/rank")
	b.waitForBoard(shownTask{})
	b.expect("401 (Unauthorized)")
	b.do("lose the session", chromedp.Func(clearCookies))
	b.press("b", "3")
	b.waitFor("the way to sign in", `document.querySelector("[data-banner]:not([hidden]) a")?.textContent === "Sign in again"`)
	b.click("#order [data-banner] a")
	b.signInAgain(email, password)
	b.waitForPage("/campaigns/expiring-duel/rank")
	b.waitFor("the draft", `document.querySelector("#choice-right").checked && document.querySelector("[name=strength]:checked").value === "3"`)
}

// The page of a form that waits, with scripts: they are not needed for it, and axe-core is one.
func TestUnsentFormAccessibility(t *testing.T) {
	t.Parallel()
	s := shared(t)
	const email, password = "expiring-axe@example.org", "a long enough password"
	s.campaign(t, "expiring-axe", prompts(2), "--k", "4")
	b := s.signIn(t, s.person(t, email, "annotator", "expiring-axe"))
	b.password(password)
	for _, locale := range locales {
		b.setLanguage(locale)
		b.open("/campaigns/expiring-axe/rank")
		b.waitForBoard(shownTask{})
		b.press("a", "b", "c", "d")
		b.saved()
		b.expect("401 (Unauthorized)")
		b.signOut()
		eval[any](b, `HTMLFormElement.prototype.submit.call(document.querySelector("#submit").form)`)
		b.waitFor("the sign-in page", `document.querySelector("#field-password") !== null && document.readyState === "complete"`)
		b.look("a sign-in with a form that waits", locale)
		b.signInAgain(email, password)
		b.waitFor("the question whether to send it", `document.querySelector("main form")?.action.endsWith("/submit") && document.readyState === "complete"`)
		b.look("the question whether to send it", locale)
	}
}

// signOut ends the session behind the page's back, and keeps the language.
func (b *tab) signOut() {
	b.t.Helper()
	if status := eval[int](b, `fetch("/sign-out", { method: "POST" }).then((r) => r.status)`, chromedp.EvalAwaitPromise); status != 200 {
		b.t.Fatalf("signing out: status %d", status)
	}
}

// Without scripts the form itself waits in the sign-in page.
func TestSessionEndsWithoutScripts(t *testing.T) {
	t.Parallel()
	s := shared(t)
	const email, password = "expiring-plain@example.org", "a long enough password"
	s.campaign(t, "expiring-plain", prompts(2), "--k", "4")
	link := s.person(t, email, "annotator", "expiring-plain")
	b := newTab(t, s.server.url)
	b.withoutScripts()
	b.useLink(link)
	b.password(password)
	b.open("/campaigns/expiring-plain/rank")
	task := b.waitForBoard(shownTask{})
	for letter, rank := range map[string]int{"A": 2, "B": 1, "C": 3, "D": 2} {
		b.click("#card-" + letter + " .rank label:nth-of-type(" + string(rune('0'+rank)) + ")")
	}
	b.do("lose the session", chromedp.Func(clearCookies))
	b.expect("401 (Unauthorized)")
	b.click("#submit")
	b.waitFor("the word that it waits", `document.body?.innerText.includes("has not been sent yet")`)
	b.signInAgain(email, password)
	b.waitFor("the question whether to send it", `document.querySelector("main form").action.endsWith("/submit") && document.readyState === "complete"`)
	b.press(kb.Enter) // the button has the focus
	b.waitForBoard(task)
	s.checkStored(t, "expiring-plain", map[string][][]string{task.Prompt: task.texts([][]string{{"B"}, {"A", "D"}, {"C"}})})
}
