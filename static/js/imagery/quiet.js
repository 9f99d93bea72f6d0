// How long a quiet time is, how much of it is left, and how that is shown: a ring, and words in whole steps.

import { inSteps, inWords, now, Stopwatch } from "./clock.js";
import { motionIsReduced } from "./settings.js";

const LONGER_AT_LEAST_MS = 15_000;
const EASE_MS = 600;

// `least_ms`: what a study may ask for before anybody goes on.
export function quietTime({ planned_ms, least_ms, chosen }) {
  const watch = new Stopwatch();
  let added_ms = 0; // by "longer", in this run of the part

  const time = {
    watch,
    planned_ms,
    // What "longer" adds.
    more_ms: Math.max(LONGER_AT_LEAST_MS, planned_ms / 2),
    get extra_ms() {
      return { half: planned_ms / 2, double: planned_ms }[chosen.get("pace")] ?? 0;
    },
    get total_ms() {
      return planned_ms + this.extra_ms + added_ms;
    },
    get left_ms() {
      return this.total_ms - watch.ms;
    },
    get isUntimed() {
      return chosen.get("pace") === "untimed";
    },
    get isTooShort() {
      return least_ms > 0 && !this.isUntimed && watch.ms < least_ms;
    },
    get toLeast_ms() {
      return least_ms - watch.ms;
    },
    lengthen() {
      // What went by since the end is no debt.
      added_ms += Math.max(0, -this.left_ms) + this.more_ms;
    },
    // Nothing but what "longer" adds: the time itself was kept before.
    beOnlyLonger() {
      added_ms = this.more_ms - planned_ms - this.extra_ms;
    },
    reset() {
      watch.reset();
      added_ms = 0;
    },
  };
  return time;
}

export function ringOf({ page, time, chosen, say }) {
  let ease = null;
  let share = 1;

  function arc(to) {
    share = to;
    page.arc.setAttribute("stroke-dashoffset", String(Math.round((1 - to) * 1e4) / 100));
  }

  function eased(to) {
    const done = (now() - ease.at) / EASE_MS;
    if (done >= 1) {
      ease = null;
      return to;
    }
    return ease.from + (to - ease.from) * (1 - (1 - done) ** 3);
  }

  return {
    // More time doesn't throw the ring back.
    easeIn: () => (ease = { from: share, at: now() }),
    full: () => arc(1),
    draw() {
      const still = motionIsReduced(chosen);
      const to = Math.min(1, (still ? inSteps(time.left_ms) : time.left_ms) / time.total_ms);
      arc(ease && !still ? eased(to) : to);
      if (chosen.get("time")) put(page.left, inWords(time.left_ms, say));
    },
    // What stands in the middle of it in a state: guide, quiet or after.
    show(state, isVoiced) {
      const timed = state === "quiet" && !time.isUntimed;
      const told = chosen.get("time");
      page.ring.setAttribute("data-state", state);
      page.ring.toggleAttribute("data-untimed", !told || (state !== "guide" && !timed));
      page.timeSwitch.textContent = told ? say.hideTime : say.showTime;
      page.timeSwitch.hidden = time.isUntimed || state === "after" || time.planned_ms === 0;
      if (state === "guide") {
        const comes = told && !time.isUntimed && time.total_ms > 0;
        put(page.left, isVoiced ? say.listen : say.read);
        put(page.under, comes ? say.then.replace("{time}", inWords(time.total_ms, say)) : "");
        arc(1);
      } else {
        put(page.left, timed && told ? inWords(time.left_ms, say) : "");
        put(page.under, timed ? say.quiet : say.asLong);
      }
    },
  };
}

function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
