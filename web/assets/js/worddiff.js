// The difference of two texts by words, or by characters where a script writes without spaces: Myers' greedy algorithm
// (An O(ND) Difference Algorithm and Its Variations, 1986).

const DIFFERENCES_MAX = 1500; // beyond it the texts have too little in common to be worth marking

const SHARE_MIN = 0.3; // of the shorter text's words and signs, likewise

/** @typedef {{ text: string, same: boolean }} Piece */

const WORDS = /[[\p{L}\p{N}\p{M}_'’]--[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]]+|\s+|./gsv;

/**
 * Cuts a text into words, signs and spaces; joined again they are the text.
 * @param {string} text
 * @returns {string[]}
 */
export function words(text) {
  return text.match(WORDS) ?? [];
}

/**
 * Both texts in pieces that are the same in the other or not; null where they have too little in common.
 * @param {string} left
 * @param {string} right
 * @returns {[Piece[], Piece[]] | null}
 */
export function difference(left, right) {
  const [a, b] = [words(left), words(right)];
  const kept = commonWords(a, b);
  if (!kept) return null;
  const count = (list) => list.filter((text) => /\S/.test(text)).length;
  if (count(a.filter((_, i) => kept[0][i])) < SHARE_MIN * Math.min(count(a), count(b))) return null;
  return [pieces(a, kept[0]), pieces(b, kept[1])];
}

/** Marks, for every word of both lists, whether it is part of a longest common subsequence. */
function commonWords(a, b) {
  const most = Math.min(a.length + b.length, DIFFERENCES_MAX);
  let reach = new Map([[1, 0]]); // diagonal → how far into a its furthest path comes
  /** @type {Map<number, number>[]} */
  const trace = [];
  for (let d = 0; d <= most; d++) {
    trace.push(new Map(reach));
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && (reach.get(k - 1) ?? -1) < (reach.get(k + 1) ?? -1));
      let x = down ? reach.get(k + 1) ?? 0 : (reach.get(k - 1) ?? 0) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      reach.set(k, x);
      if (x >= a.length && x - k >= b.length) return walkBack(trace, a, b);
    }
  }
  return null;
}

function walkBack(trace, a, b) {
  const kept = [new Array(a.length).fill(false), new Array(b.length).fill(false)];
  let [x, y] = [a.length, b.length];
  for (let d = trace.length - 1; d >= 0; d--) {
    const reach = trace[d];
    const k = x - y;
    const down = k === -d || (k !== d && (reach.get(k - 1) ?? -1) < (reach.get(k + 1) ?? -1));
    const fromK = down ? k + 1 : k - 1;
    const fromX = d === 0 ? 0 : reach.get(fromK) ?? 0;
    const fromY = d === 0 ? 0 : fromX - fromK;
    while (x > fromX && y > fromY) {
      kept[0][--x] = true;
      kept[1][--y] = true;
    }
    [x, y] = [fromX, fromY];
  }
  return kept;
}

function pieces(list, kept) {
  /** @type {Piece[]} */
  const out = [];
  list.forEach((text, i) => {
    const last = out.at(-1);
    if (last && last.same === kept[i]) last.text += text;
    else out.push({ text, same: kept[i] });
  });
  return out;
}
