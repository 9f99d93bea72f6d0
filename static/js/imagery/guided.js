// A stage that guides and is then quiet: its sentences one at a time, spoken or timed; the quiet time with its ring; pause,
// longer, and the person's own "ready", which is always there.
//
//   guide -> quiet -> after (the person goes on)          paused: any of them, standing still

import { stayAwake } from "./awake.js";
import { watchAway } from "./away.js";
import { chime } from "./chime.js";
import { frames, inWords, now } from "./clock.js";
import { lay } from "./layout.js";
import { life } from "./life.js";
import { at as isAt, flush, note } from "./log.js";
import { narration } from "./narration.js";
import { quietTime, ringOf } from "./quiet.js";

const HALF_IS_SAID_FROM_MS = 60_000;
const MOMENT_MS = 3000; // between the end and going on by itself: "longer" still counts
const STATUS_MS = 4000;
const WAKE_FOR_MS = 20 * 60_000;
const HOUR_MS = 3_600_000;

// `eyes` is the layer for closed eyes. `cameBack`: for longer, and the words were said before.
// `askLonger(source)` is what a press of the button does: soon after the part before, it leads back there.
export function guide({ stage, box, form, say, part, chosen, eyes, cameBack, askLonger }) {
  const number = (name, otherwise) => Number(box.getAttribute(`data-${name}`) || otherwise) || 0;
  const isRest = box.getAttribute("data-kind") === "rest";
  const page = lay(form, part);
  const { sentences } = page;
  const signal = life();

  const quiet = quietTime({ planned_ms: number("hold-s", 0) * 1000, least_ms: number("min-s", 0) * 1000, chosen });
  const ring = ringOf({ page, time: quiet, chosen, say });
  const times = { pauses: 0, paused_ms: 0, longer_ms: 0, longer: 0 };
  let state = "guide";
  let entered = null; // what the log says of the state: {name, at}
  let pausedAt = null;
  let at = 0; // the sentence that is being said
  let turn = 0; // a pause or a restart ends the turn; what was under way then stops by itself
  let drawing = null;
  let deadline = 0;
  let endedAt = 0; // the planned time
  let halfSaid = false;
  let isLeft = false; // the answer is on its way: its times stand
  let going = "button"; // by what they went on
  let onChange = () => {};
  let statusTimer = 0;
  let leastTimer = 0;
  let focusBefore = null;

  const told = narration({
    box: form.querySelector(".said"),
    sentences,
    language: box.getAttribute("data-lang") || document.documentElement.lang,
    rate: number("voice-rate", 0.85),
    pause_ms: number("voice-pause-s", 1) * 1000,
    chosen,
    changed,
    lost: withoutVoice,
  });

  // --- the words -----------------------------------------------------------------------------------------------------

  function guideFrom(sentence) {
    if (isRest && !told.isVoiced) startQuiet(); // its words are few, and its time is the rest
    else void speakOn(sentence);
  }

  async function speakOn(from) {
    const mine = ++turn;
    enter("guide");
    show();
    const how = await told.from(from, (place) => {
      if (mine !== turn) return;
      at = place;
      mark();
    });
    if (mine !== turn || how === "cut") return;
    if (how === "blocked") pause(say.blocked, { source: "system" });
    else startQuiet();
  }

  function mark() {
    sentences.forEach((each, place) => {
      each.classList.toggle("past", place < at);
      each.classList.toggle("now", place === at);
    });
    page.follow(sentences[at]);
    changed();
  }

  // Closed eyes need a voice. Where the last one is gone they are called back to the words.
  function withoutVoice() {
    tell(say.noVoice);
    if (eyes.isClosed) eyes.open("words");
  }

  // --- the quiet time ------------------------------------------------------------------------------------------------

  function startQuiet() {
    turn += 1;
    at = sentences.length;
    enter(quietName(), quiet.total_ms);
    state = quiet.total_ms > 0 ? "quiet" : "after"; // none was planned, and none is counted
    halfSaid = false;
    mark();
    if (state === "after") {
      onward();
      return;
    }
    quiet.watch.start();
    const untold = quiet.isUntimed || !chosen.get("time");
    announce(untold ? say.startsUntimed : say.starts.replace("{time}", inWords(quiet.left_ms, say)));
    run();
  }

  function quietName() {
    return isRest ? "rest" : "quiet";
  }

  function run() {
    show();
    clearTimeout(deadline);
    drawing?.stop();
    drawing = null;
    if (state !== "quiet" || pausedAt !== null || quiet.isUntimed) return;
    drawing = frames(draw);
    deadline = setTimeout(run, Math.min(quiet.left_ms + 20, HOUR_MS)); // frames stop where nobody sees them; the time does not
    endIfOver();
  }

  // What went by out of sight ends nothing, even if the page has its turn at this before it is told that it was away.
  function endIfOver() {
    const isOver = quiet.left_ms <= 0;
    if (isOver && !isAway()) endQuiet();
    return isOver;
  }

  function draw() {
    if (state !== "quiet" || pausedAt !== null || endIfOver()) return false;
    if (!halfSaid && quiet.total_ms >= HALF_IS_SAID_FROM_MS && quiet.left_ms <= quiet.total_ms / 2) {
      halfSaid = true;
      if (chosen.get("time")) announce(say.half);
    }
    ring.draw();
    return true;
  }

  function endQuiet() {
    if (state !== "quiet") return;
    state = "after";
    endedAt = now();
    drawing?.stop();
    clearTimeout(deadline);
    // With closed eyes what comes next is told by its own chime: one for a part, two for an answer.
    if (chosen.get("chime") && !eyes.isClosed) chime("next");
    announce(goesOn() ? say.onward : say.over);
    show();
    onward();
  }

  function goesOn() {
    return chosen.get("onward") || (eyes.isClosed && !quiet.isUntimed);
  }

  function onward() {
    const mine = turn;
    show();
    if (goesOn()) wait(MOMENT_MS).then(() => mine === turn && state === "after" && pausedAt === null && goOn("timer"));
  }

  // --- what the person does ------------------------------------------------------------------------------------------

  function longer(source = "button") {
    if (isLeft) return;
    if (quiet.isUntimed) {
      tell(say.noTimer);
      return;
    }
    note("longer", { added_ms: quiet.more_ms, count: (times.longer += 1), ms_left: Math.max(0, quiet.left_ms), source });
    ring.easeIn();
    quiet.lengthen();
    if (state === "after") {
      state = "quiet";
      turn += 1;
      if (pausedAt === null) quiet.watch.start();
    }
    times.longer_ms += quiet.more_ms;
    tell(say.more.replace("{n}", String(Math.round(quiet.more_ms / 1000))));
    run();
  }

  function pause(title, { since = now(), source = "button" } = {}) {
    if (pausedAt !== null || isLeft) return;
    pausedAt = since;
    times.pauses += 1;
    turn += 1;
    quiet.watch.stop(since);
    told.hush();
    note("pause", { source });
    enter("paused");
    focusBefore = document.activeElement;
    page.pausedTitle.textContent = title;
    page.again.hidden = title !== say.away;
    run();
    changed();
    if (eyes.isClosed) eyes.says(title);
    else page.pausedTitle.focus();
    setTimeout(() => pausedAt === since && !signal.aborted && stayAwake(false), WAKE_FOR_MS);
  }

  function goBackIn(source) {
    if (pausedAt === null) return false;
    const paused_ms = now() - pausedAt;
    times.paused_ms += paused_ms;
    pausedAt = null;
    note("continue", { source, duration_ms: paused_ms });
    stayAwake(true);
    page.paused.hidden = true;
    page.stage.hidden = page.controls.hidden = false; // before the focus goes there
    if (eyes.isClosed) return true;
    const place = page.controls.contains(focusBefore) ? focusBefore : document.querySelector("main");
    place?.focus({ preventScroll: true });
    return true;
  }

  function resume(source = "button") {
    if (!goBackIn(source)) return;
    if (eyes.isClosed) eyes.says(say.goesOn);
    if (state === "guide") guideFrom(at);
    else {
      enter(quietName(), quiet.left_ms);
      if (quiet.total_ms > 0) quiet.watch.start();
      run();
      if (state === "after") onward();
    }
    changed();
  }

  function again() {
    if (!goBackIn("button")) return;
    quiet.reset();
    told.rewind();
    times.longer_ms = 0;
    state = "guide";
    guideFrom(0);
    changed();
  }

  function pauseOrContinue(source) {
    if (pausedAt === null) pause(say.paused, { source });
    else resume(source);
  }

  function goOn(source = "button") {
    going = source;
    if (pausedAt !== null) resume(source);
    else if (isTooSoon()) tell(say.inAMoment);
    else form.requestSubmit(page.primary);
  }

  function isTooSoon() {
    return quiet.isTooShort && pausedAt === null;
  }

  function showReady() {
    clearTimeout(leastTimer);
    page.sayReady(isTooSoon() ? say.inAMoment : "");
    if (quiet.watch.running && isTooSoon()) leastTimer = setTimeout(showReady, quiet.toLeast_ms + 20);
  }

  // --- what is shown -------------------------------------------------------------------------------------------------

  function show() {
    const isPaused = pausedAt !== null;
    page.paused.hidden = !isPaused;
    page.stage.hidden = isPaused;
    page.controls.hidden = isPaused;
    ring.show(state, told.isVoiced);
    page.words.toggleAttribute("data-no-words", told.isVoiced && !chosen.get("words"));
    showReady();
    eyes.draw({
      words: state === "guide" ? (sentences[at]?.textContent ?? "") : "",
      showsWords: chosen.get("words"),
      isPaused,
      isQuiet: state !== "guide",
      isUntimed: quiet.isUntimed,
    });
  }

  function tell(text) {
    clearTimeout(statusTimer);
    page.status.textContent = text;
    statusTimer = setTimeout(() => (page.status.textContent = ""), STATUS_MS);
    eyes.says(text);
  }

  function announce(text) {
    page.announce.textContent = text;
    eyes.says(text);
  }

  function changed() {
    if (signal.aborted) return;
    show();
    onChange();
  }

  // The log's own account of where the person is.
  function enter(name, plan_ms = 0) {
    if (name === "guide") state = "guide";
    if (entered?.name === name) return;
    leaveState();
    entered = { name, at: now() };
    isAt(stage, name);
    note("state_enter", { planned_ms: Math.max(0, plan_ms) });
    void flush();
  }

  function leaveState() {
    if (entered) note("state_exit", { actual_ms: now() - entered.at });
    entered = null;
  }

  // --- the beginning -------------------------------------------------------------------------------------------------

  page.pause.addEventListener("click", () => pauseOrContinue("button"));
  page.longer.addEventListener("click", () => askLonger("button"));
  page.continue.addEventListener("click", () => resume("button"));
  page.again.addEventListener("click", again);
  page.pausedLonger.addEventListener("click", () => {
    longer("button");
    page.continue.focus();
  });
  page.untimed.addEventListener("click", () => {
    chosen.set("pace", "untimed");
    tell(say.noTimer);
    resume("button");
  });
  page.timeSwitch.addEventListener("click", () => chosen.set("time", !chosen.get("time")));
  page.primary.addEventListener("click", (event) => {
    if (!isTooSoon()) return;
    event.preventDefault();
    tell(say.inAMoment);
  });
  form.addEventListener("submit", () => {
    if (isLeft) return;
    isLeft = true;
    note("ready", { ms_left: quiet.isUntimed ? null : Math.max(0, quiet.left_ms), source: going });
    quiet.watch.stop();
    turn += 1;
    told.hush();
  });
  chosen.changed((name) => {
    if (name === "voice" && state === "guide" && pausedAt === null && !isLeft) {
      told.hush();
      void speakOn(at);
    }
    if (name === "speed") told.newSpeed();
    if (name === "pace" && quiet.isUntimed && state === "quiet") announce(say.noTimer);
    run();
  });
  const isAway = watchAway({
    left: (since) => {
      if (pausedAt === null && state === "after") quiet.watch.stop(Math.max(since, endedAt)); // there is nothing to continue
      else if (pausedAt === null) pause(say.away, { since, source: "hidden" });
      return pausedAt === since;
    },
    back: () => {
      if (chosen.get("chime")) chime("next");
      if (!eyes.isClosed) page.pausedTitle.focus();
    },
    seen: () => {
      if (state === "after" && pausedAt === null && !isLeft && quiet.total_ms > 0) quiet.watch.start();
      run();
    },
  }, signal);
  addEventListener("pagehide", () => told.hush(), { signal });
  signal.addEventListener("abort", () => {
    leaveState();
    turn += 1;
    told.drop();
    drawing?.stop();
    for (const each of [deadline, statusTimer, leastTimer]) clearTimeout(each);
  });
  stayAwake(true);

  async function begin() {
    show();
    if (cameBack) {
      quiet.beOnlyLonger();
      startQuiet();
      tell(say.wentBack.replace("{n}", String(Math.round(quiet.more_ms / 1000))));
      return;
    }
    mark();
    const mine = turn;
    if (eyes.isClosed) await eyes.greet(told.aside);
    await told.ready;
    if (eyes.isClosed && !told.isVoiced) withoutVoice();
    if (mine === turn) guideFrom(0);
  }

  return {
    begin,
    longer,
    pauseOrContinue,
    goOn,
    tell,
    // Whether there was a time that somebody can come back to.
    get canComeBack() {
      return quiet.planned_ms > 0 && !quiet.isUntimed;
    },
    get isPaused() {
      return pausedAt !== null;
    },
    pause: (source) => pause(say.paused, { source }),
    // Eyes that are closed in the middle of a part: they are told what will happen, and the sentence is said again.
    async eyesClosed() {
      const mine = ++turn;
      told.hush();
      await eyes.greet(told.aside);
      if (mine !== turn || pausedAt !== null) return;
      if (state === "guide") guideFrom(at);
      else if (state === "after") onward();
    },
    redraw: show,
    changed: (heard) => (onChange = heard),
    isTimed: () => pausedAt === null && state !== "after",
    isOn(name) {
      if (name === "voice") return chosen.get("voice") && !told.isMute;
      if (name === "words") return chosen.get("words") || !told.isVoiced;
      return undefined;
    },
    // Why a switch stays as it is; nothing if it need not.
    refuses(name, value) {
      if (name === "voice" && value && told.hasNoVoiceHere) return say.noVoice;
      if (name === "voice" && value) told.tryAgain();
      if (name === "words" && !value && !told.isVoiced) return say.oneStays;
      if (name === "eyes_closed" && value && (!chosen.get("voice") || told.isMute)) return say.eyesNeedVoice;
      return "";
    },
    fields: () => ({
      "quiet-ms": quiet.watch.ms,
      "longer-ms": times.longer_ms + quiet.extra_ms,
      pauses: times.pauses,
      "paused-ms": times.paused_ms + (pausedAt === null ? 0 : now() - pausedAt),
      ...told.fields(),
    }),
  };
}

function wait(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
