// Ctrl+K: one dialog that finds requests, customers, pages, and what may be done with the open card.
// What is typed is sent by POST; of what was opened only ids are remembered, in this window.
const palette = document.getElementById("m-palette");
if (palette && palette.showModal) {
  const RECENT = "m-recent";
  const form = palette.querySelector("form");
  const box = form.elements.q;
  const list = palette.querySelector("[role=listbox]");
  const status = palette.querySelector("[data-found-words]");
  const recall = () => {
    try {
      return JSON.parse(sessionStorage.getItem(RECENT)) || [];
    } catch {
      return [];
    }
  };
  const opened = location.pathname.match(/\/backoffice\/permohonan\/([0-9A-Z]{26})$/);
  if (opened) {
    try {
      const kept = [opened[1], ...recall().filter((id) => id !== opened[1])].slice(0, 8);
      sessionStorage.setItem(RECENT, JSON.stringify(kept));
    } catch {
      // Nothing may be kept here.
    }
  }

  const options = () => [...list.querySelectorAll("[role=option]")];
  const select = (option) => {
    for (const one of options()) one.setAttribute("aria-selected", String(one === option));
    if (option) {
      box.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else box.removeAttribute("aria-activedescendant");
  };
  const selected = () => list.querySelector("[role=option][aria-selected=true]");

  // What the card offers: chosen here, it is opened there and nothing is sent.
  const verbs = () =>
    [...document.querySelectorAll("#tindakan summary, #tindakan form button.m-btn-main")]
      .filter((place) => place.matches("summary") || !place.closest("details"))
      .map((place) => ({ place, words: place.textContent.trim().replace(/\s*…$/, "") }));
  const goTo = (place) => {
    palette.close();
    const details = place.closest("details");
    if (details) details.open = true;
    const around = details || place.closest("form");
    const field = around.querySelector("input:not([type=hidden]), select, textarea, button");
    (field || place).focus();
    place.scrollIntoView({ block: "nearest" });
  };
  const showVerbs = (typed) => {
    const wanted = typed.toLowerCase().split(/\s+/).filter(Boolean);
    const found = verbs().filter(({ words }) => wanted.every((one) => words.toLowerCase().includes(one)));
    if (!found.length) return;
    const group = document.createElement("div");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", "Tindakan pada permohonan ini");
    const head = Object.assign(document.createElement("p"), { className: "m-found-head" });
    head.textContent = "Tindakan pada permohonan ini";
    group.append(head);
    found.forEach(({ place, words }, number) => {
      const option = Object.assign(document.createElement("a"), {
        className: "m-hit",
        id: `m-verb-${number}`,
        href: "#tindakan",
        tabIndex: -1,
        textContent: words,
      });
      option.setAttribute("role", "option");
      option.addEventListener("click", (event) => {
        event.preventDefault();
        goTo(place);
      });
      group.append(option);
    });
    list.prepend(group);
  };

  let latest = 0;
  let timer;
  const find = async () => {
    const mine = ++latest;
    const typed = box.value;
    form.elements.recent.value = recall().join(",");
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: new FormData(form),
        headers: { "X-Requested-With": "fetch" },
        redirect: "manual",
      });
      const found = await answer.text();
      if (mine !== latest) return;
      // Logged out: the page says so better than a dialog.
      if (!answer.ok) return location.reload();
      list.innerHTML = found;
    } catch {
      if (mine === latest) list.textContent = "Sambungan terputus. Coba sekali lagi.";
    }
    showVerbs(typed);
    select(options()[0]);
    const count = options().length;
    status.textContent = count ? `${count} pilihan` : "Tidak ditemukan";
  };
  const open = () => {
    if (palette.open) return palette.close();
    if (document.querySelector("dialog[open]")) return;
    box.value = "";
    list.replaceChildren();
    palette.showModal();
    box.focus();
    find();
  };
  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(find, 150);
  });
  box.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const all = options();
    if (!step || !all.length) return;
    event.preventDefault();
    const next = all.indexOf(selected()) + step;
    select(all[(next + all.length) % all.length]);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = selected();
    if (chosen) chosen.click();
  });
  palette.addEventListener("click", (event) => {
    if (event.target === palette) palette.close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
    if (event.altKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-palette]") || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    open();
  });
}
