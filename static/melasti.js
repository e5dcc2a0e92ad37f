// Improvements only: every page works without this file.
(() => {
  "use strict";

  // Colours come from the style sheet; this only tells Bootstrap's own parts which theme it is.
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const tellTheme = () => {
    document.documentElement.dataset.bsTheme = dark.matches ? "dark" : "light";
  };
  tellTheme();
  dark.addEventListener("change", tellTheme);

  const summary = document.querySelector("[data-error-summary]");
  if (summary) summary.focus();

  // What was chosen since the page was opened goes along, though nobody pressed “Terapkan”.
  for (const form of document.querySelectorAll("form[data-takes]")) {
    form.addEventListener("submit", () => {
      for (const old of form.querySelectorAll("[data-carried]")) old.remove();
      for (const [name, value] of new FormData(document.getElementById(form.dataset.takes))) {
        const field = Object.assign(document.createElement("input"), { type: "hidden", name, value });
        field.dataset.carried = "";
        form.append(field);
      }
    });
  }

  // Days that somebody types are meant: “Tanggal sendiri” is chosen with them, and they go when
  // another period is chosen.
  for (const period of document.querySelectorAll("select[data-own]")) {
    const days = [...period.form.querySelectorAll('input[type="date"]')];
    for (const day of days) day.addEventListener("input", () => (period.value = period.dataset.own));
    period.addEventListener("change", () => {
      if (period.value !== period.dataset.own) for (const day of days) day.value = "";
    });
  }

  // Confirmation for what can't be undone. The listener is delegated, so no inline handler is
  // needed and a strict content security policy holds.
  const makeConfirm = () => {
    const made = document.createElement("dialog");
    made.id = "m-confirm";
    made.className = "m-dialog";
    made.setAttribute("aria-labelledby", "m-confirm-text");
    made.innerHTML =
      '<form method="dialog"><p id="m-confirm-text" data-text></p>' +
      '<div class="m-row m-dialog-foot"><button class="m-btn" value="no" autofocus>Batal</button>' +
      '<button class="m-btn m-btn-main" value="yes">Ya, lanjutkan</button></div></form>';
    document.body.append(made);
    return made;
  };
  const ask = (text) =>
    new Promise((resolve) => {
      const dialog = document.getElementById("m-confirm") || makeConfirm();
      if (!dialog.showModal) return resolve(window.confirm(text));
      dialog.querySelector("[data-text]").textContent = text;
      dialog.returnValue = "";
      dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
      dialog.showModal();
    });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const button = event.submitter;
    const text = (button && button.dataset.confirm) || form.dataset.confirm;
    if (text && form.dataset.confirmed !== "yes") {
      event.preventDefault();
      ask(text).then((agreed) => {
        if (!agreed) return;
        form.dataset.confirmed = "yes";
        form.requestSubmit(button || undefined);
        delete form.dataset.confirmed;
      });
      return;
    }
    // A second click while the first is on its way is ignored; the button stays enabled.
    if (form.matches("[data-once]")) {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "yes";
    }
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
  });

  // The way back leads to the list as it was left, in this window and until the log-out.
  const staff = document.querySelector("[data-staff]");
  const list = (() => {
    try {
      if (!staff) return sessionStorage.removeItem("m-list");
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

  // What is half written isn't left by mistake, nor by sending another form of the page.
  const keepers = [...document.querySelectorAll("form[data-keep]")];
  if (keepers.length) {
    // Compared with what the page came with, not with what it began with: browsers put back what
    // was typed before a reload, and what is put back as it came asks nothing.
    const isChanged = (field) => {
      if (!field.name || field.name === "then" || field.type === "hidden") return false;
      if (field.type === "file") return field.files.length > 0;
      if (field.matches("[type=checkbox], [type=radio]")) return field.checked !== field.defaultChecked;
      if (!field.options) return field.value !== field.defaultValue;
      const chosen = [...field.options].findIndex((option) => option.defaultSelected);
      return field.selectedIndex !== Math.max(chosen, 0);
    };
    let sent = null;
    const isUnsaved = (form) =>
      form !== sent && (form.dataset.keep === "unsaved" || [...form.elements].some(isChanged));
    window.addEventListener("submit", (event) => {
      if (!event.defaultPrevented) sent = event.target;
    });
    window.addEventListener("beforeunload", (event) => {
      if (!keepers.some(isUnsaved)) return;
      event.preventDefault();
      event.returnValue = "";
      // Whoever stays may send again.
      setTimeout(() => {
        if (sent) delete sent.dataset.sent;
        sent = null;
      });
    });
    // A document opens beside what is half written, and isn't asked about.
    document.addEventListener("click", (event) => {
      const link = event.target.closest('a[href^="/dokumen/"]');
      if (link) link.target = keepers.some(isUnsaved) ? "_blank" : "";
    });
  }

  // Dialogs opened by a link that also leads to a page of its own.
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    if (opener && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      const target = document.getElementById(opener.dataset.dialog);
      if (target && target.showModal) {
        event.preventDefault();
        target.showModal();
        target.addEventListener("close", () => opener.focus(), { once: true });
      }
    }
    const closer = event.target.closest("[data-close]");
    if (closer) closer.closest("dialog").close();
  });

  // Drop-downs close when one turns elsewhere, but not to a question that they asked.
  const DROPS = ".m-drop[open], .m-pop[open]";
  const closeDrops = (except) =>
    document.querySelectorAll(DROPS).forEach((drop) => {
      if (!except || !drop.contains(except)) drop.open = false;
    });
  for (const turned of ["click", "focusin"])
    document.addEventListener(turned, (event) => {
      if (!event.target.closest("dialog")) closeDrops(event.target);
    });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
    const drop = event.target.closest && event.target.closest(DROPS);
    closeDrops();
    if (drop) drop.querySelector("summary").focus();
  });

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

  // A file that is too large is told at once; the server checks again.
  document.querySelectorAll("input[type=file][data-max-bytes]").forEach((input) => {
    const note = document.createElement("span");
    note.className = "m-error";
    note.setAttribute("role", "status");
    input.after(note);
    input.addEventListener("change", () => {
      const file = input.files[0];
      const most = Number(input.dataset.maxBytes);
      const words = (most / 1048576).toLocaleString("id-ID", { maximumFractionDigits: 1 });
      note.textContent =
        file && file.size > most
          ? `Ukuran berkas melebihi ${words} MB. Pilih berkas yang lebih kecil.`
          : "";
    });
  });

  // Compare a file with the digest of the genuine one; the file never leaves this device.
  document.querySelectorAll("[data-compare]").forEach((box) => {
    if (!window.crypto || !crypto.subtle) return;
    box.hidden = false;
    const [input, note] = [box.querySelector("input"), box.querySelector("[role=status]")];
    const tell = (tone, words) => {
      note.className = `m-note m-note-${tone} m-after`;
      note.textContent = words;
      note.hidden = false;
    };
    input.addEventListener("change", async () => {
      const file = input.files[0];
      note.hidden = true;
      if (!file) return;
      try {
        const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
        const text = [...new Uint8Array(digest)]
          .map((byte) => byte.toString(16).padStart(2, "0"))
          .join("");
        if (file !== input.files[0]) return;
        if (box.dataset.compare.split(" ").includes(text))
          tell("success", "Cocok. Berkas ini sama persis dengan yang kami terbitkan.");
        else
          tell("error", `Tidak cocok. Berkas ini bukan berkas yang kami terbitkan atau sudah diubah. Sidiknya ${text}.`);
      } catch {
        tell("warning", "Berkas tidak dapat dibaca. Pilih berkas itu sekali lagi.");
      }
    });
  });

  // Tick all rows of a list.
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-tick-all]")) return;
    const name = event.target.dataset.tickAll || "rowid";
    document.querySelectorAll(`input[name=${name}]`).forEach((box) => {
      box.checked = event.target.checked;
    });
  });

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

  // For how many the chosen action runs.
  const runs = document.querySelector("[data-runs]");
  if (runs) {
    const tellCount = () => {
      const chosen = runs.form.querySelector("[data-count]:checked");
      runs.textContent = chosen ? `Jalankan untuk ${chosen.dataset.count} permohonan` : "Jalankan";
    };
    runs.form.addEventListener("change", tellCount);
    window.addEventListener("pageshow", tellCount);
  }

  // Shortcuts of queue and card: only while their help is on the page, which each person can turn
  // off, and never while something is typed. What they do is also there to click.
  const help = document.getElementById("m-keys");
  const typing = (target) =>
    target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, dialog[open]");
  const rowsOfQueue = () => [...document.querySelectorAll(".m-queue[data-keys] tbody tr")];
  const stepTo = (step) => {
    const rows = rowsOfQueue();
    if (!rows.length) return;
    const here = rows.indexOf(document.activeElement.closest("tr"));
    const next = here < 0 ? (step > 0 ? 0 : rows.length - 1) : here + step;
    const row = rows[Math.min(Math.max(next, 0), rows.length - 1)];
    row.querySelector("a").focus();
    row.scrollIntoView({ block: "nearest" });
  };
  const firstOfAction = () => {
    const action = document.getElementById("tindakan");
    const first = action && action.querySelector(
      "summary, a:not(.m-newest), button, select, textarea, input:not([type=hidden])");
    if (first) first.focus();
  };
  const shortcuts = {
    j: () => stepTo(1),
    k: () => stepTo(-1),
    ArrowDown: () => stepTo(1),
    ArrowUp: () => stepTo(-1),
    x: (event) => {
      const row = event.target.closest(".m-queue tbody tr");
      const box = row && row.querySelector("input[name=id]");
      if (box) box.click();
    },
    a: firstOfAction,
    "/": () => {
      const box = document.getElementById("q");
      if (box) box.select();
    },
  };
  if (help) {
    document.documentElement.classList.add("has-keys");
    document.addEventListener("keydown", (event) => {
      if (event.altKey || event.metaKey || event.isComposing) return;
      if (event.ctrlKey) {
        const form = event.key === "Enter" && event.target.closest("#tindakan form");
        if (form) form.requestSubmit(form.querySelector("button:not([type=button])"));
        return;
      }
      if (typing(event.target)) return;
      const button = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
      const known = shortcuts[event.key];
      if (!button && !known) return;
      // Arrows scroll the page unless one stands in a row.
      if (event.key.startsWith("Arrow") && !event.target.closest(".m-queue tr")) return;
      event.preventDefault();
      if (known) known(event);
      if (button) button.click();
    });
  }

  // How far an export is. Without this script the page reloads itself instead.
  const progress = document.querySelector("[data-progress]");
  if (progress) {
    const bar = progress.querySelector("progress");
    const words = progress.querySelector("[data-progress-words]");
    const look = async () => {
      try {
        const answer = await fetch(progress.dataset.progress, { headers: { Accept: "application/json" } });
        if (!answer.ok) return window.location.reload();
        const found = await answer.json();
        if (found.state !== progress.dataset.state) return window.location.reload();
        bar.max = found.total || 1;
        bar.value = found.done;
        words.textContent = found.words;
      } catch {
        // The connection is gone for a moment: ask again.
      }
      window.setTimeout(look, 1500);
    };
    window.setTimeout(look, 1000);
  }

  // A card that somebody sees says every minute that it is open still, and learns who else has it.
  const present = document.querySelector("form[data-present]");
  if (present) {
    const others = document.querySelector("[data-others]");
    const every = Number(present.dataset.present) * 1000;
    let [said, told, goesOn] = [Date.now(), others.innerHTML.trim(), true];
    const say = async () => {
      if (!goesOn || document.hidden || Date.now() - said < every) return;
      said = Date.now();
      try {
        const answer = await fetch(present.action, {
          method: "POST",
          body: new URLSearchParams(new FormData(present)),
          redirect: "manual",
        });
        // Logged out, or not this person's request any more: nothing is left to say.
        goesOn = answer.ok;
        const badge = goesOn ? (await answer.json()).badge.trim() : told;
        if (badge !== told) others.innerHTML = told = badge;
      } catch {
        // The connection is gone for a moment.
      }
    };
    window.setInterval(say, Math.min(every, 5000));
    document.addEventListener("visibilitychange", say);
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });

  // Arrow keys turn the pages of a list while nothing is being typed.
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.target.closest("input, textarea, select, summary, dialog[open]")) return;
    const box = event.target.closest(".m-table-box");
    if (box && box.scrollWidth > box.clientWidth) return;
    const rel = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
    const link = rel && document.querySelector(`.m-pages a[rel=${rel}]`);
    if (link) link.click();
  });
})();
