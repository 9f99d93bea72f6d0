// A slim bar that says that an answer waits on this device.

import { keeps } from "./keeps.js";

// `within` is the form that says it in its own words, or the document.
export function sayWaiting(how, within) {
  const words = how === "offline" ? "data-offline" : "data-unsent";
  const own = within === document ? null : within.getAttribute(words);
  bar().textContent = own ?? document.querySelector(`[${words}]`)?.getAttribute(words) ?? "";
  bar().hidden = false;
}

export function sayNothing() {
  bar().textContent = "";
  bar().hidden = true;
}

function bar() {
  const there = document.querySelector("[data-waiting]");
  if (there) return there;
  const made = Object.assign(document.createElement("p"), { className: "waiting", hidden: true });
  made.setAttribute("data-waiting", "");
  made.setAttribute("role", "status");
  keeps().append(made);
  return made;
}
