// A campaign's pages: the form shows what the choice needs, and the progress moves without reloading.
"use strict";

const form = document.getElementById("campaign");
if (form) {
  const choice = form.elements.event;
  const part = form.querySelector("[data-for='announcement']");
  const show = () => { part.hidden = choice.value !== ""; };
  choice.addEventListener("change", show);
  show();
}

const EVERY = 2000;
const moving = document.getElementById("progress");

function write(element, text) {
  if (element && element.textContent !== String(text)) element.textContent = text;
}

function showCounts(counts) {
  const list = moving.querySelector("[data-counts]");
  for (const one of counts) {
    let entry = list.querySelector(`[data-count="${one.key}"]`);
    if (!entry) {
      entry = document.createElement("div");
      entry.dataset.count = one.key;
      entry.append(document.createElement("dt"), document.createElement("dd"));
      write(entry.querySelector("dt"), one.text);
      list.append(entry);
    }
    write(entry.querySelector("dd"), one.number);
  }
  for (const entry of list.children) {
    if (!counts.some((one) => one.key === entry.dataset.count)) write(entry.querySelector("dd"), 0);
  }
}

async function look() {
  let answer, told;
  try {
    answer = await fetch(moving.dataset.address, { headers: { Accept: "application/json" } });
    if (answer.ok && !answer.redirected) told = await answer.json();
  } catch {
    return setTimeout(look, 3 * EVERY); // the network is away for a moment
  }
  if (answer.status === 401 || answer.redirected) return location.reload();
  if ([502, 503, 504].includes(answer.status)) return setTimeout(look, 3 * EVERY); // so is the server
  if (!answer.ok) {
    document.getElementById("stopped").hidden = false; // asking again would be answered the same
    return;
  }
  write(moving.querySelector("[data-state]"), told.state_text);
  write(moving.querySelector("[data-done]"), told.done);
  write(moving.querySelector("[data-families]"), told.families);
  moving.querySelector("[data-bar]").value = told.percent;
  showCounts(told.counts);
  for (const row of told.rows) {
    const line = document.getElementById(`family-${row.id}`);
    if (!line) continue;
    for (const name of ["result", "answer", "attempts", "at"]) write(line.querySelector(`[data-${name}]`), row[name]);
  }
  if (told.over) location.reload(); // without the buttons that steer it
  else setTimeout(look, EVERY);
}

if (moving && moving.dataset.over !== "true") setTimeout(look, EVERY);
