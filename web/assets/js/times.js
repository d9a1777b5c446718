// Moments come from the server as UTC; here they turn into the reader's own time and language.

/** @param {ParentNode} root */
export function localizeTimes(root) {
  const format = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
  for (const element of root.querySelectorAll("time[data-local]")) {
    const moment = new Date(element.getAttribute("datetime") ?? "");
    if (!Number.isNaN(moment.getTime())) element.textContent = format.format(moment);
  }
}
