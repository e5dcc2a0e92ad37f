// For how many the chosen action runs.
const runs = document.querySelector("[data-runs]");
if (runs) {
  const tellCount = () => {
    const chosen = runs.form.querySelector("[data-count]:checked");
    runs.textContent = chosen ? `Jalankan untuk ${chosen.dataset.count} permohonan` : "Jalankan";
  };
  runs.form.addEventListener("change", tellCount);
  window.addEventListener("pageshow", tellCount);
}
