// What a script adds to pages that work without one: keys, a check while typing, news of others.
"use strict";

const $ = (selector) => document.querySelector(selector);
const EVERY = 4000; // milliseconds between two questions for the newest version
const CELLS = 250000; // the largest word difference that is worked out while typing

document.documentElement.classList.add("scripts");

// A refused answer is shown at the answer's address; loading again is to show, not to answer again.
const here = document.body.dataset.here || location.pathname + location.search;
if (document.body.dataset.here && location.pathname.endsWith("/answer")) history.replaceState(null, "", here);

// The message of what was done gets the focus, so that a screen reader says it first.
($("#complaint") || $("#outcome"))?.focus();

// Keys: those of the buttons and links of this page, never while typing.
const keysOn = $("#keys-on");
keysOn.checked = localStorage.getItem("keys") !== "off";
const showKeys = () => document.documentElement.classList.toggle("keyless", !keysOn.checked);
showKeys();
keysOn.addEventListener("change", () => {
  localStorage.setItem("keys", keysOn.checked ? "on" : "off");
  showKeys();
});
$("#show-help").addEventListener("click", () => $("#help").showModal());

const along = (step) => {
  const entries = [...document.querySelectorAll("a.entry")];
  if (!entries.length) return false;
  const at = entries.indexOf(document.activeElement);
  entries[at < 0 ? (step > 0 ? 0 : entries.length - 1) : (at + step + entries.length) % entries.length].focus();
  return true;
};
const follow = (link) => link && (link.click(), true);
const next = () => follow($("a[rel=next]")) || along(1);
const previous = () => follow($("a[rel=prev]")) || along(-1);
const edit = () => {
  const own = $("#own");
  if (!own) return false;
  own.open = true;
  const field = $("#value");
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
  field.scrollTop = field.scrollHeight;
  return true;
};
const why = () => $("#why") && ($("#why").focus(), true);
const whole = () => {
  const all = [...document.querySelectorAll("details.whole")];
  const open = !all.some((one) => one.open);
  for (const one of all) one.open = open;
  return all.length > 0;
};
const alike = () => $("#alike-all") && ($("#alike-all").click(), true);
const KEYS = {
  s: next, j: next, ArrowRight: next, ArrowLeft: previous, k: previous, p: previous, e: edit,
  ArrowDown: () => !$("#answer") && along(1), ArrowUp: () => !$("#answer") && along(-1),
  w: why, m: whole, a: alike,
  l: () => follow($("a.to-list") || $(".brand a")),
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
  if (event.target.closest("input, textarea, select, dialog[open], [contenteditable]")) return;
  if (event.key.startsWith("Arrow") && event.target.closest(".drawing")) return;
  if (event.key === "?") { $("#help").showModal(); event.preventDefault(); return; }
  if (!keysOn.checked) return;
  const button = document.querySelector(`button[data-key="${CSS.escape(event.key)}"]`);
  if (button?.disabled) say("It is settled already: s goes on to the next one.");
  else if (button) { button.click(); event.preventDefault(); }
  else if (KEYS[event.key]?.()) event.preventDefault();
  else if (/^[a-z0-9]$/i.test(event.key)) say(`${event.key} does nothing here; ? shows the keys.`);
});

// What a key could not do is said, to eyes and to screen readers, for a while.
let saying;
function say(words) {
  $("#said").textContent = words;
  $("#said").classList.remove("unseen");
  clearTimeout(saying);
  saying = setTimeout(() => { $("#said").classList.add("unseen"); $("#said").textContent = ""; }, 4000);
}

// Ctrl+Enter lets the value stand that is being written; Esc leaves a field.
document.addEventListener("keydown", (event) => {
  if (!event.target.closest("#answer textarea")) return;
  if (event.key === "Escape") event.target.blur();
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  if ($("#own")?.open) $("#own-button").click();
  else { event.target.blur(); say("Now choose an answer by its key."); }
});

// One tick for all that are alike; a filter works when it is changed.
$("#alike-all")?.addEventListener("change", (event) => {
  for (const box of document.querySelectorAll("input[name=also]")) box.checked = event.target.checked;
  say(event.target.checked ? "The next answer is for all alike." : "The next answer is for this one alone.");
});
for (const choice of document.querySelectorAll(".filters select"))
  choice.addEventListener("change", () => choice.form.requestSubmit());
addEventListener("beforeprint", () => { for (const one of document.querySelectorAll("details")) one.open = true; });

// An answer is given once, however often the key is pressed.
document.addEventListener("submit", (event) => {
  if (event.target.method !== "post") return;
  if (event.target.dataset.sent) { event.preventDefault(); return; }
  event.target.dataset.sent = "yes";
  for (const field of event.target.querySelectorAll("[data-keep]")) sessionStorage.removeItem(nameOf(field));
});
addEventListener("pageshow", () => { for (const form of document.forms) delete form.dataset.sent; });

// A value of one's own: is it JSON, and what does it change?
const value = $("#value");
function words(text) { return text.match(/\s+|[^\s]+/g) || []; }
function pieces(before, after) {
  const [a, b] = [words(before), words(after)];
  if (a.length * b.length > CELLS) return null;
  const long = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      long[i][j] = a[i] === b[j] ? long[i + 1][j + 1] + 1 : Math.max(long[i + 1][j], long[i][j + 1]);
  const found = [];
  const put = (kind, text) => (found.at(-1)?.[0] === kind ? (found.at(-1)[1] += text) : found.push([kind, text]));
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) { put("", a[i++]); j++; }
    else if (i < a.length && (j >= b.length || long[i + 1][j] >= long[i][j + 1])) put("del", a[i++]);
    else put("ins", b[j++]);
  }
  return found;
}
function check() {
  let wrong = "";
  if (value.dataset.form === "json")
    try { JSON.parse(value.value); } catch (error) { wrong = `Not JSON yet: ${error.message}`; }
  value.setAttribute("aria-invalid", wrong ? "true" : "false");
  const verdict = $("#verdict");
  const same = value.value === value.dataset.force;
  const says = wrong || (same ? "This is what is in force now." : "");
  if (verdict.textContent !== says) verdict.textContent = says;
  verdict.classList.toggle("bad", Boolean(wrong));
  const shown = wrong || same ? null : pieces(value.dataset.force, value.value);
  $("#preview").hidden = !shown;
  $("#preview").replaceChildren(...(shown || []).map(([kind, text]) => {
    if (!kind) return document.createTextNode(text);
    const run = document.createElement(kind);
    run.textContent = text;
    return run;
  }));
}

// What was typed is kept for this tab until it is sent.
function nameOf(field) { return `${here} ${field.name}`; }
for (const field of document.querySelectorAll("[data-keep]")) {
  const kept = sessionStorage.getItem(nameOf(field));
  if (kept !== null && kept !== field.value) {
    field.value = kept;
    if (field === value) $("#own").open = true;
  }
  const keep = () => sessionStorage.setItem(nameOf(field), field.value);
  field.addEventListener("input", keep);
  if ($("#complaint") && (field === value ? $("#own").open : field.value)) keep(); // it was refused
}
if (value) { value.addEventListener("input", check); check(); }

// Others answer too: say so, and leave what is typed alone.
const shown = document.body.dataset.head;
$("#reload").addEventListener("click", () => location.reload());
const asked = document.body.dataset.conflict;
async function ask() {
  if (document.hidden) return;
  try {
    const answer = await fetch(`/head.json${asked ? `?conflict=${encodeURIComponent(asked)}` : ""}`, { credentials: "same-origin" });
    if (!answer.ok) return;
    const now = await answer.json();
    $("#elsewhere").hidden = now.head === shown;
    if (now.settled && $("#answer")) over(now.settled);
  } catch { /* the server was stopped: the next click says so */ }
}
// Somebody else settled what is asked here: who, and how; what was typed stays readable.
function over(words) {
  $("#news").textContent = `${words}.`;
  $("#onward").hidden = false;
  for (const button of document.querySelectorAll("#answer button")) button.disabled = true;
}
if (shown) {
  setInterval(ask, EVERY);
  document.addEventListener("visibilitychange", ask);
}
