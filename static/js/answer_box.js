// Ctrl+Enter sends what is being written to a customer.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  const box = event.target.closest("textarea[data-answer]");
  if (!box) return;
  event.preventDefault();
  box.form.requestSubmit();
});
