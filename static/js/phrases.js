// A sentence kept ready goes where one writes: chosen from the list, which “/” at the beginning of a
// line opens.
const offer = (box) => {
  const area = document.getElementById(box.dataset.phrases);
  const list = box.querySelector("select");
  if (!area) return;
  box.querySelector("button").hidden = true;
  const put = (field, words) => {
    field.value = words;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const insert = ({ text, ...others }) => {
    const [begin, end] = [area.selectionStart, area.selectionEnd];
    const [before, after] = [area.value.slice(0, begin), area.value.slice(end)];
    const parted = before && !/\s$/.test(before) ? `${before}\n` : before;
    put(area, parted + text + after);
    area.setSelectionRange(parted.length + text.length, parted.length + text.length);
    for (const [name, words] of Object.entries(others)) {
      const field = area.form.elements[name];
      if (field && !field.value.trim()) put(field, words);
    }
  };
  list.addEventListener("change", () => {
    const chosen = list.selectedOptions[0];
    if (!chosen.value) return;
    insert(chosen.dataset);
    list.selectedIndex = 0;
    area.focus();
  });
  list.addEventListener("keydown", (event) => {
    if (event.key === "Escape") area.focus();
  });
  area.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (!/(^|\n)$/.test(area.value.slice(0, area.selectionStart))) return;
    event.preventDefault();
    list.focus();
    if (list.showPicker) list.showPicker();
  });
};
const offerAll = (root) => root.querySelectorAll("[data-phrases]").forEach(offer);
offerAll(document);
document.addEventListener("melasti:shown", (event) => offerAll(event.detail));
