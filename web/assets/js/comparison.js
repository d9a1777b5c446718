// A comparison: which of two responses is better, by how much, and the better one edited. Without this script the page is
// a plain form that works.
import { letterOf } from "./answer.js";
import { Comparison } from "./compare.js";
import { foldLongCards } from "./fold.js";
import { listenToKeys } from "./keys.js";
import { TaskPage } from "./task.js";
import { Writer } from "./writer.js";

const UNDO_MAX = 200;

/**
 * @typedef {object} Verdict
 * @property {"" | "left" | "right" | "tie" | "bad"} choice
 * @property {number} strength of a preference, 0 for none given
 * @property {string[]} promptFlags keys
 */

class ComparisonPage extends TaskPage {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    super(form);
    const { signal, messages } = this;
    /** @type {HTMLElement[]} */
    this.cards = [...form.querySelectorAll(".card")];
    /** @type {Map<string, Writer>} response id → its edit, where it is short enough to be edited */
    this.writers = new Map();
    for (const card of this.cards) {
      const root = card.querySelector(".writer");
      if (root instanceof HTMLElement) this.writers.set(card.dataset.response ?? "", new Writer(root, messages, signal));
    }
    this.current = this.cards[0];
    this.verdict = this.read();
    /** @type {Verdict[]} */
    this.past = [];
    this.folds = foldLongCards(this.cards, messages, signal);
    this.sideBySide = new Comparison(this.part("compare"), this.cards, messages, signal);
    this.listen();
    this.start();
  }

  /** @returns {Verdict} what the page came with */
  read() {
    const chosen = (selector) => /** @type {HTMLInputElement | null} */ (this.form.querySelector(`${selector}:checked`));
    return {
      choice: /** @type {Verdict["choice"]} */ (chosen("[name=choice]")?.dataset.choice ?? ""),
      strength: Number(chosen("[name=strength]")?.value ?? 0),
      promptFlags: [...this.form.querySelectorAll(".prompt-flags input:checked")].map((input) => input.value),
    };
  }

  /** The better response's card, if one is better. */
  get better() {
    return { left: this.cards[0], right: this.cards[1] }[this.verdict.choice];
  }

  // Changing the answer --------------------------------------------------------------------------------------------

  /** @param {Partial<Verdict>} change */
  set(change) {
    if (this.sending) return;
    this.past = [...this.past.slice(-UNDO_MAX + 1), this.verdict];
    this.verdict = { ...this.verdict, ...change };
    if (!this.better) this.verdict.strength = 0;
    this.render();
    this.autosave.changed();
  }

  /** @param {Verdict["choice"]} choice */
  choose(choice) {
    this.set({ choice });
    this.say(this.messages[`chosen_${choice}`]);
  }

  /** Says how much better the better one is; saying it twice takes it back. */
  setStrength(strength) {
    if (strength > 4) return;
    if (!this.better) return this.say(this.messages.choose_first);
    this.set({ strength: strength === this.verdict.strength ? 0 : strength });
    this.say(this.form.querySelector("[name=strength]:checked")?.closest("label")?.textContent?.trim() ?? "");
  }

  openEdit() {
    if (!this.better) return this.say(this.messages.choose_first);
    const details = this.better.querySelector(".edit");
    if (!(details instanceof HTMLDetailsElement)) return this.say(this.messages.too_long);
    details.open = true;
    details.querySelector("textarea")?.focus();
  }

  undo() {
    const before = this.past.pop();
    if (!before) return this.say(this.messages.nothing_to_undo);
    this.verdict = before;
    this.render();
    this.autosave.changed();
    this.say(this.messages.undone);
  }

  // Showing it -----------------------------------------------------------------------------------------------------

  render() {
    const { verdict, better } = this;
    const check = (selector, is) => {
      for (const input of this.form.querySelectorAll(selector)) input.checked = is(input);
    };
    check("[name=choice]", (input) => input.dataset.choice === verdict.choice);
    check("[name=strength]", (input) => Number(input.value) === verdict.strength);
    check(".prompt-flags input", (input) => verdict.promptFlags.includes(input.value));
    for (const card of this.cards) {
      card.classList.toggle("ranked", card === better);
      card.classList.toggle("tied", verdict.choice === "tie");
      card.classList.toggle("bad", verdict.choice === "bad");
      card.classList.toggle("current", card === this.current);
    }
    this.part("submit").setAttribute("aria-disabled", String(verdict.choice === "" || this.sending));
    this.part("undo").setAttribute("aria-disabled", String(this.past.length === 0));
  }

  /** @param {HTMLElement} card */
  mark(card) {
    this.current = card;
    for (const one of this.cards) one.classList.toggle("current", one === card);
  }

  focusWork() {
    this.current.focus({ preventScroll: true });
  }

  // What is kept and sent ------------------------------------------------------------------------------------------

  ids() {
    return this.cards.map((card) => Number(card.dataset.response));
  }

  answers() {
    const { strength, promptFlags, choice } = this.verdict;
    return { prompt_flags: promptFlags, strength, both_bad: choice === "bad" };
  }

  draft() {
    const [left, right] = this.ids();
    const ranks = { left: { [left]: 1, [right]: 2 }, right: { [left]: 2, [right]: 1 }, tie: { [left]: 1, [right]: 1 }, bad: { [left]: 1, [right]: 1 } };
    const edits = {};
    for (const [id, writer] of this.writers) {
      if (writer.text !== writer.field.dataset.source?.trim()) edits[id] = writer.text;
    }
    return { ...super.draft(), ranks: ranks[this.verdict.choice] ?? {}, answers: this.answers(), edits };
  }

  submission() {
    const [left, right] = this.ids();
    const tiers = { left: [[left], [right]], right: [[right], [left]] }[this.verdict.choice] ?? [[left, right]];
    const better = this.better?.dataset.response ?? "";
    const writer = this.writers.get(better);
    return { ...super.submission(), tiers, answers: this.answers(), edits: writer ? { [better]: writer.text } : {} };
  }

  takeUp(draft) {
    super.takeUp(draft);
    const [left, right] = this.ids();
    const rank = (id) => draft.ranks?.[id] ?? 0;
    let choice = /** @type {Verdict["choice"]} */ ("");
    if (rank(left) && rank(left) < rank(right)) choice = "left";
    else if (rank(right) && rank(right) < rank(left)) choice = "right";
    else if (rank(left)) choice = draft.answers?.both_bad ? "bad" : "tie";
    this.verdict = { choice, strength: draft.answers?.strength ?? 0, promptFlags: draft.answers?.prompt_flags ?? [] };
    for (const [id, edit] of Object.entries(draft.edits ?? {})) {
      const writer = this.writers.get(id);
      if (!writer) continue;
      writer.text = edit;
      writer.field.closest("details")?.setAttribute("open", "");
    }
  }

  missing() {
    return this.verdict.choice === "" ? this.messages.choose_first : "";
  }

  // Listening ------------------------------------------------------------------------------------------------------

  listen() {
    const { signal } = this;
    this.form.addEventListener("change", ({ target }) => {
      if (!(target instanceof HTMLInputElement)) return;
      if (target.name === "choice") this.choose(/** @type {Verdict["choice"]} */ (target.dataset.choice));
      else if (target.name === "strength") this.set({ strength: Number(target.value) });
      else if (target.name === "prompt_flag") this.set({ promptFlags: this.read().promptFlags });
    }, { signal });
    for (const card of this.cards) {
      for (const kind of ["focusin", "pointerdown"]) card.addEventListener(kind, () => this.mark(card), { signal });
    }
    this.part("compare-button").addEventListener("click", () => this.sideBySide.open(letterOf(this.current)), { signal });
    this.part("undo").addEventListener("click", () => this.undo(), { signal });
    const nothing = () => {};
    listenToKeys({
      scoring: () => false, flag: () => false, move: nothing, keep: nothing,
      letter: (letter) => this.choose(letter === letterOf(this.cards[0]) ? "left" : "right"),
      go: (step) => this.choose(step < 0 ? "left" : "right"),
      tie: () => this.choose("tie"),
      digit: (digit) => this.setStrength(digit),
      back: () => this.choose(""),
      more: { E: () => this.openEdit(), N: () => this.choose("bad") },
      note: () => this.openNote(),
      compare: () => this.sideBySide.open(letterOf(this.current)),
      fold: () => this.folds.toggle(this.current),
      undo: () => this.undo(),
      skip: () => document.getElementById("skip")?.showPopover(),
      last: () => document.getElementById("last-button")?.click(),
      help: () => this.part("help").showPopover(),
      submit: () => void this.submit(),
      leaveText: () => this.focusWork(),
      singleKeys: () => this.shortcuts.checked,
    }, this.cards.map(letterOf), signal);
  }

  openNote() {
    this.comment.closest("details")?.setAttribute("open", "");
    this.comment.focus();
  }
}

const form = document.getElementById("board");
if (form instanceof HTMLFormElement) new ComparisonPage(form);
