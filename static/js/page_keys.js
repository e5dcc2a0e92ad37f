// Arrow keys turn the pages of a list while nothing is being typed.
document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.target.closest("input, textarea, select, summary, dialog[open]")) return;
  const box = event.target.closest(".m-table-box");
  if (box && box.scrollWidth > box.clientWidth) return;
  const rel = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
  const link = rel && document.querySelector(`.m-pages a[rel=${rel}]`);
  if (link) link.click();
});
