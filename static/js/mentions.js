// Names of colleagues behind an “@” in an internal note, offered as one types.
const note = document.querySelector("textarea[data-names]");
if (note) {
  const list = Object.assign(document.createElement("ul"), { className: "m-names", hidden: true });
  list.id = `${note.id}-names`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Rekan");
  note.after(list);
  note.setAttribute("aria-controls", list.id);
  let names = null;
  const begun = () => {
    const found = note.value.slice(0, note.selectionStart).match(/(?:^|[^\w.@])@([\p{L}\d .'’-]{0,40})$/u);
    return found ? found[1] : null;
  };
  const close = () => {
    list.hidden = true;
    note.removeAttribute("aria-activedescendant");
  };
  const mark = (chosen) => {
    for (const one of list.children) one.setAttribute("aria-selected", String(one === chosen));
    note.setAttribute("aria-activedescendant", chosen.id);
  };
  const put = (name) => {
    const [end, typed] = [note.selectionStart, begun()];
    note.setRangeText(`${name} `, end - typed.length, end, "end");
    close();
    note.focus();
  };
  note.addEventListener("input", async () => {
    const typed = begun();
    if (typed === null) return close();
    try {
      names ??= (await (await fetch(note.dataset.names)).json()).names;
    } catch {
      return;
    }
    const word = typed.toLowerCase();
    const found = names.filter((name) => name.toLowerCase().split(" ").some((_, place, all) =>
      all.slice(place).join(" ").startsWith(word))).slice(0, 6);
    if (!found.length) return close();
    list.replaceChildren(
      ...found.map((name, number) => {
        const option = Object.assign(document.createElement("li"), { id: `${list.id}-${number}`, textContent: name });
        option.setAttribute("role", "option");
        option.addEventListener("mousedown", (event) => {
          event.preventDefault();
          put(name);
        });
        return option;
      }),
    );
    list.hidden = false;
    mark(list.firstChild);
  });
  note.addEventListener("keydown", (event) => {
    if (list.hidden || event.isComposing) return;
    const here = list.querySelector('[aria-selected="true"]');
    const step = { ArrowDown: here.nextSibling || list.firstChild, ArrowUp: here.previousSibling || list.lastChild };
    if (step[event.key]) mark(step[event.key]);
    else if (event.key === "Enter" || event.key === "Tab") put(here.textContent);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
  note.addEventListener("blur", close);
}
