// How many rows of the queue are picked.
const picked = document.querySelector("[data-picked]");
const countPicked = () => {
  const count = document.querySelectorAll(".m-queue input[name=id]:checked").length;
  picked.textContent = count ? `${count} dipilih` : "";
  picked.closest(".m-together").classList.toggle("has-picked", count > 0);
};
if (picked) {
  document.addEventListener("change", (event) => {
    if (event.target.closest(".m-queue")) setTimeout(countPicked);
  });
  window.addEventListener("pageshow", countPicked);
}
