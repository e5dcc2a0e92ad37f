// Fills a field for coordinates with where the device is. It is asked only when somebody presses the
// button, and only on pages that allow it.
const WORDS = {
  1: "Izin lokasi ditolak. Izinkan lokasi pada peramban, atau tulis koordinatnya.",
  2: "Lokasi belum ditemukan. Coba di tempat terbuka, atau tulis koordinatnya.",
  3: "Lokasi terlalu lama dicari. Coba lagi, atau tulis koordinatnya.",
};
const asked = { enableHighAccuracy: true, timeout: 20000, maximumAge: 60000 };
const offer = (input) => {
  const row = document.createElement("span");
  row.className = "m-row";
  row.innerHTML =
    '<button type="button" class="m-btn m-btn-small">Pakai lokasi saya</button>' +
    '<span class="m-small" role="status"></span>';
  const [button, said] = row.children;
  const label = input.labels[0]?.textContent.replace("*", "").trim();
  if (label) button.setAttribute("aria-label", `Pakai lokasi saya untuk ${label}`);
  button.addEventListener("click", () => {
    said.textContent = "Mencari lokasi …";
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        input.value = `${coords.latitude.toFixed(6)}, ${coords.longitude.toFixed(6)}`;
        input.dispatchEvent(new Event("input", { bubbles: true }));
        said.textContent = `Terisi, teliti sampai sekitar ${Math.ceil(coords.accuracy)} m.`;
      },
      (fault) => (said.textContent = WORDS[fault.code] || WORDS[2]),
      asked,
    );
  });
  input.after(row);
};
if (navigator.geolocation) document.querySelectorAll("input[data-coordinates]").forEach(offer);
