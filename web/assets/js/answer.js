// What a person has answered about a task, and how it stands in the form: ranks, scores and flags by letter. An answer is
// never changed in place, so that undo is going back to the one before. Texts stay in their fields.

/**
 * @typedef {object} Answer
 * @property {Map<string, number>} ranks letter → rank, 1 best; equal ranks tie
 * @property {boolean} kept the order shown was confirmed
 * @property {Map<string, number>} scores letter → score
 * @property {Map<string, string[]>} flags letter → keys
 * @property {string[]} promptFlags keys
 */

/** @param {HTMLElement} card */
export const letterOf = (card) => card.dataset.letter ?? "";

/**
 * Reads what the page came with.
 * @param {HTMLFormElement} form
 * @param {HTMLElement[]} cards
 * @returns {Answer}
 */
export function readAnswer(form, cards) {
  const kept = form.dataset.kept !== undefined;
  const answer = { ranks: new Map(), kept, scores: new Map(), flags: new Map(), promptFlags: ticked(form, ".prompt") };
  for (const card of cards) {
    const letter = letterOf(card);
    const rank = card.querySelector(".rank input:checked");
    const score = card.querySelector(".score input:checked");
    if (rank instanceof HTMLInputElement) answer.ranks.set(letter, Number(rank.value));
    if (score instanceof HTMLInputElement) answer.scores.set(letter, Number(score.value));
    const flags = ticked(card, ".flags");
    if (flags.length > 0) answer.flags.set(letter, flags);
  }
  return answer;
}

/** @returns {string[]} */
function ticked(root, within) {
  return [...root.querySelectorAll(`${within} input[type=checkbox]:checked`)].map((input) => input.value);
}

/**
 * Shows an answer in the form's own fields.
 * @param {Answer} answer
 * @param {HTMLFormElement} form
 * @param {HTMLElement[]} cards
 */
export function showAnswer(answer, form, cards) {
  const check = (root, selector, is) => {
    for (const input of root.querySelectorAll(selector)) input.checked = is(input.value);
  };
  check(form, ".prompt-flags input", (key) => answer.promptFlags.includes(key));
  showCount(form.querySelector(".prompt-flags"), answer.promptFlags.length);
  for (const card of cards) {
    const letter = letterOf(card);
    const flags = answer.flags.get(letter) ?? [];
    check(card, ".rank input", (value) => Number(value) === answer.ranks.get(letter));
    check(card, ".score input", (value) => Number(value) === answer.scores.get(letter));
    check(card, ".flags input", (key) => flags.includes(key));
    showCount(card.querySelector(".flags"), flags.length);
  }
}

function showCount(details, n) {
  const count = details?.querySelector(".count");
  if (count) count.textContent = n > 0 ? ` · ${n}` : "";
}

/**
 * The answers beside the ranking, as the server takes them.
 * @param {Answer} answer
 * @param {HTMLElement[]} cards
 */
export function answersOf(answer, cards) {
  const responses = cards.map((card) => {
    const letter = letterOf(card);
    return {
      response: Number(card.dataset.response),
      score: answer.scores.get(letter) ?? 0,
      flags: answer.flags.get(letter) ?? [],
      comment: noteOf(card)?.value.trim() ?? "",
    };
  });
  return {
    prompt_flags: answer.promptFlags,
    responses: responses.filter((r) => r.score > 0 || r.flags.length > 0 || r.comment !== ""),
  };
}

/**
 * @param {HTMLElement} card
 * @returns {HTMLTextAreaElement | null}
 */
export function noteOf(card) {
  return card.querySelector(".card-note textarea");
}

/**
 * The pairs that a ranking orders strictly against their scores: the first stands above the second, whose score is
 * higher. A tie contradicts nothing.
 * @param {string[][]} tiers
 * @param {Map<string, number>} scores
 * @returns {[string, string][]}
 */
export function contradictions(tiers, scores) {
  /** @type {[string, string][]} */
  const found = [];
  tiers.forEach((tier, i) => {
    for (const above of tier) {
      for (const below of tiers.slice(i + 1).flat()) {
        const [high, low] = [scores.get(above), scores.get(below)];
        if (high !== undefined && low !== undefined && high < low) found.push([above, below]);
      }
    }
  });
  return found;
}
