// Dialogs opened by a link that also leads to a page of its own.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    const target = document.getElementById(opener.dataset.dialog);
    if (target && target.showModal) {
      event.preventDefault();
      target.showModal();
      target.addEventListener("close", () => opener.focus(), { once: true });
    }
  }
  const closer = event.target.closest("[data-close]");
  if (closer) closer.closest("dialog").close();
});
