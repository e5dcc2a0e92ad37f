// Improvements only: every page works without this file.
(() => {
  "use strict";

  const summary = document.querySelector("[data-error-summary]");
  if (summary) summary.focus();

  // Confirmation for what can't be undone. The listener is delegated, so no inline handler is
  // needed and a strict content security policy holds.
  const dialog = document.getElementById("m-confirm");
  const ask = (text) =>
    new Promise((resolve) => {
      if (!dialog || !dialog.showModal) return resolve(window.confirm(text));
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
        if (button) form.requestSubmit(button);
        else form.requestSubmit();
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

  // Dialogs opened by a link that also leads to a page of its own.
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    if (opener) {
      const target = document.getElementById(opener.dataset.dialog);
      if (target && target.showModal) {
        event.preventDefault();
        target.showModal();
        target.addEventListener("close", () => opener.focus(), { once: true });
      }
    }
    const closer = event.target.closest("[data-close]");
    if (closer) closer.closest("dialog").close();
  });

  // Letters left, where the length is limited.
  document.querySelectorAll("textarea[maxlength]").forEach((area) => {
    const note = document.createElement("span");
    note.className = "m-hint";
    const count = () => {
      note.textContent = `${area.maxLength - area.value.length} huruf tersisa`;
    };
    area.after(note);
    area.addEventListener("input", count);
    count();
  });

  // A file that is too large is told at once; the server checks again.
  document.querySelectorAll("input[type=file][data-max-bytes]").forEach((input) => {
    const note = document.createElement("span");
    note.className = "m-error";
    note.setAttribute("role", "status");
    input.after(note);
    input.addEventListener("change", () => {
      const file = input.files[0];
      const large = file && file.size > Number(input.dataset.maxBytes);
      note.textContent = large ? "Ukuran berkas melebihi 2 MB. Pilih berkas yang lebih kecil." : "";
    });
  });

  // Tick all rows of a list.
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-tick-all]")) return;
    document.querySelectorAll("input[name=rowid]").forEach((box) => {
      box.checked = event.target.checked;
    });
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });

  // Arrow keys turn the pages of a list while nothing is being typed.
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.target.closest("input, textarea, select, dialog[open]")) return;
    const rel = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
    const link = rel && document.querySelector(`.m-pages a[rel=${rel}]`);
    if (link) link.click();
  });
})();
