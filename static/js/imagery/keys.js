// The single keys of a session. They are off in text fields, with a modifier, and for whoever turned them off.

import { now } from "./clock.js";
import { life } from "./life.js";

const TYPED = "input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]";
const SETTLE_MS = 700; // Enter pressed twice on the page before does not pass over a part unseen

export function keys({ chosen, stage, eyes, toggle, boxes, dim, longer }) {
  const signal = life();
  const shownAt = now();
  const onward = getComputedStyle(document.body).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
  let hadLayer = false; // a menu that Escape closes before it comes here
  const look = () => (hadLayer = document.querySelector("details[data-menu][open]") !== null);
  document.addEventListener("keydown", look, { capture: true, signal });
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey || boxes.isOpen) return;
    const act = event.key === "Escape" ? escape : single(event);
    if (!act) return;
    event.preventDefault();
    act();
  }, { signal });

  // Not one of the single keys: it works for everybody.
  function escape() {
    if (eyes.isClosed) chosen.set("eyes_closed", false);
    else if (!hadLayer) boxes.show("leave");
  }

  function single(event) {
    if (!chosen.get("keys") || event.target.closest?.(TYPED)) return null;
    const onControl = event.target.closest?.("a, button, summary, input");
    const isPage = event.target.closest?.("[role=application]"); // the drawing area has keys of its own
    const acts = {
      v: () => toggle("voice"),
      w: () => toggle("words"),
      e: () => toggle("eyes_closed"),
      d: dim.next,
      l: () => longer("key"),
      "?": eyes.isClosed ? null : () => boxes.show("keys"),
      [onward]: stage && !event.target.closest?.("input, [role=toolbar]") ? () => stage.goOn("key") : null,
      Enter: !stage || onControl || now() - shownAt < SETTLE_MS ? null : () => stage.goOn("key"),
      " ": !stage || onControl ? null : () => stage.pauseOrContinue("key"),
    };
    return isPage ? null : (acts[event.key.length === 1 ? event.key.toLowerCase() : event.key] ?? null);
  }
}
