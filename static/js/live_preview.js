// What would leave, shown while it is being written; without this a button shows it.
document.querySelectorAll("form[data-preview]").forEach((form) => {
  const target = document.getElementById("pratinjau");
  let timer;
  let latest = 0;
  const show = async () => {
    const mine = ++latest;
    try {
      const answer = await fetch(form.dataset.preview, {
        method: "POST",
        body: new FormData(form),
        headers: { "X-Requested-With": "fetch" },
      });
      const page = await answer.text();
      if (answer.ok && mine === latest) target.innerHTML = page;
    } catch {
      // The button still works.
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, 400);
  });
});
