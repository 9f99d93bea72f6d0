// A stage that guides and is then quiet: its sentences one at a time, spoken or timed; the quiet time with its ring; pause,
// longer, and the person's own "ready", which is always there.
//
//   guide -> quiet -> after (the person goes on)          paused: any of them, standing still

import { stayAwake } from "./awake.js";
import { watchAway } from "./away.js";
import { chime } from "./chime.js";
import { frames, inSteps, inWords, now, Stopwatch } from "./clock.js";
import { lay } from "./layout.js";
import { countWords, readingTime } from "./reading.js";
import { fellSilent, motionIsReduced } from "./settings.js";
import { hush, say as speak, voiceFor } from "./voice.js";

const AFTER_SPEECH_MS = 800;
const LONGER_AT_LEAST_MS = 15_000;
const HALF_IS_SAID_FROM_MS = 60_000;
const MOMENT_MS = 3000; // between the end and going on by itself: "longer" still counts
const EASE_MS = 600;
const STATUS_MS = 4000;
const WAKE_FOR_MS = 20 * 60_000;
const HOUR_MS = 3_600_000;

export function guide({ box, form, say, part, chosen }) {
  const number = (name, otherwise) => Number(box.getAttribute(`data-${name}`) || otherwise) || 0;
  const planned_ms = number("hold-s", 0) * 1000;
  const rate = number("voice-rate", 0.85);
  const pause_ms = number("voice-pause-s", 1) * 1000;
  const language = box.getAttribute("data-lang") || document.documentElement.lang;
  const isRest = box.getAttribute("data-kind") === "rest";
  const page = lay(form, part);
  const { sentences } = page;

  const quiet = new Stopwatch();
  const times = { pauses: 0, paused_ms: 0, longer_ms: 0 };
  let state = "guide";
  let pausedAt = null;
  let added_ms = 0; // by "longer", in this run of the part
  let voice = null;
  let voiceGone = false; // there is none here, or it fell silent
  let at = 0; // the sentence that is being said
  let turn = 0; // a pause or a restart ends the turn; what was under way then stops by itself
  let drawing = null;
  let deadline = 0;
  let ease = null;
  let halfSaid = false;
  let onChange = () => {};
  let statusTimer = 0;
  let focusBefore = null;

  // --- the words -----------------------------------------------------------------------------------------------------

  function guideFrom(sentence) {
    if (isRest && !isVoiced()) startQuiet(); // its words are few, and its time is the rest
    else speakOn(sentence);
  }

  async function speakOn(from) {
    const mine = ++turn;
    state = "guide";
    show();
    for (at = from; at < sentences.length; at += 1) {
      mark();
      const how = await sentence(sentences[at]);
      if (mine !== turn) return;
      if (how === "failed") {
        voiceGone = fellSilent(true);
        tell(say.noVoice);
        changed();
        at -= 1; // the same sentence again, as words
        continue;
      }
      await wait(at < sentences.length - 1 ? pause_ms : AFTER_SPEECH_MS);
      if (mine !== turn) return;
    }
    startQuiet();
  }

  function sentence(element) {
    const text = element.textContent.trim();
    if (!isVoiced()) return wait(readingTime(text, language));
    return speak(text, { voice, rate, words: countWords(text, language) });
  }

  function mark() {
    sentences.forEach((each, place) => {
      each.classList.toggle("past", place < at);
      each.classList.toggle("now", place === at);
    });
    page.follow(sentences[at]);
  }

  function isVoiced() {
    return chosen.get("voice") && voice !== null && !voiceGone;
  }

  // --- the quiet time ------------------------------------------------------------------------------------------------

  function extra_ms() {
    return { half: planned_ms / 2, double: planned_ms }[chosen.get("pace")] ?? 0;
  }

  function total_ms() {
    return planned_ms + extra_ms() + added_ms;
  }

  function isUntimed() {
    return chosen.get("pace") === "untimed";
  }

  function startQuiet() {
    turn += 1;
    at = sentences.length;
    mark();
    state = total_ms() > 0 ? "quiet" : "after"; // none was planned, and none is counted
    halfSaid = false;
    if (state === "after") {
      show();
      return;
    }
    quiet.start();
    const untold = isUntimed() || !chosen.get("time");
    announce(untold ? say.startsUntimed : say.starts.replace("{time}", inWords(left_ms(), say)));
    run();
  }

  function run() {
    show();
    clearTimeout(deadline);
    drawing?.stop();
    drawing = null;
    if (state !== "quiet" || pausedAt !== null || isUntimed()) return;
    drawing = frames(draw);
    deadline = setTimeout(run, Math.min(left_ms() + 20, HOUR_MS)); // frames stop where nobody sees them; the time does not
    if (left_ms() <= 0) endQuiet();
  }

  function left_ms() {
    return total_ms() - quiet.ms;
  }

  function draw() {
    if (state !== "quiet" || pausedAt !== null) return false;
    const left = left_ms();
    if (left <= 0) {
      endQuiet();
      return false;
    }
    if (!halfSaid && total_ms() >= HALF_IS_SAID_FROM_MS && left <= total_ms() / 2) {
      halfSaid = true;
      if (chosen.get("time")) announce(say.half);
    }
    const still = motionIsReduced(chosen);
    const share = Math.min(1, (still ? inSteps(left) : left) / total_ms());
    arc(ease && !still ? eased(share) : share);
    if (chosen.get("time")) put(page.left, inWords(left, say));
    return true;
  }

  function eased(share) {
    const done = (now() - ease.at) / EASE_MS;
    if (done >= 1) {
      ease = null;
      return share;
    }
    return ease.from + (share - ease.from) * (1 - (1 - done) ** 3);
  }

  function arc(share) {
    page.arc.setAttribute("stroke-dashoffset", String(Math.round((1 - share) * 1e4) / 100));
    page.share = share;
  }

  function endQuiet() {
    if (state !== "quiet") return;
    state = "after";
    drawing?.stop();
    clearTimeout(deadline);
    if (chosen.get("chime")) chime();
    const onward = chosen.get("onward");
    announce(onward ? say.onward : say.over);
    show();
    const mine = turn;
    if (onward) wait(MOMENT_MS).then(() => mine === turn && state === "after" && goOn());
  }

  // --- what the person does ------------------------------------------------------------------------------------------

  function longer() {
    const more = Math.max(LONGER_AT_LEAST_MS, planned_ms / 2);
    if (isUntimed()) {
      tell(say.noTimer);
      return;
    }
    ease = { from: page.share, at: now() };
    if (state === "after") {
      added_ms += Math.max(0, quiet.ms - total_ms()); // what went by since the end is no debt
      state = "quiet";
      turn += 1;
      if (pausedAt === null) quiet.start();
    }
    added_ms += more;
    times.longer_ms += more;
    tell(say.more.replace("{n}", String(Math.round(more / 1000))));
    run();
  }

  function pause(title, since = now()) {
    if (pausedAt !== null) return;
    pausedAt = since;
    times.pauses += 1;
    turn += 1;
    quiet.stop(since);
    hush();
    focusBefore = document.activeElement;
    page.pausedTitle.textContent = title;
    page.again.hidden = title !== say.away;
    run();
    changed();
    page.pausedTitle.focus();
    setTimeout(() => pausedAt === since && stayAwake(false), WAKE_FOR_MS);
  }

  function goBackIn() {
    if (pausedAt === null) return false;
    times.paused_ms += now() - pausedAt;
    pausedAt = null;
    stayAwake(true);
    page.paused.hidden = true;
    page.stage.hidden = page.controls.hidden = false; // before the focus goes there
    const place = page.controls.contains(focusBefore) ? focusBefore : document.querySelector("main");
    place?.focus({ preventScroll: true });
    return true;
  }

  function resume() {
    if (!goBackIn()) return;
    if (state === "guide") guideFrom(at);
    else {
      if (total_ms() > 0) quiet.start();
      run();
    }
    changed();
  }

  function again() {
    if (!goBackIn()) return;
    quiet.reset();
    times.longer_ms = added_ms = 0;
    guideFrom(0);
    changed();
  }

  function pauseOrContinue() {
    if (pausedAt === null) pause(say.paused);
    else resume();
  }

  function goOn() {
    if (pausedAt !== null) resume();
    else form.requestSubmit(page.primary);
  }

  // --- what is shown -------------------------------------------------------------------------------------------------

  function show() {
    const isPaused = pausedAt !== null;
    page.paused.hidden = !isPaused;
    page.stage.hidden = isPaused;
    page.controls.hidden = isPaused;
    const timed = state === "quiet" && !isUntimed();
    const told = chosen.get("time");
    page.ring.setAttribute("data-state", state);
    page.ring.toggleAttribute("data-untimed", !told || (state !== "guide" && !timed));
    page.timeSwitch.textContent = told ? say.hideTime : say.showTime;
    page.timeSwitch.hidden = isUntimed() || state === "after" || planned_ms === 0;
    page.words.toggleAttribute("data-no-words", isVoiced() && !chosen.get("words"));
    if (state === "guide") {
      put(page.left, isVoiced() ? say.listen : say.read);
      const quietToCome = told && !isUntimed() && total_ms() > 0;
      put(page.under, quietToCome ? say.then.replace("{time}", inWords(total_ms(), say)) : "");
      arc(1);
    } else if (state === "quiet" && timed) {
      put(page.left, told ? inWords(left_ms(), say) : "");
      put(page.under, say.quiet);
    } else {
      put(page.left, "");
      put(page.under, say.asLong);
    }
  }

  function put(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  function tell(text) {
    clearTimeout(statusTimer);
    page.status.textContent = text;
    statusTimer = setTimeout(() => (page.status.textContent = ""), STATUS_MS);
  }

  function announce(text) {
    page.announce.textContent = text;
  }

  function changed() {
    show();
    onChange();
  }

  // --- the beginning -------------------------------------------------------------------------------------------------

  page.pause.addEventListener("click", pauseOrContinue);
  page.longer.addEventListener("click", longer);
  page.continue.addEventListener("click", resume);
  page.again.addEventListener("click", again);
  page.pausedLonger.addEventListener("click", () => {
    longer();
    page.continue.focus();
  });
  page.untimed.addEventListener("click", () => {
    chosen.set("pace", "untimed");
    tell(say.noTimer);
    resume();
  });
  page.timeSwitch.addEventListener("click", () => chosen.set("time", !chosen.get("time")));
  chosen.changed((name) => {
    if (name === "voice" && state === "guide" && pausedAt === null) {
      hush();
      speakOn(at);
    }
    if (name === "pace" && isUntimed() && state === "quiet") announce(say.noTimer);
    run();
  });
  watchAway({
    left: (since) => {
      if (pausedAt === null && state !== "after") pause(say.away, since);
      return pausedAt === since;
    },
    back: () => {
      if (chosen.get("chime")) chime();
      page.pausedTitle.focus();
    },
    seen: run,
  });
  addEventListener("pagehide", hush);
  stayAwake(true);
  begin();

  async function begin() {
    mark();
    show();
    const mine = turn;
    const found = (sentences.length ? voiceFor(language) : Promise.resolve(null)).then((its) => {
      voice = its;
      voiceGone = its === null || fellSilent();
      changed();
    });
    if (chosen.get("voice")) await found;
    if (mine === turn) guideFrom(0);
  }

  return {
    longer,
    pauseOrContinue,
    goOn,
    tell,
    changed: (heard) => (onChange = heard),
    isTimed: () => pausedAt === null && state !== "after",
    isOn(name) {
      if (name === "voice") return chosen.get("voice") && !voiceGone;
      if (name === "words") return chosen.get("words") || !isVoiced();
      return undefined;
    },
    // Why a switch stays as it is; nothing if it need not.
    refuses(name, value) {
      if (name === "voice" && value && voice === null && voiceGone) return say.noVoice;
      if (name === "voice" && value) voiceGone = fellSilent(false); // asked for by hand, it may be heard again
      if (name === "words" && !value && !isVoiced()) return say.oneStays;
      return "";
    },
    times: () => ({
      "quiet-ms": quiet.ms,
      "longer-ms": times.longer_ms + extra_ms(),
      pauses: times.pauses,
      "paused-ms": times.paused_ms + (pausedAt === null ? 0 : now() - pausedAt),
    }),
  };
}

function wait(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
