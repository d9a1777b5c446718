// A question to the admins is sent without leaving the task.

/**
 * @param {HTMLElement} dialog
 * @param {string} token the lease's
 * @param {(text: string, sent: boolean) => void} tell
 * @param {Record<string, string>} messages
 * @param {AbortSignal} signal
 */
export function askInPlace(dialog, token, tell, messages, signal) {
  const form = /** @type {HTMLFormElement} */ (dialog.querySelector("form"));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const field = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("question"));
    try {
      const response = await fetch(`/api/leases/${token}/question`, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify({ question: field.value }),
      });
      if (!response.ok) return tell((await response.json()).error.message, false);
      field.value = "";
      dialog.hidePopover();
      tell(messages.asked, true);
    } catch {
      tell(messages.offline_ask, false); // what was written stays in the field
    }
  }, { signal });
}
