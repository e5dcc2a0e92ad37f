// Compare a file with the digest of the genuine one; the file never leaves this device.
document.querySelectorAll("[data-compare]").forEach((box) => {
  if (!window.crypto || !crypto.subtle) return;
  box.hidden = false;
  const [input, note] = [box.querySelector("input"), box.querySelector("[role=status]")];
  const tell = (tone, words) => {
    note.className = `m-note m-note-${tone} m-after`;
    note.textContent = words;
    note.hidden = false;
  };
  input.addEventListener("change", async () => {
    const file = input.files[0];
    note.hidden = true;
    if (!file) return;
    try {
      const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
      const text = [...new Uint8Array(digest)]
        .map((byte) => byte.toString(16).padStart(2, "0"))
        .join("");
      if (file !== input.files[0]) return;
      if (box.dataset.compare.split(" ").includes(text))
        tell("success", "Cocok. Berkas ini sama persis dengan yang kami terbitkan.");
      else
        tell("error", `Tidak cocok. Berkas ini bukan berkas yang kami terbitkan atau sudah diubah. Sidiknya ${text}.`);
    } catch {
      tell("warning", "Berkas tidak dapat dibaca. Pilih berkas itu sekali lagi.");
    }
  });
});
