package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"rankloop/views/content"
	"rankloop/views/content/hostile"
)

// textBytesMax is the longest response that a prompt set may bring.
const textBytesMax = 256 << 10

// isStorable reports whether a prompt set may bring the text.
func isStorable(text string) bool {
	return len(text) <= textBytesMax && utf8.ValidString(text) && !strings.ContainsRune(text, 0) && strings.TrimSpace(text) != ""
}

// frame is what of a page must be the same whatever the texts in it say.
type frame struct {
	Title                         string
	Forms, Sheets, Scripts        int
	Head, Body, Fields, Buttons   int
	Ids                           []string
	Globals                       int // properties of the window
	Style                         string
	Animations, Dialogs, Popovers int
}

// Responses that try to run, load, style, lead away or overlay something are read on the board like any others: no
// script of theirs runs, no request leaves, nothing outside their cards changes.
func TestHostileResponses(t *testing.T) {
	t.Parallel()
	s := shared(t)
	const k = 16
	var storable []string
	var others []hostile.Text
	for _, text := range hostile.Texts() {
		if isStorable(text.Source) {
			storable = append(storable, text.Source)
		} else {
			others = append(others, text)
		}
	}
	var set []prompt
	for len(storable) > 0 {
		group := storable[:min(k, len(storable))]
		if rest := len(storable) - len(group); rest == 1 { // a prompt needs two responses
			group = group[:len(group)-1]
		}
		storable = storable[len(group):]
		set = append(set, prompt{ID: fmt.Sprint("hostile-", len(set)), Prompt: fmt.Sprintf("Group %d.\n\n%.300q\n\n%s", len(set), group[0], group[len(group)-1]), Responses: group})
	}
	harmless := prompt{ID: "harmless", Prompt: "Say a number."}
	for i := range k {
		harmless.Responses = append(harmless.Responses, fmt.Sprint("The number ", i))
	}
	s.campaign(t, "harmless", []prompt{harmless}, "--k", fmt.Sprint(k))
	s.campaign(t, "hostile", set, "--k", fmt.Sprint(k))
	b := s.signIn(t, s.person(t, "reader@example.org", "annotator", "harmless", "hostile"))
	b.complainOfScripts()

	b.open("/campaigns/harmless/rank")
	task := b.waitForBoard(shownTask{})
	quietFrame := b.frame()
	for range set {
		b.open("/campaigns/hostile/rank")
		task = b.waitForBoard(task)
		cards := len(task.Texts)
		b.checkContents(task.Prompt[:min(len(task.Prompt), 12)])
		if now := b.frame(); cards == k {
			checkFrame(t, task.Prompt[:min(len(task.Prompt), 12)], quietFrame, now)
		}
		b.keepAsShown()
	}

	// Texts that no prompt set may bring are put in the place of a response, as the server would write them.
	b.open("/campaigns/harmless/rank")
	b.waitForBoard(task)
	for _, text := range others {
		laidOut := content.Render(text.Source)
		encoded, err := json.Marshal(laidOut.HTML)
		if err != nil {
			t.Fatal(err)
		}
		took := eval[float64](b, fmt.Sprintf(`(() => {
			const start = performance.now();
			const prose = document.querySelector(".card .prose");
			prose.innerHTML = %s;
			prose.getBoundingClientRect();
			return performance.now() - start;
		})()`, encoded))
		t.Logf("%s: %d bytes of HTML are in the page after %.0f ms", text.Name, len(laidOut.HTML), took)
		b.checkContents(text.Name)
		checkFrame(t, text.Name, quietFrame, b.frame())
	}
}

// complainOfScripts makes every page say on its console what no page of ours does.
func (b *tab) complainOfScripts() {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, longWait)
	defer cancel()
	if _, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `
		for (const name of ["alert", "confirm", "prompt", "open", "print"]) window[name] = () => console.error("a text called " + name);
		addEventListener("securitypolicyviolation", (event) => console.error("policy: " + event.violatedDirective + " " + event.blockedURI), true);
	`}); err != nil {
		b.t.Fatal(err)
	}
}

// keepAsShown submits the task on the board with its responses in the order shown.
func (b *tab) keepAsShown() {
	b.t.Helper()
	status := eval[int](b, `(() => {
		const form = document.querySelector("#board");
		const fields = new URLSearchParams(new FormData(form));
		fields.set("kept_as_shown", "1");
		return fetch(form.action, { method: "POST", body: fields }).then((answer) => answer.status);
	})()`, chromedp.EvalAwaitPromise)
	if status != 200 {
		b.t.Fatalf("submitting the task: status %d", status)
	}
}

func (b *tab) frame() frame {
	b.t.Helper()
	return eval[frame](b, `(() => {
		const count = (css) => [...document.querySelectorAll(css)].filter((element) => !element.closest(".content")).length;
		return {
			Title: document.title, Forms: document.forms.length, Sheets: document.styleSheets.length, Scripts: document.scripts.length,
			Head: document.head.childElementCount, Body: document.body.childElementCount,
			Fields: document.querySelectorAll("input, textarea, select").length, Buttons: document.querySelectorAll("button:not(.fold)").length,
			// The way back to the last ranking stands there from the second task on.
			Ids: [...document.querySelectorAll("[id]:not(#last-button)")].map((element) => element.id).sort(),
			Globals: Object.keys(window).length,
			Style: getComputedStyle(document.body).color + getComputedStyle(document.querySelector(".order")).backgroundColor,
			Animations: document.getAnimations().length, Dialogs: count("dialog, [popover]"), Popovers: document.querySelectorAll(":popover-open, dialog[open]").length,
		};
	})()`)
}

func checkFrame(t *testing.T, name string, want, got frame) {
	t.Helper()
	if w, g := fmt.Sprintf("%+v", want), fmt.Sprintf("%+v", got); w != g {
		t.Errorf("%s changes the page around it\n was %s\n now %s", name, w, g)
	}
}

// checkContents looks at every text of the page: what it consists of, and where that is.
func (b *tab) checkContents(name string) {
	b.t.Helper()
	for _, complaint := range eval[[]string](b, `(() => {
		const complaints = new Set();
		const allowed = new Set(("DETAILS SUMMARY DIV SPAN P H3 H4 H5 H6 UL OL LI BLOCKQUOTE PRE CODE TABLE THEAD TBODY TR TH TD BR HR STRONG EM DEL A " +
			"math mrow mi mn mo mtext mspace mfrac msqrt mroot msub msup msubsup munder mover munderover mphantom mstyle mtable mtr mtd").split(" "));
		const attributes = new Set(("class dir lang start tabindex title href rel target display mathvariant width linethickness accent stretchy form lspace " +
			"rspace separator movablelimits fence symmetric minsize maxsize displaystyle scriptlevel").split(" "));
		for (const content of document.querySelectorAll(".content")) {
			for (const element of content.querySelectorAll("*")) {
				if (!allowed.has(element.tagName)) complaints.add("an element " + element.tagName);
				for (const { name, value } of element.attributes) {
					if (!attributes.has(name)) complaints.add("an attribute " + name);
					if (name === "class" && !/^((md|code|tex)-[a-z]+ ?)+$|^(prose|source|hint)$/.test(value)) complaints.add("a class " + value);
				}
				if (element.tagName === "A" && !["https:", "http:", "mailto:"].includes(element.protocol)) complaints.add("a link to " + element.href);
			}
			// What lies in layers or has pictures would show in few kinds of elements; a look at some of each is enough.
			for (const element of [...content.querySelectorAll("*")].slice(0, 500)) {
				const style = getComputedStyle(element);
				if (["fixed", "absolute", "sticky"].includes(style.position)) complaints.add(element.tagName + " is " + style.position);
				if (style.backgroundImage.includes("url(") || style.zIndex !== "auto") complaints.add(element.tagName + " has a background or a layer");
			}
			const around = (content.closest(".card") ?? content.closest(".turn")).getBoundingClientRect();
			const box = content.getBoundingClientRect();
			const folded = content.closest(".card.folded .body") !== null && getComputedStyle(content.closest(".body")).overflow === "hidden";
			if (box.width > 0 && (box.left < around.left - 1 || box.right > around.right + 1 || box.top < around.top - 1 || !folded && box.bottom > around.bottom + 1)) complaints.add("a text leaves its card");
			if (getComputedStyle(content).overflow !== "clip") complaints.add("a text is not clipped");
		}
		for (const card of document.querySelectorAll(".card")) {
			const letter = card.querySelector(".letter");
			letter.scrollIntoView({ block: "center" });
			const { left, top, width, height } = letter.getBoundingClientRect();
			if (width > 0 && !card.querySelector("header").contains(document.elementFromPoint(left + width / 2, top + height / 2))) complaints.add("something covers the head of " + card.id);
		}
		const strip = document.querySelector(".order:not([hidden])").getBoundingClientRect();
		const over = document.elementFromPoint(strip.left + strip.width / 2, strip.top + strip.height / 2);
		if (!over?.closest(".order")) complaints.add("something covers the strip");
		if (document.documentElement.scrollWidth > document.documentElement.clientWidth) complaints.add("the page is wider than the window");
		for (const { name, initiatorType } of performance.getEntriesByType("resource")) {
			const { origin, pathname } = new URL(name);
			if (origin !== location.origin || !["fetch", "beacon"].includes(initiatorType) && !pathname.startsWith("/assets/")) complaints.add("a request to " + name);
		}
		return [...complaints];
	})()`) {
		b.t.Errorf("%s: %s", name, complaint)
	}
}
