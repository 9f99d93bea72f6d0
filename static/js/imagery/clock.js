// Time by a clock that nobody can set: performance.now(). Nothing here counts ticks; a time is always one instant less another.

export function now() {
  return performance.now();
}

// Adds up the time for which it runs.
export class Stopwatch {
  #banked_ms = 0;
  #since = null;

  get running() {
    return this.#since !== null;
  }

  get ms() {
    return this.#banked_ms + (this.running ? Math.max(0, now() - this.#since) : 0);
  }

  start(at = now()) {
    this.#since ??= at;
  }

  // `at` may lie a little in the past: what was noticed late did not last longer for it.
  stop(at = now()) {
    if (!this.running) return;
    this.#banked_ms += Math.max(0, at - this.#since);
    this.#since = null;
  }

  reset() {
    this.#banked_ms = 0;
    this.#since = null;
  }
}

// Calls `draw` before each frame until it returns false, or `stop` is called.
export function frames(draw) {
  let id = requestAnimationFrame(function next() {
    if (draw() !== false) id = requestAnimationFrame(next);
  });
  return { stop: () => cancelAnimationFrame(id) };
}

const STEP_MS = 5000;
const ABOUT_MS = 45_000;

// What is left, in whole steps: a figure that changes each second is a figure that is watched.
export function inSteps(left_ms) {
  return Math.ceil(Math.max(0, left_ms) / STEP_MS) * STEP_MS;
}

// "20 seconds", "about a minute", "about 3 minutes", in the language of the page.
export function inWords(left_ms, say) {
  if (left_ms <= ABOUT_MS) return length(inSteps(left_ms) / 1000, "second");
  const minutes = Math.max(1, Math.ceil(left_ms / 60_000 - 0.5));
  return minutes === 1 ? say.aboutMinute : say.about.replace("{time}", length(minutes, "minute"));
}

function length(n, unit) {
  const words = { style: "unit", unit, unitDisplay: "long" };
  return new Intl.NumberFormat(document.documentElement.lang || undefined, words).format(n);
}
