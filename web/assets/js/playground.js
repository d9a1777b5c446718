// The playground: replies show as they are written. Without scripts the form is answered by the finished replies.
import { readEvents } from "./events.js";
import { fill } from "./messages.js";

const form = document.getElementById("playground");
if (form instanceof HTMLFormElement) setUp(form);

/** @param {HTMLFormElement} form */
function setUp(form) {
  const element = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
  const stop = element("playground-stop"), status = element("playground-status");
  const failure = element("playground-failure"), section = element("replies");
  const card = /** @type {HTMLTemplateElement} */ (document.getElementById("reply-card"));
  /** @type {AbortController | undefined} */
  let running;

  const say = (/** @type {string | undefined} */ text) => {
    if (status.textContent !== text) status.textContent = text ?? "";
  };
  const fail = (/** @type {string | undefined} */ text) => {
    say("");
    failure.textContent = text ?? "";
    failure.hidden = false;
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void write();
  });
  stop.addEventListener("click", () => running?.abort());
  addEventListener("pagehide", () => running?.abort());

  async function write() {
    running?.abort();
    const mine = (running = new AbortController());
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(form)) body.append(name, String(value));
    failure.hidden = true;
    stop.hidden = false;
    section.setAttribute("aria-busy", "true");
    say(form.dataset.waiting);
    try {
      await follow(await fetch(form.dataset.stream ?? "", {
        method: "POST", body, headers: { Accept: "application/json" }, signal: mine.signal,
      }), Number(body.get("k")));
    } catch {
      if (running === mine) mine.signal.aborted ? say(form.dataset.stopped) : fail(form.dataset.lost);
    }
    if (running !== mine) return; // a newer request has taken over
    stop.hidden = true;
    section.removeAttribute("aria-busy");
  }

  /** @param {Response} response @param {number} k */
  async function follow(response, k) {
    if (response.status === 422) return form.submit(); // the page that comes names what is wrong beside each field
    if (!response.ok || !response.body) return fail((await response.json()).error?.message ?? form.dataset.lost);
    const texts = showCards(k);
    for await (const { name, data } of readEvents(response.body)) {
      switch (name) {
        case "text":
          texts[data.reply]?.append(data.text);
          say(form.dataset.writing);
          break;
        case "scoring":
          say(form.dataset.scoring);
          break;
        case "done":
          section.innerHTML = data.html; // made safe by the server; the page's policy is the second wall
          return say(form.dataset.done);
        case "failed":
          return fail(data.message);
      }
    }
    fail(form.dataset.lost);
  }

  /** Puts k empty cards in place of the replies before. @param {number} k */
  function showCards(k) {
    const list = document.createElement("ol");
    list.className = "playground-replies";
    for (let n = 1; n <= k; n++) list.append(card.content.cloneNode(true));
    list.querySelectorAll("h3").forEach((heading, i) => { heading.textContent = fill(heading.textContent ?? "", { n: i + 1 }) });
    section.replaceChildren(element("replies-heading"), list);
    section.hidden = false;
    return [...list.querySelectorAll(".streaming")];
  }
}
