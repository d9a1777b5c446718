package e2e

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// choose names the file of a form's file field.
func (b *tab) choose(css, path string) {
	b.t.Helper()
	b.do("choose "+path, chromedp.SetUploadFiles(chromedp.CSS(css), []string{path}))
}

// replace types over what is in a field.
func (b *tab) replace(css, text string) {
	b.t.Helper()
	b.do("replace "+css, chromedp.Focus(chromedp.CSS(css)),
		chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector(%q).select()`, css)), chromedp.KeyEvent(text))
}

// An admin makes a campaign, uploads its prompts after a look at them, and invites somebody who then ranks them.
func TestAdminCampaign(t *testing.T) {
	t.Parallel()
	s := shared(t)
	b := s.signIn(t, s.person(t, "admin-campaign@example.org", "admin"))
	b.open("/campaigns")
	b.click(`a[href="/new/campaign"]`)
	b.waitForPage("/new/campaign")
	b.fill("#field-name", "uploads")
	b.replace("#field-k", "4")
	b.fill("#field-guidelines", "Prefer **north**.")
	b.do("no generation", chromedp.SetValue(chromedp.CSS("#field-generate_from"), "none"))
	b.click("main form button.primary")
	b.waitForPage("/campaigns/uploads")

	// A file with bad lines: every one of them is named, nothing is stored and nothing can be confirmed.
	bad := s.write(t, "upload-bad.jsonl", promptSet(prompts(1))+`{"id":"x","prompt":"half"`+"\n"+
		`{"id":"p1","prompt":"another","responses":["a","b"]}`+"\n"+`{"id":"y","prompt":"alone","responses":["a"]}`+"\n")
	b.click(`a[href="/campaigns/uploads/upload"]`)
	b.waitForPage("/campaigns/uploads/upload")
	b.choose("#field-file", bad)
	b.click("main form button.primary")
	b.waitFor("the bad lines", `document.querySelectorAll(".bad-lines li").length === 3`)
	for _, told := range []string{"upload-bad.jsonl:2: the line is not valid JSON", `upload-bad.jsonl:3: reuses the id "p1" of line 1`, "upload-bad.jsonl:4: has too few distinct responses (1)"} {
		b.see(told)
	}
	if eval[bool](b, `document.querySelector('button[value="import"]') !== null`) {
		t.Error("a file with bad lines can be imported")
	}
	s.checkEmpty(t, "uploads")

	// A file that is no prompt set at all.
	b.open("/campaigns/uploads/upload")
	b.expect("422 (Unprocessable")
	b.choose("#field-file", s.write(t, "upload-column.csv", "prompt,respnse_1\nx,y\n"))
	b.click("main form button.primary")
	b.waitFor("the fault", `document.querySelector('[role="alert"]') !== null`)
	b.see(`upload-column.csv:1: the header has the unknown column "respnse_1"`)
	s.checkEmpty(t, "uploads")

	// A good file: looking at it stores nothing, confirming stores all of it.
	b.open("/campaigns/uploads/upload")
	b.choose("#field-file", s.write(t, "upload-good.jsonl", promptSet(prompts(3))))
	b.click("main form button.primary")
	b.waitFor("the preview", `document.querySelectorAll("article.preview").length === 3`)
	b.see("Answer north to question 2.")
	s.checkEmpty(t, "uploads")
	preview := eval[string](b, "location.pathname")
	b.click(`button[value="import"]`)
	b.waitForPage("/campaigns/uploads")
	var stats struct{ Prompts, Responses int }
	s.json(t, &stats, "stats", "--campaign", "uploads")
	if stats.Prompts != 3 || stats.Responses != 12 {
		t.Errorf("stored %+v, want 3 prompts with 12 responses", stats)
	}
	// What was confirmed is gone from where it waited.
	b.expect("404 (Not Found)")
	b.expect("410 (Gone)")
	b.open(preview)
	if eval[bool](b, `document.querySelector('button[value="import"]') !== null`) {
		t.Error("a confirmed upload can be confirmed again")
	}

	// An invitation, used at another machine.
	b.open("/campaigns/uploads")
	b.click(`form[action="/campaigns/uploads/invitations"] button`)
	b.waitFor("the invitation", `document.querySelector("#invitation") !== null`)
	link := eval[string](b, `document.querySelector("#invitation").value`)
	guest := newTab(t, s.server.url)
	guest.open(link)
	guest.see("uploads")
	guest.fill("#field-name", "Grace")
	guest.fill("#field-email", "grace@example.org")
	guest.fill("#field-password", "a long enough password")
	guest.click("main form button.primary")
	guest.waitForPage("/")
	guest.click(`a[href="/campaigns/uploads/rank"]`)
	guest.acknowledge("uploads")
	task := guest.waitForBoard(shownTask{})
	for range task.Texts { // what a new campaign asks unless told otherwise
		guest.rank("4")
	}
	guest.rank("a", "b", "c", "d")
	guest.waitForBoard(task)
	s.checkStored(t, "uploads", map[string][][]string{task.Prompt: task.texts([][]string{{"A"}, {"B"}, {"C"}, {"D"}})})

	// The link is used up, and the guest is no admin.
	guest.expect("410 (Gone)")
	guest.open(link)
	guest.see("link")
	guest.expect("403 (Forbidden)")
	guest.open("/campaigns/uploads")
	guest.see("Not allowed")
	b.open("/people")
	b.see("grace@example.org")
	b.open("/audit")
	b.see("uploads")
}

// A file over the limit is refused in so many words before it is sent; a smaller one in its place is taken.
func TestUploadOverTheLimit(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.run(t, "campaign", "create", "--name", "toolarge", "--generate-from", "none")
	b := s.signIn(t, s.person(t, "admin-large@example.org", "admin"))
	b.open("/campaigns/toolarge/upload")
	limit := eval[int64](b, `Number(/(\d+) MiB/.exec(document.querySelector("#hint-file").textContent)[1])`) << 20
	path := s.write(t, "toolarge.jsonl", "")
	if err := os.Truncate(path, limit+1); err != nil {
		t.Fatal(err)
	}
	b.choose("#field-file", path)
	b.waitFor("the refusal", `document.querySelector("#field-file").validationMessage.includes("larger than 256 MiB")`)
	b.click("main form button.primary")
	b.choose("#field-file", s.write(t, "small.jsonl", promptSet(prompts(1))))
	b.click("main form button.primary")
	b.waitFor("the preview", `document.querySelector("article.preview") !== null`)
	if sent := b.posts(); sent != 2 { // signing in, and the smaller file
		t.Errorf("%d forms were sent, want 2", sent)
	}
	s.checkEmpty(t, "toolarge")
}

// Without scripts people sign in, change their password and look back.
func TestSignInWithoutScripts(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.campaign(t, "lookback", prompts(2), "--k", "4")
	link := s.person(t, "lookback@example.org", "annotator", "lookback")
	b := newTab(t, s.server.url)
	b.withoutScripts()
	b.useLink(link)
	b.open("/account")
	b.fill("#field-password", "a new long password")
	b.click("main form button.primary")
	b.waitFor("the change", `document.querySelector('main [role="status"]') !== null`)
	b.do("sign out", chromedp.Submit(chromedp.CSS(`form[action="/sign-out"] button`)))
	b.waitForPage("/sign-in")

	// Whoever is not signed in comes back to where they wanted to go.
	b.open("/campaigns/lookback/rank")
	b.waitForPage("/sign-in")
	b.fill("#field-email", "lookback@example.org")
	b.fill("#field-password", "a wrong password")
	b.expect("401 (Unauthorized)")
	b.click("main form button.primary")
	b.waitFor("the refusal", `document.querySelector('[role="alert"]') !== null`)
	b.see("The address or the password is wrong.")
	b.fill("#field-password", "a new long password")
	b.click("main form button.primary")
	b.waitForPage("/campaigns/lookback/rank")
	task := b.waitForBoard(shownTask{})
	b.click("#keep")
	b.waitForBoard(task)
	b.open("/history")
	b.see("A › B › C › D")
}

// A session that ends while somebody ranks loses nothing: they sign in elsewhere and submit again.
func TestSessionEndsWhileRanking(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.campaign(t, "session", prompts(3), "--k", "4")
	email := "session@example.org"
	b := s.signIn(t, s.person(t, email, "annotator", "session"))
	b.open("/campaigns/session/rank")
	task := b.waitForBoard(shownTask{})
	b.press("c", "a", "=", "b", "d")
	b.do("lose the cookies", chromedp.Func(clearCookies))
	b.expect("401 (Unauthorized)")
	b.rank()
	b.waitForPage("/sign-in")

	var again struct{ Link string }
	s.json(t, &again, "user", "token", email)
	second := b.another()
	second.useLink(again.Link) // who has no password comes back by a link, in whatever tab
	second.waitFor("the ranking to be sent", `document.querySelector("#unsent").textContent.includes("has been sent")`)
	b.open("/campaigns/session/rank")
	b.waitForBoard(task)
	s.checkStored(t, "session", map[string][][]string{task.Prompt: task.texts([][]string{{"C"}, {"A", "B"}, {"D"}})})

	// A draft survives a reload.
	task = b.waitForBoard(shownTask{})
	b.press("d", "b")
	b.do("reload", chromedp.Reload())
	b.waitForBoard(shownTask{})
	if now := fmt.Sprint(b.expression()); now != "[[D] [B]]" {
		t.Errorf("after a reload the strip shows %s", now)
	}
	b.rank("a", "c")
	b.waitForBoard(task)
	records := s.records(t, "session")
	if len(records) != 2 || strings.Contains(task.Prompt, records[0].Messages[0].Content) == strings.Contains(task.Prompt, records[1].Messages[0].Content) {
		t.Errorf("stored: %+v", records)
	}
}
