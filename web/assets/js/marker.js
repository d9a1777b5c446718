// Passages of a text that are marked: chosen by selecting it with mouse or finger, or word by word with the arrow keys.
// What is chosen is the browser's own selection, so all ways are one. Offsets count code points, as the server does.

/** @typedef {{ start: number, end: number }} Passage */

export class Marker {
  /**
   * @param {HTMLElement} root
   * @param {(from: Marker, passage: Passage | null) => void} onChoose what is selected now
   * @param {(from: Marker, passage: Passage) => void} onTake a passage is to be marked
   * @param {AbortSignal} signal
   */
  constructor(root, onChoose, onTake, signal) {
    Object.assign(this, { root, onChoose, onTake });
    this.turn = Number(root.dataset.turn);
    /** @type {string} as it is stored */
    this.text = JSON.parse(root.dataset.text ?? '""');
    /** @type {Passage[]} in order, none touching another */
    this.passages = JSON.parse(root.dataset.spans ?? "null") ?? [];
    this.words = segments(this.text, "word");
    this.sentences = segments(this.text, "sentence");
    /** @type {{ anchor: number, focus: number } | null} the first and the last unit that the arrows have chosen */
    this.chosen = null;
    root.addEventListener("focus", () => { this.chosen = null; }, { signal });
    root.addEventListener("keydown", (event) => this.key(event), { signal });
    document.addEventListener("selectionchange", () => this.onChoose(this, this.selection()), { signal });
    this.render();
  }

  /** Shows the marked passages. */
  render() {
    const parts = [];
    let at = 0;
    for (const { start, end } of this.passages) {
      const mark = document.createElement("mark");
      mark.textContent = this.quote({ start, end });
      parts.push(this.quote({ start: at, end: start }), mark);
      at = end;
    }
    this.root.replaceChildren(...parts, this.quote({ start: at, end: Infinity }));
  }

  /** @param {Passage} passage */
  quote({ start, end }) {
    return [...this.text].slice(start, end).join("");
  }

  /** @param {Passage[]} passages */
  set marked(passages) {
    this.passages = passages;
    this.render();
  }

  /** @returns {Passage | null} what is selected in this text, without the white space around it */
  selection() {
    const selection = getSelection();
    if (!selection || selection.isCollapsed || selection.rangeCount === 0) return null;
    const range = selection.getRangeAt(0);
    if (!range.intersectsNode(this.root)) return null;
    const within = document.createRange();
    within.selectNodeContents(this.root);
    if (range.compareBoundaryPoints(Range.START_TO_START, within) > 0) within.setStart(range.startContainer, range.startOffset);
    if (range.compareBoundaryPoints(Range.END_TO_END, within) < 0) within.setEnd(range.endContainer, range.endOffset);
    const before = document.createRange();
    before.selectNodeContents(this.root);
    before.setEnd(within.startContainer, within.startOffset);
    const text = within.toString();
    const start = [...before.toString()].length + [...text].length - [...text.trimStart()].length;
    const length = [...text.trim()].length;
    return length === 0 ? null : { start, end: start + length };
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const selected = this.selection();
    switch (event.key) {
      case "ArrowRight": this.choose(this.words, 1, event.shiftKey); break;
      case "ArrowLeft": this.choose(this.words, -1, event.shiftKey); break;
      case "ArrowDown": this.choose(this.sentences, 1, event.shiftKey); break;
      case "ArrowUp": this.choose(this.sentences, -1, event.shiftKey); break;
      case "Enter": case " ":
        if (selected) this.onTake(this, selected);
        break;
      default: return;
    }
    event.preventDefault();
  }

  /**
   * Chooses the unit behind the one that is chosen, or in front of it; extending keeps where the choice began.
   * @param {{ start: number, end: number }[]} units in UTF-16
   * @param {1 | -1} step
   * @param {boolean} extending
   */
  choose(units, step, extending) {
    if (units.length === 0) return;
    const last = units.length - 1;
    if (!this.chosen) {
      const first = step > 0 ? units[0] : units[last];
      this.chosen = { anchor: first.start, focus: first.start };
    } else {
      const { focus } = this.chosen;
      const at = units.findLastIndex(({ start }) => start <= focus);
      const next = units[Math.min(Math.max(at + step, 0), last)];
      this.chosen = { anchor: extending ? this.chosen.anchor : next.start, focus: next.start };
    }
    const { anchor, focus } = this.chosen;
    const from = Math.min(anchor, focus);
    const unitAt = (offset) => units.findLast(({ start }) => start <= offset) ?? units[0];
    this.select(unitAt(from).start, unitAt(Math.max(anchor, focus)).end);
  }

  /** Selects a part of the text, in UTF-16. */
  select(start, end) {
    const range = document.createRange();
    range.setStart(...this.point(start));
    range.setEnd(...this.point(end));
    const selection = getSelection();
    selection?.removeAllRanges();
    selection?.addRange(range);
    range.endContainer.parentElement?.scrollIntoView({ block: "nearest" });
  }

  /** @returns {[Node, number]} where an offset lies among the text's nodes */
  point(offset) {
    const walker = document.createTreeWalker(this.root, NodeFilter.SHOW_TEXT);
    let left = offset;
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const length = node.textContent?.length ?? 0;
      if (left <= length) return [node, left];
      left -= length;
    }
    return [this.root, this.root.childNodes.length];
  }
}

/**
 * Words or sentences of a text, without the white space around them.
 * @param {string} text
 * @param {"word" | "sentence"} granularity
 */
function segments(text, granularity) {
  return [...new Intl.Segmenter(document.documentElement.lang, { granularity }).segment(text)]
    .filter(({ segment, isWordLike }) => granularity === "word" ? isWordLike : segment.trim() !== "")
    .map(({ segment, index }) => {
      const start = index + segment.length - segment.trimStart().length;
      return { start, end: start + segment.trim().length };
    });
}

/**
 * Passages with one more, in order; those that overlap or touch become one.
 * @param {Passage[]} passages
 * @param {Passage} added
 */
export function withPassage(passages, added) {
  const apart = passages.filter((p) => p.end < added.start || p.start > added.end);
  const joined = passages.filter((p) => !apart.includes(p)).concat(added);
  const one = { start: Math.min(...joined.map((p) => p.start)), end: Math.max(...joined.map((p) => p.end)) };
  return [...apart, one].sort((a, b) => a.start - b.start);
}
