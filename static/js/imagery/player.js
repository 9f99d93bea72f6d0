// A page of a guided session, made into the player. The server's page is the session: one form, one stage, nothing of what
// comes later. This adds time, voice and keys to it, tells the form how the time was kept, and stays while pages change.

import { sayAloud } from "./aloud.js";
import { answers } from "./answers.js";
import { stayAwake, whenAwake } from "./awake.js";
import { bar } from "./bar.js";
import { unlockChime } from "./chime.js";
import { now } from "./clock.js";
import { device, refreshRate } from "./device.js";
import { dialogs } from "./dialogs.js";
import { dimmer } from "./dim.js";
import { dropDrafts, sweepDrafts } from "./draft.js";
import { eyesOf } from "./eyes.js";
import { guide } from "./guided.js";
import { forgetOthers } from "./kept.js";
import { keys } from "./keys.js";
import { endLife, life } from "./life.js";
import { amend, at, closeLog, flush, note, openLog } from "./log.js";
import { goTo, inPlace } from "./place.js";
import { ready } from "./ready.js";
import { unlockRecording } from "./recording.js";
import { reveal } from "./reveal.js";
import { settings } from "./settings.js";
import { claim, take } from "./tabs.js";
import { unlockVoice } from "./voice.js";

const COME_BACK_MS = 10_000; // so long after a part "longer" leads back to it
const TIMED = ["say", "rest"];
const STATES = { compare: "rate", report: "words" }; // of the log, where it is not the kind's own name
const chosen = settings();
const eyes = eyesOf(chosen);
let dim = null;
let how = arrival(); // how the next part of an attempt was come to
let before = null; // the timed part that was left last: {url, at}
let isBack = false; // for longer, in it
let isFirst = true; // of this document
let isWarned = false; // that the screen may switch off
let gave = ""; // the address from which something was given last
let isSaved = false; // and the server has it

document.addEventListener("potoo:sent", ({ detail }) => {
  dropDrafts(detail.url);
  isSaved = detail.url === gave;
});
document.body.addEventListener("submit", began, { capture: true });
// A page out of the browser's memory shows a time that has gone by.
addEventListener("pageshow", (event) => event.persisted && location.reload());
chosen.changed((name, value, old) => note("mode", { name, old, new: value }), null);
inPlace(placed, (reason) => {
  endLife();
  if (reason) note("session_end", { reason });
  return closeLog();
});

function placed() {
  const box = document.querySelector("[data-player]");
  const form = box?.tagName === "FORM" ? box : box?.querySelector("form");
  const template = form?.querySelector("template[data-player-parts]");
  const isOwn = isFirst; // a page of its own has the focus where the browser puts it
  isFirst = false;
  const wasSaved = isSaved && gave !== location.pathname;
  isSaved = false;
  if (!template) {
    eyes.open(); // there is something to be read: a chime tells so
    if (!isOwn) focus();
    stayAwake(false);
    ready({ chosen });
    return;
  }
  const name = form.getAttribute("data-session") ?? "";
  const lost = () => {
    endLife();
    void flush();
    moved("moved-box", name);
  };
  void claim(name, { lost }).then((isHere) => {
    if (isHere) {
      sayAloud(wasSaved ? template.dataset.saved : "");
      play(box, form, template);
      if (!isOwn) focus(); // once its parts are where they stay: what is moved loses the focus
    } else moved("elsewhere-box", name);
  });
}

// The first press: what a browser lets sound now, it lets sound for all of the session.
function began(event) {
  if (!event.target.hasAttribute("data-begin")) return;
  how = event.target.getAttribute("data-begin") || how;
  if (event.submitter?.name === "restart") how = "restart";
  unlockChime();
  unlockVoice();
  unlockRecording();
  stayAwake(true);
}

function play(box, form, template) {
  const signal = life();
  const kind = box.getAttribute("data-kind");
  const stage = form.getAttribute("data-stage") || location.pathname.split("/").at(-2);
  const attempt = form.querySelector("[name='attempt']")?.value ?? "";
  const say = template.dataset;
  const part = (name) => template.content.querySelector(`[data-${name}]`).cloneNode(true);
  const fill = (name, value) => {
    const input = form.querySelector(`input[type=hidden][name="${name}"]`);
    if (input) input.value = typeof value === "number" ? String(Math.round(value)) : (value ?? "");
  };
  const csrf = form.querySelector("[name='csrfmiddlewaretoken']")?.value ?? "";
  dim ??= dimmer(chosen);
  document.body.classList.add("playing");
  document.body.setAttribute("data-stage-kind", kind);

  const isTimed = TIMED.includes(kind);
  at(stage, isTimed ? "" : (STATES[kind] ?? kind));
  if (openLog({ url: form.getAttribute("data-events"), attempt, csrf })) start();
  const hidden = watchHidden(signal);
  const cameBack = isBack;
  isBack = false;
  if (before && before.at === null) before.at = now();

  const status = document.createElement("p");
  const timed = isTimed ? guide({ stage, box, form, say, part, chosen, eyes, cameBack, askLonger: longer }) : null;
  if (!timed) {
    status.className = "player-status player-tells";
    status.setAttribute("role", "status");
    form.append(status);
    answers({ stage, kind, form, attempt, say, fill });
    enterPlain(signal);
  }
  if (kind === "reveal") reveal({ form, say, part });
  const tell = timed ? timed.tell : (text) => (status.textContent = text);
  const stop = () => document.querySelector("form[data-stop]")?.requestSubmit();
  const acts = timed && { pauseOrContinue: timed.pauseOrContinue, longer, goOn: timed.goOn, stop };
  let stoodStill = false; // for a box that lies over the page
  const boxes = dialogs({
    part,
    opened: () => {
      if (!timed?.isTimed()) return;
      stoodStill = true;
      timed.pause("key");
    },
    closed: () => {
      if (!stoodStill || signal.aborted || boxes.isOpen) return;
      stoodStill = false;
      if (timed.isPaused) timed.pauseOrContinue("key");
    },
  });
  const { toggle } = bar({ say, part, chosen, stage: timed, template, tell, showKeys: () => boxes.show("keys") });
  keys({ chosen, stage: timed, eyes, toggle, boxes, dim, longer });
  whenAwake((isAwake) => {
    if (isAwake || isWarned || !isTimed) return;
    isWarned = true;
    tell(say.mayDim);
  }, signal);
  for (const link of document.querySelectorAll("a[data-leave], .bar-start a[href], .player-paused a[href]")) {
    link.addEventListener("click", () => note("leave", { reason: "home" }));
  }

  if (timed && chosen.get("eyes_closed")) eyes.close({ part, say, acts });
  else if (eyes.isClosed) {
    eyes.open();
    focus();
  }
  chosen.changed((name, value) => {
    if (name !== "eyes_closed") return;
    if (!timed) tell(value ? say.eyesFromNext : "");
    else if (value) {
      eyes.close({ part, say, acts, isRepeat: true });
      timed.redraw();
      void timed.eyesClosed();
    } else {
      eyes.away();
      timed.redraw();
      document.querySelector("main")?.focus({ preventScroll: true });
    }
  });
  // Whoever wants to stop is not talked to on the way.
  document.querySelector("form[data-stop]")?.addEventListener("submit", () => timed?.pause("button"));
  timed?.begin();
  sweepDrafts();
  if (kind !== "draw") void forgetOthers(""); // a drawing that was sent is not left on the device

  form.addEventListener("submit", () => {
    gave = isTimed || kind === "reveal" ? "" : location.pathname;
    fill("hidden-ms", hidden());
    for (const [name, value] of Object.entries(timed?.fields() ?? {})) fill(name, value);
    before = timed?.canComeBack ? { url: location.href, at: null } : null;
  });

  // Within moments of the part before, more time is more time there.
  function longer(source) {
    const isLate = !before?.at || now() - before.at > COME_BACK_MS;
    // A picture that was shown stays shown: nothing before it is gone back to.
    if (isLate || cameBack || kind === "reveal") {
      timed?.longer(source);
      return;
    }
    isBack = true;
    void goTo(before.url, { push: true }).then((isThere) => {
      isBack = false;
      if (isThere) note("longer", { source, went_back: true });
      else timed?.longer(source);
    });
  }
}

// The first part of an attempt in this document: how it was come to, on what, and how the person likes it.
function start() {
  const types = { begin: "session_start", restart: "restart" };
  const event = note(types[how] ?? "resume", { reason: how, ...device(), pace: chosen.get("pace"), settings: chosen.all() });
  how = "return";
  void refreshRate().then((refresh_hz) => amend(event, { refresh_hz }));
}

function arrival() {
  const type = performance.getEntriesByType("navigation")[0]?.type;
  return { reload: "reload", back_forward: "restored" }[type] ?? "return";
}

function enterPlain(signal) {
  const began = now();
  note("state_enter", {});
  void flush();
  signal.addEventListener("abort", () => note("state_exit", { actual_ms: now() - began }));
}

// In place of the part: that it is open elsewhere, or went on there.
function moved(name, lock) {
  eyes.away();
  document.body.classList.remove("playing", "at-rest");
  document.body.removeAttribute("data-stage-kind");
  const parts = document.querySelector("template[data-window-parts]").content;
  const panel = parts.querySelector(`[data-${name}]`).cloneNode(true);
  const main = document.querySelector("main");
  for (const each of main.children) each.hidden = true;
  for (const each of document.querySelectorAll(".bar .player-switch")) each.remove();
  main.append(panel);
  panel.querySelector("h1").focus();
  panel.querySelector("form").addEventListener("submit", (event) => {
    if (panel.hasAttribute("data-taken")) return;
    event.preventDefault();
    void take(lock).then(() => {
      panel.setAttribute("data-taken", "");
      event.target.requestSubmit(event.submitter);
    });
  });
}

// The focus goes where reading begins, unless a fault has it.
function focus() {
  if (eyes.isClosed || document.querySelector("[data-error-summary]")) return;
  const heading = document.querySelector("main h1") ?? document.querySelector("main");
  if (!heading.hasAttribute("tabindex")) heading.setAttribute("tabindex", "-1");
  heading.focus({ preventScroll: true });
}

// How long the page could not be seen, in ms.
function watchHidden(signal) {
  let gone_ms = 0;
  let since = document.visibilityState === "hidden" ? now() : null;
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") {
      since ??= now();
      note("hidden", {});
      void flush();
    } else if (since !== null) {
      gone_ms += now() - since;
      note("visible", { duration_ms: now() - since });
      since = null;
    }
  }, { signal });
  addEventListener("blur", () => note("blur", {}), { signal });
  addEventListener("focus", () => note("focus", {}), { signal });
  return () => gone_ms + (since === null ? 0 : now() - since);
}
