// A file over the limit is refused before it is sent. The server refuses it too, but it hangs up while the browser is
// still sending, which then shows a broken connection instead of the reason.

const input = document.querySelector('input[type="file"][data-bytes-max]');
if (input instanceof HTMLInputElement) {
  input.addEventListener("change", () => {
    const tooLarge = [...(input.files ?? [])].some((file) => file.size > Number(input.dataset.bytesMax));
    input.setCustomValidity(tooLarge ? input.dataset.tooLarge ?? "" : "");
    input.reportValidity();
  });
}
