// Menus that fold on a narrow screen. Without scripts they stay open.
for (const button of document.querySelectorAll("[data-menu]")) {
  const nav = button.parentElement;
  const show = (open) => {
    button.setAttribute("aria-expanded", String(open));
    nav.toggleAttribute("data-open", open);
  };
  nav.toggleAttribute("data-folds", true);
  button.addEventListener("click", () => show(!nav.hasAttribute("data-open")));
  nav.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !nav.hasAttribute("data-open")) return;
    show(false);
    button.focus();
  });
}
