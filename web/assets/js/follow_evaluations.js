// While a page shows an evaluation that is being worked, its live parts are fetched again now and then.
import { refreshLiveParts } from "./live_parts.js";

const every = 2000;

export async function followEvaluations() {
  while (document.querySelector("[data-live] [data-pending]")) {
    await new Promise((resume) => setTimeout(resume, every));
    if (!document.hidden) await refreshLiveParts();
  }
}
