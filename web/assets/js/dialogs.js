// A dialog's first field has the focus when it opens. The attribute autofocus would do it too, but it counts for the whole
// page as well: a page that loads while something has the focus complains of it on the console.

/** @param {Document} page */
export function focusDialogs(page) {
  page.addEventListener("toggle", (event) => {
    if (!(event.target instanceof HTMLElement) || !event.target.matches(":popover-open")) return;
    const field = event.target.querySelector("[data-focus]");
    if (field instanceof HTMLElement) field.focus({ preventScroll: true }); // a long legend begins at its top
  }, true); // toggle does not bubble
}
