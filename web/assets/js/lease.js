// The hold on a task: prolonged while its person is active, said gently when it is about to end. All times are counted
// from the server's own clock (expiry minus the moment it answered), so a wrong clock here does no harm.

import { saySignedOut } from "./session.js";

const RENEW_MS_MAX = 5 * 60 * 1000;
const WARN_MS_MAX = 2 * 60 * 1000;
const CHECK_MS = 1000;
const BREAK_HELD_MS = 30 * 60 * 1000; // so long a task is held during a break; what was answered is kept longer

/**
 * @param {object} o
 * @param {string} o.token
 * @param {number} o.leaseMs how long a hold lasts
 * @param {number} o.remainingMs what is left of this one
 * @param {import("./timer.js").ActiveTimer} o.timer
 * @param {(state: "held" | "expiring" | "expired", endsAt: Date) => void} o.onChange
 * @param {AbortSignal} o.signal ends the renewing
 */
export function keepLease({ token, leaseMs, remainingMs, timer, onChange, signal }) {
  const renewMs = Math.min(leaseMs / 4, RENEW_MS_MAX);
  const warnMs = Math.min(leaseMs / 4, WARN_MS_MAX);
  let endsAt = Date.now() + remainingMs;
  let nextTry = Date.now() + renewMs;
  let state = "held";
  let lost = false;

  const renew = async () => {
    nextTry = Date.now() + renewMs;
    try {
      const response = await fetch(`/api/leases/${token}/renew`, { method: "POST", headers: { Accept: "application/json" } });
      if (response.ok) {
        const answered = Date.parse(response.headers.get("Date") ?? "") || Date.now();
        endsAt = Date.now() + Date.parse((await response.json()).expires_at) - answered;
      } else if (response.status === 410 || response.status === 404) {
        lost = true; // it ended; submitting still works while its place is free
        endsAt = Math.min(endsAt, Date.now());
      } else if (response.status === 401) {
        saySignedOut();
      }
    } catch {
      nextTry = Date.now() + Math.min(renewMs, 10_000); // no connection: try again soon
    }
  };

  const checking = setInterval(() => {
    const now = Date.now();
    if (!lost && now >= nextTry && (timer.activeWithin(renewMs) || timer.pausedWithin(BREAK_HELD_MS))) void renew();
    const next = now >= endsAt ? "expired" : now >= endsAt - warnMs ? "expiring" : "held";
    if (next !== state) {
      state = next;
      onChange(next, new Date(endsAt));
    }
  }, CHECK_MS);
  signal.addEventListener("abort", () => clearInterval(checking));
}
