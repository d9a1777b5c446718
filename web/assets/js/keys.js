// What the keys of the board mean. Letters name responses, so commands use the keys from Q on and signs.

/**
 * @typedef {object} BoardCommands
 * @property {(letter: string) => void} letter
 * @property {() => void} tie
 * @property {(rank: number) => void} rank
 * @property {() => void} back
 * @property {(step: -1 | 1) => void} go
 * @property {(step: -1 | 1) => void} move
 * @property {() => void} keep
 * @property {() => void} undo
 * @property {() => void} skip
 * @property {() => void} help
 * @property {() => void} submit
 * @property {() => boolean} singleKeys whether single-key shortcuts are on
 */

const STEPS = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1 };

/**
 * @param {BoardCommands} commands
 * @param {string[]} letters
 */
export function listenToKeys(commands, letters) {
  document.addEventListener("keydown", (event) => {
    const target = event.target instanceof Element ? event.target : document.body;
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey) return;
    if (document.querySelector(":popover-open") || isWriting(target)) return;
    if (handle(event, target, commands, letters)) event.preventDefault();
  });
}

/** @returns {boolean} whether the key meant something */
function handle(event, target, commands, letters) {
  const step = STEPS[event.key];
  if (event.altKey) {
    if (step) commands.move(step);
    return Boolean(step);
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
  if (!commands.singleKeys()) return false;
  const key = keyOf(event);
  if (letters.includes(key)) commands.letter(key);
  else if (key === "=" || key === "＝") commands.tie();
  else if (/^[1-9]$/.test(key)) commands.rank(Number(key));
  else if (key === "Backspace") commands.back();
  else if (key === "Y") commands.keep();
  else if (key === "U") commands.undo();
  else if (key === "S") commands.skip();
  else if (key === "?" || key === "？") commands.help();
  else if (key === ">" || key === "›") return true; // part of the expression, and implied
  else return false;
  return true;
}

/** The key as a capital letter; on a keyboard of another script, the letter printed at its place on a Latin one. */
function keyOf(event) {
  if (event.key.length === 1 && event.key > "\u02ff" && /^Key[A-Z]$/.test(event.code)) return event.code.slice(3);
  return event.key.length === 1 ? event.key.toUpperCase() : event.key;
}

/** @param {Element} target */
function isWriting(target) {
  return target.matches("textarea, select, input:not([type=radio], [type=checkbox], [type=button], [type=submit]), [contenteditable]");
}
