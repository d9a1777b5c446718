// The strip of tiers: what the ranking is, and the place to change it by hand. Dropping a letter into a tier ties it;
// dropping it between tiers makes a tier of its own.
import { fill } from "./messages.js";

/**
 * @typedef {object} StripActions
 * @property {(tiers: string[][]) => void} order the letters were dragged into this order
 * @property {(letter: string) => void} rankNext an unranked letter was pressed
 * @property {(letter: string) => void} show a ranked letter was pressed
 */

export class Strip {
  /**
   * @param {HTMLElement} element
   * @param {Record<string, string>} messages
   * @param {StripActions} actions
   */
  constructor(element, messages, actions) {
    this.element = element;
    this.messages = messages;
    this.actions = actions;
    /** @type {typeof import("../vendor/sortablejs/sortable.core.esm.js").default | null} */
    this.Sortable = null;
    /** @type {{ destroy(): void }[]} */
    this.sortables = [];
    this.gone = false;
    element.addEventListener("click", (event) => this.press(event));
    void this.loadDragging();
  }

  /** Dragging is the slowest of the ways to rank, so it loads last. */
  async loadDragging() {
    const { default: Sortable } = await import("../vendor/sortablejs/sortable.core.esm.js");
    if (this.gone) return;
    this.Sortable = Sortable;
    this.makeDraggable();
  }

  /** Lets go of everything: another task takes the place. */
  dispose() {
    this.gone = true;
    this.dropSortables();
  }

  /**
   * @param {string[][]} tiers
   * @param {string[]} unranked
   * @param {boolean} tiePending the next letter typed will tie
   */
  render(tiers, unranked, tiePending) {
    const focused = document.activeElement instanceof HTMLElement && this.element.contains(document.activeElement)
      ? document.activeElement.dataset.letter : undefined;
    const parts = [];
    if (tiers.length > 0) {
      tiers.forEach((tier, i) => {
        parts.push(this.gap(i > 0));
        parts.push(this.tier(tier, i + 1, tiers.length, tiePending && i === tiers.length - 1));
      });
      parts.push(this.gap(false));
    } else {
      parts.push(this.list("tier empty", []));
    }
    if (unranked.length > 0) {
      const label = document.createElement("span");
      label.className = "strip-label";
      label.textContent = tiers.length > 0 ? this.messages.unranked : this.messages.empty;
      parts.push(label, this.list("tray", unranked.map((letter) => this.chip(letter, letter))));
    }
    this.dropSortables();
    this.element.replaceChildren(...parts);
    this.makeDraggable();
    if (focused) this.chipOf(focused)?.focus();
  }

  /** @param {string} letter */
  chipOf(letter) {
    return /** @type {HTMLElement | null} */ (this.element.querySelector(`[data-letter="${letter}"]`));
  }

  /** The letter in the strip that has the focus, if any. */
  focusedLetter() {
    const active = document.activeElement;
    return active instanceof HTMLElement && this.element.contains(active) ? active.dataset.letter : undefined;
  }

  tier(letters, rank, ranks, tiePending) {
    const chips = letters.map((letter) => this.chip(letter, fill(this.messages.letter, { letter, rank, ranks })));
    const tied = letters.length > 1 || tiePending;
    const list = this.list(tied ? "tier tied" : "tier", chips);
    list.classList.toggle("pending", tiePending);
    return list;
  }

  gap(visible) {
    const list = this.list(visible ? "gap" : "gap edge", []);
    list.setAttribute("aria-hidden", "true");
    return list;
  }

  list(className, chips) {
    const list = document.createElement("div");
    list.className = className;
    list.append(...chips);
    return list;
  }

  chip(letter, label) {
    const chip = document.createElement("button");
    chip.type = "button";
    chip.className = "chip";
    chip.dataset.letter = letter;
    chip.textContent = letter;
    chip.setAttribute("aria-label", label);
    return chip;
  }

  press(event) {
    const chip = event.target instanceof Element ? event.target.closest(".chip") : null;
    if (!(chip instanceof HTMLElement) || !chip.dataset.letter) return;
    if (chip.closest(".tray")) this.actions.rankNext(chip.dataset.letter);
    else this.actions.show(chip.dataset.letter);
  }

  makeDraggable() {
    if (this.Sortable === null || this.sortables.length > 0) return;
    for (const list of this.element.querySelectorAll(".tier, .gap, .tray")) {
      this.sortables.push(this.Sortable.create(list, {
        group: "letters",
        draggable: ".chip",
        forceFallback: true, // pointer events everywhere, so touch works the same
        fallbackOnBody: true,
        fallbackTolerance: 4,
        touchStartThreshold: 4,
        emptyInsertThreshold: 2,
        onStart: () => this.element.classList.add("dragging"),
        onEnd: () => this.dropped(),
      }));
    }
  }

  dropSortables() {
    for (const sortable of this.sortables) sortable.destroy();
    this.sortables = [];
  }

  dropped() {
    this.element.classList.remove("dragging");
    const tiers = [...this.element.querySelectorAll(".tier, .gap")]
      .map((list) => [...list.querySelectorAll(".chip")].map((chip) => chip.dataset.letter ?? "").sort())
      .filter((letters) => letters.length > 0);
    // After the drag has let go of its elements.
    queueMicrotask(() => this.actions.order(tiers));
  }
}
