// Keeps an answer as soon as it is chosen, and says so; measures the time from the page being seen to the last choice.
// The form works without this: then the main action alone stores the answer, and the time is unknown.

const QUIET_MS = 400; // several changes within this are one save
const RETRY_MS = [2000, 4000, 8000, 15000, 30000];

for (const form of document.querySelectorAll("form[data-question]")) watch(form);

function watch(form) {
  const status = form.querySelector("[data-save-status]") ?? document.querySelector("[data-save-status]");
  // Inputs are named by a study's items, and a form shows them as its own properties: form.dataset could be an item.
  const rev = form.querySelector("[name='answer-rev']");
  const spent = form.querySelector("[name='response-time-ms']");
  const url = form.getAttribute("data-autosave");
  let changed = false; // something is here that the server has not confirmed
  let leaving = false; // the form itself is on its way, and says all
  let timer = 0;
  let failures = 0;
  let latest = 0;
  let seenAt = performance.now();

  requestAnimationFrame((time) => (seenAt = time));

  // A choice is made at "change". A text or number is made key by key; its "change" comes when it is left, which would
  // count the way to the button as thinking.
  form.addEventListener("change", (event) => isChoice(event.target) && onChange(event));
  form.addEventListener("input", (event) => isChoice(event.target) || onChange(event));
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    leaving = true;
    clearTimeout(timer);
    raiseRev();
    setTimeout(() => (leaving = false), 8000); // the press may have led nowhere
  });
  addEventListener("pagehide", () => {
    if (changed && !leaving) send(true);
  });
  addEventListener("online", () => {
    if (changed && !leaving) send(false);
  });
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    leaving = false;
    // What is stored now, not what the browser remembers.
    if (navigator.onLine) location.replace(location.pathname + location.search);
    else seenAt = performance.now();
  });

  function onChange(event) {
    if (!event.target.name) return; // a part of the page, not of the form
    if (spent) spent.value = String(Math.max(0, Math.round(performance.now() - firstSeen())));
    if (!url) return;
    changed = true;
    failures = 0;
    later(QUIET_MS);
  }

  // First contentful paint where the browser tells it (not for a page opened in the background), else the first frame.
  function firstSeen() {
    const paint = performance.getEntriesByName("first-contentful-paint")[0];
    return paint ? Math.min(paint.startTime, seenAt) : seenAt;
  }

  // Above what is stored, above what this page sent before, and above what another tab sent earlier.
  function raiseRev() {
    const next = Math.max(Number(rev?.value || 0) + 1, Date.now());
    if (rev) rev.value = String(next);
    latest = next;
    return next;
  }

  function later(wait_ms) {
    clearTimeout(timer);
    timer = setTimeout(() => send(false), wait_ms);
  }

  async function send(last) {
    clearTimeout(timer);
    const mine = raiseRev();
    try {
      const response = await fetch(url, {
        method: "POST",
        body: new URLSearchParams(new FormData(form)), // the token against forgery is one of the form's fields
        headers: { Accept: "application/json" },
        credentials: "same-origin",
        redirect: "manual", // a sign-in page is not a "saved"
        keepalive: true,
      });
      if (mine !== latest || last) return;
      if (response.ok) {
        changed = false;
        failures = 0;
        say(status?.dataset.saved?.replace("{time}", clock()));
      } else if (response.status >= 500 || response.status === 429) again();
      else say(status?.dataset.refused);
    } catch {
      if (mine === latest && !last) again();
    }
  }

  function again() {
    say(status?.dataset.waiting);
    later(RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]);
    failures += 1;
  }

  function say(text) {
    if (status && text && status.textContent !== text) status.textContent = text;
  }
}

function isChoice(input) {
  return input.matches("select, [type=radio], [type=checkbox]");
}

function clock() {
  const parts = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  return new Intl.DateTimeFormat(document.documentElement.lang, parts).format(new Date());
}
