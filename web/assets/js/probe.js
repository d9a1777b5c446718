// An attempt to make the model break a rule: the reply streams in, the next message is written, and at any point the
// conversation is marked. Every message that is stored loads the page of the next step. Without this script the page is a
// plain form that works.
import { listenToKeys } from "./keys.js";
import { Marker, withPassage } from "./marker.js";
import { fill } from "./messages.js";
import { Suggestions } from "./suggestions.js";
import { TaskPage } from "./task.js";
import { Writer } from "./writer.js";

const UNDO_MAX = 200;
const SPANS_MAX = 100;
const QUOTE_MAX = 80;

/** @typedef {{ turn: number, start: number, end: number }} Span */
/** @typedef {{ verdict: string, spans: Span[] }} Mark */

class ProbePage extends TaskPage {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    super(form);
    const { signal, messages } = this;
    this.step = Number(/** @type {HTMLInputElement} */ (form.elements.namedItem("step")).value);
    const root = form.querySelector(".writer");
    this.writer = root instanceof HTMLElement ? new Writer(root, messages, signal) : null;
    /** @type {Mark[]} */
    this.past = [];
    /** @type {{ marker: Marker, start: number, end: number } | null} */
    this.selected = null;
    this.held = this.selected; // what was selected when the finger went down on the button
    this.markers = [...form.querySelectorAll("div.marker")].filter((one) => one instanceof HTMLElement).map((one) => new Marker(
      one, (marker, passage) => this.choose(marker, passage), (marker, passage) => this.take(marker, passage), signal,
    ));
    const suggestions = document.getElementById("suggestions");
    if (suggestions) new Suggestions(suggestions, messages, () => location.assign(form.dataset.next ?? "/"), signal);
    this.listen();
    this.start();
    document.querySelector(".probe-talk .turn:last-child")?.scrollIntoView({ block: "nearest" });
    if (!this.writer || !matchMedia("(pointer: fine)").matches) return;
    // In the first frame the browser has done with the dialogs' own autofocus, about which it would complain.
    requestAnimationFrame(() => document.activeElement === document.body && this.writer?.field.focus({ preventScroll: true }));
  }

  get text() {
    return this.writer?.text ?? "";
  }

  get verdict() {
    return /** @type {HTMLInputElement | null} */ (this.form.querySelector("[name=verdict]:checked"))?.value ?? "";
  }

  set verdict(verdict) {
    for (const input of this.form.querySelectorAll("[name=verdict]")) {
      if (input instanceof HTMLInputElement) input.checked = input.value === verdict;
    }
  }

  /** @returns {Span[]} */
  get spans() {
    return this.markers.flatMap(({ turn, passages }) => passages.map(({ start, end }) => ({ turn, start, end })));
  }

  /** @param {Span[]} spans */
  set spans(spans) {
    for (const marker of this.markers) {
      marker.marked = spans.filter(({ turn }) => turn === marker.turn).map(({ start, end }) => ({ start, end }));
    }
  }

  /** @returns {Mark} */
  get mark() {
    return { verdict: this.verdict, spans: this.spans };
  }

  // Changing the mark ----------------------------------------------------------------------------------------------

  /** Changes the mark so that it can be undone. @param {() => void} change */
  change(change, before = this.mark) {
    if (this.sending) return;
    this.past = [...this.past.slice(-UNDO_MAX + 1), before];
    change();
    this.render();
    this.autosave.changed();
  }

  /** What is selected, wherever. */
  choose(marker, passage) {
    if (passage) this.selected = { marker, ...passage };
    else if (this.selected?.marker === marker) this.selected = null;
    this.part("take-selection").setAttribute("aria-disabled", String(this.selected === null));
  }

  take(marker, passage) {
    if (this.spans.length >= SPANS_MAX) return this.say(this.messages.too_many);
    this.change(() => {
      marker.marked = withPassage(marker.passages, passage);
      if (this.verdict === "") this.verdict = "violated";
    });
    this.selected = null;
    getSelection()?.removeAllRanges();
    this.say(fill(this.messages.marked, { text: short(marker.quote(passage)) }));
  }

  takeSelected() {
    const selected = this.selected ?? this.held;
    this.held = null;
    if (!selected) return this.banner(this.messages.nothing_chosen);
    this.take(selected.marker, selected);
  }

  /** @param {Span | undefined} span */
  drop(span) {
    if (!span) return;
    const text = short(this.markers.find(({ turn }) => turn === span.turn)?.quote(span) ?? "");
    this.change(() => {
      this.spans = this.spans.filter((one) => one.turn !== span.turn || one.start !== span.start);
    });
    this.say(fill(this.messages.unmarked, { text }));
  }

  undo() {
    const before = this.past.pop();
    if (!before) return this.say(this.messages.nothing_to_undo);
    this.verdict = before.verdict;
    this.spans = before.spans;
    this.render();
    this.autosave.changed();
    this.say(this.messages.undone);
  }

  judge(verdict) {
    const before = this.mark;
    if (before.verdict === verdict) return;
    this.change(() => { this.verdict = verdict; }, before);
    this.say(this.form.querySelector("[name=verdict]:checked")?.closest("label")?.querySelector("span")?.firstChild?.textContent ?? "");
  }

  // Showing it -----------------------------------------------------------------------------------------------------

  render() {
    if (this.warned) this.banner("");
    this.warned = false;
    this.last = this.mark;
    this.part("passages").replaceChildren(...this.spans.map((span) => this.passage(span)));
    document.getElementById("send")?.setAttribute("aria-disabled", String(this.sending || this.text === ""));
    document.getElementById("end")?.setAttribute("aria-disabled", String(this.sending || this.lacks() !== ""));
    this.part("undo").setAttribute("aria-disabled", String(this.past.length === 0));
  }

  /** A marked passage in the list, with the button that takes it back. @param {Span} span */
  passage(span) {
    const quote = this.markers.find(({ turn }) => turn === span.turn)?.quote(span) ?? "";
    const item = document.createElement("li");
    const text = document.createElement("q");
    text.dir = "auto";
    text.textContent = short(quote);
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button quiet";
    button.textContent = this.messages.remove;
    button.setAttribute("aria-label", `${this.messages.remove}: ${short(quote)}`);
    button.addEventListener("click", () => {
      this.drop(span);
      this.part("marking").focus({ preventScroll: true });
    });
    item.append(text, button);
    return item;
  }

  focusWork() {
    this.part("marking").focus({ preventScroll: true });
  }

  /** Goes to the last reply, and from there back from reply to reply. */
  focusMarker() {
    const at = this.markers.findIndex(({ root }) => root === document.activeElement);
    const { root } = this.markers.at(at > 0 ? at - 1 : -1) ?? {};
    root?.focus();
    root?.scrollIntoView({ block: "nearest" });
  }

  // What is kept and sent ------------------------------------------------------------------------------------------

  answers() {
    const { verdict, spans } = this.mark;
    return {
      prompt_flags: [...this.form.querySelectorAll(".prompt-flags input:checked")].map((input) => /** @type {HTMLInputElement} */ (input).value),
      ...(verdict || spans.length > 0 ? { mark: { verdict, spans } } : {}),
    };
  }

  draft() {
    return { ...super.draft(), answers: this.answers(), step: this.step, written: this.writer?.field.value ?? "" };
  }

  submission() {
    if (this.ending) return { ...super.submission(), tiers: [], answers: this.answers() };
    return { text: this.text, active_ms: this.timer.activeMs() };
  }

  takeUp(draft) {
    super.takeUp(draft);
    for (const input of this.form.querySelectorAll(".prompt-flags input")) input.checked = draft.answers?.prompt_flags?.includes(input.value) ?? false;
    this.verdict = draft.answers?.mark?.verdict ?? "";
    this.spans = draft.answers?.mark?.spans ?? [];
    if (draft.step === this.step && this.writer) this.writer.text = draft.written ?? "";
  }

  /** What the mark lacks, "" for nothing. */
  lacks() {
    const { verdict, spans } = this.mark;
    if (this.text !== "") return this.messages.unsent;
    if (verdict === "") return this.messages.no_verdict;
    if (verdict === "violated" && spans.length === 0) return this.messages.no_span;
    return verdict === "not_violated" && spans.length > 0 ? this.messages.span_kept : "";
  }

  missing() {
    if (this.ending) return this.lacks();
    return this.text === "" ? this.messages.write_message : "";
  }

  async submit() {
    const missing = this.sending ? "" : this.missing();
    if (missing) this.banner(missing);
    this.warned = missing !== "";
    if (!missing && !this.ending && this.autosave.dirty) await this.autosave.send(); // the mark outlives the message
    await super.submit();
  }

  /** The conversation is over and marked. */
  async end() {
    const button = document.getElementById("end");
    if (!button) return this.banner(this.messages.no_reply);
    const step = this.form.dataset.submit;
    this.form.dataset.submit = button.dataset.submit;
    this.ending = true;
    await this.submit();
    this.ending = false; // it is still here: something was in the way
    this.form.dataset.submit = step;
  }

  /** What Enter means: the message is sent, or without one the mark. */
  go() {
    void (this.text === "" ? this.end() : this.submit());
  }

  // Listening ------------------------------------------------------------------------------------------------------

  listen() {
    const { signal } = this;
    const button = this.part("take-selection");
    button.addEventListener("pointerdown", (event) => { // which ends the selection
      event.preventDefault();
      this.held = this.selected;
    }, { signal });
    this.form.addEventListener("click", (event) => this.press(event), { signal });
    this.form.addEventListener("change", ({ target }) => this.changed(target), { signal });
    this.writer?.field.addEventListener("input", () => this.render(), { signal });
    const nothing = () => {};
    listenToKeys({
      scoring: () => false, flag: () => false, letter: nothing, tie: nothing, digit: nothing, go: nothing, move: nothing, compare: nothing, fold: nothing, keep: nothing,
      back: () => this.drop(this.spans.at(-1)),
      more: {
        V: () => this.judge("violated"), N: () => this.judge("not_violated"), E: () => this.judge("unsure"),
        M: () => this.focusMarker(), R: () => this.writer?.field.focus(), F: () => void this.end(),
      },
      note: () => this.openNote(),
      undo: () => this.undo(),
      skip: () => this.part("skip").showPopover(),
      help: () => this.part("help").showPopover(),
      submit: () => this.go(),
      leaveText: () => this.focusWork(),
      singleKeys: () => this.shortcuts.checked,
    }, [], signal);
  }

  press(event) {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (button?.id === "end") void this.end();
    else if (button?.id === "take-selection") this.takeSelected();
    else if (button?.id === "undo") this.undo();
    else return;
    event.preventDefault();
  }

  changed(target) {
    if (!(target instanceof HTMLInputElement)) return;
    if (target.name === "prompt_flag") this.autosave.changed();
    if (target.name === "verdict") this.change(nothingMore, this.last);
  }

  openNote() {
    this.comment.closest("details")?.setAttribute("open", "");
    this.comment.focus();
  }
}

const nothingMore = () => {};

/** @param {string} text */
function short(text) {
  const line = text.replace(/\s+/g, " ");
  return [...line].length > QUOTE_MAX ? `${[...line].slice(0, QUOTE_MAX).join("")}…` : line;
}

const form = document.getElementById("board");
if (form instanceof HTMLFormElement) new ProbePage(form);
