// Single keys on the list of who needs somebody: j and k go down and up, Enter opens (it is a link), m writes.
// An addition: every row has its links and buttons. One switch turns single keys off, here and on questions.

const KEYS_OFF = "potoo-number-keys-off";

const list = document.querySelector("[data-needs]");
const hint = document.querySelector("[data-day-keys]");
if (list && hint && document.documentElement.dataset.singleKeys !== "off") watch(hint.querySelector("button"));

function watch(button) {
  let on = stored() !== "1";
  const show = () => (button.textContent = on ? hint.dataset.off : hint.dataset.on);
  hint.hidden = false;
  show();
  button.addEventListener("click", () => {
    on = !on;
    try {
      localStorage.setItem(KEYS_OFF, on ? "0" : "1");
    } catch {
      // storage is switched off: the choice holds for this page
    }
    show();
  });
  document.addEventListener("keydown", (event) => {
    if (!on || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target.closest?.("textarea, select, input, [contenteditable]")) return;
    if (event.key === "j" || event.key === "k") step(event.key === "j" ? 1 : -1, event);
    else if (event.key === "m") write(event);
  });
}

function step(by, event) {
  const rows = [...list.querySelectorAll("[data-open]")];
  if (!rows.length) return;
  const row = document.activeElement?.closest?.("[data-need]");
  const at = rows.findIndex((link) => row?.contains(link));
  const next = at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + by, 0), rows.length - 1);
  event.preventDefault();
  rows[next].focus();
}

function write(event) {
  const link = document.activeElement?.closest?.("[data-need]")?.querySelector("[data-message]");
  if (!link) return;
  event.preventDefault();
  link.click();
}

function stored() {
  try {
    return localStorage.getItem(KEYS_OFF);
  } catch {
    return null;
  }
}
