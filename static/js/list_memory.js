// The way back leads to the list as it was left, in this window and until the log-out.
const staff = document.querySelector("[data-staff]");
const list = (() => {
  try {
    // Nor does whoever logs in next find what was opened last.
    if (!staff) return sessionStorage.clear();
    const came = document.referrer ? new URL(document.referrer) : {};
    for (const place of [came, location])
      if (place.origin === location.origin && place.pathname === staff.dataset.staff)
        sessionStorage.setItem("m-list", place.search);
    return sessionStorage.getItem("m-list");
  } catch {
    // Nothing may be kept here: the plain queue it is.
  }
})();
if (list)
  for (const back of document.querySelectorAll("[data-back]"))
    if (back.name) back.value = list.slice(1);
    else back.search = list;
