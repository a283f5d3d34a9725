// What pages do beyond plain HTML. Every page works without this file; it only makes things quicker.
"use strict";

const store = {
  // Storage may be switched off (private windows, policy); then nothing is remembered and nothing breaks.
  get(name) {
    try { return localStorage.getItem(name); } catch { return null; }
  },
  set(name, value) {
    try { localStorage.setItem(name, value); } catch { /* not remembered */ }
  },
};

// ---- theme: system, light, dark --------------------------------------------------------------------
const THEMES = ["system", "light", "dark"];

function showTheme(theme) {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  for (const label of document.querySelectorAll("[data-theme-name]")) label.textContent = theme;
}

function nextTheme() {
  const now = document.documentElement.dataset.theme || "system";
  const theme = THEMES[(THEMES.indexOf(now) + 1) % THEMES.length];
  store.set("prm.theme", theme);
  showTheme(theme);
}

// ---- keyboard --------------------------------------------------------------------------------------
const keysOn = () => store.get("prm.keys") !== "off";
let afterG = 0;

function typing(target) {
  return target.closest("input, textarea, select, [contenteditable], dialog[open]") !== null;
}

// The row's own link takes the focus: Enter opens it, and whoever does not see the page hears its name.
function toRow(step) {
  const links = [...document.querySelectorAll("[data-row-keys] tbody th a")];
  if (!links.length) return false;
  const here = links.findIndex((link) => link.closest("tr").contains(document.activeElement));
  const start = step > 0 ? 0 : links.length - 1;
  links[here < 0 ? start : Math.min(Math.max(here + step, 0), links.length - 1)].focus();
  return true;
}

function showKeyHints() {
  for (const hint of document.querySelectorAll("[data-keys-hint]")) hint.hidden = !keysOn();
}

function onKey(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (!(event.target instanceof Element) || typing(event.target) || !keysOn()) return;
  if (Date.now() - afterG < 1500) {
    afterG = 0;
    const link = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (link) {
      event.preventDefault();
      link.click();
    }
  } else if (event.key === "g") {
    afterG = Date.now();
  } else if (event.key === "/") {
    const search = document.querySelector("main input[type=search]");
    if (search) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  } else if (event.key === "j" || event.key === "k") {
    if (toRow(event.key === "j" ? 1 : -1)) event.preventDefault();
  } else if (event.key === "?") {
    const help = document.getElementById("keys");
    if (help) {
      event.preventDefault();
      help.showModal();
    }
  }
}

// Without a clipboard (plain http, an old browser) the text is selected, to be copied by hand.
function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  const label = button.querySelector("[data-copy-label]");
  source.select();
  const done = () => { label.textContent = "Copied"; };
  if (navigator.clipboard) navigator.clipboard.writeText(source.value).then(done, () => source.select());
}

// ---- clicks, by what the element says it does --------------------------------------------------------
function onClick(event) {
  const target = event.target instanceof Element ? event.target : null;
  if (!target) return;
  const opener = target.closest("[data-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog) {
    event.preventDefault(); // the link's own page is for browsers without this file
    dialog.showModal();
  } else if (target.closest("[data-close]")) {
    const box = target.closest("dialog, .note");
    if (box instanceof HTMLDialogElement) box.close();
    else if (box) box.remove();
  } else if (target.closest("[data-copy]")) {
    copy(target.closest("[data-copy]"));
  } else if (target.closest("[data-theme-switch]")) {
    nextTheme();
  } else if (target instanceof HTMLDialogElement) {
    target.close(); // a click on the backdrop
  }
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(target) || opener) menu.open = false;
  }
}

function onEscape(event) {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
}

// ---- forms -----------------------------------------------------------------------------------------
function onSubmit(event) {
  // One click is one submission. htmx forms guard themselves (hx-disabled-elt).
  const form = event.target;
  if (form.method !== "post" || form.hasAttribute("hx-post") || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 10000); // the answer may be a file, and the page stays
}

function ready(root) {
  const errors = root.querySelector(".form-errors");
  if (errors) errors.focus();
}

// ---- htmx ------------------------------------------------------------------------------------------
function say(sentence) {
  const template = document.getElementById("said");
  const box = document.getElementById("messages");
  if (!template || !box) return;
  const note = template.content.cloneNode(true);
  note.querySelector("[data-sentence]").textContent = sentence;
  for (const button of note.querySelectorAll("[data-needs-script]")) button.hidden = false;
  box.replaceChildren(note);
  box.scrollIntoView({ block: "nearest" });
}

// A whole page came where a part was asked for: a refusal is said, anything else (a sign-in page after the
// session ended) is gone to. Never is a page put into a corner of another.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, elt, requestConfig } = event.detail;
  if (!/^\s*<!doctype/i.test(xhr.responseText)) return;
  const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
  const chooser = (requestConfig?.elt ?? elt).closest("[hx-select]");
  if (chooser && page.querySelector(chooser.getAttribute("hx-select"))) return;
  event.detail.shouldSwap = false;
  if (xhr.status < 400) {
    location.assign(xhr.responseURL);
    return;
  }
  event.detail.isError = false; // said here, with the page's own words
  const refusal = page.querySelector("[data-refusal]");
  say(refusal ? refusal.textContent.trim() : "The server could not do this, and nothing was changed.");
});
document.addEventListener("htmx:configRequest", (event) => {
  // Empty filters stay out of the address.
  if (event.detail.verb !== "get") return;
  for (const [name, value] of Object.entries(event.detail.parameters)) {
    if (value === "") delete event.detail.parameters[name];
  }
});
document.addEventListener("htmx:sendError", () => {
  say("The server could not be reached, so nothing was changed. Check the connection and try again.");
});
document.addEventListener("htmx:responseError", () => {
  say("The server could not do this, and nothing was changed. Reload the page and try again.");
});
document.addEventListener("htmx:afterSwap", (event) => {
  ready(event.detail.target);
  const filters = event.detail.requestConfig?.elt.closest(".filters");
  const list = filters && document.querySelector(filters.getAttribute("hx-target"));
  if (!list) return;
  const rows = list.querySelectorAll("tbody tr").length; // whoever does not see the list change hears it
  document.getElementById("heard").textContent = rows === 1 ? "1 row shown" : `${rows} rows shown`;
});

// ---- start -----------------------------------------------------------------------------------------
document.addEventListener("keydown", onKey);
document.addEventListener("keydown", onEscape);
document.addEventListener("click", onClick);
document.addEventListener("submit", onSubmit);
window.addEventListener("pageshow", () => {
  // A page brought back by the Back button may be submitted again.
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

for (const element of document.querySelectorAll("[data-needs-script]")) element.hidden = false;
showTheme(document.documentElement.dataset.theme || "system");
for (const here of document.querySelectorAll(".nav [aria-current], .tabs [aria-current]")) {
  here.scrollIntoView({ block: "nearest", inline: "center" }); // on a phone the bar scrolls
}
const switchKeys = document.querySelector("[data-keys-switch]");
if (switchKeys) {
  switchKeys.checked = keysOn();
  switchKeys.addEventListener("change", () => {
    store.set("prm.keys", switchKeys.checked ? "on" : "off");
    showKeyHints();
  });
}
showKeyHints();
ready(document);
