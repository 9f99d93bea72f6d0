// A part's recording: played, stopped, taken up again, and how much of it was heard. One element for the whole document:
// whoever let it sound once lets it sound at every later part.

import { heardAt, placesOf, startOf } from "./captions.js";
import { keeps } from "./keeps.js";

const SILENCE_MS = 8000; // of a recording that should sound
let element = null;

// Called in the person's own press: what a browser lets sound then, it lets sound later.
export function unlockRecording() {
  the().play().catch(() => {}); // there is nothing to play yet
  the().pause(); // and nothing starts by itself once there is
}

export function recordingOf({ url, captionsUrl, sentences }) {
  const audio = the();
  let places = [];
  let leave = null; // what is waited for, cut short
  let isBroken = false;
  let isTimed = false; // the captions came, or there are none

  audio.replaceChildren();
  audio.src = url;
  const track = Object.assign(document.createElement("track"), { kind: "captions", default: true });
  if (captionsUrl) {
    track.addEventListener("load", () => {
      const cues = [...(track.track.cues ?? [])];
      places = placesOf(cues.map((cue) => ({ at_s: cue.startTime, text: cue.getCueAsHTML().textContent })), sentences);
      isTimed = true;
    });
    track.addEventListener("error", () => (isTimed = true));
    track.src = captionsUrl;
    audio.append(track);
    track.track.mode = "hidden"; // its words are on the page already
  } else isTimed = true;

  // From where it stands, or from the beginning of a sentence: "said", "cut" (by hush), "failed" or "blocked".
  async function from(place, { rate, mark, isNew }) {
    if (isBroken) return "failed";
    if (isNew) audio.currentTime = startOf(place, places);
    audio.playbackRate = rate;
    return new Promise((resolve) => {
      const until = new AbortController();
      const { signal } = until;
      let watchdog = 0;
      const end = (how) => {
        if (signal.aborted) return;
        clearTimeout(watchdog);
        until.abort();
        leave = null;
        if (how !== "said") audio.pause();
        if (how === "failed") isBroken = true;
        resolve(how);
      };
      const watch = () => {
        clearTimeout(watchdog);
        watchdog = setTimeout(() => end("failed"), SILENCE_MS);
      };
      const follow = () => {
        watch();
        if (isTimed) mark(places.length ? heardAt(audio.currentTime, places) : null);
      };
      audio.addEventListener("ended", () => end("said"), { signal });
      audio.addEventListener("error", () => end("failed"), { signal });
      audio.addEventListener("timeupdate", follow, { signal });
      track.addEventListener("load", follow, { signal });
      leave = () => end("cut");
      watch();
      audio.play().then(follow, ({ name }) => end({ NotAllowedError: "blocked", AbortError: "cut" }[name] ?? "failed"));
    });
  }

  return {
    from,
    hush: () => leave?.(),
    rate: (rate) => (audio.playbackRate = rate),
    // How long it is, and how much of it was heard: each second once, however often it was played.
    measures() {
      let heard_s = 0;
      for (let n = 0; n < audio.played.length; n += 1) heard_s += audio.played.end(n) - audio.played.start(n);
      const whole_s = Number.isFinite(audio.duration) ? audio.duration : null;
      return {
        "audio-ms": whole_s === null ? null : whole_s * 1000,
        "audio-heard-ms": Math.min(heard_s, whole_s ?? heard_s) * 1000,
      };
    },
    drop() {
      leave?.();
      audio.pause();
      audio.removeAttribute("src");
      audio.replaceChildren();
      audio.load();
    },
  };
}

function the() {
  if (element) return element;
  element = Object.assign(document.createElement("audio"), { preload: "auto", preservesPitch: true });
  element.setAttribute("data-player-audio", "");
  keeps().append(element);
  return element;
}
