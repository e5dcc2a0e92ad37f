// Letters left, where the length is limited.
document.querySelectorAll("textarea[maxlength]").forEach((area) => {
  const note = document.createElement("span");
  note.className = "m-hint";
  note.id = `${area.id}-count`;
  const described = area.getAttribute("aria-describedby");
  area.setAttribute("aria-describedby", described ? `${described} ${note.id}` : note.id);
  const count = () => {
    note.textContent = `${area.maxLength - area.value.length} huruf tersisa`;
  };
  area.after(note);
  area.addEventListener("input", count);
  count();
});
