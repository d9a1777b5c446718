// What every task's page does whatever it asks: it keeps the answer as a draft, holds the task, measures the active
// time, and sends. The kinds of tasks say what their answer is.
import { Ahead, pace } from "./ahead.js";
import { askInPlace } from "./ask.js";
import { Autosave, unsavedDraft } from "./autosave.js";
import { showGuidelinesBeside } from "./guide.js";
import { keepLease } from "./lease.js";
import { fill } from "./messages.js";
import { offerBreaks } from "./rest.js";
import { saySignedOut } from "./session.js";
import { submitTo } from "./submit.js";
import { ActiveTimer } from "./timer.js";

const SHORTCUTS_KEY = "rankloop.shortcuts";

export class TaskPage {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    this.life = new AbortController();
    this.messages = JSON.parse(form.dataset.messages ?? "{}");
    this.comment = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("comment"));
    this.sending = false;
    this.timer = new ActiveTimer(Number(form.dataset.activeMs), this.signal);
    this.autosave = new Autosave({
      path: form.dataset.save ?? "", name: form.dataset.draft ?? "", signal: this.signal,
      draft: () => this.draft(), onState: (state) => this.note(state),
    });
  }

  // What a kind of task says ---------------------------------------------------------------------------------------

  /** The answer so far, as the server keeps it. @returns {object} */
  draft() {
    return { comment: this.comment.value, active_ms: this.timer.activeMs(), answers: {} };
  }

  /** The answer, as the server stores it. @returns {object} */
  submission() {
    return {
      comment: this.comment.value, active_ms: this.timer.activeMs(),
      started_at: /** @type {HTMLInputElement} */ (this.form.elements.namedItem("started_at")).value,
    };
  }

  /** Takes up a draft that the server never got. */
  takeUp(draft) {
    this.comment.value = draft.comment ?? "";
    if (this.comment.value) this.comment.closest("details")?.setAttribute("open", "");
  }

  /** What is missing from the answer, said to the person; "" when it can be sent. */
  missing() {
    return "";
  }

  /** What a button of the form does. @param {string | undefined} _id the Enter key's has none */
  pressed(_id) {
    void this.submit();
  }

  /** Where the focus goes when a dialog or a field is left. */
  focusWork() {}

  render() {}

  // What all have in common ----------------------------------------------------------------------------------------

  get signal() {
    return this.life.signal;
  }

  get token() {
    return this.form.dataset.lease ?? "";
  }

  /** @param {string} id */
  part(id) {
    return /** @type {HTMLElement} */ (document.getElementById(id));
  }

  /** Begins, once the kind has read its answer. */
  start() {
    const { signal } = this;
    const unsaved = unsavedDraft(this.form.dataset.draft ?? "");
    if (unsaved) this.takeUp(unsaved);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.pressed(event.submitter?.id);
    }, { signal });
    this.form.addEventListener("input", (event) => event.target instanceof HTMLTextAreaElement && this.autosave.changed(), { signal });
    document.querySelector("#skip form")?.addEventListener("submit", () => this.autosave.drop(), { signal });
    if (this.token) this.hold(signal); // else it is only tried out
    // A page that comes back from the browser's memory shows a task that is done.
    addEventListener("pageshow", (event) => event.persisted && location.reload(), { signal });
    this.ahead = new Ahead(this.form, signal);
    this.rememberShortcuts();
    showGuidelinesBeside();
    offerBreaks(this);
    this.render();
    if (unsaved) this.autosave.changed();
    if (unsaved || this.form.dataset.restored !== undefined) this.note("draft_restored");
  }

  /** What only a leased task has: it can be asked about in place, and has to be held. @param {AbortSignal} signal */
  hold(signal) {
    askInPlace(this.part("ask"), this.token, (text, sent) => {
      this.banner(text);
      if (sent) this.focusWork(); // not the button, which Enter would press again
    }, this.messages, signal);
    const startedAt = /** @type {HTMLInputElement} */ (this.form.elements.namedItem("started_at")).value;
    keepLease({
      token: this.token, timer: this.timer, signal: this.signal,
      leaseMs: Number(this.form.dataset.leaseSeconds) * 1000,
      remainingMs: Date.parse(this.form.dataset.expiresAt ?? "") - Date.parse(startedAt),
      onChange: (state, endsAt) => {
        const time = endsAt.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
        this.banner(state === "held" ? "" : fill(this.messages[state], { time }));
      },
    });
  }

  get shortcuts() {
    return /** @type {HTMLInputElement} */ (this.part("shortcuts"));
  }

  rememberShortcuts() {
    const { shortcuts } = this;
    try {
      shortcuts.checked = localStorage.getItem(SHORTCUTS_KEY) !== "off";
      shortcuts.addEventListener("change", () => localStorage.setItem(SHORTCUTS_KEY, shortcuts.checked ? "on" : "off"), { signal: this.signal });
    } catch {
      // storage is off: the choice holds for this page
    }
  }

  say(text) {
    this.part("said").textContent = text;
  }

  /** A quiet word in the strip. */
  note(message) {
    for (const place of this.form.querySelectorAll("[data-saved]")) {
      place.textContent = this.messages[message];
      place.setAttribute("data-saved", message);
    }
  }

  /** A sentence above the strip that stays; "" takes it away. */
  banner(text, link = "") {
    for (const banner of this.form.querySelectorAll("[data-banner]")) {
      banner.toggleAttribute("hidden", text === "");
      banner.textContent = text;
      if (!link) continue;
      const a = document.createElement("a");
      a.href = link;
      a.textContent = "→";
      banner.append(" ", a);
    }
  }

  /** Lets the next task take this one's place. It is of the same kind. */
  giveWay() {
    this.life.abort();
    const Kind = /** @type {new (form: HTMLFormElement) => TaskPage} */ (this.constructor);
    new Kind(this.ahead.show());
    pace.shown();
  }

  async submit() {
    if (this.sending) return;
    const missing = this.missing();
    if (missing) return this.say(missing);
    this.sending = true;
    pace.submitted();
    this.render();
    this.autosave.pause();
    this.note("sending");
    const outcome = await submitTo(
      this.form.dataset.submit ?? "", () => this.ahead.beginningNext(this.submission()), () => this.banner(this.messages.offline),
    );
    if (outcome.kind === "stored") {
      this.autosave.drop();
      return outcome.next ? this.giveWay() : location.assign(outcome.known ?? this.form.dataset.next ?? "/");
    }
    this.sending = false;
    this.render();
    this.autosave.changed();
    if (outcome.kind === "signed out") saySignedOut();
    else if (outcome.kind === "taken") this.banner(this.messages.taken, this.form.dataset.next);
    else this.banner(outcome.message);
  }
}
