// How a person likes their sessions: kept on their device and nowhere else; where nothing can be kept, for this page.

import { life } from "./life.js";

const KEY = "potoo-session";
const KEYS_OFF = "potoo-number-keys-off"; // one switch for all single keys, here and on questions
const USUAL = {
  voice: true,
  words: true,
  time: true,
  chime: true,
  vibration: true,
  motion: true,
  onward: false,
  eyes_closed: false,
  dim: 0,
  pace: "planned",
  speed: "planned",
};
const NAMES = Object.keys(USUAL);

export const DIM_STEPS = 4;

let the = null;

// One for the whole document, so that what is changed at one stage holds at the next.
export function settings() {
  the ??= read();
  return the;
}

function read() {
  let kept = {};
  try {
    kept = JSON.parse(localStorage.getItem(KEY) ?? "{}") ?? {};
  } catch {
    // storage is switched off, or holds something else
  }
  const chosen = { ...USUAL };
  for (const name of NAMES) if (typeof kept[name] === typeof USUAL[name]) chosen[name] = kept[name];
  const heard = new Set();
  return {
    get: (name) => (name === "keys" ? keysOn() : chosen[name]),
    all: () => ({ ...chosen, keys: keysOn() }),
    set(name, value) {
      const old = this.get(name);
      if (name === "keys") keep(KEYS_OFF, value ? "0" : "1");
      else {
        chosen[name] = value;
        keep(KEY, JSON.stringify(chosen));
      }
      for (const tell of heard) tell(name, value, old);
    },
    // Tells of each change for as long as this stage lasts; for good where `until` is null.
    changed(tell, until = life()) {
      heard.add(tell);
      until?.addEventListener("abort", () => heard.delete(tell));
    },
  };
}

const SILENT = "potoo-voice-silent";

// Whether the voice of this device fell silent in this tab: no later page waits for it again. Told a value, remembers it.
export function fellSilent(value) {
  try {
    if (value === undefined) return sessionStorage.getItem(SILENT) === "1";
    sessionStorage.setItem(SILENT, value ? "1" : "0");
  } catch {
    // storage is switched off: each page finds out for itself
  }
  return value ?? false;
}

let keysOffHere = null; // where nothing can be kept

function keysOn() {
  if (document.documentElement.dataset.singleKeys === "off") return false;
  try {
    return localStorage.getItem(KEYS_OFF) !== "1";
  } catch {
    return keysOffHere !== "1";
  }
}

function keep(key, value) {
  if (key === KEYS_OFF) keysOffHere = value;
  try {
    localStorage.setItem(key, value);
  } catch {
    // storage is switched off: the choice holds for this page
  }
}

export function motionIsReduced(chosen) {
  return !chosen.get("motion") || matchMedia("(prefers-reduced-motion: reduce)").matches;
}
