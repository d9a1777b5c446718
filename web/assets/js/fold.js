// Long responses fold, so that all of them can be seen at once. The head of a card sticks while its text is read, and
// folding brings the reader back to the card they were in.

const FOLD_LINES = 22;
const SPARE_LINES = 6; // a text that is only a little longer is not worth folding

/**
 * @param {HTMLElement[]} cards
 * @param {{ fold_more: string, fold_less: string }} messages
 * @param {AbortSignal} signal
 * @returns {{ toggle: (card: HTMLElement) => void }}
 */
export function foldLongCards(cards, messages, signal) {
  /** @type {Map<HTMLElement, HTMLButtonElement>} */
  const buttons = new Map();

  const show = (card, folded) => {
    const button = buttons.get(card);
    if (!button) return;
    card.classList.toggle("folded", folded);
    button.textContent = folded ? messages.fold_more : messages.fold_less;
    button.setAttribute("aria-expanded", String(!folded));
  };
  const toggle = (card) => {
    if (!buttons.has(card)) return;
    const before = card.getBoundingClientRect().top;
    show(card, !card.classList.contains("folded"));
    // The head keeps its place; one that had scrolled away comes back to the top.
    scrollBy(0, card.getBoundingClientRect().top - Math.max(before, 0));
  };
  const measure = (card) => {
    const body = /** @type {HTMLElement | null} */ (card.querySelector(".body"));
    if (!body || buttons.has(card) || card.hidden) return;
    const line = parseFloat(getComputedStyle(body).lineHeight) || 24;
    if (body.scrollHeight <= line * (FOLD_LINES + SPARE_LINES)) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "fold";
    button.addEventListener("click", () => toggle(card), { signal });
    body.after(button);
    buttons.set(card, button);
    show(card, true);
  };
  // A hidden card has no height: each is measured once it is shown.
  const seen = new ResizeObserver((entries) => entries.forEach((entry) => measure(/** @type {HTMLElement} */ (entry.target))));
  for (const card of cards) seen.observe(card);
  signal.addEventListener("abort", () => seen.disconnect());

  return { toggle };
}
