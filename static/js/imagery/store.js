// What is kept on this device until the server has it. Every call does without storage: then it answers undefined.

const BASES = { "potoo-drawings": ["drawings"], "potoo-session": ["events", "answers"] };

// What the request of `work(store)` found once its transaction is on disk.
export async function withStore(base, name, mode, work) {
  try {
    const opened = await open(base);
    try {
      return await new Promise((resolve, reject) => {
        const transaction = opened.transaction(name, mode);
        const request = work(transaction.objectStore(name));
        transaction.oncomplete = () => resolve(request?.result);
        transaction.onabort = () => reject(transaction.error);
      });
    } finally {
      opened.close();
    }
  } catch {
    return undefined; // storage is switched off, or full
  }
}

function open(base) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(base, 1);
    request.onupgradeneeded = () => BASES[base].forEach((each) => request.result.createObjectStore(each));
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("blocked"));
  });
}
