// Colours come from the style sheet; this only tells Bootstrap's own parts which theme it is.
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const tellTheme = () => {
  document.documentElement.dataset.bsTheme = dark.matches ? "dark" : "light";
};
tellTheme();
dark.addEventListener("change", tellTheme);
