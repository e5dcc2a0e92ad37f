// The head of the queue stays in sight: in the window, or in its box where the table is wider.
const queue = document.querySelector(".m-queue");
if (queue) {
  const box = queue.parentElement;
  new ResizeObserver(() => {
    const isWide = queue.offsetWidth > box.clientWidth;
    box.classList.toggle("is-wide", isWide);
    box.classList.toggle("is-fitting", !isWide);
  }).observe(box);
}
