// A text that is being written: its length, and how it will read. The preview is laid out by the server, as every text
// on every page is, so it is what readers will see.
import { count } from "./messages.js";

const PREVIEW_MS = 350;

export class Writer {
  /**
   * @param {HTMLElement} root of the component
   * @param {Record<string, string>} messages
   * @param {AbortSignal} signal
   */
  constructor(root, messages, signal) {
    this.field = /** @type {HTMLTextAreaElement} */ (root.querySelector("textarea"));
    this.pane = /** @type {HTMLElement} */ (root.querySelector("[data-preview]"));
    this.length = /** @type {HTMLElement} */ (root.querySelector("[data-length]"));
    this.messages = messages;
    this.signal = signal;
    this.shown = this.field.defaultValue.trim();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timeout = undefined;
    this.field.addEventListener("input", () => this.changed(), { signal });
    signal.addEventListener("abort", () => clearTimeout(this.timeout));
    this.changed();
  }

  get text() {
    return this.field.value.trim();
  }

  /** @param {string} text */
  set text(text) {
    this.field.value = text;
    this.changed();
  }

  changed() {
    const words = countWords(this.field.value);
    this.length.textContent = `${count(this.messages, "words", words)} · ${count(this.messages, "characters", [...this.text].length)}`;
    clearTimeout(this.timeout);
    if (this.text !== this.shown) this.timeout = setTimeout(() => void this.preview(), PREVIEW_MS);
  }

  /** Shows the text laid out; without a connection what was shown stays. */
  async preview() {
    const { text } = this;
    try {
      const response = await fetch("/api/preview", {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify({ text }),
        signal: this.signal,
      });
      if (!response.ok || text !== this.text) return;
      this.pane.innerHTML = (await response.json()).html; // made safe by the server; the page's policy is the second wall
      this.shown = text;
    } catch {
      // no connection
    }
  }
}

/** Words as the server counts them: runs of letters and digits, and each Chinese, Japanese or Thai character. */
function countWords(text) {
  return text.match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}])[\p{L}\p{Nd}])(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}])[\p{L}\p{Nd}\p{Mn}'’])*/gu)?.length ?? 0;
}
