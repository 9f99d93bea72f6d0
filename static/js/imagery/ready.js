// Before a session begins: the sound is tried, and how the person likes it is asked.

import { chime, unlockChime } from "./chime.js";
import { say as speak, unlockVoice, voiceFor } from "./voice.js";

const LOW = 0.2; // of a battery that is not being filled
const RATE = 0.85;

export function ready({ chosen }) {
  const box = document.querySelector("[data-ready]");
  if (!box) return;
  box.hidden = false;
  for (const input of box.querySelectorAll("[data-set]")) {
    const name = input.getAttribute("data-set");
    if (input.matches("select")) input.value = chosen.get(name);
    else input.checked = chosen.get(name);
    input.addEventListener("change", () => chosen.set(name, input.matches("select") ? input.value : input.checked));
  }
  const status = box.querySelector("[data-ready-says]");
  box.querySelector("[data-try-sound]").addEventListener("click", async () => {
    unlockChime();
    unlockVoice();
    status.textContent = box.getAttribute("data-chimes");
    chime("next");
    const voice = await voiceFor(document.documentElement.lang);
    const words = box.getAttribute(voice ? "data-sample" : "data-no-voice");
    status.textContent = words;
    if (voice) await speak(words, { voice, rate: RATE, words: 8 });
  });
  void navigator.getBattery?.().then((battery) => {
    if (!battery.charging && battery.level < LOW) status.textContent = box.getAttribute("data-low");
  });
}
