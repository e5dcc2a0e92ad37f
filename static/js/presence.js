// A card that somebody sees says every minute that it is open still, and learns who else has it.
const present = document.querySelector("form[data-present]");
if (present) {
  const others = document.querySelector("[data-others]");
  const every = Number(present.dataset.present) * 1000;
  let [said, told, goesOn] = [Date.now(), others.innerHTML.trim(), true];
  const say = async () => {
    if (!goesOn || document.hidden || Date.now() - said < every) return;
    said = Date.now();
    try {
      const answer = await fetch(present.action, {
        method: "POST",
        body: new URLSearchParams(new FormData(present)),
        redirect: "manual",
      });
      // Logged out, or not this person's request any more: nothing is left to say.
      goesOn = answer.ok;
      const badge = goesOn ? (await answer.json()).badge.trim() : told;
      if (badge !== told) others.innerHTML = told = badge;
    } catch {
      // The connection is gone for a moment.
    }
  };
  window.setInterval(say, Math.min(every, 5000));
  document.addEventListener("visibilitychange", say);
}
