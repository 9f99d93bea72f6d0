// What every page has: focus on the error summary, a guard against a double press, number keys, copying, menus.
// Everything here is an addition; each page works without it.

const RELEASE_MS = 8000; // a press that led nowhere may be repeated after this
const BUSY_MS = 400; // slower than this, and the button says that it is at work
const KEYS_OFF = "potoo-number-keys-off";
const idle = new Map(); // a button at work -> what it said before
let shown = new AbortController(); // until another page is put in place of this one

focusErrors();
guardForms();
numberKeys();
copyButtons();
menus();
tableRoles();
zone();
stillNumbers();
currentTab();
document.addEventListener("potoo:placed", () => {
  shown.abort();
  shown = new AbortController();
  focusErrors();
  numberKeys();
  menus();
});

function focusErrors() {
  const summary = document.querySelector("[data-error-summary]");
  if (!summary) return;
  summary.focus();
  for (const link of summary.querySelectorAll("a[href^='#']")) {
    link.addEventListener("click", (event) => {
      const target = document.getElementById(link.hash.slice(1));
      const inputs = "input, select, textarea";
      const field = target?.matches(inputs) ? target : target?.querySelector(inputs);
      if (!field) return;
      event.preventDefault();
      target.scrollIntoView({ block: "start" });
      field.focus({ preventScroll: true });
    });
  }
}

// A form shows its inputs as its own properties, and inputs are named by a study's items: hence attributes and a set.
function guardForms() {
  const sending = new Set();
  const release = (form) => {
    sending.delete(form);
    for (const button of form.querySelectorAll("[aria-busy]")) showIdle(button);
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.getAttribute("method")?.toLowerCase() !== "post") return;
    if (sending.has(form)) {
      event.preventDefault();
      return;
    }
    sending.add(form);
    const button = event.submitter;
    const busy = setTimeout(() => showBusy(button), BUSY_MS);
    setTimeout(() => {
      clearTimeout(busy);
      release(form);
    }, button && "stays" in button.dataset ? 2000 : RELEASE_MS);
  });
  // A page that comes back from the browser's memory must not keep its lock.
  addEventListener("pageshow", () => [...sending].forEach(release));
}

function showBusy(button) {
  if (!button || "stays" in button.dataset) return;
  button.setAttribute("aria-busy", "true");
  if (button.dataset.busy) {
    if (!idle.has(button)) idle.set(button, [...button.childNodes]);
    button.replaceChildren(button.dataset.busy);
  }
}

function showIdle(button) {
  button.removeAttribute("aria-busy");
  if (idle.has(button)) button.replaceChildren(...idle.get(button));
  idle.delete(button);
}

function numberKeys() {
  const group = document.querySelector("[data-keys]");
  if (!group || document.documentElement.dataset.singleKeys === "off") return;
  const hint = group.querySelector("[data-keys-hint]");
  const button = group.querySelector("[data-keys-switch]");
  let on = stored(KEYS_OFF) !== "1";
  const show = () => {
    if (!button) return;
    hint.hidden = false;
    button.textContent = on ? button.dataset.off : button.dataset.on;
  };
  show();
  button?.addEventListener("click", () => {
    on = !on;
    store(KEYS_OFF, on ? "0" : "1");
    show();
  });
  document.addEventListener("keydown", (event) => {
    if (!on || event.ctrlKey || event.metaKey || event.altKey || event.repeat || !/^[0-9]$/.test(event.key)) return;
    if (event.target.closest?.("textarea, select, input:not([type=radio], [type=checkbox])")) return;
    const radio = [...group.querySelectorAll("input[type=radio]")].find((input) => input.value === event.key);
    if (!radio) return;
    event.preventDefault();
    radio.focus();
    radio.click(); // chooses, and tells the page as a press would; it sends nothing
  }, { signal: shown.signal });
}

function copyButtons() {
  for (const block of document.querySelectorAll("[data-copy]")) {
    const button = block.querySelector("[data-copy-button]");
    if (!button || !navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(block.querySelector("code").textContent.trim());
      block.querySelector("[data-copy-status]").textContent = button.dataset.done;
      button.querySelector("span").textContent = button.dataset.done;
    });
  }
}

function menus() {
  const all = [...document.querySelectorAll("details[data-menu]")];
  document.addEventListener("click", (event) => {
    for (const menu of all) if (menu.open && !menu.contains(event.target)) menu.open = false;
  }, { signal: shown.signal });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of all) {
      if (!menu.open) continue;
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  }, { signal: shown.signal });
}

// On a phone the cells of such a table are blocks, and a browser then no longer says that it is a table.
function tableRoles() {
  const roles = { TABLE: "table", THEAD: "rowgroup", TBODY: "rowgroup", TR: "row", TD: "cell" };
  for (const table of document.querySelectorAll("table.cards")) {
    for (const part of [table, ...table.querySelectorAll("thead, tbody, tr, td, th")]) {
      part.setAttribute("role", roles[part.tagName] ?? (part.scope === "row" ? "rowheader" : "columnheader"));
    }
  }
}

// The device knows its zone; the person sees it and may change it.
function zone() {
  const select = document.querySelector("select[data-zone]");
  if (!select || (select.value && select.dataset.zone !== "device")) return;
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if ([...select.options].some((option) => option.value === here)) select.value = here;
}

// Scrolling the page must not turn the number under the pointer.
function stillNumbers() {
  document.addEventListener("wheel", (event) => {
    if (event.target.type === "number" && event.target === document.activeElement) event.target.blur();
  }, { passive: true });
}

// A study has more tabs than a phone is wide.
function currentTab() {
  document.querySelector(".tabs [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
}

function stored(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // storage is switched off
  }
}

function store(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // storage is switched off: the choice holds for this page
  }
}
