// Soft chimes, made of two sines: no file to fetch, and never louder than -18 dBFS. One: the next part. Two: open your
// eyes. Three: there is no voice, and the words are on the screen.

import { now } from "./clock.js";
import { note } from "./log.js";

const PARTIALS_HZ = [528, 792];
const PEAK = 10 ** (-18 / 20) / PARTIALS_HZ.length;
const ATTACK_S = 0.04;
const DECAY_S = 1.8;
const APART_S = 0.7;
const LEAD_S = 0.02;
const STROKES = { next: 1, open: 2, words: 3 };
const VIBRATIONS = { next: [60], open: [60, 120, 60], words: [60, 120, 60, 120, 60] };
let sound = null;

// Called in the person's own press: what a browser lets sound then, it lets sound later.
export function unlockChime() {
  try {
    sound ??= new AudioContext();
    if (sound.state === "suspended") void sound.resume();
  } catch {
    // no sound here; the words say it too
  }
}

export function chime(kind, { vibrate = false } = {}) {
  // A browser complains aloud about what nobody has touched yet.
  if (navigator.userActivation?.hasBeenActive === false) return;
  if (vibrate) navigator.vibrate?.(VIBRATIONS[kind]);
  const asked = now();
  unlockChime();
  if (!sound) return;
  const start = sound.currentTime + LEAD_S;
  for (let stroke = 0; stroke < STROKES[kind]; stroke += 1) {
    for (const hz of PARTIALS_HZ) ring(hz, start + stroke * APART_S);
  }
  note("chime", { kind, strokes: STROKES[kind], scheduled_ms: asked, actual_ms: asked + (LEAD_S + (sound.outputLatency || 0)) * 1000 });
}

function ring(hz, start) {
  const tone = new OscillatorNode(sound, { frequency: hz });
  const volume = new GainNode(sound, { gain: 0 });
  volume.gain.setValueAtTime(0.0001, start);
  volume.gain.linearRampToValueAtTime(PEAK, start + ATTACK_S);
  volume.gain.exponentialRampToValueAtTime(0.0001, start + ATTACK_S + DECAY_S);
  tone.connect(volume).connect(sound.destination);
  tone.start(start);
  tone.stop(start + ATTACK_S + DECAY_S + 0.05);
}
