// Shortcuts of queue and card: only while their help is on the page, which each person can turn
// off, and never while something is typed. What they do is also there to click.
const help = document.getElementById("m-keys");
const typing = (target) =>
  target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, dialog[open]");
const rowsOfQueue = () => [...document.querySelectorAll(".m-queue[data-keys] tbody tr")];
const stepTo = (step) => {
  const rows = rowsOfQueue();
  if (!rows.length) return;
  const here = rows.indexOf(document.activeElement.closest("tr"));
  const next = here < 0 ? (step > 0 ? 0 : rows.length - 1) : here + step;
  const row = rows[Math.min(Math.max(next, 0), rows.length - 1)];
  row.querySelector(".c-subject a").focus();
  row.scrollIntoView({ block: "nearest" });
};
const firstOfAction = () => {
  const action = document.getElementById("tindakan");
  const first = action && action.querySelector(
    "summary, a:not(.m-newest), button, select, textarea, input:not([type=hidden])");
  if (first) first.focus();
};
const shortcuts = {
  j: () => stepTo(1),
  k: () => stepTo(-1),
  ArrowDown: () => stepTo(1),
  ArrowUp: () => stepTo(-1),
  x: (event) => {
    const row = event.target.closest(".m-queue tbody tr");
    const box = row && row.querySelector("input[name=id]");
    if (box) box.click();
  },
  a: firstOfAction,
  1: firstOfAction,
  // Beside the list, where the window is wide enough for both.
  v: (event) => {
    const row = event.target.closest(".m-queue tbody tr") || rowsOfQueue()[0];
    if (!row) return;
    row.querySelector(".c-subject a").focus();
    document.dispatchEvent(new CustomEvent("melasti:walk", { detail: row }));
  },
  "/": () => {
    const box = document.getElementById("q");
    if (box) box.select();
  },
};
document.addEventListener("melasti:act", firstOfAction);
if (help) {
  document.documentElement.classList.add("has-keys");
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.metaKey || event.isComposing) return;
    if (event.ctrlKey) {
      const form = event.key === "Enter" && event.target.closest("#tindakan form");
      if (form) form.requestSubmit(form.querySelector("button:not([type=button], [formaction])"));
      return;
    }
    if (typing(event.target)) return;
    const button = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    const known = shortcuts[event.key];
    if (!button && !known) return;
    // Arrows scroll the page unless one stands in a row.
    if (event.key.startsWith("Arrow") && !event.target.closest(".m-queue tr")) return;
    event.preventDefault();
    if (button) {
      button.click();
      const fold = button.matches("summary") && button.parentElement;
      const first = fold && fold.open && fold.querySelector(
        "input:not([type=hidden]), select, textarea, button");
      if (first) first.focus();
    } else known(event);
  });
}
