// The suggestions of a turn: they show as the model writes them, and become cards with ranks when they are complete.
import { readEvents } from "./events.js";

export class Suggestions {
  /**
   * @param {HTMLElement} section
   * @param {Record<string, string>} messages
   * @param {() => void} onDrawn the cards are there
   * @param {AbortSignal} signal
   */
  constructor(section, messages, onDrawn, signal) {
    Object.assign(this, { section, messages, onDrawn, signal });
    this.list = /** @type {HTMLElement} */ (section.querySelector("#suggestion-cards"));
    this.ask = section.querySelector("#suggestions-ask");
    this.ask?.querySelector("button")?.addEventListener("click", (event) => {
      event.preventDefault();
      void this.draw();
    }, { signal });
    if (this.waited) void this.draw();
  }

  /** How many are to be drawn still. */
  get waited() {
    return Number(this.section.dataset.draws ?? 0);
  }

  /** @param {string} text */
  say(text) {
    const status = /** @type {HTMLElement} */ (this.section.querySelector("#suggestions-status"));
    if (status.textContent !== text) status.textContent = text;
  }

  /** @param {string} text "" for none */
  fail(text) {
    const failure = /** @type {HTMLElement} */ (this.section.querySelector("#suggestions-failure"));
    failure.textContent = text;
    failure.hidden = text === "";
    this.section.removeAttribute("aria-busy");
    if (text === "") return;
    this.say("");
    this.list.replaceChildren();
    this.ask?.classList.add("again");
  }

  async draw() {
    this.fail("");
    this.ask?.classList.remove("again");
    this.section.setAttribute("aria-busy", "true");
    this.say(this.messages.waiting);
    try {
      await this.follow(await fetch(this.section.dataset.stream ?? "", {
        method: "POST", headers: { Accept: "application/json" }, signal: this.signal,
      }));
    } catch {
      if (!this.signal.aborted) this.fail(this.messages.lost);
    }
  }

  /** @param {Response} response */
  async follow(response) {
    if (!response.ok || !response.body) return this.fail((await response.json()).error?.message ?? this.messages.lost);
    const texts = this.showEmpty();
    for await (const { name, data } of readEvents(response.body)) {
      if (name === "text") {
        texts[data.draw]?.append(data.text);
        this.say(this.messages.writing);
      } else if (name === "done") {
        if (data.html) this.list.innerHTML = data.html; // else the next page shows it; made safe by the server; the page's policy is the second wall
        delete this.section.dataset.draws;
        this.ask?.remove();
        this.section.removeAttribute("aria-busy");
        this.say(this.messages.drawn);
        return this.onDrawn();
      } else if (name === "failed") {
        return this.fail(data.message);
      }
    }
    this.fail(this.messages.lost);
  }

  /** Empty cards, into which the model writes. */
  showEmpty() {
    const template = /** @type {HTMLTemplateElement} */ (this.section.querySelector("#suggestion-card"));
    this.list.replaceChildren();
    return Array.from({ length: this.waited }, (_, i) => {
      this.list.append(template.content.cloneNode(true));
      const card = /** @type {HTMLElement} */ (this.list.lastElementChild);
      const letter = card.querySelector(".letter");
      if (letter) letter.textContent = String.fromCharCode(65 + i);
      return /** @type {HTMLElement} */ (card.matches(".streaming") ? card : card.querySelector(".streaming"));
    });
  }
}
