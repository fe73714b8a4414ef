/* One lesson's sheet: keys, and saving that loses nothing when the connection does.
   What is typed is kept in this browser (ids, grades and texts, no names) until the server has it. Every hand-in has a
   key of its own: however often it is repeated, the server takes it once. */
"use strict";
(() => {
  const form = document.getElementById("sheet");
  const offline = document.getElementById("offline");
  const saved = document.getElementById("saved");
  const draftKey = "eschool.draft." + form.dataset.of;
  const fields = [...form.querySelectorAll("input[name], select[name]")].filter(
    (one) => /^(g|a|r|p)\d+$|^kind$/.test(one.name));
  const initial = new Map(fields.map((one) => [one.name, one.value]));
  const grades = [...form.querySelectorAll(".grade")];
  let saving = false;

  /* A version 4 UUID; crypto.randomUUID exists only on pages served over HTTPS. */
  const newKey = () => {
    const octets = crypto.getRandomValues(new Uint8Array(16));
    octets[6] = (octets[6] & 15) | 64;
    octets[8] = (octets[8] & 63) | 128;
    return [...octets].map((one) => one.toString(16).padStart(2, "0")).join("")
      .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  };

  /* Drafts */
  const changed = () => Object.fromEntries(
    fields.filter((one) => one.value !== initial.get(one.name)).map((one) => [one.name, one.value]));
  const keep = () => {
    const values = changed();
    if (Object.keys(values).some((name) => name !== "kind")) {
      localStorage.setItem(draftKey, JSON.stringify({ key: form.elements.key.value, values }));
    } else {
      localStorage.removeItem(draftKey);
    }
  };
  const restore = () => {
    const draft = JSON.parse(localStorage.getItem(draftKey) || "null");
    if (!draft) return false;
    form.elements.key.value = draft.key;
    for (const [name, value] of Object.entries(draft.values)) {
      if (form.elements[name]) form.elements[name].value = value;
    }
    grades.forEach(check);
    return true;
  };

  /* What the server refused stands beside the student until that row is changed. */
  const row = (one) => one.closest("tr");
  const unmark = (one) => {
    row(one).querySelectorAll("span.wrong").forEach((said) => said.remove());
    row(one).querySelector(".grade").removeAttribute("aria-invalid");
  };
  const mark = (refused) => {
    const rows = refused.map((one) => ({ grade: form.elements["g" + one.student_id], why: one.error }))
      .filter((one) => one.grade);
    for (const one of rows) {
      unmark(one.grade);
      const said = document.createElement("span");
      said.className = "wrong";
      said.textContent = one.why;
      one.grade.after(said);
      one.grade.setAttribute("aria-invalid", "true");
    }
    if (rows.length) rows[0].grade.focus();
  };

  /* Keys in a grade's field */
  const move = (one, step) => {
    const next = grades[grades.indexOf(one) + step];
    if (!next) { if (step > 0) form.querySelector("button.save").focus(); return; }
    next.focus();
    if (next.select) next.select();
  };
  const check = (one) => {
    unmark(one);
    if (one.tagName !== "INPUT") return true;
    const text = one.value.trim().replace(",", ".");
    const value = Number(text);
    const good = text === "" || (/^\d(\.\d{1,2})?$/.test(text) && (value === 2 || (value >= 3 && value <= 6)));
    one.toggleAttribute("aria-invalid", !good);
    if (!good) one.setAttribute("aria-invalid", "true");
    return good;
  };
  const absent = (one, kind) => {
    const select = row(one).querySelector(".absence");
    select.value = kind;
    select.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const LETTERS = { "о": "unexcused", "o": "unexcused", "з": "late", "z": "late" };
  form.addEventListener("keydown", (event) => {
    const one = event.target;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      save();
      return;
    }
    if (!one.classList.contains("grade")) {
      if (event.key === "Enter" && one.tagName === "INPUT") event.preventDefault();
      return;
    }
    const kind = LETTERS[event.key.toLowerCase()];
    if (kind) { event.preventDefault(); absent(one, kind); move(one, 1); }
    else if (event.key === "Delete") { event.preventDefault(); one.value = ""; absent(one, ""); keep(); }
    else if (event.key === "Enter") { event.preventDefault(); if (check(one)) move(one, event.shiftKey ? -1 : 1); }
    else if (one.tagName === "INPUT" && event.key === "ArrowDown") { event.preventDefault(); move(one, 1); }
    else if (one.tagName === "INPUT" && event.key === "ArrowUp") { event.preventDefault(); move(one, -1); }
  });
  form.addEventListener("input", (event) => {
    if (event.target.classList.contains("grade")) check(event.target);
    else if (row(event.target)) unmark(event.target);
    keep();
  });
  form.addEventListener("change", (event) => {
    if (event.target.tagName === "SELECT" && row(event.target)) unmark(event.target);
    keep();
  });

  /* Saving */
  const tell = (where, text) => {
    offline.hidden = saved.hidden = true;
    where.textContent = text;
    where.hidden = false;
  };
  const wait = () => { tell(offline, form.dataset.waiting); setTimeout(() => save(), 5000); };
  async function token() {
    const answer = await fetch(form.action.replace(/save$/, "token"), { headers: { Accept: "application/json" } });
    if (answer.ok && !answer.redirected) form.elements.csrf_token.value = (await answer.json()).token;
  }
  async function save(again) {
    if (saving) return;
    const wrong = grades.find((one) => !check(one));
    if (wrong) { wrong.focus(); return; }
    saving = true;
    tell(saved, form.dataset.saving);
    let answer;
    try {
      answer = await fetch(form.action, {
        method: "POST", body: new FormData(form), headers: { Accept: "application/json" } });
    } catch (error) {
      saving = false;
      wait();
      return;
    }
    saving = false;
    if (answer.status === 401) { tell(offline, form.dataset.signIn); return; }
    if (answer.status === 400 && !again && answer.headers.get("X-Stale-Form")) {
      await token();
      save(true);
      return;
    }
    /* Only what a later try can mend is tried again: a refusal stays one however often it is repeated. */
    if ([502, 503, 504].includes(answer.status)) { wait(); return; }
    const told = await answer.json().catch(() => ({}));
    if (answer.status >= 500) { tell(offline, form.dataset.failed); return; }
    if (answer.status === 409 && told.accepted) {
      /* Its first answer was lost on the way: what was saved then is no longer to be handed in. */
      for (const [name, value] of Object.entries(told.accepted)) {
        const one = form.elements[name];
        if (one && one.value === value) one.value = initial.get(name);
      }
      form.elements.key.value = newKey();
      keep();
      if (localStorage.getItem(draftKey)) save(); else location.reload();
      return;
    }
    if (!answer.ok) {
      tell(offline, told.error || form.dataset.failed);
      mark(told.refused || []);
      return;
    }
    localStorage.removeItem(draftKey);
    sessionStorage.setItem("eschool.saved", told.message);
    location.reload();
  }
  form.addEventListener("submit", (event) => {
    if (event.submitter && event.submitter.name === "hear") return; /* listening saves nothing */
    event.preventDefault();
    save();
  });
  window.addEventListener("online", () => { if (localStorage.getItem(draftKey)) save(); });

  const message = sessionStorage.getItem("eschool.saved");
  if (message) { sessionStorage.removeItem("eschool.saved"); tell(saved, message); }
  if (restore()) keep();
  if (grades.length) grades[0].focus();
})();
