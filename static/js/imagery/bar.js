// The session's switches: voice, words and closed eyes in the bar, all of them in its menu; and how the page falls back while
// nobody touches it.

import { whenAwake } from "./awake.js";
import { life } from "./life.js";
import { motionIsReduced } from "./settings.js";

const STILL_MS = 4000;

export function bar({ say, part, chosen, stage, template, tell, showKeys }) {
  const end = document.querySelector(".bar-end");
  const menu = end?.querySelector("details.menu");
  const switches = [...template.content.querySelectorAll("[data-switch]")].map((each) => each.cloneNode(true));
  const inputs = [];

  if (menu) {
    menu.querySelector("summary").replaceChildren(...part("menu-name").childNodes);
    const group = part("settings");
    menu.querySelector(".menu-panel").prepend(group);
    for (const input of group.querySelectorAll("[data-set]")) {
      inputs.push(input);
      input.addEventListener("change", () => set(input.dataset.set, valueOf(input)));
    }
    group.querySelector("[data-show-keys]").addEventListener("click", () => {
      menu.open = false;
      menu.querySelector("summary").focus(); // where the focus comes back to
      showKeys();
    });
    whenAwake((isAwake) => (group.querySelector("[data-awake]").textContent = isAwake ? say.awake : say.mayDim), life());
  }
  for (const button of switches) {
    button.addEventListener("click", () => toggle(button.dataset.switch));
  }
  end?.prepend(...switches);
  chosen.changed(show);
  stage?.changed(show);
  show();
  fallBack(chosen, stage);
  return { toggle };

  function set(name, value) {
    const refused = stage?.refuses(name, value);
    if (refused) tell(refused);
    else chosen.set(name, value);
    show(); // also what was refused: a ticked box would else stay ticked
  }

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
      button.querySelector("span").textContent = on ? button.dataset.on : button.dataset.off;
    }
    for (const input of inputs) {
      if (input.matches("select")) input.value = String(chosen.get(input.dataset.set));
      else input.checked = isOn(input.dataset.set);
    }
    document.body.toggleAttribute("data-still", motionIsReduced(chosen));
  }
}

function valueOf(input) {
  if (!input.matches("select")) return input.checked;
  return input.dataset.set === "dim" ? Number(input.value) : input.value;
}

// Four seconds without a hand on it, and all but the words falls back a little. It never goes.
function fallBack(chosen, stage) {
  if (!stage) return;
  const signal = life();
  let timer = 0;
  const wake = () => {
    clearTimeout(timer);
    document.body.classList.remove("at-rest");
    timer = setTimeout(() => {
      if (!motionIsReduced(chosen) && stage.isTimed()) document.body.classList.add("at-rest");
    }, STILL_MS);
  };
  for (const name of ["pointermove", "pointerdown", "keydown", "focusin", "touchstart"]) {
    document.addEventListener(name, wake, { passive: true, signal });
  }
  signal.addEventListener("abort", () => clearTimeout(timer));
  wake();
}
