// Tick all rows of a list.
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-tick-all]")) return;
  const name = event.target.dataset.tickAll || "rowid";
  document.querySelectorAll(`input[name=${name}]`).forEach((box) => {
    box.checked = event.target.checked;
  });
});
