// What has been submitted and not been acknowledged. An answer goes in here before it is sent and leaves when the server
// has said what became of it, so that it outlives a lost connection, a reload and the end of a session. Its path is the
// key under which the server stores it: sending it twice stores one.

const PREFIX = "rankloop.outbox.";
const KEPT_MS = 7 * 24 * 60 * 60 * 1000;
const LOCK = "rankloop.outbox";

/**
 * @typedef {{ kind: "stored", next?: boolean, known?: string } | { kind: "signed out" } | { kind: "taken" } | { kind: "refused", message: string } | { kind: "away" }} Outcome
 * @typedef {{ path: string, body: object, at: number }} Entry
 */

/** Paths that this page is sending itself. */
const inHand = new Set();

/** Where this person's entries are kept: what one submits is not sent in another's name. */
const keyOf = (path) => `${PREFIX}${document.body.dataset.user ?? ""}.${path}`;

/**
 * Keeps an answer. Without storage it lives as long as the page.
 * @param {string} path
 * @param {object} body
 */
export function keep(path, body) {
  inHand.add(path);
  try {
    localStorage.setItem(keyOf(path), JSON.stringify({ path, body, at: Date.now() }));
  } catch {
    // storage is off or full
  }
}

/**
 * Forgets an answer.
 * @param {string} path
 */
export function drop(path) {
  inHand.delete(path);
  try {
    localStorage.removeItem(keyOf(path));
  } catch {
    // storage is off: nothing was kept
  }
}

/**
 * What waits to be sent, oldest first.
 * @returns {Entry[]}
 */
export function waiting() {
  const entries = [];
  try {
    for (const key of Object.keys(localStorage).filter((k) => k.startsWith(keyOf("")))) {
      const entry = JSON.parse(localStorage.getItem(key) ?? "null");
      if (typeof entry?.path !== "string" || !(Date.now() - entry.at < KEPT_MS)) localStorage.removeItem(key);
      else if (!inHand.has(entry.path)) entries.push(entry);
    }
  } catch {
    // storage is off, or holds something else
  }
  return entries.sort((a, b) => a.at - b.at);
}

/**
 * Sends once.
 * @param {string} path
 * @param {object} body
 * @returns {Promise<Outcome>}
 */
export async function send(path, body) {
  try {
    const response = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify(body),
    });
    if (response.ok) {
      const { next, known } = await response.json();
      return { kind: "stored", next: next === true, known };
    }
    if (response.status === 401) return { kind: "signed out" };
    if (response.status === 410) return { kind: "taken" };
    if (response.status < 500) return { kind: "refused", message: (await response.json()).error.message };
  } catch {
    // no connection, or an answer that is not ours
  }
  return { kind: "away" };
}

/**
 * Sends what waits, one after the other, in one tab at a time, and tells what became of each.
 * @param {(entry: Entry, outcome: Outcome) => void} tell
 */
export async function flush(tell) {
  const sendAll = async () => {
    for (const entry of waiting()) {
      const outcome = await send(entry.path, entry.body);
      if (outcome.kind === "away" || outcome.kind === "signed out") return tell(entry, outcome);
      drop(entry.path);
      tell(entry, outcome);
    }
  };
  if (!navigator.locks) return sendAll(); // without https; two tabs may send the same, which stores one
  await navigator.locks.request(LOCK, { ifAvailable: true }, async (lock) => lock && sendAll());
}
