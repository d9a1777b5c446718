// The board: binds the cards' buttons, the keys and the strip to one answer, keeps it as a draft, and sends it. Cards
// never move. Without this script the page is a plain form that works.
import { answersOf, contradictions, letterOf, noteOf, readAnswer, showAnswer } from "./answer.js";
import { Comparison } from "./compare.js";
import * as expression from "./expression.js";
import { foldLongCards } from "./fold.js";
import { listenToKeys } from "./keys.js";
import { count, fill } from "./messages.js";
import { Stage } from "./stage.js";
import { Strip } from "./strip.js";
import { TaskPage } from "./task.js";

const UNDO_MAX = 200;

/** @typedef {import("./answer.js").Answer} Answer */

class Board extends TaskPage {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    super(form);
    const { signal, messages } = this;
    /** @type {HTMLElement[]} */
    this.cards = [...form.querySelectorAll(".card")];
    this.letters = this.cards.map(letterOf);
    this.current = this.letters[0];
    /** @type {Answer} */
    this.answer = readAnswer(form, this.cards);
    /** @type {Answer[]} */
    this.past = [];
    this.tiePending = false;
    this.stage = new Stage(form, this.cards, messages.step);
    this.strip = new Strip(this.part("tiers"), messages, {
      order: (tiers) => this.rank(expression.ranksOf(tiers)),
      rankNext: (letter) => this.typeLetter(letter),
      show: (letter) => this.focusCard(letter),
    });
    this.folds = foldLongCards(this.cards, messages, signal);
    this.comparison = new Comparison(this.part("compare"), this.cards, messages, signal);
    this.listen(signal);
    this.start();
    if (this.stage.scoring) this.mark(letterOf(this.stage.card ?? this.cards[0]));
  }

  card(letter) {
    return this.cards[this.letters.indexOf(letter)];
  }

  get tiers() {
    return expression.tiersOf(this.answer.ranks);
  }

  get unranked() {
    return this.letters.filter((letter) => !this.answer.ranks.has(letter));
  }

  scored = (card) => this.answer.scores.has(letterOf(card));

  // Changing the answer --------------------------------------------------------------------------------------------

  /** @param {Partial<Answer>} change */
  set(change) {
    if (this.sending) return;
    this.past = [...this.past.slice(-UNDO_MAX + 1), this.answer];
    this.answer = { ...this.answer, ...change };
    this.tiePending = false;
    this.render();
    this.autosave.changed();
  }

  rank(ranks, kept = false) {
    this.set({ ranks, kept });
  }

  typeLetter(letter) {
    this.rank(expression.ranksOf(expression.append(this.tiers, letter, this.tiePending)));
    this.mark(letter);
    this.sayRank(letter);
  }

  typeTie() {
    this.tiePending = this.tiers.length > 0 && !this.tiePending;
    this.render();
  }

  /** Ranks one letter and leaves the others where they are; a gap between ranks means nothing. */
  rankLetter(letter, rank) {
    this.rank(new Map(this.answer.ranks).set(letter, rank));
    this.sayRank(letter);
  }

  /** The digit keys: rank the framed card, then frame the next one that has no rank. */
  rankCurrent(rank) {
    if (rank > this.letters.length) return;
    const at = this.letters.indexOf(this.current);
    this.rankLetter(this.current, rank);
    const after = [...this.letters.slice(at + 1), ...this.letters.slice(0, at)];
    const next = after.find((letter) => !this.answer.ranks.has(letter));
    this.focusCard(next ?? this.current);
  }

  moveLetter(step) {
    const letter = this.strip.focusedLetter() ?? this.current;
    this.rank(expression.ranksOf(expression.move(this.tiers, letter, step)));
    this.sayRank(letter);
  }

  takeBack() {
    if (this.tiePending) {
      this.typeTie();
    } else if (this.tiers.length > 0) {
      this.rank(expression.ranksOf(expression.dropLast(this.tiers)));
      this.say(expression.format(this.tiers) || this.messages.empty);
    }
  }

  keepAsShown() {
    this.rank(expression.ranksOf(this.letters.map((letter) => [letter])), true);
    this.say(this.messages.kept);
  }

  score(letter, score) {
    if (score > this.card(letter).querySelectorAll(".score input").length) return;
    this.set({ scores: new Map(this.answer.scores).set(letter, score) });
    this.say(fill(this.messages.scored, { score }));
  }

  flag(letter, key, on) {
    const flags = (this.answer.flags.get(letter) ?? []).filter((k) => k !== key);
    this.set({ flags: new Map(this.answer.flags).set(letter, on ? [...flags, key] : flags) });
  }

  /** Ticks or unticks the flag at an index of the response in front. */
  flagAt(index) {
    const input = this.stage.card?.querySelectorAll(".flags input")[index];
    if (!(input instanceof HTMLInputElement)) return false;
    this.flag(letterOf(/** @type {HTMLElement} */ (this.stage.card)), input.value, !input.checked);
    const label = input.closest("label")?.querySelector("span")?.textContent ?? "";
    this.say(fill(input.checked ? this.messages.flagged : this.messages.unflagged, { flag: label }));
    return true;
  }

  undo() {
    const before = this.past.pop();
    if (!before) return this.say(this.messages.nothing_to_undo);
    this.answer = before;
    this.tiePending = false;
    this.render();
    this.autosave.changed();
    this.say(`${this.messages.undone} ${this.stage.scoring ? "" : expression.format(this.tiers)}`);
  }

  // Scoring one by one ---------------------------------------------------------------------------------------------

  goStep(step) {
    this.stage.go(step);
    this.render();
    const card = this.stage.card;
    if (!card) return this.focusCard(this.letters[0], "start");
    this.focusCard(letterOf(card), "start");
    this.say(this.part("step").textContent);
  }

  nextStep() {
    const card = this.stage.card;
    if (card && this.scored(card)) return this.goStep(this.stage.after(this.scored));
    card?.querySelector(".score input")?.focus();
    this.say(this.messages.score_first);
  }

  backStep() {
    if (this.stage.step > 1) this.goStep(this.stage.step - 1);
  }

  // Showing it -----------------------------------------------------------------------------------------------------

  render() {
    const { tiers, unranked, answer } = this;
    showAnswer(answer, this.form, this.cards);
    const against = contradictions(tiers, answer.scores);
    const shared = new Map();
    for (const rank of answer.ranks.values()) shared.set(rank, (shared.get(rank) ?? 0) + 1);
    for (const card of this.cards) {
      const letter = letterOf(card);
      const rank = answer.ranks.get(letter);
      card.classList.toggle("ranked", rank !== undefined);
      card.classList.toggle("tied", rank !== undefined && shared.get(rank) > 1);
      card.classList.toggle("current", letter === this.current);
      card.classList.toggle("against", against.some((pair) => pair.includes(letter)));
    }
    this.stage.render(this.scored);
    this.strip.render(tiers, unranked, this.tiePending);
    this.renderAgainst(against);
    const { strict, ties } = expression.countPairs(tiers);
    this.part("pairs").textContent = unranked.length > 0
      ? count(this.messages, "left", unranked.length)
      : [count(this.messages, "pairs", strict), ...(ties > 0 ? [count(this.messages, "ties", ties)] : [])].join(" · ");
    this.part("submit").setAttribute("aria-disabled", String(unranked.length > 0 || this.sending));
    this.part("keep").setAttribute("aria-pressed", String(answer.kept));
    this.part("undo").setAttribute("aria-disabled", String(this.past.length === 0));
  }

  /** Says quietly where the ranking contradicts the scores. */
  renderAgainst(pairs) {
    const [first] = pairs;
    const text = first === undefined ? "" : fill(count(this.messages, "against", pairs.length), {
      above: first[0], below: first[1], high: this.answer.scores.get(first[1]) ?? 0, low: this.answer.scores.get(first[0]) ?? 0,
      pairs: pairs.map(([above, below]) => `${above} › ${below}`).join(", "),
    });
    const line = this.part("against");
    if (line.textContent !== text) line.textContent = text;
  }

  /** Frames a card without moving the focus. */
  mark(letter) {
    this.current = letter;
    for (const card of this.cards) card.classList.toggle("current", letterOf(card) === letter);
  }

  /** Frames a card, focuses it and brings its head into view. */
  focusCard(letter, block = "nearest") {
    this.mark(letter);
    const card = this.card(letter);
    card.focus({ preventScroll: true });
    (block === "start" ? card : card.querySelector("header"))?.scrollIntoView({ block });
  }

  go(step) {
    if (this.stage.scoring) return step < 0 ? this.backStep() : this.nextStep();
    const inStrip = this.strip.focusedLetter();
    if (inStrip) {
      const order = [...this.tiers.flat(), ...this.unranked];
      this.strip.chipOf(order[order.indexOf(inStrip) + step])?.focus();
      return;
    }
    const next = this.letters[this.letters.indexOf(this.current) + step];
    if (next) this.focusCard(next);
  }

  openNote() {
    const field = noteOf(this.card(this.current)) ?? this.comment;
    field.closest("details")?.setAttribute("open", "");
    field.focus();
  }

  focusWork() {
    this.focusCard(this.current);
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

  // Draft ----------------------------------------------------------------------------------------------------------

  draft() {
    const ids = (letter) => this.card(letter).dataset.response ?? "";
    return {
      ...super.draft(),
      ranks: Object.fromEntries([...this.answer.ranks].map(([letter, rank]) => [ids(letter), rank])),
      kept_as_shown: this.answer.kept,
      answers: answersOf(this.answer, this.cards),
    };
  }

  takeUp(draft) {
    super.takeUp(draft);
    const answer = { ranks: new Map(), kept: draft.kept_as_shown === true, scores: new Map(), flags: new Map(), promptFlags: draft.answers?.prompt_flags ?? [] };
    for (const card of this.cards) {
      const said = draft.answers?.responses?.find((r) => String(r.response) === card.dataset.response);
      const rank = draft.ranks?.[card.dataset.response ?? ""];
      if (rank) answer.ranks.set(letterOf(card), rank);
      if (said?.score) answer.scores.set(letterOf(card), said.score);
      if (said?.flags?.length) answer.flags.set(letterOf(card), said.flags);
      const note = noteOf(card);
      if (note && said?.comment) note.value = said.comment;
    }
    this.answer = answer;
  }

  // Sending --------------------------------------------------------------------------------------------------------

  /** Sends, or leads to what is missing. */
  async submit() {
    if (this.stage.scoring) return this.nextStep();
    if (this.sending) return;
    const unscored = this.form.querySelector(".score") ? this.cards.find((card) => !this.scored(card)) : undefined;
    if (unscored) return this.goStep(Number(unscored.dataset.step));
    if (this.unranked.length > 0) {
      this.focusCard(this.unranked[0]);
      this.say(count(this.messages, "left", this.unranked.length));
      return;
    }
    await super.submit();
  }

  giveWay() {
    this.strip.dispose();
    super.giveWay();
  }

  submission() {
    const ids = new Map(this.cards.map((card) => [letterOf(card), Number(card.dataset.response)]));
    return {
      ...super.submission(),
      tiers: this.tiers.map((tier) => tier.map((letter) => ids.get(letter))),
      kept_as_shown: this.answer.kept,
      answers: answersOf(this.answer, this.cards),
    };
  }

  // Listening ------------------------------------------------------------------------------------------------------

  /** @param {AbortSignal} signal */
  listen(signal) {
    this.form.addEventListener("change", (event) => this.fieldChanged(event.target), { signal });
    for (const card of this.cards) {
      for (const kind of ["focusin", "pointerdown"]) card.addEventListener(kind, () => this.mark(letterOf(card)), { signal });
    }
    this.part("compare-button").addEventListener("click", () => this.comparison.open(this.current), { signal });
    this.part("undo").addEventListener("click", () => this.undo(), { signal });
    document.addEventListener("paste", (event) => this.paste(event), { signal });
    this.listenToKeys(signal);
  }

  pressed(id) {
    if (id === "keep") this.keepAsShown();
    else if (id === "step-back") this.backStep();
    else if (id === "to-scores") this.goStep(this.cards.length);
    else void this.submit();
  }

  fieldChanged(input) {
    if (!(input instanceof HTMLInputElement)) return;
    const card = input.closest(".card");
    const letter = card instanceof HTMLElement ? letterOf(card) : "";
    if (input.name.startsWith("rank_")) this.rankLetter(letter, Number(input.value));
    else if (input.name.startsWith("score_")) this.score(letter, Number(input.value));
    else if (input.name.startsWith("flag_")) this.flag(letter, input.value, input.checked);
    else if (input.name === "prompt_flag") {
      const others = this.answer.promptFlags.filter((key) => key !== input.value);
      this.set({ promptFlags: input.checked ? [...others, input.value] : others });
    }
  }

  /** @param {AbortSignal} signal */
  listenToKeys(signal) {
    listenToKeys({
      scoring: () => this.stage.scoring,
      letter: (letter) => this.typeLetter(letter),
      tie: () => this.typeTie(),
      digit: (digit) => this.stage.scoring ? this.score(letterOf(this.stage.card ?? this.cards[0]), digit) : this.rankCurrent(digit),
      flag: (index) => this.flagAt(index),
      back: () => this.stage.scoring ? this.backStep() : this.takeBack(),
      go: (step) => this.go(step),
      move: (step) => this.moveLetter(step),
      note: () => this.openNote(),
      compare: () => this.comparison.open(this.current),
      fold: () => this.folds.toggle(this.card(this.current)),
      keep: () => this.keepAsShown(),
      undo: () => this.undo(),
      skip: () => document.getElementById("skip")?.showPopover(),
      last: () => document.getElementById("last-button")?.click(),
      help: () => this.part("help").showPopover(),
      submit: () => void this.submit(),
      leaveText: () => this.focusWork(),
      singleKeys: () => this.shortcuts.checked,
    }, this.letters, signal);
  }

  /** A pasted expression, "B > A = D > C", is the ranking it says. */
  paste(event) {
    if (event.target instanceof HTMLTextAreaElement || this.stage.scoring) return;
    const tiers = expression.parse(event.clipboardData?.getData("text") ?? "", this.letters);
    if (tiers) {
      event.preventDefault();
      this.rank(expression.ranksOf(tiers));
      this.say(expression.format(tiers));
    }
  }
}

const form = document.getElementById("board");
if (form instanceof HTMLFormElement) new Board(form);
