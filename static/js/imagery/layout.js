// Puts the player's parts around what the server sent: the ring beside the words, the buttons below them, and instead of
// both, while it stands still, a panel that says so.

import { life } from "./life.js";

const ROOM_PX = 600;

export function lay(form, part) {
  const primary = form.querySelector("[data-primary]");
  const row = primary.closest(".row") ?? primary;
  const sentences = [...form.querySelectorAll("[data-sentence]")];
  const [stage, words] = ["player-stage", "player-words"].map(block);
  const [ring, controls, paused, says] = ["ring", "controls", "paused-panel", "says"].map(part);
  const heading = document.querySelector("main h1");

  row.before(stage, says, controls, paused);
  if (heading) words.append(heading);
  if (sentences.length) {
    const spoken = sentences[0].parentElement; // tells the language of the words
    spoken.classList.add("player-say");
    for (const each of sentences) each.after(" "); // they flow as one text
    words.append(spoken);
  }
  words.append(...form.querySelectorAll("[data-note]"));
  stage.append(ring, words);
  controls.append(primary);
  if (!primary.querySelector("kbd")) primary.append(" ", key(primary));
  if (!row.childElementCount) row.remove();
  for (const advice of form.querySelectorAll("[data-advice]")) advice.hidden = true;

  // Buttons that would be below the screen stay on it, as long as that leaves room to read.
  const measure = () => {
    const { scrollHeight, clientHeight } = document.scrollingElement;
    const isTall = clientHeight >= ROOM_PX && scrollHeight > clientHeight + 1;
    document.body.toggleAttribute("data-tall", isTall);
  };
  const watch = new ResizeObserver(measure);
  watch.observe(document.body);
  life().addEventListener("abort", () => watch.disconnect());

  const ready = [...primary.childNodes];
  const inside = (whole, name) => whole.querySelector(`[data-${name}]`);
  return {
    sentences,
    primary,
    stage,
    words,
    ring,
    controls,
    paused,
    // Another word on the button that goes on; an empty one brings back its own. It can be reached and pressed all the time.
    sayReady(text) {
      if (primary.getAttribute("aria-busy")) return;
      if (text) primary.textContent = text;
      else if (primary.firstChild !== ready[0]) primary.replaceChildren(...ready);
      primary.toggleAttribute("data-soon", Boolean(text));
    },
    follow: (sentence) => document.body.hasAttribute("data-tall") && sentence?.scrollIntoView({ block: "nearest" }),
    arc: inside(ring, "arc"),
    left: inside(ring, "left"),
    under: inside(ring, "under"),
    timeSwitch: inside(ring, "time-switch"),
    pause: inside(controls, "pause"),
    longer: inside(controls, "longer"),
    pausedTitle: inside(paused, "paused-title"),
    continue: inside(paused, "continue"),
    again: inside(paused, "again"),
    pausedLonger: inside(paused, "paused-longer"),
    untimed: inside(paused, "untimed"),
    status: inside(says, "status"),
    announce: inside(says, "announce"),
  };
}

function block(name) {
  return Object.assign(document.createElement("div"), { className: name });
}

function key(beside) {
  const onward = getComputedStyle(beside).direction === "rtl" ? "\u2190" : "\u2192";
  const cap = Object.assign(document.createElement("kbd"), { textContent: onward });
  cap.setAttribute("aria-hidden", "true");
  return cap;
}
