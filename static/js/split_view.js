// The request beside its list: rows open at the right without leaving the list, j and k walk, an act
// leaves the list where it is and opens the next row. Below 1200 px rows lead to their cards.
const pane = document.getElementById("samping");
const wide = window.matchMedia("(min-width: 75rem)");
if (pane) {
  const split = pane.closest(".m-split");
  const news = document.getElementById("kabar");
  const rows = () => [...document.querySelectorAll(".m-queue tbody tr")];
  const rowOf = (id) => rows().find((row) => row.dataset.request === id);
  const linkOf = (row) => row.querySelector(".c-subject a");
  const cardOf = (row) => linkOf(row).getAttribute("href");
  let [shown, asked] = [pane.dataset.shows || "", 0];

  const addressWith = (id) => {
    const url = new URL(location.href);
    if (id) url.searchParams.set("buka", id);
    else url.searchParams.delete("buka");
    url.hash = "";
    return url;
  };
  const tellAddress = (id, isNew) => {
    const url = addressWith(id);
    if (url.href !== location.href) history[isNew ? "pushState" : "replaceState"]({}, "", url);
  };
  const mark = () => {
    for (const row of rows()) row.classList.toggle("is-open", row.dataset.request === shown);
    split.classList.toggle("has-pane", Boolean(shown));
  };
  const isUnsaved = () =>
    [...pane.querySelectorAll("form[data-keep]")].some((form) =>
      [...form.elements].some(
        (one) =>
          (one.matches("textarea, input[type=text]") && one.value !== one.defaultValue) ||
          (one.type === "file" && one.files.length),
      ),
    );
  const mayLeave = () => !isUnsaved() || window.confirm("Yang Anda tulis belum dikirim. Tinggalkan?");
  const put = (html) => {
    pane.innerHTML = html;
    pane.scrollTop = 0;
    document.dispatchEvent(new CustomEvent("melasti:shown", { detail: pane }));
  };
  const close = (isNew = true) => {
    if (!mayLeave()) return;
    const row = rowOf(shown);
    shown = "";
    pane.replaceChildren();
    mark();
    if (isNew) tellAddress("", false);
    if (row) linkOf(row).focus();
  };
  const open = async (row, { isNew = false, focus = "" } = {}) => {
    const id = row.dataset.request;
    if (shown && id !== shown && !mayLeave()) return;
    const turn = ++asked;
    shown = id;
    mark();
    row.scrollIntoView({ block: "nearest" });
    const answer = await fetch(`${cardOf(row)}/samping`, { redirect: "manual" });
    // Another row was opened meanwhile, or the log-in has ended.
    if (turn !== asked) return;
    if (!answer.ok) return location.assign(cardOf(row));
    put(await answer.text());
    tellAddress(id, isNew);
    if (focus) document.dispatchEvent(new CustomEvent("melasti:act"));
  };
  const offerToOpen = (row) => {
    const verb = row.querySelector(".c-verb a");
    verb.replaceChildren("Buka");
    verb.setAttribute("aria-label", `Buka ${linkOf(row).textContent.trim()}`);
    verb.removeAttribute("title");
    verb.setAttribute("href", cardOf(row));
    verb.classList.add("is-plain");
  };
  const countDown = () => {
    const tab = document.querySelector(".m-queue-tabs a[aria-current]");
    const text = tab && [...tab.childNodes].find((one) => /\(\d+\)/.test(one.nodeValue || ""));
    if (text)
      text.nodeValue = text.nodeValue.replace(/\((\d+)\)/, (_, n) => (n > 1 ? `(${n - 1})` : ""));
  };
  const send = async (form, button) => {
    const body = new FormData(form, button);
    if (form.dataset.sent === "now") return;
    form.dataset.sent = "now";
    const row = rowOf(shown);
    const all = rows();
    const next = row && (all[all.indexOf(row) + 1] || all[all.indexOf(row) - 1]);
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body,
        // After the last one the page comes anew, and its news with it.
        headers: { "X-Pane": next ? "1" : "last" },
        redirect: "manual",
      });
      const html = answer.type === "opaqueredirect" ? "" : await answer.text();
      if (answer.headers.get("X-Pane") !== "1") return location.reload();
      if (!answer.ok) {
        put(html);
        const summary = pane.querySelector("[data-error-summary]");
        if (summary) summary.focus();
        return;
      }
      shown = "";
      if (!next) {
        // The letter's viewer goes first: a page that leaves while its frame loads can hang.
        pane.replaceChildren();
        return location.replace(addressWith(""));
      }
      news.innerHTML = html;
      // A list of what waits gets shorter; elsewhere the request stays, to be opened.
      if ("waits" in split.dataset) {
        row.remove();
        countDown();
      } else {
        offerToOpen(row);
      }
      await open(next, { focus: "act" });
    } catch {
      delete form.dataset.sent;
      news.textContent = "Sambungan terputus; isian Anda masih ada. Coba kirim kembali.";
    }
  };

  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.target.closest("[data-pane-close]")) {
      event.preventDefault();
      close();
      return;
    }
    const row = wide.matches && event.target.closest(".m-queue tbody tr");
    if (!row || event.target.closest("input, label")) return;
    const link = event.target.closest("a");
    // Enter on a row leads to its card; a pointer opens it here.
    if (link && event.detail === 0) return;
    event.preventDefault();
    open(row, { isNew: !shown, focus: link && link.hash ? "act" : "" });
    linkOf(row).focus({ preventScroll: true });
  });
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest(".m-queue tbody tr");
    if (row && shown && wide.matches && row.dataset.request !== shown && event.target === linkOf(row))
      open(row);
  });
  document.addEventListener("melasti:walk", (event) => {
    if (wide.matches) open(event.detail, { isNew: !shown });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !shown || document.querySelector("dialog[open]")) return;
    if (event.target.closest("details[open] summary, .m-pop[open]")) return;
    close();
  });
  // After every other listener, so that a question or a second click has had its say.
  window.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !form.closest("#samping #tindakan")) return;
    event.preventDefault();
    send(form, event.submitter);
  });
  window.addEventListener("popstate", () => {
    const row = rowOf(new URL(location.href).searchParams.get("buka"));
    if (row) open(row);
    else close(false);
  });
  mark();
}
