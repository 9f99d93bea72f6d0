// A page of a guided session, made into the player. The server's page is the session: one form, one stage, nothing of what
// comes later. This adds time, voice and keys to it, and tells the form how the time was kept.

import { now } from "./clock.js";
import { keepDraft, sweepDrafts } from "./draft.js";
import { guide } from "./guided.js";
import { forgetOthers } from "./kept.js";
import { settings } from "./settings.js";
import { bar } from "./bar.js";

const NEAR_THE_END = 400; // so few letters left are worth saying

// Inputs are named by a study's stages, and a form shows them as its own properties: hence attributes, and nothing asked of
// the form by a name in small letters.
const box = document.querySelector("[data-player]");
const form = box?.tagName === "FORM" ? box : box?.querySelector("form");
const template = form?.querySelector("template[data-player-parts]");
if (template) play();

function play() {
  const kind = box.getAttribute("data-kind");
  const say = template.dataset;
  const part = (name) => template.content.querySelector(`[data-${name}]`).cloneNode(true);
  const chosen = settings();
  const hidden = watchHidden();
  document.body.classList.add("playing");
  document.body.setAttribute("data-stage-kind", kind);

  let stage = null;
  if (kind === "say" || kind === "rest") stage = guide({ box, form, say, part, chosen });
  if (kind === "reveal") picture(say, part);
  const draft = kind === "report" ? report(say) : null;
  const answered = answerTime(kind);
  bar({ say, part, chosen, stage, template });
  sweepDrafts();
  if (kind !== "draw") void forgetOthers(""); // a drawing that was sent is not left on the device

  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    fill("hidden-ms", hidden());
    for (const [name, value] of Object.entries(stage?.times() ?? {})) fill(name, value);
    answered?.();
    draft?.sending();
  });
  // A page out of the browser's memory shows a time that has gone by.
  addEventListener("pageshow", (event) => event.persisted && location.reload());
}

function fill(name, value) {
  const input = form.querySelector(`input[type=hidden][name="${name}"]`);
  if (input) input.value = String(Math.round(value));
}

// How long the page could not be seen, in ms.
function watchHidden() {
  let gone_ms = 0;
  let since = document.visibilityState === "hidden" ? now() : null;
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") since ??= now();
    else if (since !== null) {
      gone_ms += now() - since;
      since = null;
    }
  });
  return () => gone_ms + (since === null ? 0 : now() - since);
}

// From the page being seen to the last choice. A form marked data-question has its own clock.
function answerTime(kind) {
  const input = form.querySelector("input[name='response-time-ms']");
  if (!input || form.hasAttribute("data-question") || !["rate", "compare", "choose"].includes(kind)) return null;
  let seenAt = now();
  let answeredAt = null;
  requestAnimationFrame((time) => (seenAt = time));
  const note = (event) => {
    if (event.target.name) answeredAt = now();
  };
  const isChoice = (each) => each.matches("[type=radio], select");
  form.addEventListener("change", (event) => isChoice(event.target) && note(event));
  form.addEventListener("input", (event) => isChoice(event.target) || note(event));
  return () => answeredAt !== null && fill("response-time-ms", Math.max(0, answeredAt - seenAt));
}

function picture(say, part) {
  const figure = form.querySelector("figure") ?? form.querySelector("img");
  if (!figure) return;
  const button = part("picture-switch");
  const show = (shown) => {
    figure.hidden = !shown;
    button.textContent = shown ? say.hidePicture : say.showPicture;
  };
  show(true);
  button.addEventListener("click", () => show(figure.hidden));
  form.querySelector("[data-primary]").after(button);
}

function report(say) {
  const area = form.querySelector("textarea");
  if (!area) return null;
  const status = Object.assign(document.createElement("p"), { className: "save-status" });
  status.setAttribute("role", "status");
  (area.closest(".field") ?? area).after(status);
  const most = area.maxLength > 0 ? area.maxLength : 4000;
  let told = "";
  const tell = (text) => {
    const left = most - area.value.length;
    const words = left <= NEAR_THE_END ? say.lettersLeft.replace("{n}", String(Math.max(0, left))) : text;
    if (words !== told) status.textContent = told = words;
  };
  area.addEventListener("input", () => tell(told === say.keptHere ? told : ""));
  return keepDraft(area, { say: () => tell(say.keptHere), restored: () => tell(say.restored) });
}
