// A stage at which something is to be answered: how long it took, what was chosen on the way, a draft on this device until it
// is sent, and "nothing came", which goes with no other answer. None of it has a timer.

import { now } from "./clock.js";
import { keepDraft } from "./draft.js";
import { life } from "./life.js";
import { note } from "./log.js";

const NEAR_THE_END = 400; // so few letters left are worth saying
const NOTHING = "nothing"; // what the form posts for it
const MOST_LETTERS = 1500; // of what is told of changes
const RATED = ["rate", "compare", "form", "check", "choose"];

export function answers({ stage, kind, form, attempt, say, fill }) {
  const signal = life();
  const isOwn = (each) => each.getAttribute("name") === stage && each.type !== "hidden";
  const own = () => [...form.querySelectorAll("input, textarea, select")].filter(isOwn);
  const status = own().length ? statusLine() : null;
  let seenAt = now();
  requestAnimationFrame((time) => (seenAt = time));

  let sent = null;
  const isRepeat = (answer) => sent === (sent = JSON.stringify(answer)); // a lost line makes a form be sent again

  if (kind === "form") onlyNothing();
  if (RATED.includes(kind)) rating();
  if (kind === "report") report();

  // --- answers that are chosen ---------------------------------------------------------------------------------------

  function rating() {
    let answeredAt = null;
    let by = "mouse";
    const changes = [];
    const draft = keep(() => own().filter(isGiven).map((each) => each.value), (given) => {
      for (const each of own()) {
        if (isTicked(each)) each.checked = given.includes(each.value);
        else if (given.length) each.value = given[0];
        each.dispatchEvent(new Event("input", { bubbles: true }));
      }
    });
    note("rating_shown", {});
    document.addEventListener("keydown", () => (by = "key"), { capture: true, signal });
    const pointed = (event) => (by = { touch: "tap", pen: "pen" }[event.pointerType] ?? "mouse");
    document.addEventListener("pointerdown", pointed, { capture: true, signal });
    const changed = (event) => {
      if (event.target.getAttribute("name") !== stage) return;
      answeredAt = now();
      const value = given(kind, own());
      if (value !== null && JSON.stringify(changes).length < MOST_LETTERS) changes.push(value);
      note("rating_change", { value, rt_ms: answeredAt - seenAt, input: by });
      draft.chosen();
    };
    form.addEventListener("change", (event) => isChoice(event.target) && changed(event));
    form.addEventListener("input", (event) => isChoice(event.target) || changed(event));
    form.addEventListener("submit", (event) => {
      // A form with a clock of its own says its time itself.
      if (answeredAt !== null && !form.hasAttribute("data-question")) fill("response-time-ms", Math.max(0, answeredAt - seenAt));
      const declined = event.submitter?.hasAttribute("data-skip");
      const value = declined ? null : given(kind, own());
      const word = declined ? "rather_not_say" : value === "na" ? "not_applicable" : "answered";
      if (isRepeat([value, word])) return;
      note("rating_saved", { value, status: word, rt_ms: answeredAt === null ? null : answeredAt - seenAt, input: by, changes });
    });
  }

  // What did not come came in no form, and the other way round.
  function onlyNothing() {
    form.addEventListener("change", (event) => {
      if (event.target.getAttribute("name") !== stage || !event.target.checked) return;
      const isNothing = event.target.value === NOTHING;
      for (const each of own()) if (each !== event.target && (isNothing || each.value === NOTHING)) each.checked = false;
    });
  }

  // --- words ---------------------------------------------------------------------------------------------------------

  function report() {
    const area = form.querySelector("textarea");
    if (!area) return;
    const most = area.maxLength > 0 ? area.maxLength : 4000;
    let told = "";
    const tell = (text) => {
      const left = most - area.value.length;
      const words = left <= NEAR_THE_END ? say.lettersLeft.replace("{n}", String(Math.max(0, left))) : text;
      if (words !== told) status.textContent = told = words;
    };
    const draft = keep(() => (area.value ? [area.value] : []), ([text]) => (area.value = text), tell);
    area.addEventListener("input", () => {
      tell(told === say.keptHere ? told : "");
      draft.typed();
    });
    form.addEventListener("submit", () => isRepeat(area.value) || note("words_save", { length: area.value.length }));
  }

  // --- on this device ------------------------------------------------------------------------------------------------

  function keep(read, put, tell = (text) => (status.textContent = text)) {
    return keepDraft({
      attempt,
      read,
      put,
      said: () => tell(say.keptHere),
      restored: () => tell(kind === "report" ? say.restored : say.restoredAnswer),
      signal,
    });
  }

  function statusLine() {
    const line = Object.assign(document.createElement("p"), { className: "save-status" });
    line.setAttribute("role", "status");
    const last = own().at(-1);
    (last.closest("fieldset") ?? last.closest(".field") ?? last).after(line);
    return line;
  }
}

function given(kind, inputs) {
  const values = inputs.filter(isGiven).map((each) => each.value);
  if (kind === "form") return values;
  if (values[0] === undefined) return null;
  return values[0] === "na" ? "na" : Number(values[0]);
}

function isGiven(input) {
  return isTicked(input) ? input.checked : input.value !== "";
}

function isTicked(input) {
  return input.type === "radio" || input.type === "checkbox";
}

function isChoice(input) {
  return isTicked(input) || input.matches("select");
}
