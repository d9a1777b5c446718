// A demonstration: the person writes the ideal reply. Without this script the page is a plain form that works.
import { TaskPage } from "./task.js";
import { Writer } from "./writer.js";

class DemonstrationPage extends TaskPage {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    super(form);
    this.writer = new Writer(/** @type {HTMLElement} */ (form.querySelector(".writer")), this.messages, this.signal);
    this.writer.field.addEventListener("input", () => this.render(), { signal: this.signal });
    document.addEventListener("keydown", (event) => this.key(event), { signal: this.signal });
    form.addEventListener("change", ({ target }) => {
      if (target instanceof HTMLInputElement && target.name === "prompt_flag") this.autosave.changed();
    }, { signal: this.signal });
    this.start();
    // With a keyboard at hand writing begins at once; on a phone its own would cover the prompt.
    if (matchMedia("(pointer: fine)").matches) this.writer.field.focus({ preventScroll: true });
  }

  draft() {
    return { ...super.draft(), answers: this.answers(), written: this.writer.text };
  }

  submission() {
    return { ...super.submission(), tiers: [], answers: this.answers(), written: this.writer.text };
  }

  answers() {
    return { prompt_flags: [...this.form.querySelectorAll(".prompt-flags input:checked")].map((input) => input.value) };
  }

  takeUp(draft) {
    super.takeUp(draft);
    this.writer.text = draft.written ?? "";
    for (const input of this.form.querySelectorAll(".prompt-flags input")) input.checked = draft.answers?.prompt_flags?.includes(input.value) ?? false;
  }

  missing() {
    return this.writer.text === "" ? this.messages.write_first : "";
  }

  render() {
    this.part("submit").setAttribute("aria-disabled", String(this.sending || this.writer.text === ""));
  }

  focusWork() {
    this.part("composing").focus({ preventScroll: true });
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.defaultPrevented || event.isComposing || document.querySelector(":popover-open, dialog:modal")) return;
    const writing = event.target instanceof Element && event.target.matches("textarea, input:not([type=checkbox])");
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void this.submit();
    else if (writing && event.key === "Escape") this.focusWork();
    else if (writing || event.ctrlKey || event.metaKey || event.altKey || !this.shortcuts.checked) return;
    else if (event.key === "e") this.writer.field.focus();
    else if (event.key === "t") this.openNote();
    else if (event.key === "s") document.getElementById("skip")?.showPopover();
    else if (event.key === "z") document.getElementById("last-button")?.click();
    else if (event.key === "?" || event.key === "？") this.part("help").showPopover();
    else return;
    event.preventDefault();
  }

  openNote() {
    this.comment.closest("details")?.setAttribute("open", "");
    this.comment.focus();
  }
}

const form = document.getElementById("board");
if (form instanceof HTMLFormElement) new DemonstrationPage(form);
