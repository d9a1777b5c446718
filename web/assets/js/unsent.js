// Every page sends what was submitted before and not acknowledged, and says so.
import { flush, waiting } from "./outbox.js";
import { count, fill } from "./messages.js";
import { signInPath } from "./session.js";

const RETRY_MS = 15_000;

export function sendUnsent() {
  const line = document.getElementById("unsent");
  if (!line) return; // nobody is signed in
  const messages = JSON.parse(line.dataset.messages ?? "{}");
  const say = (text, link = "", label = "") => {
    line.textContent = text;
    line.hidden = text === "";
    if (!link) return;
    const a = document.createElement("a");
    a.href = link;
    a.textContent = label;
    line.append(" ", a);
  };
  const tell = (entry, outcome) => {
    const board = document.getElementById("board");
    const here = entry.path === board?.dataset.submit;
    if (outcome.kind === "away") say(count(messages, "waiting", waiting().length));
    else if (outcome.kind === "signed out") say(messages.signed_out, signInPath(), messages.sign_in);
    else if (outcome.kind !== "stored") say(fill(messages.refused, { reason: outcome.message ?? messages.taken }));
    else if (here) location.assign(outcome.known ?? board.dataset.next ?? "/");
    else say(messages.sent);
  };
  const attempt = () => {
    if (waiting().length > 0) void flush(tell);
  };
  addEventListener("online", attempt);
  setInterval(attempt, RETRY_MS);
  attempt();
}
