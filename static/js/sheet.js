// The sheet of several requests: copies a row's inputs to those below it, shows the letter of the row
// in which somebody works, and says for how many it will be sent.
const sheet = document.querySelector("[data-sheet]");
const rowsOf = (group) =>
  [...group.querySelectorAll("[data-row]")].filter((row) => row.querySelector("[name=rowid]").checked);
const controlsOf = (cell) =>
  [...cell.querySelectorAll("input:not([type=file]):not([type=hidden]), select, textarea")];

// What is ticked behind a fold is seen on the fold.
const tellTicked = (cell) => {
  const told = cell && cell.querySelector("[data-ticked]");
  if (!told) return;
  const ticked = [...cell.querySelectorAll("input:checked")].map((box) => box.value);
  told.textContent = ticked.length ? `: ${ticked.join("; ")}` : "";
};

const copy = (from, to) => {
  const there = controlsOf(to);
  controlsOf(from).forEach((control, place) => {
    there[place].value = control.value;
    if ("checked" in control) there[place].checked = control.checked;
  });
  tellTicked(to);
};

const fill = (button) => {
  const [key, name] = button.value.split(":");
  const group = sheet.querySelector(`[data-group="${CSS.escape(key)}"]`);
  const [first, ...others] = group ? rowsOf(group) : [];
  if (!first) return;
  for (const cell of first.querySelectorAll("[data-input]")) {
    const input = cell.dataset.input;
    if ((name && input !== name) || cell.querySelector("[type=file]")) continue;
    for (const row of others) copy(cell, row.querySelector(`[data-input="${CSS.escape(input)}"]`));
  }
};

const frame = document.querySelector("iframe[name=surat]");
const showLetter = (row) => {
  const letter = row && row.querySelector(".m-letter-beside");
  if (!frame || !letter || !letter.offsetParent || frame.dataset.of === letter.href) return;
  frame.dataset.of = letter.href;
  frame.src = letter.href;
  document.querySelector("[data-letter-of]").textContent =
    row.querySelector(".m-sheet-who").firstElementChild.textContent.trim() + ": " + letter.textContent;
  for (const one of sheet.querySelectorAll("[data-row]")) one.classList.toggle("is-shown", one === row);
};

if (sheet) {
  const send = sheet.querySelector("[data-sends]");
  const count = () => {
    const picked = sheet.querySelectorAll("[name=rowid]:checked").length;
    if (send) send.textContent = `Kirim untuk ${picked} permohonan`;
  };
  sheet.addEventListener("click", (event) => {
    const button = event.target.closest("[data-fill]");
    if (!button) return;
    event.preventDefault();
    fill(button);
  });
  sheet.addEventListener("focusin", (event) => showLetter(event.target.closest("[data-row]")));
  sheet.addEventListener("change", (event) => {
    tellTicked(event.target.closest("[data-input]"));
    count();
  });
  window.addEventListener("pageshow", count);
  showLetter(sheet.querySelector("[data-row]"));
}
