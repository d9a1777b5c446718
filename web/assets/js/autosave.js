// Drafts: every change is kept in this browser at once and on the server a moment later. The copy here is dropped when
// the server has it, so whatever is found here is newer than what the server knows. Drafts are named by person and task
// and speak of response ids, so they fit again when the same task comes back.

import { saySignedOut } from "./session.js";

const PREFIX = "rankloop.draft.";
const KEPT_MS = 7 * 24 * 60 * 60 * 1000;
const DEBOUNCE_MS = 700;
const RETRY_MS = 10_000;

/** @typedef {"saving" | "draft_saved" | "draft_local"} DraftState */

export class Autosave {
  /**
   * @param {object} o
   * @param {string} [o.token] the lease's
   * @param {string} [o.path] where drafts are sent, if not to the lease; "" keeps none
   * @param {string} o.name of the draft: person and task
   * @param {() => object} o.draft as the server takes it
   * @param {(state: DraftState) => void} o.onState
   * @param {AbortSignal} o.signal
   */
  constructor({ token = "", path = `/api/leases/${token}/draft`, name, draft, onState, signal }) {
    Object.assign(this, { path, name, draft, onState });
    this.version = 0; // of what is on the page
    this.stored = 0; // what the server has
    this.stopped = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timeout = undefined;
    addEventListener("pagehide", () => this.dirty && void this.send(true), { signal });
    addEventListener("online", () => this.dirty && void this.send(), { signal });
    signal.addEventListener("abort", () => this.stop());
  }

  get dirty() {
    return !this.stopped && this.version > this.stored;
  }

  /** Something was answered. */
  changed() {
    if (this.stopped || !this.path) return;
    this.version++;
    keep(this.name, this.draft());
    this.onState("saving");
    this.again(DEBOUNCE_MS);
  }

  again(ms) {
    clearTimeout(this.timeout);
    this.timeout = setTimeout(() => void this.send(), ms);
  }

  async send(leaving = false) {
    const version = this.version;
    let stored = false;
    try {
      const response = await fetch(this.path, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify(this.draft()),
        keepalive: leaving,
      });
      stored = response.ok;
      if (response.status === 401) saySignedOut();
    } catch {
      // no connection
    }
    if (this.stopped) return;
    if (stored) this.stored = Math.max(this.stored, version);
    if (!this.dirty) drop(this.name);
    else if (!stored) this.again(RETRY_MS);
    if (version === this.version) this.onState(stored ? "draft_saved" : "draft_local");
  }

  /** Holds back while the answer itself is sent; a change goes on. */
  pause() {
    clearTimeout(this.timeout);
  }

  /** The task is done, or leaves the page: nothing more is sent. */
  stop() {
    this.stopped = true;
    clearTimeout(this.timeout);
  }

  /** Forgets the copy here. */
  drop() {
    this.stop();
    drop(this.name);
  }
}

/**
 * A draft that the server does not have, if there is one.
 * @param {string} name
 */
export function unsavedDraft(name) {
  dropOld();
  return load(name)?.draft ?? null;
}

function load(name) {
  try {
    const found = JSON.parse(localStorage.getItem(PREFIX + name) ?? "null");
    return typeof found?.draft === "object" && typeof found.savedAt === "number" ? found : null;
  } catch {
    return null; // storage is off, or holds something else
  }
}

function keep(name, draft) {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify({ draft, savedAt: Date.now() }));
  } catch {
    // storage is off or full: the server's copy is the only one
  }
}

function drop(name) {
  try {
    localStorage.removeItem(PREFIX + name);
  } catch {
    // storage is off: nothing was kept
  }
}

/** Drops drafts that nobody came back to. */
function dropOld() {
  try {
    const oldest = Date.now() - KEPT_MS;
    for (const key of Object.keys(localStorage).filter((k) => k.startsWith(PREFIX))) {
      const found = load(key.slice(PREFIX.length));
      if (found === null || found.savedAt < oldest) localStorage.removeItem(key);
    }
  } catch {
    // storage is off
  }
}
