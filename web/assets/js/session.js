// A session that has ended: what is on the page stays, and the way back leads here.

/** The sign-in page, which leads back to this one. */
export const signInPath = () => `/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`;

/** Says above a task that its person is signed out, with the way to sign in. */
export function saySignedOut() {
  const messages = JSON.parse(document.getElementById("board")?.dataset.messages ?? "{}");
  for (const banner of document.querySelectorAll("[data-banner]")) {
    const way = document.createElement("a");
    way.href = signInPath();
    way.textContent = messages.sign_in;
    banner.replaceChildren(messages.signed_out, " ", way);
    banner.removeAttribute("hidden");
  }
}
