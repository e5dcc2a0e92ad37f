// What is half written isn't left by mistake, nor by sending another form of the page.
const keepers = [...document.querySelectorAll("form[data-keep]")];
if (keepers.length) {
  // Compared with what the page came with, not with what it began with: browsers put back what
  // was typed before a reload, and what is put back as it came asks nothing.
  const isChanged = (field) => {
    if (!field.name || field.name === "then" || field.type === "hidden") return false;
    if (field.type === "file") return field.files.length > 0;
    if (field.matches("[type=checkbox], [type=radio]")) return field.checked !== field.defaultChecked;
    if (!field.options) return field.value !== field.defaultValue;
    const chosen = [...field.options].findIndex((option) => option.defaultSelected);
    return field.selectedIndex !== Math.max(chosen, 0);
  };
  let sent = null;
  const isUnsaved = (form) =>
    form !== sent && (form.dataset.keep === "unsaved" || [...form.elements].some(isChanged));
  window.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) sent = event.target;
  });
  window.addEventListener("beforeunload", (event) => {
    if (!keepers.some(isUnsaved)) return;
    event.preventDefault();
    event.returnValue = "";
    // Whoever stays may send again.
    setTimeout(() => {
      if (sent) delete sent.dataset.sent;
      sent = null;
    });
  });
  // A document opens beside what is half written, and isn't asked about.
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="/dokumen/"]');
    if (link) link.target = keepers.some(isUnsaved) ? "_blank" : "";
  });
}
