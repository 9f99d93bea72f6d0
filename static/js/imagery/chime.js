// One soft chime, made of two sines: no file to fetch, and never louder than -18 dBFS.

const PARTIALS_HZ = [528, 792];
const PEAK = 10 ** (-18 / 20) / PARTIALS_HZ.length;
const ATTACK_S = 0.04;
const DECAY_S = 1.8;
let sound = null;

export async function chime() {
  try {
    sound ??= new AudioContext();
    if (sound.state === "suspended") await sound.resume();
    const start = sound.currentTime + 0.02;
    for (const hz of PARTIALS_HZ) ring(hz, start);
  } catch {
    // no sound here; the words say it too
  }
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
