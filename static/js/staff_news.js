// What was told to me, who waits and what arrived, asked for every twenty seconds while the page is
// seen. A list never jumps: it says that there is more, and is loaded anew by whoever reads it.
const bell = document.querySelector("[data-news]");
if (bell) {
  const EVERY = 20000;
  const title = document.title;
  const told = bell.querySelector("[data-unseen]");
  let [asked, mark, goesOn] = [Date.now(), "", true];
  const countIn = (place, words) => {
    if (place) place.textContent = words;
  };
  const tellArrived = (words) => {
    const staff = document.querySelector("[data-staff]");
    if (!words || !staff || location.pathname !== staff.dataset.staff) return;
    let note = document.getElementById("m-arrived");
    if (!note) {
      note = Object.assign(document.createElement("p"), { id: "m-arrived" });
      note.setAttribute("role", "status");
      document.body.append(note);
    }
    const again = Object.assign(document.createElement("a"), { href: location.href });
    again.textContent = `${words} permohonan baru · muat ulang`;
    note.replaceChildren(again);
  };
  const show = ({ unseen, unanswered, arrived }) => {
    countIn(told, unseen || "0");
    told.hidden = !unseen;
    countIn(document.querySelector("[data-unanswered]"), unanswered ? `(${unanswered})` : "");
    document.title = unseen ? `(${unseen}) ${title}` : title;
    tellArrived(arrived);
  };
  const first = told.textContent.trim();
  if (first !== "0") document.title = `(${first}) ${title}`;
  const ask = async () => {
    if (!goesOn || document.hidden || Date.now() - asked < EVERY) return;
    asked = Date.now();
    try {
      const answer = await fetch(bell.dataset.news, {
        headers: mark ? { "If-None-Match": mark } : {},
        cache: "no-store",
        redirect: "manual",
      });
      if (answer.status === 304) return;
      // Logged out: nothing is left to ask.
      goesOn = answer.ok;
      if (!goesOn) return;
      mark = answer.headers.get("ETag") || "";
      show(await answer.json());
    } catch {
      // The connection is gone for a moment.
    }
  };
  window.setInterval(ask, 5000);
  document.addEventListener("visibilitychange", ask);
}
