// Keeps on this device what is being written or was chosen, until it is sent: a closed tab or a lost line takes no sentence
// and no answer away. It is kept for the attempt in which it was given.

const PREFIX = "potoo-draft:";
const KEEP_MS = 7 * 24 * 3600 * 1000;
const WAIT_MS = 400;

// Forgets what nobody came back for.
export function sweepDrafts() {
  try {
    for (const key of Object.keys(localStorage).filter((each) => each.startsWith(PREFIX))) {
      if (!(Date.now() - JSON.parse(localStorage.getItem(key)).at < KEEP_MS)) localStorage.removeItem(key);
    }
  } catch {
    // storage is switched off
  }
}

// Forgets what the server has, by the address to which it was sent.
export function dropDrafts(path) {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(`${PREFIX}${path}?`)) localStorage.removeItem(key);
  } catch {
    // storage is switched off
  }
}

// `read()` gives what stands in the form, `put(given)` puts it back. What is kept here is newer than what the server has: it
// is forgotten when it is sent.
export function keepDraft({ attempt, read, put, said, restored, signal }) {
  const key = `${PREFIX}${location.pathname}?${attempt}`;
  let timer = 0;
  try {
    const draft = JSON.parse(localStorage.getItem(key));
    if (draft?.given?.length && String(draft.given) !== String(read())) {
      put(draft.given);
      restored();
    }
  } catch {
    // storage is switched off
  }
  addEventListener("pagehide", () => timer && write(), { signal });
  signal.addEventListener("abort", () => clearTimeout(timer));

  function write() {
    clearTimeout(timer);
    timer = 0;
    try {
      localStorage.setItem(key, JSON.stringify({ given: read(), at: Date.now() }));
      said();
    } catch {
      // storage is switched off, or full: the button still sends it
    }
  }

  return {
    // A choice is kept at once; of words, what was written up to a moment ago.
    chosen: write,
    typed() {
      timer ||= setTimeout(write, WAIT_MS);
    },
  };
}
