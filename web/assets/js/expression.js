// A ranking as an expression: B › A = D › C. Pure functions over tiers, lists of letters with the best tier first;
// nothing here knows the page.

/** @typedef {string[][]} Tiers */

/**
 * Groups letters by rank; gaps between ranks mean nothing, letters without a rank are left out.
 * @param {Map<string, number>} ranks
 * @returns {Tiers}
 */
export function tiersOf(ranks) {
  const byRank = new Map();
  for (const [letter, rank] of ranks) byRank.set(rank, [...(byRank.get(rank) ?? []), letter]);
  return [...byRank.keys()].sort((a, b) => a - b).map((rank) => byRank.get(rank).sort());
}

/**
 * Numbers tiers from 1.
 * @param {Tiers} tiers
 * @returns {Map<string, number>}
 */
export function ranksOf(tiers) {
  return new Map(tiers.flatMap((tier, i) => tier.map((letter) => [letter, i + 1])));
}

/** @param {Tiers} tiers */
export function format(tiers) {
  return tiers.map((tier) => tier.join(" = ")).join(" › ");
}

/**
 * How many comparisons a ranking implies, strict ones and ties apart.
 * @param {Tiers} tiers
 */
export function countPairs(tiers) {
  const pairs = (n) => (n * (n - 1)) / 2;
  const total = tiers.reduce((n, tier) => n + tier.length, 0);
  const ties = tiers.reduce((n, tier) => n + pairs(tier.length), 0);
  return { strict: pairs(total) - ties, ties };
}

/**
 * Takes a letter out.
 * @param {Tiers} tiers
 * @param {string} letter
 * @returns {Tiers}
 */
export function without(tiers, letter) {
  return tiers.map((tier) => tier.filter((l) => l !== letter)).filter((tier) => tier.length > 0);
}

/**
 * Puts a letter last, or into the last tier. A letter that was ranked moves, so typing every letter once gives exactly
 * the order typed, whatever stood there before.
 * @param {Tiers} tiers
 * @param {string} letter
 * @param {boolean} tie
 * @returns {Tiers}
 */
export function append(tiers, letter, tie) {
  const rest = without(tiers, letter);
  if (!tie || rest.length === 0) return [...rest, [letter]];
  return [...rest.slice(0, -1), [...rest[rest.length - 1], letter].sort()];
}

/**
 * Takes the last letter back.
 * @param {Tiers} tiers
 * @returns {Tiers}
 */
export function dropLast(tiers) {
  if (tiers.length === 0) return tiers;
  return without(tiers, tiers[tiers.length - 1].at(-1) ?? "");
}

/**
 * Moves a letter one step: out of its tie into a tier of its own, or from its own tier into the neighbour's. Repeated,
 * it visits every place there is.
 * @param {Tiers} tiers
 * @param {string} letter
 * @param {-1 | 1} step -1 is better
 * @returns {Tiers}
 */
export function move(tiers, letter, step) {
  const at = tiers.findIndex((tier) => tier.includes(letter));
  if (at < 0) return step < 0 ? append(tiers, letter, false) : tiers;
  const rest = tiers.map((tier) => tier.filter((l) => l !== letter));
  if (tiers[at].length > 1) {
    rest.splice(step < 0 ? at : at + 1, 0, [letter]);
    return rest;
  }
  const neighbour = at + step;
  if (neighbour < 0 || neighbour >= tiers.length) return tiers;
  rest[neighbour] = [...rest[neighbour], letter].sort();
  return rest.filter((tier) => tier.length > 0);
}

/**
 * Reads an expression: letters, best first; "=" ties a letter with the one before; ">", "›", commas and spaces only
 * separate. Null when it is none: a foreign letter, one that occurs twice, a "=" with nothing before it.
 * @param {string} text
 * @param {string[]} letters those of the page
 * @returns {Tiers | null}
 */
export function parse(text, letters) {
  /** @type {Tiers} */
  let tiers = [];
  let tie = false;
  for (const character of text.toUpperCase()) {
    if (/[\s>›,;]/.test(character)) continue;
    if (character === "=" || character === "＝") {
      if (tie || tiers.length === 0) return null;
      tie = true;
      continue;
    }
    if (!letters.includes(character) || tiers.flat().includes(character)) return null;
    tiers = append(tiers, character, tie);
    tie = false;
  }
  return tie || tiers.length === 0 ? null : tiers;
}
