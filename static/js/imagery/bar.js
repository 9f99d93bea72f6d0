// The session's switches: voice and words in the bar, all of them in its menu, and their keys.

import { now } from "./clock.js";
import { motionIsReduced } from "./settings.js";

const STILL_MS = 4000;
const SETTLE_MS = 700; // Enter pressed twice on the page before does not pass over a part unseen

export function bar({ say, part, chosen, stage, template }) {
  const end = document.querySelector(".bar-end");
  const menu = end?.querySelector("details.menu");
  const switches = [...template.content.querySelectorAll("[data-switch]")].map((each) => each.cloneNode(true));
  const set = (name, value) => {
    const refused = stage?.refuses(name, value);
    if (refused) stage.tell(refused);
    else chosen.set(name, value);
    show(); // also what was refused: a ticked box would else stay ticked
  };
  const inputs = [];

  if (menu) {
    menu.querySelector("summary").replaceChildren(...part("menu-name").childNodes);
    const group = part("settings");
    menu.querySelector(".menu-panel").prepend(group);
    for (const input of group.querySelectorAll("[data-set]")) {
      inputs.push(input);
      input.addEventListener("change", () => {
        set(input.dataset.set, input.matches("select") ? input.value : input.checked);
      });
    }
  }
  for (const button of switches) {
    button.addEventListener("click", () => toggle(button.dataset.switch));
  }
  end?.prepend(...switches);
  chosen.changed(show);
  stage?.changed(show);
  show();
  keys();
  fallBack(chosen, stage);

  function isOn(name) {
    return stage?.isOn(name) ?? chosen.get(name);
  }

  function toggle(name) {
    set(name, !isOn(name));
  }

  function show() {
    for (const button of switches) {
      const name = button.dataset.switch;
      const on = isOn(name);
      button.setAttribute("aria-checked", String(on));
      button.querySelector("span").textContent = say[`${name}${on ? "On" : "Off"}`];
    }
    for (const input of inputs) {
      if (input.matches("select")) input.value = chosen.get(input.dataset.set);
      else input.checked = isOn(input.dataset.set);
    }
    document.body.toggleAttribute("data-still", motionIsReduced(chosen));
  }

  function keys() {
    const shownAt = now();
    const forward = getComputedStyle(document.body).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    document.addEventListener("keydown", (event) => {
      if (event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
      if (!chosen.get("keys") || event.target.closest?.("input, textarea, select, [contenteditable]")) return;
      const onControl = event.target.closest?.("a, button, summary");
      const acts = {
        v: () => toggle("voice"),
        w: () => toggle("words"),
        l: () => stage?.longer(),
        [forward]: () => stage?.goOn(),
        Enter: onControl || now() - shownAt < SETTLE_MS ? null : () => stage?.goOn(),
        " ": onControl ? null : () => stage?.pauseOrContinue(),
      };
      const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (!act || (!stage && event.key !== "v" && event.key !== "w")) return;
      event.preventDefault();
      act();
    });
  }
}

// Four seconds without a hand on it, and all but the words falls back a little. It never goes.
function fallBack(chosen, stage) {
  if (!stage) return;
  let timer = 0;
  const wake = () => {
    clearTimeout(timer);
    document.body.classList.remove("at-rest");
    timer = setTimeout(() => {
      if (!motionIsReduced(chosen) && stage.isTimed()) document.body.classList.add("at-rest");
    }, STILL_MS);
  };
  for (const name of ["pointermove", "pointerdown", "keydown", "focusin", "touchstart"]) {
    document.addEventListener(name, wake, { passive: true });
  }
  wake();
}
