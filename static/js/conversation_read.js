// What was written to somebody is read once it was on their screen; a page that is only loaded ahead,
// or not scrolled as far, says nothing.
const read = document.querySelector("form[data-read]");
if (read) {
  const seen = new IntersectionObserver(async ([entry]) => {
    if (!entry.isIntersecting || document.hidden) return;
    seen.disconnect();
    try {
      await fetch(read.action, {
        method: "POST",
        body: new URLSearchParams(new FormData(read)),
        redirect: "manual",
      });
    } catch {
      // It stays new, and is said with the next look.
    }
  });
  const watch = () => document.hidden || seen.observe(read);
  document.addEventListener("visibilitychange", watch);
  watch();
}
