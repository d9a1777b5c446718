// The theme is a cookie, so that the server's first byte already has it. Without this script the buttons of the menu
// post a form; with it they take effect at once.

const COOKIE = "rankloop_theme";
const YEAR_SECONDS = 365 * 24 * 60 * 60;

/** @param {Document} root */
export function switchThemeInPlace(root) {
  for (const form of root.querySelectorAll("form[data-theme-form]")) {
    form.addEventListener("submit", (event) => {
      const button = /** @type {SubmitEvent} */ (event).submitter;
      if (!(button instanceof HTMLButtonElement)) return;
      event.preventDefault();
      const secure = location.protocol === "https:" ? "; Secure" : "";
      document.cookie = `${COOKIE}=${button.value}; Path=/; Max-Age=${YEAR_SECONDS}; SameSite=Lax${secure}`;
      document.documentElement.dataset.theme = button.value;
      for (const other of form.querySelectorAll("button[name=theme]")) {
        other.setAttribute("aria-pressed", String(other === button));
      }
      document.dispatchEvent(new CustomEvent("rankloop:theme"));
    });
  }
}
