// What was just done says how long it can be undone, and then that it was sent.
const follow = (notice) => {
  const until = Date.now() + Number(notice.dataset.undo) * 1000;
  const words = notice.querySelector("[data-left]");
  // Told once; a count read out each second would drown everything else.
  words.setAttribute("aria-live", "off");
  delete notice.dataset.undo;
  const tell = () => {
    const left = Math.ceil((until - Date.now()) / 1000);
    if (left > 0) {
      words.textContent = `Nomor, pesan, dan dokumen baru dikirim ${left} detik lagi.`;
      return;
    }
    clearInterval(every);
    words.textContent = "Tidak dapat diurungkan lagi; nomor, pesan, dan dokumen sedang dikirim.";
    notice.querySelector("form")?.remove();
  };
  const every = setInterval(tell, 500);
  // A page that was put aside and comes back shows what holds by now.
  window.addEventListener("pageshow", tell);
};
const followAll = () => document.querySelectorAll("[data-undo]").forEach(follow);
followAll();
// An act that leaves its page where it is puts its news here.
const news = document.getElementById("kabar");
if (news) new MutationObserver(followAll).observe(news, { childList: true, subtree: true });
