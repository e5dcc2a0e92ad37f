// A link to something that is folded opens it, and takes the focus into it.
const unfold = (hash) => {
  const target = hash.length > 1 && document.getElementById(decodeURIComponent(hash.slice(1)));
  if (!target) return;
  for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details"))
    fold.open = true;
  const first = target.matches("form") && target.querySelector(
    "input:not([type=hidden]), select, textarea");
  if (first) first.focus();
};
document.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#"]');
  if (link) unfold(link.hash);
});
unfold(location.hash);
