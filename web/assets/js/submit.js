// Sending a ranking. The path is the key under which it is stored: a lease, or the judgment that it replaces. So sending
// twice stores one: after a lost answer it is simply sent again.

const RETRY_MS = 5000;

/**
 * @typedef {{ kind: "stored" } | { kind: "signed out" } | { kind: "taken" } | { kind: "refused", message: string }} Outcome
 */

/**
 * Sends a task's answer until there is one.
 * @param {string} token the lease's
 * @param {() => object} body
 * @param {() => void} onOffline
 */
export const submitRanking = (token, body, onOffline) => submitTo(`/api/leases/${token}/submit`, body, onOffline);

/**
 * Sends until there is an answer.
 * @param {string} path
 * @param {() => object} body made anew for every try: the active time goes on
 * @param {() => void} onOffline no connection; it goes on trying
 * @returns {Promise<Outcome>}
 */
export async function submitTo(path, body, onOffline) {
  for (;;) {
    try {
      const response = await fetch(path, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify(body()),
      });
      if (response.ok) return { kind: "stored" };
      if (response.status === 401) return { kind: "signed out" };
      if (response.status === 410) return { kind: "taken" };
      if (response.status !== 503) {
        return { kind: "refused", message: (await response.json()).error.message };
      }
    } catch {
      // no connection, or an answer that is not ours: try again
    }
    onOffline();
    await untilOnline();
  }
}

/** Resolves when the browser says it is online again, or after a while in any case. */
function untilOnline() {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timeout);
      removeEventListener("online", done);
      resolve(undefined);
    };
    const timeout = setTimeout(done, RETRY_MS);
    addEventListener("online", done);
  });
}
