// Days that somebody types are meant: “Tanggal sendiri” is chosen with them, and they go when
// another period is chosen.
for (const period of document.querySelectorAll("select[data-own]")) {
  const days = [...period.form.querySelectorAll('input[type="date"]')];
  for (const day of days) day.addEventListener("input", () => (period.value = period.dataset.own));
  period.addEventListener("change", () => {
    if (period.value !== period.dataset.own) for (const day of days) day.value = "";
  });
}
