// Parts of a page that change by themselves are marked data-live and have an id. They are fetched with the page they
// are on and put in place, so that the server's templates stay the only ones.
import { localizeTimes } from "./times.js";

let fetching = false;
let again = false;

/** Fetches the page and replaces its live parts, once for any number of calls in the meantime. */
export async function refreshLiveParts() {
  if (fetching) {
    again = true;
    return;
  }
  fetching = true;
  try {
    const response = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (response.ok) replaceParts(new DOMParser().parseFromString(await response.text(), "text/html"));
  } catch {
    // No connection: the next change tries again.
  }
  fetching = false;
  if (again) {
    again = false;
    refreshLiveParts();
  }
}

/** @param {Document} fresh */
function replaceParts(fresh) {
  for (const part of document.querySelectorAll("[data-live][id]")) {
    const now = fresh.getElementById(part.id);
    // Whoever has the focus inside keeps it: that part waits for the next change.
    if (!now || part.contains(document.activeElement) || part.innerHTML === now.innerHTML) continue;
    const open = [...part.querySelectorAll("details")].map((details) => details.open);
    const scrolled = [...part.querySelectorAll(".reply")].map((reply) => reply.scrollTop);
    part.innerHTML = now.innerHTML;
    part.querySelectorAll("details").forEach((details, i) => { details.open = open[i] ?? details.open });
    part.querySelectorAll(".reply").forEach((reply, i) => { reply.scrollTop = scrolled[i] ?? 0 });
    localizeTimes(part);
  }
}
