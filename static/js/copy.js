// A code that is typed elsewhere is copied with one tap; without a script it is selected by hand.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  const words = button.textContent;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "Tersalin ✓";
    setTimeout(() => { button.textContent = words; }, 2000);
  });
}
