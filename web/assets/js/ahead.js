// The next task, fetched while this one is worked on and shown the moment this one is stored. Its page comes whole from
// the server, so what is put in place is what a page load would show. Where anything is in the way (no connection, no
// task, a new version of the program), the page is loaded as ever.

const WAIT_MS = 300; // this task's own page comes first

export class Ahead {
  /**
   * @param {HTMLFormElement} form of the task that is worked on
   * @param {AbortSignal} signal ends the fetching
   */
  constructor(form, signal) {
    /** @type {Document | null} */
    this.page = null;
    if (form.dataset.ahead === undefined) return;
    const path = form.dataset.ahead;
    const waiting = setTimeout(() => void this.fetch(path, signal), WAIT_MS);
    signal.addEventListener("abort", () => clearTimeout(waiting));
  }

  /**
   * @param {string} path
   * @param {AbortSignal} signal
   */
  async fetch(path, signal) {
    try {
      const response = await fetch(path, { method: "POST", headers: { Accept: "text/html" }, signal });
      if (response.status !== 200) return;
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      if (boardOf(page) && sameProgram(page)) this.page = page;
    } catch {
      // no connection
    }
  }

  /**
   * An answer that also begins the next task.
   * @param {object} answer
   */
  beginningNext(answer) {
    const next = this.page && boardOf(this.page)?.dataset.lease;
    return next ? { ...answer, next } : answer;
  }

  /**
   * Puts the next task in the place of this one.
   * @returns {HTMLFormElement} its form
   */
  show() {
    const page = /** @type {Document} */ (this.page);
    const board = /** @type {HTMLFormElement} */ (boardOf(page));
    // Its person starts now, not when it was fetched.
    const now = Date.now();
    /** @type {HTMLInputElement} */ (board.elements.namedItem("started_at")).value = new Date(now).toISOString();
    board.dataset.expiresAt = new Date(now + Number(board.dataset.leaseSeconds) * 1000).toISOString();
    for (const dialog of document.querySelectorAll("body > .dialog")) dialog.remove();
    for (const id of ["bar-extra", "board"]) {
      const fresh = page.getElementById(id);
      if (fresh) document.getElementById(id)?.replaceWith(fresh);
    }
    document.body.append(...page.querySelectorAll("body > .dialog"));
    history.replaceState(null, "", board.dataset.next);
    scrollTo(0, 0);
    const heading = document.getElementById("prompt-heading");
    heading?.setAttribute("tabindex", "-1");
    heading?.focus({ preventScroll: true });
    return board;
  }
}

/** @param {Document} page */
function boardOf(page) {
  const board = page.getElementById("board");
  return board instanceof HTMLFormElement && board.dataset.lease ? board : null;
}

/** Whether a page runs what this one runs. @param {Document} page */
function sameProgram(page) {
  const parts = (root) => [...root.querySelectorAll("script[src], link[rel=stylesheet]")].map((e) => e.getAttribute("src") ?? e.getAttribute("href")).join();
  return parts(page) === parts(document);
}

/** Measures from the press that submits to the moment when the next task is on the screen, for whoever looks. */
export const pace = {
  submitted: () => performance.mark("rankloop:submit"),
  shown: () => requestAnimationFrame(() => setTimeout(() => performance.measure("rankloop:submit-to-next", "rankloop:submit"))),
};
