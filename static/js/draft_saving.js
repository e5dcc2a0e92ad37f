// A request is kept while it is typed: by the server every few seconds, and here until that worked.
// Somebody's own copy lies in this browser by a part of their mark, so that the next person at the
// same telephone never sees it; a visitor's goes with the tab. Files and tokens aren't kept here.
const NAME = "melasti.draf.";
const PAUSE = 3000; // ms between two savings
const AGAIN = 15000;
const OLDEST = 7 * 24 * 3600 * 1000;
const form = document.querySelector("form[data-draft]");
const list = document.querySelector("[data-drafts]");
const address = (form || list)?.dataset.draft;
const token = document.querySelector("[name=csrf_token]")?.value || "";
const owner = (token.split("~")[1] || "").slice(0, 8);

// A browser that keeps nothing still saves to the server.
const tried = (work) => {
  try {
    return work();
  } catch {
    return null;
  }
};
const store = tried(() => (owner ? localStorage : sessionStorage));
const namesIn = (place) => Object.keys(place || {}).filter((name) => name.startsWith(NAME));
const forget = (key) => tried(() => store.removeItem(`${NAME}${owner}.${key}`));
const forgetAll = () =>
  tried(() => [localStorage, sessionStorage].forEach((place) => namesIn(place).forEach((n) => place.removeItem(n))));

const post = (fields, more = {}) => {
  const body = new URLSearchParams(fields);
  body.set("csrf_token", token);
  return fetch(address, { method: "POST", body, redirect: "manual", ...more });
};
// What the server says of it; nothing when it can't be asked, or answered with a page.
const read = async (answer) =>
  (answer.headers.get("Content-Type") || "").startsWith("application/json") ? answer.json() : null;

let keep = async () => {};

if (form) {
  const said = form.querySelector("[data-saved]");
  const key = form.elements.formulir.value;
  let [timer, isChanged, isOver, running] = [0, false, false, null];
  const typed = () =>
    [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "csrf_token");
  const say = (words, isError = false) => {
    said.textContent = words;
    said.classList.toggle("m-error", isError);
  };
  const save = async (more) => {
    clearTimeout(timer);
    timer = 0;
    isChanged = false;
    const answer = await tried(() => post(typed(), more)).then(read).catch(() => null);
    if (isOver) return;
    if (answer?.state === "kept") {
      form.elements.dilihat.value = answer.seen;
      say(`Tersimpan ${answer.at}`);
      if (!isChanged) forget(key);
    } else if (!answer || answer.state === "later") {
      isChanged = true;
      say("Belum terkirim. Isian tersimpan di perangkat ini.", true);
      timer ||= setTimeout(keep, AGAIN);
    } else if (answer.state !== "empty") {
      // What is typed here still goes by the button.
      isOver = true;
      if (answer.state === "gone") forget(key);
      say(answer.error, true);
    }
  };
  keep = async (more) => {
    if (isOver || !isChanged) return;
    // One at a time; what was typed meanwhile goes after it.
    while (running) await running;
    running = save(more).finally(() => (running = null));
    await running;
  };
  const note = () => {
    if (isOver) return;
    isChanged = true;
    const copy = JSON.stringify({ at: Date.now(), fields: typed() });
    tried(() => store.setItem(`${NAME}${owner}.${key}`, copy));
    timer ||= setTimeout(keep, PAUSE);
  };
  form.addEventListener("input", note);
  form.addEventListener("change", note);
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    clearTimeout(timer);
    isOver = true;
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) isOver = false;
  });
  window.addEventListener("online", () => keep());
  const leave = () => keep({ keepalive: true });
  window.addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", () => document.hidden && leave());
}

// What couldn't be sent then is sent now, as a draft of its own where the other was changed since.
const sendCopy = async (place, name) => {
  const { at, fields } = JSON.parse(place.getItem(name));
  const key = name.split(".").pop();
  if (Date.now() - at > OLDEST) return place.removeItem(name);
  let answer = await post(fields).then(read);
  if (answer?.state === "changed") {
    const other = key.slice(0, 16) + Math.random().toString(36).slice(2).padEnd(10, "0").slice(0, 10);
    const own = fields.filter(([field]) => field !== "formulir" && field !== "dilihat");
    answer = await post([...own, ["formulir", other.toUpperCase()]]).then(read);
  }
  if (!answer || ["later", "full"].includes(answer.state)) return null;
  place.removeItem(name);
  return answer.state === "kept" ? answer : null;
};

const sendCopies = async () => {
  const places = owner ? [localStorage, sessionStorage] : [sessionStorage];
  for (const place of places)
    for (const name of namesIn(place)) {
      const whose = name.slice(NAME.length).split(".")[0];
      // Another person's, who left it at this telephone.
      if (owner && whose && whose !== owner) place.removeItem(name);
      if (!address || (whose && whose !== owner)) continue;
      const sent = await sendCopy(place, name).catch(() => null);
      if (!sent) continue;
      if (!form) location.reload();
      else if (form.elements.formulir.value !== sent.key)
        form.querySelector("[data-saved]").textContent = "Isian sebelumnya tersimpan sebagai draf.";
      else if (form.elements.dilihat.value !== sent.seen)
        location.replace(`${form.dataset.resume}?formulir=${sent.key}`);
    }
};
tried(sendCopies)?.catch(() => null);

// Whoever signs out leaves nothing here; what was typed last goes to their account before.
for (const out of document.querySelectorAll("form[data-sign-out]"))
  out.addEventListener("submit", async (event) => {
    event.preventDefault();
    await Promise.race([keep(), new Promise((done) => setTimeout(done, 2000))]);
    forgetAll();
    out.submit();
  });
