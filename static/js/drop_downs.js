// Drop-downs close when one turns elsewhere, but not to a question that they asked.
const DROPS = ".m-drop[open], .m-pop[open]";
const closeDrops = (except) =>
  document.querySelectorAll(DROPS).forEach((drop) => {
    if (!except || !drop.contains(except)) drop.open = false;
  });
for (const turned of ["click", "focusin"])
  document.addEventListener(turned, (event) => {
    if (!event.target.closest("dialog")) closeDrops(event.target);
  });
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
  const drop = event.target.closest && event.target.closest(DROPS);
  closeDrops();
  if (drop) drop.querySelector("summary").focus();
});
