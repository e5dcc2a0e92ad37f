// A file that is too large is told at once; the server checks again.
const watch = (input) => {
  const note = document.createElement("span");
  note.className = "m-error";
  note.setAttribute("role", "status");
  input.after(note);
  // A photo is made smaller at the server.
  const mostOf = (file) =>
    Math.max(Number(input.dataset.maxBytes), /^image\/(jpeg|png)$/.test(file.type) ? 12 * 1048576 : 0);
  input.addEventListener("change", () => {
    const large = [...input.files].find((file) => file.size > mostOf(file));
    const words =
      large && (mostOf(large) / 1048576).toLocaleString("id-ID", { maximumFractionDigits: 1 });
    note.textContent = large
      ? `Ukuran berkas melebihi ${words} MB. Pilih berkas yang lebih kecil.`
      : "";
  });
};
const watchAll = (root) => root.querySelectorAll("input[type=file][data-max-bytes]").forEach(watch);
watchAll(document);
document.addEventListener("melasti:shown", (event) => watchAll(event.detail));
