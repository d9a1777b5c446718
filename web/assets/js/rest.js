// Breaks. During one the clock of the task stands still, its keys are dead, and it is held for its person; what they have
// answered is kept. After a stretch of work a break is suggested, quietly; who does not want that says so once.
import { isWriting, keyOf } from "./keys.js";
import { fill } from "./messages.js";

const BREAK_MS = 5 * 60_000; // what ends a stretch of work, as the server counts it
const LATER_MS = 15 * 60_000; // of work, until a suggestion that was put off comes again
const CHECK_MS = 5000;
const LATER_KEY = "rankloop.break.later";

/** @typedef {{ form: HTMLFormElement, timer: import("./timer.js").ActiveTimer, autosave: import("./autosave.js").Autosave }} Task */

class Rest {
  constructor() {
    /** @type {Task | null} */
    this.task = null;
    this.worked = Number(this.pace?.dataset.workedMs ?? 0); // ms without a break before the task at hand
    /** @type {Element | null} where the focus was before */
    this.before = null;
    const template = /** @type {HTMLTemplateElement} */ (document.getElementById("rest-template"));
    document.body.append(template.content.cloneNode(true));
    this.sheet = /** @type {HTMLDialogElement} */ (document.getElementById("rest"));
    this.listen();
  }

  get pace() {
    return document.getElementById("pace");
  }

  /** @param {Task} task is at hand now */
  turn(task) {
    if (this.task && this.task !== task) this.worked += this.task.timer.activeMs();
    this.task = task;
    const form = /** @type {HTMLFormElement} */ (this.sheet.querySelector("form"));
    form.action = `/leases/${task.form.dataset.lease}/release`;
    this.check();
  }

  /** ms of work since the last break. */
  get stretch() {
    return this.worked + (this.task?.timer.activeMs() ?? 0);
  }

  // The break ------------------------------------------------------------------------------------------------------

  begin() {
    if (!this.task || this.sheet.open) return;
    this.before = document.activeElement;
    this.begun = Date.now();
    this.task.timer.pause();
    if (this.task.autosave.dirty) void this.task.autosave.send();
    this.withdraw();
    this.sheet.showModal();
    /** @type {HTMLElement} */ (this.sheet.querySelector("[data-resume]")).focus();
  }

  end() {
    this.sheet.close();
    this.task?.timer.resume();
    if (this.task && Date.now() - (this.begun ?? 0) >= BREAK_MS) {
      this.worked = -this.task.timer.activeMs();
      forgetLater();
    }
    if (this.before instanceof HTMLElement && this.before.isConnected) this.before.focus({ preventScroll: true });
  }

  // Suggesting one -------------------------------------------------------------------------------------------------

  check() {
    const due = Number(this.pace?.dataset.breakMs ?? 0);
    const waits = !due || this.stretch < due || this.stretch < later() || this.sheet.open;
    if (!waits && !this.task?.form.querySelector(".due")) this.suggest();
  }

  suggest() {
    const template = /** @type {HTMLTemplateElement} */ (document.getElementById("due-template"));
    for (const strip of this.task?.form.querySelectorAll(".order") ?? []) {
      const line = /** @type {HTMLElement} */ (/** @type {Element} */ (template.content.firstElementChild).cloneNode(true));
      const text = /** @type {HTMLElement} */ (line.querySelector("span"));
      text.textContent = fill(text.textContent ?? "", { minutes: Math.floor(this.stretch / 60_000) });
      line.addEventListener("click", ({ target }) => this.answer(target));
      strip.prepend(line);
    }
  }

  withdraw() {
    for (const line of document.querySelectorAll(".order .due")) line.remove();
  }

  /** @param {EventTarget | null} target */
  answer(target) {
    const button = target instanceof Element ? target.closest("button") : null;
    if (!button) return;
    this.withdraw();
    if (button.dataset.take !== undefined) return this.begin();
    putOff(this.stretch + LATER_MS);
    if (button.dataset.never === undefined || !this.pace) return;
    this.pace.dataset.breakMs = "0";
    void fetch("/account/breaks", { method: "POST", body: new URLSearchParams(), keepalive: true }).catch(() => {}); // the next page asks again
  }

  // Listening ------------------------------------------------------------------------------------------------------

  listen() {
    document.addEventListener("click", (event) => {
      if (!(event.target instanceof Element) || !event.target.closest("#break-button")) return;
      event.preventDefault();
      this.begin();
    });
    this.sheet.addEventListener("click", ({ target }) => target instanceof Element && target.closest("[data-resume]") && this.end());
    this.sheet.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.end();
    });
    document.addEventListener("keydown", (event) => {
      if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
      const target = event.target instanceof Element ? event.target : document.body;
      const shortcuts = document.getElementById("shortcuts");
      if (![".", "。"].includes(keyOf(event)) || isWriting(target) || shortcuts instanceof HTMLInputElement && !shortcuts.checked) return;
      if (this.sheet.open) this.end();
      else if (document.querySelector(":popover-open, dialog:modal")) return;
      else this.begin();
      event.preventDefault();
    });
    setInterval(() => this.check(), CHECK_MS);
  }
}

/** How long a stretch of work has to be until a suggestion that was put off comes again. */
function later() {
  try {
    return Number(sessionStorage.getItem(LATER_KEY) ?? 0);
  } catch {
    return 0; // storage is off
  }
}

function putOff(ms) {
  try {
    sessionStorage.setItem(LATER_KEY, String(ms));
  } catch {
    // storage is off: it holds for this page
  }
}

function forgetLater() {
  try {
    sessionStorage.removeItem(LATER_KEY);
  } catch {
    // storage is off
  }
}

/** @type {Rest | undefined} */
let rest;

/** Offers breaks from a task that is held. @param {Task} task */
export function offerBreaks(task) {
  if (!task.form.dataset.lease || !document.getElementById("rest-template")) return;
  rest ??= new Rest();
  rest.turn(task);
}
