// Sending an answer. The path is the key under which it is stored: a lease, or the judgment that it replaces. So sending
// twice stores one: after a lost answer it is simply sent again.
import { drop, keep, send } from "./outbox.js";
import { signInPath } from "./session.js";

const RETRY_MS = 5000;

/** @typedef {Exclude<import("./outbox.js").Outcome, { kind: "away" }>} Outcome */

/**
 * Sends a task's answer until there is one.
 * @param {string} token the lease's
 * @param {() => object} body
 * @param {() => void} onOffline
 */
export const submitRanking = (token, body, onOffline) => submitTo(`/api/leases/${token}/submit`, body, onOffline);

/**
 * Sends until there is an answer. Where the session has ended it leads through the sign-in page and back; what was
 * submitted is sent from there.
 * @param {string} path
 * @param {() => object} body
 * @param {() => void} onOffline no connection; it goes on trying
 * @returns {Promise<Outcome>}
 */
export async function submitTo(path, body, onOffline) {
  const sent = body();
  keep(path, sent);
  for (;;) {
    const outcome = await send(path, sent);
    if (outcome.kind === "signed out") location.assign(signInPath());
    else if (outcome.kind !== "away") drop(path);
    if (outcome.kind !== "away") return outcome;
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
