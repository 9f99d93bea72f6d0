// Keeps what is being written on this device until it is sent: a closed tab or a lost line takes no sentence away.

const PREFIX = "potoo-draft:";
const KEEP_MS = 7 * 24 * 3600 * 1000;
const WAIT_MS = 400;

// Forgets what was sent by the page that led here, and what nobody came back for.
export function sweepDrafts() {
  try {
    const before = document.referrer ? PREFIX + new URL(document.referrer).pathname : "";
    for (const key of Object.keys(localStorage).filter((each) => each.startsWith(PREFIX))) {
      const draft = JSON.parse(localStorage.getItem(key));
      const arrived = draft.sent && key === before && key !== here();
      if (arrived || !(Date.now() - draft.at < KEEP_MS)) localStorage.removeItem(key);
    }
  } catch {
    // storage is switched off
  }
}

export function keepDraft(area, { say, restored }) {
  let timer = 0;
  const draft = read();
  if (draft?.text && !area.value) {
    area.value = draft.text;
    restored();
  }
  area.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => write(false), WAIT_MS);
  });
  addEventListener("pagehide", () => {
    if (timer) write(read()?.sent ?? false);
  });

  function write(sent) {
    timer = 0;
    try {
      localStorage.setItem(here(), JSON.stringify({ text: area.value, sent, at: Date.now() }));
      if (!sent) say();
    } catch {
      // storage is switched off, or full: the button still sends it
    }
  }

  return { sending: () => write(true) };
}

function read() {
  try {
    return JSON.parse(localStorage.getItem(here()));
  } catch {
    return null;
  }
}

function here() {
  return PREFIX + location.pathname;
}
