// A card that somebody sees says so at once and every minute, and learns who else has it open; a
// request beside the queue after five seconds, so that walking past it says nothing.
let stop = () => {};
const follow = (root, isPage) => {
  stop();
  const present = root.querySelector("form[data-present]");
  if (!present) return;
  const others = root.querySelector("[data-others]");
  const every = Number(present.dataset.present) * 1000;
  let [said, told, goesOn] = [0, others.innerHTML.trim(), true];
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
  if (isPage) say();
  const timer = window.setInterval(say, Math.min(every, 5000));
  document.addEventListener("visibilitychange", say);
  stop = () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", say);
  };
};
follow(document, true);
document.addEventListener("melasti:shown", (event) => follow(event.detail));
