// The next step of a conversation: the person's message as the user, or the reply beside what the model suggests. Every
// step that is stored loads the page of the one after it. Without this script each step is a plain form that works.
import { letterOf } from "./answer.js";
import { Comparison } from "./compare.js";
import * as expression from "./expression.js";
import { foldLongCards } from "./fold.js";
import { listenToKeys } from "./keys.js";
import { fill } from "./messages.js";
import { Strip } from "./strip.js";
import { Suggestions } from "./suggestions.js";
import { TaskPage } from "./task.js";
import { Writer } from "./writer.js";

const UNDO_MAX = 200;

/** @typedef {{ ranks: Map<string, number>, from: string, text: string }} Answer letters → ranks; from is a letter or "" */

class DialoguePage extends TaskPage {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    super(form);
    const { signal, messages } = this;
    this.step = Number(/** @type {HTMLInputElement} */ (form.elements.namedItem("step")).value);
    this.from = /** @type {HTMLSelectElement | null} */ (form.elements.namedItem("from"));
    const root = form.querySelector(".writer");
    this.writer = root instanceof HTMLElement ? new Writer(root, messages, signal) : null;
    /** @type {HTMLElement[]} */
    this.cards = [];
    /** @type {string[]} the same list for the page's life: the keys read it */
    this.letters = [];
    /** @type {Map<string, number>} */
    this.ranks = new Map();
    this.current = "";
    this.tiePending = false;
    /** @type {Answer[]} */
    this.past = [];
    const tiers = document.getElementById("tiers");
    this.strip = tiers && new Strip(tiers, messages, {
      order: (order) => this.rank(expression.ranksOf(order)),
      rankNext: (letter) => this.typeLetter(letter),
      show: (letter) => this.focusCard(letter),
    });
    this.readCards();
    const suggestions = document.getElementById("suggestions");
    if (suggestions) new Suggestions(suggestions, messages, () => this.takeIn(), signal);
    this.listen();
    this.start();
    document.querySelector(".talk .turn:last-child")?.scrollIntoView({ block: "nearest" });
    const writes = this.writer && this.cards.length === 0 && !suggestions?.dataset.draws;
    if (!writes || !matchMedia("(pointer: fine)").matches) return;
    // In the first frame the browser has done with the dialogs' own autofocus, about which it would complain.
    requestAnimationFrame(() => document.activeElement === document.body && this.writer?.field.focus({ preventScroll: true }));
  }

  /** Reads the suggestions that the page has. */
  readCards() {
    this.cards = [...this.form.querySelectorAll("#suggestion-cards .card[data-response]")].filter((card) => card instanceof HTMLElement);
    this.letters.splice(0, Infinity, ...this.cards.map(letterOf));
    this.current = this.letters[0] ?? "";
    for (const card of this.cards) {
      const rank = card.querySelector(".rank input:checked");
      if (rank instanceof HTMLInputElement) this.ranks.set(letterOf(card), Number(rank.value));
    }
    this.folds = foldLongCards(this.cards, this.messages, this.signal);
    const compare = document.getElementById("compare");
    if (!compare || this.cards.length < 2) return;
    for (const select of compare.querySelectorAll("select")) {
      select.replaceChildren(...this.letters.map((letter) => new Option(letter)));
    }
    this.comparison = new Comparison(compare, this.cards, this.messages, this.signal);
  }

  /** Takes in suggestions that were just written. */
  takeIn() {
    this.readCards();
    for (const card of this.cards) {
      this.from?.append(new Option(fill(this.from.dataset.option ?? "", { letter: letterOf(card) }), card.dataset.response));
    }
    this.render();
  }

  card(letter) {
    return this.cards[this.letters.indexOf(letter)];
  }

  textOf(letter) {
    return this.card(letter)?.dataset.text ?? "";
  }

  /** The letter of the suggestion that the reply began as, "" for one's own words. */
  get began() {
    const card = this.cards.find((one) => one.dataset.response === this.from?.value);
    return card ? letterOf(card) : "";
  }

  set began(letter) {
    if (this.from) this.from.value = this.card(letter)?.dataset.response ?? "0";
  }

  get tiers() {
    return expression.tiersOf(this.ranks);
  }

  get text() {
    return this.writer?.text ?? "";
  }

  // Changing the answer --------------------------------------------------------------------------------------------

  remember() {
    this.past = [...this.past.slice(-UNDO_MAX + 1), { ranks: this.ranks, from: this.began, text: this.writer?.field.value ?? "" }];
  }

  /** Ranks, and makes the best the reply as long as nobody has written in it. */
  rank(ranks) {
    if (this.sending) return;
    this.remember();
    this.ranks = ranks;
    this.tiePending = false;
    const best = this.tiers[0] ?? [];
    const untouched = this.text === "" || this.began !== "" && this.text === this.textOf(this.began).trim();
    if (untouched && !best.includes(this.began)) this.fillReply(best[0] ?? "");
    this.render();
    this.autosave.changed();
  }

  /** @param {string} letter "" for nothing */
  fillReply(letter) {
    this.began = letter;
    if (this.writer) this.writer.text = this.textOf(letter);
  }

  /** One suggestion is the reply; the others are in no order. */
  take(letter) {
    this.remember();
    this.ranks = new Map([[letter, 1]]);
    this.tiePending = false;
    this.fillReply(letter);
    this.mark(letter);
    this.say(fill(this.messages.took, { letter }));
    this.render();
    this.autosave.changed();
  }

  writeOwn() {
    if (!this.writer) return;
    if (this.from) {
      this.remember();
      if (this.began) this.fillReply("");
      if (this.ranks.size === 1 && this.cards.length > 1) this.ranks = new Map();
      this.say(this.messages.own);
      this.render();
      this.autosave.changed();
    }
    this.writer.field.focus();
  }

  typeLetter(letter) {
    this.rank(expression.ranksOf(expression.append(this.tiers, letter, this.tiePending)));
    this.mark(letter);
    this.sayRank(letter);
  }

  rankLetter(letter, rank) {
    this.rank(new Map(this.ranks).set(letter, rank));
    this.sayRank(letter);
  }

  rankCurrent(rank) {
    if (!this.current || rank > this.letters.length) return;
    const at = this.letters.indexOf(this.current);
    this.rankLetter(this.current, rank);
    const after = [...this.letters.slice(at + 1), ...this.letters.slice(0, at)];
    this.focusCard(after.find((letter) => !this.ranks.has(letter)) ?? this.current);
  }

  move(step) {
    const letter = this.strip?.focusedLetter() ?? this.current;
    if (!letter) return;
    this.rank(expression.ranksOf(expression.move(this.tiers, letter, step)));
    this.sayRank(letter);
  }

  undo() {
    const before = this.past.pop();
    if (!before) return this.say(this.messages.nothing_to_undo);
    this.ranks = before.ranks;
    this.began = before.from;
    if (this.writer) this.writer.text = before.text;
    this.tiePending = false;
    this.render();
    this.autosave.changed();
    this.say(this.messages.undone);
  }

  // Showing it -----------------------------------------------------------------------------------------------------

  render() {
    const { tiers, sending } = this;
    if (this.warned) this.banner("");
    this.warned = false;
    for (const card of this.cards) {
      const letter = letterOf(card);
      for (const input of card.querySelectorAll(".rank input")) {
        if (input instanceof HTMLInputElement) input.checked = Number(input.value) === this.ranks.get(letter);
      }
      card.classList.toggle("ranked", this.ranks.has(letter));
      card.classList.toggle("tied", tiers.some((tier) => tier.length > 1 && tier.includes(letter)));
      card.classList.toggle("taken", letter === this.began);
      card.classList.toggle("current", letter === this.current);
    }
    if (this.cards.length > 0) this.strip?.render(tiers, this.letters.filter((letter) => !this.ranks.has(letter)), this.tiePending);
    document.getElementById("submit")?.setAttribute("aria-disabled", String(sending || this.missing() !== ""));
    document.getElementById("undo")?.setAttribute("aria-disabled", String(this.past.length === 0));
  }

  sayRank(letter) {
    const rank = this.tiers.findIndex((tier) => tier.includes(letter)) + 1;
    if (rank === 0) return this.say(fill(this.messages.cleared, { letter }));
    const others = this.tiers[rank - 1].filter((other) => other !== letter).join(", ");
    this.say(fill(others ? this.messages.tied : this.messages.ranked, { letter, rank, others }));
  }

  mark(letter) {
    this.current = letter;
    for (const card of this.cards) card.classList.toggle("current", letterOf(card) === letter);
  }

  focusCard(letter) {
    this.mark(letter);
    this.card(letter)?.focus({ preventScroll: true });
    this.card(letter)?.scrollIntoView({ block: "nearest" });
  }

  go(step) {
    const at = this.letters.indexOf(this.current) + step;
    if (at >= 0 && at < this.letters.length) this.focusCard(this.letters[at]);
  }

  focusWork() {
    if (this.cards.length > 0) this.focusCard(this.current);
    else this.part("composing").focus({ preventScroll: true });
  }

  // What is kept and sent ------------------------------------------------------------------------------------------

  /** Response ids of letters. */
  id(letter) {
    return Number(this.card(letter)?.dataset.response);
  }

  answers() {
    return { prompt_flags: [...this.form.querySelectorAll(".prompt-flags input:checked")].map((input) => /** @type {HTMLInputElement} */ (input).value) };
  }

  draft() {
    const ranks = Object.fromEntries([...this.ranks].map(([letter, rank]) => [this.id(letter), rank]));
    return { ...super.draft(), answers: this.answers(), step: this.step, written: this.writer?.field.value ?? "", from: Number(this.from?.value ?? 0), ranks };
  }

  submission() {
    if (this.ending) return { ...super.submission(), tiers: [], answers: this.answers() };
    const active_ms = this.timer.activeMs();
    if (!this.strip) return { text: this.text, active_ms };
    const whole = this.ranks.size === this.letters.length;
    const taken = this.ranks.size === 1 && this.began !== "";
    return {
      text: this.text, from: Number(this.from?.value ?? 0), active_ms,
      tiers: whole || taken ? this.tiers.map((tier) => tier.map((letter) => this.id(letter))) : [],
    };
  }

  takeUp(draft) {
    super.takeUp(draft);
    for (const input of this.form.querySelectorAll(".prompt-flags input")) input.checked = draft.answers?.prompt_flags?.includes(input.value) ?? false;
    if (draft.step !== this.step) return;
    this.ranks = new Map(this.cards.filter((card) => draft.ranks?.[card.dataset.response ?? ""]).map((card) => [letterOf(card), draft.ranks[card.dataset.response ?? ""]]));
    if (this.from) this.from.value = String(draft.from ?? 0);
    if (this.writer) this.writer.text = draft.written ?? "";
  }

  missing() {
    if (this.ending) return this.text === "" ? "" : this.messages.unsent;
    if (this.text === "") return this.strip ? this.messages.write_reply : this.messages.write_message;
    if (!this.strip || this.ranks.size === 0) return "";
    const best = this.tiers[0];
    if (this.ranks.size !== this.letters.length && (this.ranks.size > 1 || this.began !== best[0])) return this.messages.rank_all;
    return this.began && !best.includes(this.began) ? this.messages.not_best : "";
  }

  async submit() {
    const missing = this.sending ? "" : this.missing();
    if (missing) this.banner(missing);
    this.warned = missing !== "";
    await super.submit();
  }

  /** Ends the conversation: the task is submitted. */
  async end(button) {
    const step = this.form.dataset.submit;
    this.form.dataset.submit = button.dataset.submit;
    this.ending = true;
    await this.submit();
    this.ending = false; // it is still here: something was in the way
    this.form.dataset.submit = step;
  }

  // Listening ------------------------------------------------------------------------------------------------------

  listen() {
    const { signal } = this;
    this.form.addEventListener("click", (event) => this.press(event), { signal });
    this.form.addEventListener("change", ({ target }) => this.change(target), { signal });
    this.writer?.field.addEventListener("input", () => this.render(), { signal });
    const suggestions = document.getElementById("suggestion-cards");
    for (const kind of ["focusin", "pointerdown"]) {
      suggestions?.addEventListener(kind, ({ target }) => {
        const card = target instanceof Element ? target.closest(".card[data-response]") : null;
        if (card instanceof HTMLElement) this.mark(letterOf(card));
      }, { signal });
    }
    const nothing = () => {};
    listenToKeys({
      scoring: () => false, flag: () => false, keep: nothing,
      letter: (letter) => this.typeLetter(letter),
      tie: () => {
        this.tiePending = this.ranks.size > 0 && !this.tiePending;
        this.render();
      },
      digit: (digit) => this.rankCurrent(digit),
      back: () => this.rank(expression.ranksOf(expression.dropLast(this.tiers))),
      go: (step) => this.go(step),
      move: (step) => this.move(step),
      more: { R: () => this.writer?.field.focus(), W: () => this.writeOwn() },
      note: () => this.openNote(),
      compare: () => this.comparison?.open(this.current),
      fold: () => this.card(this.current) && this.folds?.toggle(this.card(this.current)),
      undo: () => this.undo(),
      skip: () => this.part("skip").showPopover(),
      last: () => document.getElementById("back")?.click(),
      help: () => this.part("help").showPopover(),
      submit: () => void this.submit(),
      leaveText: () => this.focusWork(),
      singleKeys: () => this.shortcuts.checked,
    }, this.letters, signal);
  }

  press(event) {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (!button) return;
    if (button.matches(".take")) this.take(letterOf(button.closest(".card")));
    else if (button.id === "end") void this.end(button);
    else if (button.id === "undo") this.undo();
    else return;
    event.preventDefault();
  }

  change(target) {
    if (target instanceof HTMLInputElement && target.name === "prompt_flag") this.autosave.changed();
    if (target instanceof HTMLInputElement && target.name.startsWith("rank_")) {
      this.rankLetter(letterOf(target.closest(".card")), Number(target.value));
    }
    if (target === this.from) {
      if (this.began && this.text === "") this.fillReply(this.began);
      this.render();
      this.autosave.changed();
    }
  }

  openNote() {
    this.comment.closest("details")?.setAttribute("open", "");
    this.comment.focus();
  }
}

const form = document.getElementById("board");
if (form instanceof HTMLFormElement) new DialoguePage(form);
