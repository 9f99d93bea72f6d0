// For closed eyes: a black layer over the page, with two zones that are found by feel, and what is said at each turn, for ears
// and screen readers. It stays while parts change under it; where something is to be answered it opens, from black to dusk.

import { stayAwake, whenAwake } from "./awake.js";
import { chime } from "./chime.js";
import { keeps } from "./keeps.js";
import { motionIsReduced } from "./settings.js";

const FADE_MS = 1200;

export function eyesOf(chosen) {
  let layer = null;
  let say = null;
  let inside = null;
  let acts = null; // of the part that is under it: {pauseOrContinue, longer, goOn, stop}
  let isClosed = false;
  let isGreeted = false;
  let fading = 0;

  function make(part) {
    layer = part("eyes");
    inside = (name) => layer.querySelector(`[data-eyes-${name}]`);
    inside("pause").addEventListener("click", () => acts?.pauseOrContinue("button"));
    inside("longer").addEventListener("click", lower);
    inside("ready").addEventListener("click", () => acts?.goOn("button"));
    inside("back").addEventListener("click", () => chosen.set("eyes_closed", false));
    inside("stop").addEventListener("click", () => acts?.stop());
    whenAwake((isAwake) => (inside("awake").textContent = isAwake ? say.awake : say.mayDim));
    keeps().append(layer);
  }

  // By feel alone: a tap above pauses, and then one below stops.
  function lower() {
    if (layer.hasAttribute("data-paused")) acts?.stop();
    else if (layer.hasAttribute("data-untimed")) acts?.goOn("button");
    else acts?.longer("button");
  }

  function shut(isShut) {
    for (const each of document.body.children) if (!each.hasAttribute("data-keeps")) each.inert = isShut;
  }

  return {
    get isClosed() {
      return isClosed;
    },

    // Over the part that is on the page now. Where it was closed before, one chime tells that the next part begins.
    close({ part, say: words, acts: given, isRepeat = false }) {
      say = words;
      acts = given;
      if (!layer) make(part);
      clearTimeout(fading);
      layer.classList.remove("opening");
      layer.hidden = false;
      isClosed = true;
      shut(true);
      document.body.setAttribute("data-eyes-closed", "");
      if (!layer.contains(document.activeElement)) inside("pause").focus({ preventScroll: true });
      if (isGreeted && !isRepeat) {
        if (chosen.get("chime")) chime("next", { vibrate: chosen.get("vibration") });
        this.says(say.nextPart);
      }
      stayAwake(true);
    },

    // Two chimes and the screen is there again; three where no voice is left.
    open(kind = "open") {
      if (!isClosed) return;
      isClosed = false;
      acts = null;
      shut(false);
      document.body.removeAttribute("data-eyes-closed");
      if (chosen.get("chime")) chime(kind, { vibrate: chosen.get("vibration") });
      this.says(say.openEyes);
      layer.classList.add("opening");
      const end = () => {
        layer.hidden = true;
        layer.classList.remove("opening");
        this.says("");
      };
      clearTimeout(fading);
      if (motionIsReduced(chosen)) end();
      else fading = setTimeout(end, FADE_MS);
    },

    // Nothing more of it: the person wants the words on the screen, or the session is over.
    away() {
      if (!layer || (!isClosed && layer.hidden)) return;
      isClosed = false;
      acts = null;
      shut(false);
      document.body.removeAttribute("data-eyes-closed");
      clearTimeout(fading);
      layer.hidden = true;
    },

    // Once: what will happen now.
    async greet(aside) {
      if (isGreeted) return;
      isGreeted = true;
      const words = `${say.closeEyes} ${say.chimesMean} ${say.howToStop}`;
      this.says(words);
      await aside(words);
    },

    says(text) {
      if (isClosed || text === "" || layer?.classList.contains("opening")) put(inside?.("says"), text);
    },

    draw({ words, showsWords, isPaused, isQuiet, isUntimed }) {
      if (!isClosed) return;
      layer.toggleAttribute("data-paused", isPaused);
      layer.toggleAttribute("data-untimed", isUntimed);
      put(inside("head"), isPaused ? say.pausedShort : showsWords && words ? words : isQuiet ? say.quietNow : say.closeEyes);
      put(inside("pause"), isPaused ? say.tapToGoOn : say.tapToPause);
      put(inside("longer"), isPaused ? say.tapToStop : isUntimed ? say.tapForReady : say.tapForLonger);
    },
  };
}

function put(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}
