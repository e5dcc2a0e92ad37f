// What was chosen since the page was opened goes along, though nobody pressed “Terapkan”.
for (const form of document.querySelectorAll("form[data-takes]")) {
  form.addEventListener("submit", () => {
    for (const old of form.querySelectorAll("[data-carried]")) old.remove();
    for (const [name, value] of new FormData(document.getElementById(form.dataset.takes))) {
      const field = Object.assign(document.createElement("input"), { type: "hidden", name, value });
      field.dataset.carried = "";
      form.append(field);
    }
  });
}
