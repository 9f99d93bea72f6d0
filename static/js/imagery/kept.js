// Drawings kept on this device until they were sent, so that a closed tab, a lost line or an expired sign-in takes none
// away. Every call does without storage: then the server's copy alone is there.

const NAME = "potoo-drawings";
const STORE = "drawings";
const KEEP_MS = 7 * 24 * 3600 * 1000;

// {text, rev, at, sent}, or undefined.
export async function recall(key) {
  return withStore("readonly", (store) => store.get(key));
}

export async function keep(key, drawing) {
  return withStore("readwrite", (store) => store.put({ ...drawing, at: Date.now() }, key));
}

// Forgets what was sent from another page than `key`, and what nobody came back for.
export async function forgetOthers(key) {
  await withStore("readwrite", (store) => {
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

// What the request of `work` found once its transaction is on disk.
async function withStore(mode, work) {
  try {
    const base = await open();
    try {
      return await new Promise((resolve, reject) => {
        const transaction = base.transaction(STORE, mode);
        const request = work(transaction.objectStore(STORE));
        transaction.oncomplete = () => resolve(request.result);
        transaction.onabort = () => reject(transaction.error);
      });
    } finally {
      base.close();
    }
  } catch {
    return undefined; // storage is switched off, or full
  }
}

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("blocked"));
  });
}
