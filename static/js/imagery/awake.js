// Asks the device to keep its screen on while a person listens; it may refuse, and takes it back when the page is hidden.

import { note } from "./log.js";

let lock = null;
let wanted = false;
let asking = false;
let told = ""; // got, released, denied or unsupported
const heard = new Set();

document.addEventListener("visibilitychange", () => wanted && ask());

// Tells whether the screen stays on, now and at each change, until `signal` is aborted.
export function whenAwake(tell, signal) {
  heard.add(tell);
  signal?.addEventListener("abort", () => heard.delete(tell));
  if (told) tell(told === "got");
}

export function stayAwake(on) {
  wanted = on;
  if (on) ask();
  else {
    lock?.release().catch(() => {});
    lock = null;
  }
}

async function ask() {
  if (asking || document.visibilityState !== "visible" || (lock && !lock.released)) return;
  if (!navigator.wakeLock) {
    is("unsupported");
    return;
  }
  asking = true;
  try {
    lock = await navigator.wakeLock.request("screen");
    lock.addEventListener("release", () => is("released"));
    is("got");
    if (!wanted) stayAwake(false);
  } catch {
    lock = null; // low battery, or a browser that does not want to
    is("denied");
  }
  asking = false;
}

function is(what) {
  if (what === told) return;
  told = what;
  note("wakelock", { what });
  for (const tell of heard) tell(what === "got");
}
