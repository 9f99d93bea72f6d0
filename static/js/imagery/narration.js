// Says the sentences of a part one after the other: by its recording, where there is none by the voice of this device, where
// there is none as words, each for as long as it takes to read. What breaks off is gone on with by the next of the three.

import { flush, note } from "./log.js";
import { countWords, readingTime } from "./reading.js";
import { recordingOf } from "./recording.js";
import { fellSilent } from "./settings.js";
import { hush as hushVoice, say as speak, voiceFor } from "./voice.js";

const AFTER_SPEECH_MS = 800;
const SPEEDS = { slower: 0.85, planned: 1, faster: 1.15 };
const SLOWEST = 0.7;
const FASTEST = 1.1;

// `changed` is told when a way is found or lost, `lost` when there is no voice left.
export function narration({ box, sentences, language, rate, pause_ms, chosen, changed, lost }) {
  const texts = sentences.map((each) => each.textContent.trim());
  const url = box?.getAttribute("data-audio");
  const recording = url ? recordingOf({ url, captionsUrl: box.getAttribute("data-captions"), sentences: texts }) : null;
  let hasRecording = recording !== null;
  let voice = null;
  let voiceGone = false; // there is none here, or it fell silent
  let isKnown = false; // whether there is a voice
  let used = ""; // by which way a sentence was said last
  let turn = 0;
  let heardTo = null; // the sentence in which the recording stands still
  const known = find();

  async function find() {
    voice = sentences.length ? await voiceFor(language) : null;
    voiceGone = voice === null || fellSilent();
    isKnown = true;
    changed();
  }

  function way() {
    if (!chosen.get("voice")) return "words";
    if (hasRecording) return "recording";
    return voice !== null && !voiceGone ? "device" : "words";
  }

  function speed() {
    return SPEEDS[chosen.get("speed")] ?? 1;
  }

  function voiceRate() {
    return Math.min(FASTEST, Math.max(SLOWEST, rate * speed()));
  }

  // "said", "cut" (by hush) or "blocked": nothing may sound before the person has touched the page.
  async function from(start, mark) {
    const mine = ++turn;
    if (chosen.get("voice") && !hasRecording) await known;
    if (mine !== turn) return "cut";
    note("speech_start", { index: start, count: texts.length, voice: way(), rate: voiceRate() });
    let at = start;
    while (at < texts.length) {
      const by = way();
      used = by;
      const how = await (by === "recording" ? record(at, mine, mark) : sentence(at, by, mark));
      if (mine !== turn) return "cut";
      if (how === "blocked") return "blocked";
      if (how === "cut") return "cut";
      if (how === "failed") {
        at = by === "recording" ? (heardTo ?? at) : at;
        giveUp(by, at);
        continue; // the same sentence again, in another way
      }
      at = by === "recording" ? texts.length : at + 1;
      await wait(at < texts.length ? pause_ms : AFTER_SPEECH_MS);
      if (mine !== turn) return "cut";
    }
    note("speech_end", { count: texts.length, voice: used });
    return "said";
  }

  function sentence(at, by, mark) {
    mark(at);
    note("sentence", { index: at, voice: by });
    const text = texts[at];
    if (by === "words") return wait(readingTime(text, language)).then(() => "said");
    return speak(text, { voice, rate: voiceRate(), words: countWords(text, language) });
  }

  async function record(at, mine, mark) {
    let last = null;
    const follow = (place) => {
      if (mine !== turn) return;
      const there = place ?? texts.length - 1; // without captions all of it counts as being said
      if (there === last) return;
      last = heardTo = there;
      mark(there);
      note("sentence", { index: there, voice: "recording" });
    };
    const how = await recording.from(at, { rate: speed(), mark: follow, isNew: heardTo === null || heardTo !== at });
    if (how === "said") heardTo = null;
    return how;
  }

  function giveUp(by, at) {
    if (by === "recording") hasRecording = false;
    else voiceGone = fellSilent(true);
    note("speech_fail", { index: at, voice: by, reason: by === "recording" ? "network" : "silent" });
    note("fallback", { index: at, from: by, to: way() });
    void flush();
    if (way() === "words") lost();
    changed();
  }

  return {
    // Once it is settled how the first sentence is said.
    ready: recording || !chosen.get("voice") ? Promise.resolve() : known,
    from,
    way,
    get isVoiced() {
      return way() !== "words";
    },
    // Nothing that could speak, whether the person wants it to or not.
    get isMute() {
      return !hasRecording && isKnown && voiceGone;
    },
    get hasNoVoiceHere() {
      return !hasRecording && voice === null && voiceGone;
    },
    hush() {
      turn += 1;
      hushVoice();
      recording?.hush();
    },
    // From the beginning: where the recording stood counts no more.
    rewind() {
      heardTo = null;
    },
    // Asked for by hand, a voice may be heard again.
    tryAgain() {
      voiceGone = fellSilent(false) || voice === null;
    },
    newSpeed: () => recording?.rate(speed()),
    // Something that is no part of the script, by the voice of this device where there is one.
    async aside(text) {
      await known;
      if (voice === null || voiceGone || !chosen.get("voice")) return;
      await speak(text, { voice, rate: voiceRate(), words: countWords(text, language) });
    },
    fields: () => ({ voice: used, ...(recording ? recording.measures() : {}) }),
    drop() {
      this.hush();
      recording?.drop();
    },
  };
}

function wait(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
