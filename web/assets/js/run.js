// The page of a run: curves that grow while it trains, and the parts of the page that a checkpoint changes.
import { Curves } from "./curves.js";
import { followEvaluations } from "./follow_evaluations.js";
import { refreshLiveParts } from "./live_parts.js";

const root = document.getElementById("charts");
if (root) follow(root);
followEvaluations();

/** @param {HTMLElement} root */
function follow(root) {
  const curves = new Curves(root);
  const status = document.getElementById("stream-status");
  const waiting = status?.textContent ?? "", help = root.dataset.help ?? "";
  const say = (/** @type {string} */ text) => {
    if (status && status.textContent !== text) status.textContent = text;
  };

  const events = new EventSource(root.dataset.events ?? "");
  events.addEventListener("open", () => say(curves.empty ? waiting : help));
  events.addEventListener("error", () => say(root.dataset.lost ?? ""));
  events.addEventListener("metrics", (event) => {
    const { rows } = JSON.parse(event.data);
    curves.add(rows);
    say(help);
    showStep(rows.at(-1)?.step ?? 0);
  });
  // The first state tells what the page shows already; every later one that something has changed.
  let shown = root.dataset.liveRun === "true" ? "" : "as shown";
  events.addEventListener("state", (event) => {
    if (shown !== "") refreshLiveParts();
    shown = event.data;
  });
  events.addEventListener("end", () => {
    events.close();
    if (root.dataset.liveRun === "true") refreshLiveParts();
    say(curves.empty ? "" : help);
  });
}

/** Moves the bar with the steps that no checkpoint holds yet. @param {number} step */
function showStep(step) {
  const bar = document.getElementById("run-progress");
  const text = document.getElementById("run-step");
  if (!(bar instanceof HTMLProgressElement) || step <= bar.value) return;
  bar.value = step;
  if (text) text.textContent = step.toLocaleString("en-US");
}
