// What is told for ears alone as one page follows another. Screen readers follow a region that was there before its words, and
// the pages' own come with the page: so this one stays. It is emptied by the next press, so that the same words are news again.

import { keeps } from "./keeps.js";

export function sayAloud(text) {
  region().textContent = text;
}

function region() {
  const there = document.querySelector("[data-aloud]");
  if (there) return there;
  const made = Object.assign(document.createElement("p"), { className: "vh" });
  made.setAttribute("data-aloud", "");
  made.setAttribute("role", "status");
  for (const press of ["keydown", "pointerdown"]) {
    document.addEventListener(press, () => made.textContent && (made.textContent = ""), { capture: true, passive: true });
  }
  keeps().append(made);
  return made;
}
