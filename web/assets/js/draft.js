// The ranking in progress, kept in this browser so that a reload, a crash or a lost lease does not lose it. It is named
// by person and task and speaks of response ids, so it fits again when the same task comes back.

const PREFIX = "rankloop.draft.";
const KEPT_MS = 7 * 24 * 60 * 60 * 1000;

/**
 * @typedef {object} Draft
 * @property {Record<string, number>} ranks response id → rank
 * @property {boolean} kept kept as shown
 * @property {string} comment
 * @property {number} activeMs
 * @property {number} savedAt
 */

/**
 * @param {string} name
 * @returns {Draft | null}
 */
export function loadDraft(name) {
  try {
    const draft = JSON.parse(localStorage.getItem(PREFIX + name) ?? "null");
    if (draft === null || typeof draft.ranks !== "object" || typeof draft.savedAt !== "number") return null;
    return draft;
  } catch {
    return null; // storage is off, or holds something else
  }
}

/**
 * @param {string} name
 * @param {Omit<Draft, "savedAt">} draft
 * @returns {boolean} whether it is kept
 */
export function saveDraft(name, draft) {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify({ ...draft, savedAt: Date.now() }));
    return true;
  } catch {
    return false;
  }
}

/** @param {string} name */
export function dropDraft(name) {
  try {
    localStorage.removeItem(PREFIX + name);
  } catch {
    // storage is off: nothing was kept
  }
}

/** Drops drafts that nobody came back to. */
export function dropOldDrafts() {
  try {
    const oldest = Date.now() - KEPT_MS;
    for (const key of Object.keys(localStorage).filter((k) => k.startsWith(PREFIX))) {
      const draft = loadDraft(key.slice(PREFIX.length));
      if (draft === null || draft.savedAt < oldest) localStorage.removeItem(key);
    }
  } catch {
    // storage is off
  }
}
