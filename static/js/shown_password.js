// Let people look at the password they type.
document.querySelectorAll(".m-field input[type=password]").forEach((input) => {
  const box = document.createElement("span");
  const button = document.createElement("button");
  box.className = "m-secret";
  button.type = "button";
  button.className = "m-btn";
  button.textContent = "Lihat";
  button.setAttribute("aria-label", "Lihat kata sandi");
  button.setAttribute("aria-pressed", "false");
  input.replaceWith(box);
  box.append(input, button);
  button.addEventListener("click", () => {
    const show = input.type === "password";
    input.type = show ? "text" : "password";
    button.setAttribute("aria-pressed", String(show));
  });
  if (input.form) input.form.addEventListener("submit", () => (input.type = "password"));
});
