// Active time: how long the page was in front of somebody who did something. Reading without touching anything counts
// for a minute after the last sign of life.

const IDLE_MS = 60_000;
const TICK_MS = 1000;
const SIGNS = ["pointermove", "pointerdown", "keydown", "wheel", "scroll", "touchmove"];

export class ActiveTimer {
  /**
   * @param {number} startMs time already counted, from a draft
   * @param {AbortSignal} signal ends the counting
   */
  constructor(startMs, signal) {
    this.ms = startMs;
    this.lastSign = performance.now();
    this.lastTick = this.lastSign;
    /** @type {number | null} since when there is a break */
    this.pausedAt = null;
    for (const sign of SIGNS) addEventListener(sign, () => this.sign(), { passive: true, capture: true, signal });
    document.addEventListener("visibilitychange", () => this.tick(), { signal });
    const ticking = setInterval(() => this.tick(), TICK_MS);
    signal.addEventListener("abort", () => clearInterval(ticking));
  }

  sign() {
    this.tick();
    this.lastSign = performance.now();
  }

  /** Counts the time since the last tick where it was active. A sleeping machine's hours do not count. */
  tick() {
    const now = performance.now();
    const active = Math.min(now, this.lastSign + IDLE_MS) - this.lastTick;
    if (document.visibilityState === "visible" && active > 0 && this.pausedAt === null) this.ms += Math.min(active, IDLE_MS);
    this.lastTick = now;
  }

  /** A break: nothing counts until it ends. */
  pause() {
    this.tick();
    this.pausedAt = performance.now();
  }

  resume() {
    this.tick();
    this.pausedAt = null;
    this.sign();
  }

  /** Whether there is a break that began within the last ms. */
  pausedWithin(ms) {
    return this.pausedAt !== null && performance.now() - this.pausedAt < ms;
  }

  /** @returns {number} whole milliseconds so far */
  activeMs() {
    this.tick();
    return Math.round(this.ms);
  }

  /** Whether there was a sign of life within the last ms. */
  activeWithin(ms) {
    return document.visibilityState === "visible" && performance.now() - this.lastSign < ms;
  }
}
