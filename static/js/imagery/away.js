// Tells when a page has been out of sight for three seconds, and when it is back.

import { now } from "./clock.js";

const AWAY_MS = 3000;

// `left(since)` is asked once, at the latest on return; whether it answers true decides between `back` and `seen`.
// Answers a question: whether they have left by now.
export function watchAway({ left, back, seen }, signal) {
  let since = null;
  let timer = 0;
  let hasLeft = false;
  const away = () => {
    if (since !== null && !hasLeft && now() - since >= AWAY_MS) hasLeft = left(since);
  };
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (document.visibilityState === "hidden") {
      since ??= now();
      timer = setTimeout(away, AWAY_MS);
      return;
    }
    away(); // a page that nobody sees may not have been given its turn
    (hasLeft ? back : seen)();
    since = null;
    hasLeft = false;
  }, { signal });
  signal.addEventListener("abort", () => clearTimeout(timer));
  return () => {
    away();
    return hasLeft;
  };
}
