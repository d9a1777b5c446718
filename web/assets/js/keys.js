// What the keys of the board mean. Letters name responses, or flags while responses are scored one by one, so commands
// use the keys from Q on and signs.

/**
 * @typedef {object} BoardCommands
 * @property {() => boolean} scoring whether responses are scored one by one
 * @property {(letter: string) => void} letter
 * @property {() => void} tie
 * @property {(digit: number) => void} digit a rank, or a score
 * @property {(index: number) => boolean} flag ticks the flag at an index; false where there is none
 * @property {() => void} back
 * @property {(step: -1 | 1) => void} go
 * @property {(step: -1 | 1) => void} move
 * @property {() => void} note
 * @property {() => void} compare
 * @property {() => void} fold
 * @property {() => void} keep
 * @property {() => void} undo
 * @property {() => void} skip
 * @property {() => void} [last] goes back to the last ranking
 * @property {() => void} help
 * @property {() => void} submit goes on: to the next response, or the ranking is sent
 * @property {() => void} leaveText leaves a field of text
 * @property {Record<string, () => void>} [more] capital letter → what it means on this page alone
 * @property {() => boolean} singleKeys whether single-key shortcuts are on
 */

const STEPS = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1 };

/**
 * @param {BoardCommands} commands
 * @param {string[]} letters
 * @param {AbortSignal} signal
 */
export function listenToKeys(commands, letters, signal) {
  document.addEventListener("keydown", (event) => {
    const target = event.target instanceof Element ? event.target : document.body;
    if (event.defaultPrevented || event.isComposing || document.querySelector(":popover-open, dialog:modal")) return;
    if (handle(event, target, commands, letters)) event.preventDefault();
  }, { signal });
}

/** @returns {boolean} whether the key meant something */
function handle(event, target, commands, letters) {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    commands.submit();
    return true;
  }
  if (event.ctrlKey || event.metaKey) return false;
  if (isWriting(target)) {
    if (event.key !== "Escape") return false;
    commands.leaveText();
    return true;
  }
  const step = STEPS[event.key];
  if (event.altKey) {
    if (!step || commands.scoring()) return false;
    commands.move(step);
    return true;
  }
  if (event.key === "Enter") {
    if (target.closest("button, a, summary")) return false;
    commands.submit();
    return true;
  }
  if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
    if (target.matches("input[type=radio]")) return false;
    commands.go(step);
    return true;
  }
  return commands.singleKeys() && single(event, commands, letters);
}

function single(event, commands, letters) {
  const key = keyOf(event);
  if (/^[1-9]$/.test(key)) commands.digit(Number(key));
  else if (key === "Backspace") commands.back();
  else if (key === "T") commands.note();
  else if (key === "U") commands.undo();
  else if (key === "X") commands.fold();
  else if (key === "S") commands.skip();
  else if (key === "Z") commands.last?.();
  else if (key === "?" || key === "？") commands.help();
  else if (commands.scoring()) return /^[A-P]$/.test(key) && commands.flag(key.charCodeAt(0) - 65);
  else if (commands.more?.[key]) commands.more[key]();
  else if (letters.includes(key)) commands.letter(key);
  else if (key === "=" || key === "＝") commands.tie();
  else if (key === "V") commands.compare();
  else if (key === "Y") commands.keep();
  else return key === ">" || key === "›"; // part of the expression, and implied
  return true;
}

/** The key as a capital letter; on a keyboard of another script, the letter printed at its place on a Latin one. */
export function keyOf(event) {
  if (event.key.length === 1 && event.key > "\u02ff" && /^Key[A-Z]$/.test(event.code)) return event.code.slice(3);
  return event.key.length === 1 ? event.key.toUpperCase() : event.key;
}

/** @param {Element} target */
export function isWriting(target) {
  return target.matches("textarea, select, input:not([type=radio], [type=checkbox], [type=button], [type=submit]), [contenteditable]");
}
