// Asks the device to keep its screen on while a person listens; it may refuse, and takes it back when the page is hidden.

let lock = null;
let wanted = false;

document.addEventListener("visibilitychange", () => wanted && ask());

export function stayAwake(on) {
  wanted = on;
  if (on) ask();
  else {
    lock?.release().catch(() => {});
    lock = null;
  }
}

async function ask() {
  if (!navigator.wakeLock || document.visibilityState !== "visible" || (lock && !lock.released)) return;
  try {
    lock = await navigator.wakeLock.request("screen");
    if (!wanted) stayAwake(false);
  } catch {
    lock = null; // low battery, or a browser that does not want to
  }
}
