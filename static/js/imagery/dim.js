// A dark veil over the page, in steps. It dims the page: how bright the device is, no page can change.

import { keeps } from "./keeps.js";
import { DIM_STEPS } from "./settings.js";

export function dimmer(chosen) {
  const veil = Object.assign(document.createElement("div"), { className: "veil" });
  const show = () => {
    veil.setAttribute("data-step", String(chosen.get("dim")));
    veil.hidden = chosen.get("dim") === 0;
  };
  keeps().append(veil);
  chosen.changed((name) => name === "dim" && show(), null);
  show();
  return { next: () => chosen.set("dim", (chosen.get("dim") + 1) % DIM_STEPS) };
}
