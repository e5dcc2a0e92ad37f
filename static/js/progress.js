// How far an export is. Without this script the page reloads itself instead.
const progress = document.querySelector("[data-progress]");
if (progress) {
  const bar = progress.querySelector("progress");
  const words = progress.querySelector("[data-progress-words]");
  const look = async () => {
    try {
      const answer = await fetch(progress.dataset.progress, { headers: { Accept: "application/json" } });
      if (!answer.ok) return window.location.reload();
      const found = await answer.json();
      if (found.state !== progress.dataset.state) return window.location.reload();
      bar.max = found.total || 1;
      bar.value = found.done;
      words.textContent = found.words;
    } catch {
      // The connection is gone for a moment: ask again.
    }
    window.setTimeout(look, 1500);
  };
  window.setTimeout(look, 1000);
}
