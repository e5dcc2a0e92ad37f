// A file that is too large is told at once; the server checks again.
const watch = (input) => {
  const note = document.createElement("span");
  note.className = "m-error";
  note.setAttribute("role", "status");
  input.after(note);
  input.addEventListener("change", () => {
    const file = input.files[0];
    // A photo is made smaller at the server.
    const isPhoto = file && /^image\/(jpeg|png)$/.test(file.type);
    const most = Math.max(Number(input.dataset.maxBytes), isPhoto ? 12 * 1048576 : 0);
    const words = (most / 1048576).toLocaleString("id-ID", { maximumFractionDigits: 1 });
    note.textContent =
      file && file.size > most
        ? `Ukuran berkas melebihi ${words} MB. Pilih berkas yang lebih kecil.`
        : "";
  });
};
const watchAll = (root) => root.querySelectorAll("input[type=file][data-max-bytes]").forEach(watch);
watchAll(document);
document.addEventListener("melasti:shown", (event) => watchAll(event.detail));
