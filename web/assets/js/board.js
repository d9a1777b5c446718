// The ranking board: binds the cards' rank buttons, the keys and the strip to one ranking, and sends it. Cards never
// move. Without this script the page is a plain form that works.
import * as expression from "./expression.js";
import { dropDraft, dropOldDrafts, loadDraft, saveDraft } from "./draft.js";
import { listenToKeys } from "./keys.js";
import { keepLease } from "./lease.js";
import { count, fill } from "./messages.js";
import { Strip } from "./strip.js";
import { submitRanking } from "./submit.js";
import { ActiveTimer } from "./timer.js";

const UNDO_MAX = 200;
const DRAFT_EVERY_MS = 10_000;
const SHORTCUTS_KEY = "rankloop.shortcuts";

/** @typedef {{ ranks: Map<string, number>, kept: boolean }} State */

class Board {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    this.messages = JSON.parse(form.dataset.messages ?? "{}");
    /** @type {HTMLElement[]} */
    this.cards = [...form.querySelectorAll(".card")];
    this.letters = this.cards.map((card) => card.dataset.letter ?? "");
    this.current = this.letters[0];
    /** @type {State} */
    this.state = { ranks: this.checkedRanks(), kept: false };
    /** @type {State[]} */
    this.past = [];
    this.tiePending = false;
    this.sending = false;
    this.comment = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("comment"));

    const draft = this.restoreDraft();
    this.timer = new ActiveTimer(draft?.activeMs ?? 0);
    this.strip = new Strip(this.part("tiers"), this.messages, {
      order: (tiers) => this.set(expression.ranksOf(tiers)),
      rankNext: (letter) => this.typeLetter(letter),
      show: (letter) => this.focusCard(letter),
    });
    this.listen();
    this.render();
    if (draft) this.note("draft_restored");
  }

  /** @param {string} id */
  part(id) {
    return /** @type {HTMLElement} */ (document.getElementById(id));
  }

  card(letter) {
    return this.cards[this.letters.indexOf(letter)];
  }

  checkedRanks() {
    const ranks = new Map();
    for (const card of this.cards) {
      const checked = /** @type {HTMLInputElement | null} */ (card.querySelector("input:checked"));
      if (checked) ranks.set(card.dataset.letter, Number(checked.value));
    }
    return ranks;
  }

  get tiers() {
    return expression.tiersOf(this.state.ranks);
  }

  get unranked() {
    return this.letters.filter((letter) => !this.state.ranks.has(letter));
  }

  // Changing the ranking -------------------------------------------------------------------------------------------

  /** @param {Map<string, number>} ranks */
  set(ranks, kept = false) {
    if (this.sending) return;
    this.past = [...this.past.slice(-UNDO_MAX + 1), this.state];
    this.state = { ranks, kept };
    this.tiePending = false;
    this.changed();
  }

  changed() {
    this.render();
    this.saveDraft();
  }

  typeLetter(letter) {
    this.set(expression.ranksOf(expression.append(this.tiers, letter, this.tiePending)));
    this.mark(letter);
    this.sayRank(letter);
  }

  typeTie() {
    this.tiePending = this.tiers.length > 0 && !this.tiePending;
    this.render();
  }

  /** Ranks one letter and leaves the others where they are; a gap between ranks means nothing. */
  rankLetter(letter, rank) {
    this.set(new Map(this.state.ranks).set(letter, rank));
    this.sayRank(letter);
  }

  /** The digit keys: rank the framed card, then frame the next one that has no rank. */
  rankCurrent(rank) {
    if (rank > this.letters.length) return;
    const at = this.letters.indexOf(this.current);
    this.rankLetter(this.current, rank);
    const after = [...this.letters.slice(at + 1), ...this.letters.slice(0, at)];
    const next = after.find((letter) => !this.state.ranks.has(letter));
    this.focusCard(next ?? this.current);
  }

  moveLetter(step) {
    const letter = this.strip.focusedLetter() ?? this.current;
    this.set(expression.ranksOf(expression.move(this.tiers, letter, step)));
    this.sayRank(letter);
  }

  takeBack() {
    if (this.tiePending) {
      this.typeTie();
    } else if (this.tiers.length > 0) {
      this.set(expression.ranksOf(expression.dropLast(this.tiers)));
      this.say(expression.format(this.tiers) || this.messages.empty);
    }
  }

  keepAsShown() {
    this.set(expression.ranksOf(this.letters.map((letter) => [letter])), true);
    this.say(this.messages.kept);
  }

  undo() {
    const before = this.past.pop();
    if (!before) return this.say(this.messages.nothing_to_undo);
    this.state = before;
    this.tiePending = false;
    this.changed();
    this.say(`${this.messages.undone} ${expression.format(this.tiers)}`);
  }

  // Showing it -----------------------------------------------------------------------------------------------------

  render() {
    const { tiers, unranked } = this;
    const shared = new Map();
    for (const rank of this.state.ranks.values()) shared.set(rank, (shared.get(rank) ?? 0) + 1);
    for (const [i, card] of this.cards.entries()) {
      const rank = this.state.ranks.get(this.letters[i]);
      for (const input of card.querySelectorAll("input[type=radio]")) input.checked = Number(input.value) === rank;
      card.classList.toggle("ranked", rank !== undefined);
      card.classList.toggle("tied", rank !== undefined && shared.get(rank) > 1);
      card.classList.toggle("current", this.letters[i] === this.current);
    }
    this.strip.render(tiers, unranked, this.tiePending);
    const { strict, ties } = expression.countPairs(tiers);
    this.part("pairs").textContent = unranked.length > 0
      ? count(this.messages, "left", unranked.length)
      : [count(this.messages, "pairs", strict), ...(ties > 0 ? [count(this.messages, "ties", ties)] : [])].join(" · ");
    this.part("submit").setAttribute("aria-disabled", String(unranked.length > 0 || this.sending));
    this.part("keep").setAttribute("aria-pressed", String(this.state.kept));
    this.part("undo").setAttribute("aria-disabled", String(this.past.length === 0));
  }

  /** Frames a card without moving the focus. */
  mark(letter) {
    this.current = letter;
    for (const card of this.cards) card.classList.toggle("current", card.dataset.letter === letter);
  }

  /** Frames a card, focuses it and brings its head into view. */
  focusCard(letter) {
    this.mark(letter);
    const card = this.card(letter);
    card.focus({ preventScroll: true });
    card.querySelector("header")?.scrollIntoView({ block: "nearest" });
  }

  goTo(step) {
    const inStrip = this.strip.focusedLetter();
    if (inStrip) {
      const order = [...this.tiers.flat(), ...this.unranked];
      this.strip.chipOf(order[order.indexOf(inStrip) + step])?.focus();
      return;
    }
    const next = this.letters[this.letters.indexOf(this.current) + step];
    if (next) this.focusCard(next);
  }

  say(text) {
    this.part("said").textContent = text;
  }

  sayRank(letter) {
    const tiers = this.tiers;
    const at = tiers.findIndex((tier) => tier.includes(letter));
    if (at < 0) return this.say(fill(this.messages.cleared, { letter }));
    const others = tiers[at].filter((l) => l !== letter).join(", ");
    let said = fill(others ? this.messages.tied : this.messages.ranked, { letter, rank: at + 1, others });
    if (this.unranked.length === 0) said += ` ${fill(this.messages.complete, { expression: expression.format(tiers) })}`;
    this.say(said);
  }

  /** A quiet word in the strip. */
  note(message) {
    this.part("saved").textContent = this.messages[message];
  }

  /** A sentence above the strip that stays; "" takes it away. */
  banner(text, link = "") {
    const banner = this.part("banner");
    banner.hidden = text === "";
    banner.textContent = text;
    if (link) {
      const a = document.createElement("a");
      a.href = link;
      a.textContent = "→";
      banner.append(" ", a);
    }
  }

  // Draft ----------------------------------------------------------------------------------------------------------

  restoreDraft() {
    const draft = loadDraft(this.form.dataset.draft ?? "");
    dropOldDrafts();
    if (!draft || this.state.ranks.size > 0) return null;
    for (const card of this.cards) {
      const rank = draft.ranks[card.dataset.response ?? ""];
      if (Number.isInteger(rank) && rank >= 1 && rank <= this.cards.length) this.state.ranks.set(card.dataset.letter ?? "", rank);
    }
    this.state.kept = draft.kept === true && this.state.ranks.size === this.cards.length;
    this.comment.value ||= String(draft.comment ?? "");
    if (this.comment.value) this.comment.closest("details")?.setAttribute("open", "");
    return draft;
  }

  saveDraft() {
    if (this.sending) return;
    const ranks = Object.fromEntries(this.cards.flatMap((card) => {
      const rank = this.state.ranks.get(card.dataset.letter ?? "");
      return rank === undefined ? [] : [[card.dataset.response, rank]];
    }));
    const kept = saveDraft(this.form.dataset.draft ?? "", {
      ranks, kept: this.state.kept, comment: this.comment.value, activeMs: this.timer.activeMs(),
    });
    if (kept) this.note("draft_saved");
  }

  // Sending --------------------------------------------------------------------------------------------------------

  async submit() {
    if (this.sending) return;
    if (this.unranked.length > 0) {
      this.focusCard(this.unranked[0]);
      this.say(count(this.messages, "left", this.unranked.length));
      return;
    }
    this.saveDraft();
    this.sending = true;
    this.render();
    this.note("sending");
    const outcome = await submitRanking(this.form.dataset.lease ?? "", () => this.answer(), () => this.banner(this.messages.offline));
    if (outcome.kind === "stored") {
      dropDraft(this.form.dataset.draft ?? "");
      location.assign(this.form.dataset.next ?? "/");
      return;
    }
    this.sending = false;
    this.render();
    this.note("draft_saved");
    if (outcome.kind === "signed out") this.banner(this.messages.signed_out);
    else if (outcome.kind === "taken") this.banner(this.messages.taken, this.form.dataset.next);
    else this.banner(outcome.message);
  }

  answer() {
    const ids = new Map(this.cards.map((card) => [card.dataset.letter, Number(card.dataset.response)]));
    return {
      tiers: this.tiers.map((tier) => tier.map((letter) => ids.get(letter))),
      kept_as_shown: this.state.kept,
      active_ms: this.timer.activeMs(),
      started_at: /** @type {HTMLInputElement} */ (this.form.elements.namedItem("started_at")).value,
      comment: this.comment.value,
    };
  }

  // Listening ------------------------------------------------------------------------------------------------------

  listen() {
    this.form.noValidate = true; // the strip says what is missing
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (event.submitter?.id === "keep") this.keepAsShown();
      else void this.submit();
    });
    this.form.addEventListener("change", (event) => {
      const input = event.target;
      if (!(input instanceof HTMLInputElement) || input.type !== "radio") return;
      this.rankLetter(input.closest(".card")?.dataset.letter, Number(input.value));
    });
    for (const card of this.cards) {
      for (const kind of ["focusin", "pointerdown"]) card.addEventListener(kind, () => this.mark(card.dataset.letter ?? ""));
    }
    this.part("undo").addEventListener("click", () => this.undo());
    this.comment.addEventListener("input", () => this.saveDraft());
    this.part("skip").querySelector("form")?.addEventListener("submit", () => dropDraft(this.form.dataset.draft ?? ""));
    document.addEventListener("paste", (event) => this.paste(event));
    setInterval(() => this.state.ranks.size > 0 && this.saveDraft(), DRAFT_EVERY_MS);
    // A page that comes back from the browser's memory shows a task that is done.
    addEventListener("pageshow", (event) => event.persisted && location.reload());
    this.listenToKeys();
    this.keepLease();
  }

  listenToKeys() {
    const shortcuts = /** @type {HTMLInputElement} */ (this.part("shortcuts"));
    try {
      shortcuts.checked = localStorage.getItem(SHORTCUTS_KEY) !== "off";
      shortcuts.addEventListener("change", () => localStorage.setItem(SHORTCUTS_KEY, shortcuts.checked ? "on" : "off"));
    } catch {
      // storage is off: the choice holds for this page
    }
    listenToKeys({
      letter: (letter) => this.typeLetter(letter),
      tie: () => this.typeTie(),
      rank: (rank) => this.rankCurrent(rank),
      back: () => this.takeBack(),
      go: (step) => this.goTo(step),
      move: (step) => this.moveLetter(step),
      keep: () => this.keepAsShown(),
      undo: () => this.undo(),
      skip: () => this.part("skip").showPopover(),
      help: () => this.part("help").showPopover(),
      submit: () => void this.submit(),
      singleKeys: () => shortcuts.checked,
    }, this.letters);
  }

  /** A pasted expression, "B > A = D > C", is the ranking it says. */
  paste(event) {
    if (event.target instanceof HTMLTextAreaElement) return;
    const tiers = expression.parse(event.clipboardData?.getData("text") ?? "", this.letters);
    if (tiers) {
      event.preventDefault();
      this.set(expression.ranksOf(tiers));
      this.say(expression.format(tiers));
    }
  }

  keepLease() {
    const startedAt = /** @type {HTMLInputElement} */ (this.form.elements.namedItem("started_at")).value;
    keepLease({
      token: this.form.dataset.lease ?? "",
      leaseMs: Number(this.form.dataset.leaseSeconds) * 1000,
      remainingMs: Date.parse(this.form.dataset.expiresAt ?? "") - Date.parse(startedAt),
      timer: this.timer,
      onChange: (state, endsAt) => {
        const time = endsAt.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
        this.banner(state === "held" ? "" : fill(this.messages[state], { time }));
      },
    });
  }
}

const form = document.getElementById("board");
if (form instanceof HTMLFormElement) new Board(form);
