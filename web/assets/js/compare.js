// Two responses side by side, with what differs between them marked word by word.
import { letterOf } from "./answer.js";
import { difference } from "./worddiff.js";

export class Comparison {
  /**
   * @param {HTMLElement} dialog
   * @param {HTMLElement[]} cards
   * @param {Record<string, string>} messages
   * @param {AbortSignal} signal
   */
  constructor(dialog, cards, messages, signal) {
    Object.assign(this, { dialog, messages });
    /** @type {HTMLElement[]} */
    this.cards = cards;
    this.sides = /** @type {HTMLSelectElement[]} */ ([...dialog.querySelectorAll("select")]);
    this.marks = /** @type {HTMLInputElement} */ (dialog.querySelector("#compare-marks"));
    dialog.addEventListener("change", () => this.render(), { signal });
    dialog.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!step || event.target instanceof HTMLSelectElement) return;
      event.preventDefault();
      this.turn(step);
    }, { signal });
  }

  /**
   * Shows a response beside the next one.
   * @param {string} letter
   */
  open(letter) {
    const at = this.cards.findIndex((card) => letterOf(card) === letter);
    this.sides[0].selectedIndex = at;
    this.sides[1].selectedIndex = (at + 1) % this.cards.length;
    this.render();
    this.dialog.showPopover();
  }

  /** Puts the next response on the right. */
  turn(step) {
    const n = this.cards.length;
    let next = this.sides[1].selectedIndex;
    do next = (next + step + n) % n; while (next === this.sides[0].selectedIndex);
    this.sides[1].selectedIndex = next;
    this.render();
  }

  render() {
    const texts = this.sides.map((side) => textOf(this.cards[side.selectedIndex]));
    const found = this.marks.checked ? difference(texts[0], texts[1]) : null;
    this.dialog.querySelectorAll(".compared").forEach((place, i) => {
      const shown = found ? found[i] : [{ text: texts[i], same: true }];
      place.replaceChildren(...shown.map(({ text, same }) => {
        const part = document.createElement(same ? "span" : i === 0 ? "del" : "ins");
        part.textContent = text;
        return part;
      }));
    });
    const note = /** @type {HTMLElement} */ (this.dialog.querySelector("#compare-note"));
    note.textContent = this.marks.checked && !found ? this.messages.compare_none : "";
  }
}

/** The text of a response as it reads; as it was written where formulas would fall apart. @param {HTMLElement} card */
function textOf(card) {
  const written = card.querySelector(".source .md-plain");
  if (written && card.querySelector(".prose math")) return written.textContent?.trim() ?? "";
  const prose = /** @type {HTMLElement} */ (card.querySelector(".body .prose") ?? card.querySelector(".body"));
  const folded = card.classList.contains("folded");
  const labels = /** @type {HTMLElement[]} */ ([...prose.querySelectorAll(".md-lang")]); // of code, no part of the text
  card.classList.remove("folded");
  for (const label of labels) label.hidden = true;
  const text = prose.innerText.trim();
  for (const label of labels) label.hidden = false;
  card.classList.toggle("folded", folded);
  return text;
}
