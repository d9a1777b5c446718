// Admin pages: the copy buttons beside links that are shown once.

for (const button of document.querySelectorAll("button[data-copy]")) {
  button.addEventListener("click", async () => {
    const input = document.getElementById(button.getAttribute("data-copy") ?? "");
    if (!(input instanceof HTMLInputElement)) return;
    input.select();
    try {
      await navigator.clipboard.writeText(input.value);
    } catch {
      return; // no clipboard without https: the text is selected, so Ctrl+C takes it
    }
    button.textContent = button.getAttribute("data-done");
  });
}
