// Reads sentences aloud, one utterance a sentence. Browsers break speech in many ways: they stop long utterances, forget
// to say that one has ended, treat a pause as a stop. So a pause is a stop here, a sentence is the unit that is said
// again, and one that is not heard of in time is said once more and then given up.

const VOICES_MS = 1200; // a browser may learn of its voices this late
const WORD_S = 0.9;
const GRACE_S = 3;
let current = null; // a browser may forget an utterance that nobody holds, and never end it
let leave = () => {};

if ("speechSynthesis" in window) speechSynthesis.getVoices(); // at the door already: a browser that has many takes seconds

// The voice of this device for a language, or null. A voice that lives elsewhere would be told what is said.
export async function voiceFor(language) {
  if (!("speechSynthesis" in window)) return null;
  if (!speechSynthesis.getVoices().length) await voicesKnown();
  const here = speechSynthesis.getVoices().filter((voice) => voice.localService !== false);
  const tag = language.toLowerCase();
  const fits = (test) => here.filter((voice) => test(voice.lang.toLowerCase().replace("_", "-")));
  const exact = fits((its) => its === tag);
  const near = exact.length ? exact : fits((its) => its.split("-")[0] === tag.split("-")[0]);
  return near.find((voice) => voice.default) ?? near[0] ?? null;
}

function voicesKnown() {
  return new Promise((resolve) => {
    setTimeout(resolve, VOICES_MS);
    speechSynthesis.addEventListener?.("voiceschanged", resolve, { once: true });
  });
}

// "said", "cut" (by hush), "failed" or "blocked": nothing may be said before the person has touched the page.
export async function say(text, { voice, rate, words }) {
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const how = await utter(text, voice, rate, (words * WORD_S + GRACE_S) * 1000);
    if (how !== "late") return how;
  }
  return "failed";
}

export function hush() {
  leave("cut");
}

// Called in the person's own press: what a browser lets be said then, it lets be said later.
export function unlockVoice() {
  try {
    const nothing = new SpeechSynthesisUtterance(" "); // with no letter at all, some voices fail and never speak again
    nothing.volume = 0;
    speechSynthesis.speak(nothing);
  } catch {
    // there is no voice here
  }
}

function utter(text, voice, rate, patience_ms) {
  return new Promise((resolve) => {
    let watchdog = 0;
    const mine = new SpeechSynthesisUtterance(text);
    const end = (how) => {
      if (current !== mine) return;
      clearTimeout(watchdog);
      current = null;
      leave = () => {};
      if (how !== "said") speechSynthesis.cancel();
      resolve(how);
    };
    const watch = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => end("late"), patience_ms);
    };
    Object.assign(mine, { voice, lang: voice.lang, rate });
    mine.addEventListener("end", () => end("said"));
    mine.addEventListener("error", (event) => end(event.error === "not-allowed" ? "blocked" : "failed"));
    mine.addEventListener("boundary", watch);
    current = mine;
    leave = end;
    watch();
    try {
      speechSynthesis.speak(mine);
    } catch {
      end("failed");
    }
  });
}
