// Confirmation for what can't be undone. The listener is delegated, so no inline handler is
// needed and a strict content security policy holds.
const makeConfirm = () => {
  const made = document.createElement("dialog");
  made.id = "m-confirm";
  made.className = "m-dialog";
  made.setAttribute("aria-labelledby", "m-confirm-text");
  made.innerHTML =
    '<form method="dialog"><p id="m-confirm-text" data-text></p>' +
    '<div class="m-row m-dialog-foot"><button class="m-btn" value="no" autofocus>Batal</button>' +
    '<button class="m-btn m-btn-main" value="yes">Ya, lanjutkan</button></div></form>';
  document.body.append(made);
  return made;
};
const ask = (text) =>
  new Promise((resolve) => {
    const dialog = document.getElementById("m-confirm") || makeConfirm();
    if (!dialog.showModal) return resolve(window.confirm(text));
    dialog.querySelector("[data-text]").textContent = text;
    dialog.returnValue = "";
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    dialog.showModal();
  });

document.addEventListener("submit", (event) => {
  const form = event.target;
  const button = event.submitter;
  const text = (button && button.dataset.confirm) || form.dataset.confirm;
  if (text && form.dataset.confirmed !== "yes") {
    event.preventDefault();
    ask(text).then((agreed) => {
      if (!agreed) return;
      form.dataset.confirmed = "yes";
      form.requestSubmit(button || undefined);
      delete form.dataset.confirmed;
    });
    return;
  }
  // A second click while the first is on its way is ignored; the button stays enabled.
  if (form.matches("[data-once]")) {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  }
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
});
