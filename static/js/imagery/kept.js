// Drawings kept on this device until they were sent, so that a closed tab, a lost line or an expired sign-in takes none
// away.

import { withStore } from "./store.js";

const KEEP_MS = 7 * 24 * 3600 * 1000;

// {text, rev, at, sent}, or undefined.
export async function recall(key) {
  return inDrawings("readonly", (store) => store.get(key));
}

export async function keep(key, drawing) {
  return inDrawings("readwrite", (store) => store.put({ ...drawing, at: Date.now() }, key));
}

// Forgets what was sent from another page than `key`, and what nobody came back for.
export async function forgetOthers(key) {
  await inDrawings("readwrite", (store) => {
    const walk = store.openCursor();
    walk.onsuccess = () => {
      const entry = walk.result;
      if (!entry) return;
      const { sent, at } = entry.value;
      if (entry.key !== key && (sent || !(Date.now() - at < KEEP_MS))) entry.delete();
      entry.continue();
    };
    return walk;
  });
}

function inDrawings(mode, work) {
  return withStore("potoo-drawings", "drawings", mode, work);
}
