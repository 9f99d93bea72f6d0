// One window at a time: a session that runs twice would speak twice and keep its time twice. The server takes answers from
// both; this asks the person which one it is to be.

const HAND_OVER_MS = 1500; // for the other window to stop by itself
const RELOAD_MS = 400; // a page that is being left may hold it for a moment

let held = null; // {name, release}
let onLost = () => {};
let channel = null;

// Whether this window has the session. `lost` is called when another one takes it.
export async function claim(name, { lost }) {
  onLost = lost;
  if (!name || !navigator.locks || held?.name === name) return true;
  release();
  listen();
  return (await hold(name, { ifAvailable: true })) || hold(name, { wait_ms: RELOAD_MS });
}

// The person wants it here: the other window is told, and does not get to refuse.
export async function take(name) {
  if (!navigator.locks || held?.name === name) return;
  listen();
  channel?.postMessage({ take: name });
  if (!(await hold(name, { wait_ms: HAND_OVER_MS }))) await hold(name, { steal: true });
}

function listen() {
  if (channel || !("BroadcastChannel" in window)) return;
  channel = new BroadcastChannel("potoo-session");
  channel.addEventListener("message", ({ data }) => {
    if (held && data?.take === held.name) giveUp();
  });
  addEventListener("pagehide", release);
}

function giveUp() {
  release();
  onLost();
}

function release() {
  held?.release();
  held = null;
}

// Answers true once the lock is held; it is until it is released or another window takes it.
function hold(name, { wait_ms = 0, ...options }) {
  const waiting = new AbortController();
  const patience = wait_ms ? setTimeout(() => waiting.abort(), wait_ms) : 0;
  if (wait_ms) options.signal = waiting.signal;
  return new Promise((resolve) => {
    let mine = null;
    navigator.locks
      .request(name, options, (lock) => {
        clearTimeout(patience);
        if (!lock) {
          resolve(false);
          return undefined;
        }
        return new Promise((end) => {
          mine = { name, release: end };
          held = mine;
          resolve(true);
        });
      })
      .catch(() => {
        // It was waited for in vain, or it was taken.
        if (mine && held === mine) {
          held = null;
          onLost();
        }
        resolve(false);
      });
  });
}
