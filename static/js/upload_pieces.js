// Large files are sent in pieces as soon as they are chosen, and go on where they stopped. Without
// this script the form carries them as a whole.
const SMALLEST = 256 * 1024;
const LARGEST = 4 * 1024 * 1024;
const QUICK = 1500; // ms for a piece, below which the next one may be larger
const SLOW = 8000;
const PATIENCE = 10 * 60 * 1000; // ms without a connection, after which somebody is asked

const sizeOf = (bytes) =>
  bytes < 1048576
    ? `${Math.ceil(bytes / 1024)} KB`
    : (bytes / 1048576).toLocaleString("id-ID", { maximumFractionDigits: 1 }) + " MB";
const wait = (ms, signal) =>
  new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      window.removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    window.addEventListener("online", done);
    signal.addEventListener("abort", done);
  });

// Whether an answer is one to this script, and no page.
const isSaid = (answer) =>
  (answer.headers.get("Content-Type") || "").startsWith("application/json");

// A refusal in words for the person; anything else that goes wrong is the connection's.
class Refused extends Error {}

class Upload {
  constructor(field, file) {
    this.field = field;
    this.file = file;
    this.size = 1024 * 1024;
    this.row = document.createElement("li");
    this.row.className = "m-upload";
    this.row.innerHTML =
      '<span data-file></span><progress></progress><span class="m-small" data-words></span>' +
      '<span class="m-row"><button type="button" class="m-btn m-btn-small" data-again hidden>' +
      'Coba lagi</button><button type="button" class="m-btn m-btn-small" data-stop>Batalkan' +
      "</button></span>";
    this.bar = this.row.querySelector("progress");
    this.words = this.row.querySelector("[data-words]");
    this.again = this.row.querySelector("[data-again]");
    this.row.querySelector("[data-file]").textContent = `${file.name} (${sizeOf(file.size)})`;
    this.bar.max = file.size;
    this.bar.value = 0;
    this.bar.setAttribute("aria-label", `Kemajuan ${file.name}`);
    for (const button of this.row.querySelectorAll("button"))
      button.setAttribute("aria-label", `${button.textContent}: ${file.name}`);
    this.again.addEventListener("click", () => this.start().then(() => field.letGo()));
    this.row.querySelector("[data-stop]").addEventListener("click", () => this.stop());
    field.list.append(this.row);
  }

  say(text, isError = false) {
    this.words.textContent = text;
    this.words.classList.toggle("m-error", isError);
  }

  async start() {
    this.isRunning = true;
    this.again.hidden = true;
    this.giveUp = new AbortController();
    try {
      await this.send();
    } catch (problem) {
      if (this.giveUp.signal.aborted) return;
      this.isRunning = false;
      this.again.hidden = problem.isFinal === true;
      // The server keeps nothing of what it refused.
      if (problem.isFinal) this.id = null;
      this.say(problem.message, true);
      this.field.tell(`${this.file.name}: ${problem.message}`);
      (this.again.hidden ? this.row.querySelector("[data-stop]") : this.again).focus();
    }
  }

  async send() {
    this.say("Menyiapkan …");
    const form = new FormData();
    form.set("untuk", this.field.permit);
    form.set("nama", this.file.name);
    form.set("ukuran", this.file.size);
    form.set("berubah", this.file.lastModified);
    const begun = await this.ask(this.field.address, form);
    this.id = begun.id;
    for (const note of this.field.element.querySelectorAll("[data-begun]"))
      if (note.dataset.begun === this.file.name) note.remove();
    let there = begun.there;
    if (there) this.field.tell(`${this.file.name} dilanjutkan dari ${this.percent(there)}.`);
    this.show(there);
    let answer;
    do {
      const at = performance.now();
      const from = there;
      answer = await this.ask(
        `${this.field.address}/${this.id}?dari=${from}`,
        // Called only when it is sent, so that a smaller piece goes after one that failed.
        () => this.file.slice(from, from + this.size),
      );
      there = answer.there;
      if (performance.now() - at < QUICK) this.size = Math.min(this.size * 2, LARGEST);
      else if (performance.now() - at > SLOW) this.size = Math.max(this.size / 2, SMALLEST);
      this.show(there);
    } while (!answer.kept);
    this.isRunning = false;
    this.field.keep(this, answer.kept);
  }

  percent(there) {
    return `${Math.floor((100 * there) / this.file.size)} %`;
  }

  show(there) {
    this.bar.value = there;
    const isWhole = there >= this.file.size;
    this.say(isWhole ? "Memeriksa berkas …" : `${this.percent(there)} terunggah`);
  }

  // One request, again and again while there is no connection; raises Refused.
  async ask(address, body) {
    let pause = 1000;
    const since = performance.now();
    for (;;) {
      let answer;
      try {
        answer = await fetch(address, {
          method: "POST",
          body: typeof body === "function" ? body() : body,
          headers: { "X-CSRFToken": this.field.token, Accept: "application/json" },
          redirect: "manual",
          signal: this.giveUp.signal,
        });
      } catch (problem) {
        if (this.giveUp.signal.aborted) throw problem;
      }
      const isPage = answer && answer.status < 500 && !isSaid(answer);
      // Whoever logged in again in another tab has a new token, which this page may take over.
      if (isPage && (await this.field.renew())) continue;
      if (answer && answer.status < 500) return this.read(answer);
      if (performance.now() - since > PATIENCE)
        throw new Refused("Sambungan terputus terlalu lama. Tekan Coba lagi bila sudah tersambung.");
      this.say(`Sambungan terputus pada ${this.percent(this.bar.value)}; dilanjutkan sendiri nanti.`);
      this.size = Math.max(this.size / 2, SMALLEST);
      await wait(pause, this.giveUp.signal);
      if (this.giveUp.signal.aborted) throw new Refused("");
      pause = Math.min(pause * 2, 30000);
    }
  }

  async read(answer) {
    if (!isSaid(answer))
      throw new Refused("Sesi Anda berakhir. Masuk lagi di tab lain, lalu tekan Coba lagi.");
    const said = await answer.json();
    if (answer.ok || "there" in said) return said;
    const refusal = new Refused(said.error);
    // What was refused for its content isn't accepted at a second try either.
    refusal.isFinal = answer.status === 422;
    throw refusal;
  }

  stop() {
    if (this.giveUp) this.giveUp.abort();
    this.isRunning = false;
    if (this.id)
      fetch(`${this.field.address}/${this.id}/batal`, {
        method: "POST",
        headers: { "X-CSRFToken": this.field.token },
      }).catch(() => {}); // the janitor takes it
    this.field.tell(`${this.file.name} tidak jadi diunggah.`);
    this.field.drop(this);
  }
}

class Field {
  constructor(element) {
    this.element = element;
    this.form = element.closest("form");
    this.input = element.querySelector("input[type=file]");
    this.kept = element.querySelector("[data-kept]");
    this.said = element.querySelector("[data-said]");
    this.permit = element.dataset.pieces;
    this.address = element.dataset.address;
    this.token = this.form.elements.csrf_token.value;
    this.uploads = [];
    this.list = document.createElement("ul");
    this.list.className = "m-uploads";
    this.input.after(this.list);
    element.querySelector("[data-plain]").remove();
    this.input.addEventListener("change", () => this.choose([...this.input.files]));
    element.addEventListener("dragover", (event) => event.preventDefault());
    element.addEventListener("drop", (event) => {
      event.preventDefault();
      this.choose([...event.dataTransfer.files]);
    });
    this.form.addEventListener("submit", (event) => this.hold(event), true);
    // Chosen while the page was still loading, or brought back by the browser.
    if (this.input.files.length) this.choose([...this.input.files]);
  }

  // The token of the page as it is now; false when there is no newer one.
  async renew() {
    const page = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
    if (!page || !page.ok || page.redirected) return false;
    const drawn = new DOMParser().parseFromString(await page.text(), "text/html");
    const field = drawn.querySelector("[name=csrf_token]");
    if (!field || field.value === this.token) return false;
    this.token = this.form.elements.csrf_token.value = field.value;
    return true;
  }

  async choose(files) {
    // The form must not carry them a second time.
    this.input.value = "";
    const wanted = "many" in this.element.dataset ? files : files.slice(0, 1);
    if ("many" in this.element.dataset === false) [...this.uploads].forEach((one) => one.stop());
    const chosen = wanted.map((file) => new Upload(this, file));
    this.uploads.push(...chosen);
    // A photo of a paper is made smaller at the server.
    const most = (file) =>
      Number(this.element.dataset[/\.(jpe?g|png)$/i.test(file.name) ? "maxPhotoBytes" : "maxBytes"]);
    const fit = chosen.filter((one) => one.file.size <= most(one.file));
    for (const one of chosen) {
      one.isRunning = fit.includes(one);
      one.say(one.isRunning ? "Menunggu giliran …" : `Ukuran berkas melebihi ${sizeOf(most(one.file))}.`, !one.isRunning);
    }
    // One after the other: each gets all of a slow line, and the first is done soonest.
    for (const one of fit) if (this.uploads.includes(one)) await one.start();
    this.letGo();
  }

  keep(upload, row) {
    if (!("many" in this.element.dataset)) this.kept.replaceChildren();
    this.drop(upload);
    this.kept.insertAdjacentHTML("beforeend", row);
    this.tell(`${upload.file.name} sudah terunggah.`);
    const about = this.kept.lastElementChild.querySelector("input[type=text]");
    if (document.activeElement === document.body || this.element.contains(document.activeElement))
      about.focus({ preventScroll: true });
  }

  drop(upload) {
    this.uploads = this.uploads.filter((one) => one !== upload);
    const hadFocus = upload.row.contains(document.activeElement);
    upload.row.remove();
    if (hadFocus) this.input.focus();
  }

  tell(words) {
    this.said.textContent = words;
  }

  get isBusy() {
    return this.uploads.some((one) => one.isRunning);
  }

  // A form isn't sent while a file of it is on its way, but by itself as soon as all are there.
  hold(event) {
    if (!this.isBusy) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.button = event.submitter;
    this.tell("Formulir terkirim sendiri begitu semua berkas selesai diunggah.");
    this.said.classList.remove("m-hidden");
    this.said.scrollIntoView({ block: "center" });
  }

  letGo() {
    if (!this.button || this.isBusy) return;
    const button = this.button;
    this.button = null;
    this.said.classList.add("m-hidden");
    // What was refused or has stopped is for the person to see first.
    if (!this.uploads.length) this.form.requestSubmit(button);
  }
}

const fieldsOf = (root) => [...root.querySelectorAll("[data-pieces]")].map((one) => new Field(one));
const fields = fieldsOf(document);
// Of a request that opens beside the queue; those of the one before are gone.
document.addEventListener("melasti:shown", (event) =>
  fields.splice(0, fields.length, ...fieldsOf(event.detail)),
);
window.addEventListener("beforeunload", (event) => {
  if (!fields.some((field) => field.isBusy)) return;
  event.preventDefault();
  event.returnValue = "";
});
