// Which part of the task is in front: the responses one by one, steps 1 to K, or the ranking of all, step 0.

export class Stage {
  /**
   * @param {HTMLFormElement} form
   * @param {HTMLElement[]} cards
   * @param {string} stepText "{step} of {steps}"
   */
  constructor(form, cards, stepText) {
    this.form = form;
    this.cards = cards;
    this.stepText = stepText;
    this.step = Number(form.dataset.step);
  }

  /** Whether responses are being scored. */
  get scoring() {
    return this.step > 0;
  }

  /** The card in front while responses are scored. */
  get card() {
    return this.cards.find((card) => Number(card.dataset.step) === this.step);
  }

  /**
   * Brings a step to the front.
   * @param {number} step
   */
  go(step) {
    const stageChanges = step > 0 !== this.scoring;
    this.step = step;
    this.form.dataset.step = String(step);
    this.form.dataset.stage = step > 0 ? "one" : "two";
    for (const card of this.cards) {
      card.hidden = step > 0 && Number(card.dataset.step) !== step;
      const flags = card.querySelector("details.flags");
      if (stageChanges && flags instanceof HTMLDetailsElement) flags.open = step > 0;
    }
    for (const [id, shown] of [["scoring", step > 0], ["order", step === 0]]) {
      const section = document.getElementById(String(id));
      if (section) section.hidden = !shown;
    }
  }

  /**
   * The step after this one: the next response, and behind the last the first that has no score, or the ranking.
   * @param {(card: HTMLElement) => boolean} scored
   */
  after(scored) {
    if (this.step < this.cards.length) return this.step + 1;
    const missing = this.cards.filter((card) => !scored(card)).map((card) => Number(card.dataset.step));
    return missing.length > 0 ? Math.min(...missing) : 0;
  }

  /** @param {(card: HTMLElement) => boolean} scored */
  render(scored) {
    const step = document.getElementById("step");
    if (!step) return;
    if (this.scoring) {
      const text = this.stepText.replace("{step}", String(this.step)).replace("{steps}", String(this.cards.length));
      if (step.textContent !== text) step.textContent = text;
    }
    const dots = document.querySelectorAll("#dots i");
    for (const card of this.cards) {
      const at = Number(card.dataset.step);
      dots[at - 1]?.classList.toggle("here", at === this.step);
      dots[at - 1]?.classList.toggle("done", scored(card));
    }
    const front = this.card;
    document.getElementById("step-next")?.setAttribute("aria-disabled", String(!front || !scored(front)));
    document.getElementById("step-back")?.setAttribute("aria-disabled", String(this.step <= 1));
  }
}
