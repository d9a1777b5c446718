// The guidelines beside the task: a column of their own where there is room for one, else a sheet over the page. Whether
// the column is open is a cookie, so that the server's first byte already leaves room for it; the place that one was
// reading is kept by campaign and version. The text is that of the guidelines' own page.
import { isWriting, keyOf } from "./keys.js";

const COOKIE = "rankloop_guide";
const YEAR_SECONDS = 365 * 24 * 60 * 60;
const PLACE_KEY = "rankloop.guide.";
const KEPT_AFTER_MS = 200;

const wide = matchMedia("(min-width: 1000px)");

class Guide {
  /** @param {HTMLTemplateElement} template */
  constructor(template) {
    const copy = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
    this.panel = /** @type {HTMLDialogElement} */ (copy.querySelector("dialog"));
    this.text = /** @type {HTMLElement} */ (copy.querySelector(".guide-text"));
    this.page = ""; // whose text is shown, or on its way
    this.shown = false; // the text is there
    /** @type {Element | null} where the focus was before */
    this.before = null;
    document.body.append(copy);
    this.listen();
  }

  get button() {
    return /** @type {HTMLButtonElement} */ (document.getElementById("guide-button"));
  }

  /** Turns to the guidelines of the task in front. */
  turn() {
    const page = this.button.dataset.page ?? "";
    this.button.setAttribute("aria-expanded", String(this.panel.open));
    if (page === this.page) return;
    this.page = page;
    this.shown = false;
    this.part("h2").textContent = this.button.textContent;
    /** @type {HTMLAnchorElement} */ (this.part("a[data-page]")).href = page;
    this.text.replaceChildren();
    if (wide.matches && document.documentElement.dataset.guide !== undefined) this.unfold();
    if (this.panel.open) void this.load();
  }

  /** @param {string} css */
  part(css) {
    return /** @type {HTMLElement} */ (this.panel.querySelector(css));
  }

  // Open and closed ------------------------------------------------------------------------------------------------

  toggle() {
    if (this.panel.open) return this.close();
    this.before = document.activeElement;
    this.unfold();
    this.text.focus({ preventScroll: true });
    void this.load();
  }

  /** Shows the panel and leaves the focus where it is. */
  unfold() {
    if (wide.matches) {
      this.panel.setAttribute("open", ""); // show() would take the focus
      this.remember(true);
    } else {
      this.panel.showModal();
    }
    this.button.setAttribute("aria-expanded", "true");
  }

  close() {
    const inside = this.panel.contains(document.activeElement) || this.panel.matches(":modal");
    if (!this.panel.matches(":modal")) this.remember(false);
    this.panel.close();
    this.button.setAttribute("aria-expanded", "false");
    if (!inside) return;
    const back = this.before?.isConnected && this.before !== document.body ? this.before : this.button;
    /** @type {HTMLElement} */ (back).focus({ preventScroll: true });
  }

  /** @param {boolean} open the column is to be open on the next page too */
  remember(open) {
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `${COOKIE}=${open ? "open" : ""}; Path=/; Max-Age=${open ? YEAR_SECONDS : 0}; SameSite=Lax${secure}`;
    document.documentElement.toggleAttribute("data-guide", open);
  }

  /** The window became wide or narrow: a sheet becomes the column; the column waits for room. */
  refit() {
    const wanted = document.documentElement.dataset.guide !== undefined;
    if (!this.panel.open && !(wide.matches && wanted)) return;
    this.panel.close();
    if (wide.matches) {
      this.unfold();
      void this.load();
    }
    this.button.setAttribute("aria-expanded", String(this.panel.open));
  }

  // The text, and the place in it ----------------------------------------------------------------------------------

  async load() {
    if (this.shown) return this.restore();
    const { page } = this;
    let text = null;
    try {
      const response = await fetch(page, { headers: { Accept: "text/html" } });
      if (response.ok) text = new DOMParser().parseFromString(await response.text(), "text/html").querySelector("[data-guidelines]");
    } catch {
      // no connection
    }
    if (page !== this.page || this.shown) return;
    this.shown = text !== null;
    this.text.textContent = text ? "" : this.panel.dataset.lost ?? "";
    if (!text) return;
    this.text.append(text);
    this.restore();
  }

  get blocks() {
    return [...(this.text.querySelector(".prose")?.children ?? [])];
  }

  get placeKey() {
    return `${PLACE_KEY}${document.body.dataset.user ?? ""}.${this.page.replace(/\?.*/, "")}`;
  }

  /** Keeps the block at the upper edge and how much of it is above: that holds at every width. */
  keepPlace() {
    if (!this.shown || !this.panel.open) return;
    const edge = this.text.getBoundingClientRect().top;
    const at = Math.max(this.blocks.findIndex((block) => block.getBoundingClientRect().bottom > edge), 0);
    const box = this.blocks[at]?.getBoundingClientRect();
    if (!box) return;
    const above = Math.max(0, edge - box.top) / Math.max(1, box.height);
    try {
      localStorage.setItem(this.placeKey, JSON.stringify({ page: this.page, at, above }));
    } catch {
      // storage is off: the place holds for this page
    }
  }

  restore() {
    try {
      const place = JSON.parse(localStorage.getItem(this.placeKey) ?? "null");
      const block = place?.page === this.page && (place.at > 0 || place.above > 0) ? this.blocks[place.at] : null;
      if (!block) return;
      const box = block.getBoundingClientRect();
      this.text.scrollTop += box.top - this.text.getBoundingClientRect().top + place.above * box.height;
    } catch {
      // storage is off, or holds something else
    }
  }

  // Listening ------------------------------------------------------------------------------------------------------

  listen() {
    let keeping = 0;
    this.text.addEventListener("scroll", () => {
      clearTimeout(keeping);
      keeping = setTimeout(() => this.keepPlace(), KEPT_AFTER_MS);
    }, { passive: true });
    addEventListener("pagehide", () => this.keepPlace());
    this.part("[data-close]").addEventListener("click", () => this.close());
    this.panel.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.close();
    });
    // A press beside the sheet, on what it covers, closes it.
    this.panel.addEventListener("click", (event) => event.target === this.panel && this.panel.matches(":modal") && this.close());
    document.addEventListener("click", ({ target }) => target instanceof Element && target.closest("#guide-button") && this.toggle());
    document.addEventListener("keydown", (event) => this.key(event));
    wide.addEventListener("change", () => this.refit());
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.defaultPrevented || event.isComposing || document.querySelector(":popover-open")) return;
    const target = event.target instanceof Element ? event.target : document.body;
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const shortcuts = document.getElementById("shortcuts");
    const single = plain && keyOf(event) === "Q" && !isWriting(target) && (!(shortcuts instanceof HTMLInputElement) || shortcuts.checked);
    if (single || event.altKey && !event.ctrlKey && !event.metaKey && event.code === "KeyG") this.toggle();
    else if (plain && event.key === "Escape" && this.panel.contains(target)) this.close();
    else return;
    event.preventDefault();
  }
}

/** @type {Guide | undefined} */
let guide;

/** Puts the guidelines of the task in front beside it; of the next task again, which may have others. */
export function showGuidelinesBeside() {
  const template = document.getElementById("guide-template");
  if (!(template instanceof HTMLTemplateElement)) return;
  guide ??= new Guide(template);
  guide.turn();
}
