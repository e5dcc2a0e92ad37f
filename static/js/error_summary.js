// What has to be mended is read first.
const summary = document.querySelector("[data-error-summary]");
if (summary) summary.focus();
