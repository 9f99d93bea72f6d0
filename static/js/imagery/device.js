// What a session needs to know of the device, and no more: nothing here tells one device from another of its kind.

const PHONE_PX = 600;
const FRAMES = 30;
const USUAL_HZ = [30, 60, 75, 90, 120, 144, 165, 240];
const FAMILIES = [
  ["samsung", /SamsungBrowser/],
  ["opera", /OPR\/|Opera/],
  ["edge", /Edg/],
  ["firefox", /Firefox|FxiOS/],
  ["chrome", /Chrom|CriOS/],
  ["safari", /Safari/],
];

export function device() {
  const isTouch = matchMedia("(pointer: coarse)").matches;
  const shorter = Math.min(screen.width, screen.height);
  return {
    device: isTouch ? (shorter < PHONE_PX ? "phone" : "tablet") : "desktop",
    viewport_w: innerWidth,
    viewport_h: innerHeight,
    dpr: Math.round(devicePixelRatio * 100) / 100,
    input: isTouch ? "touch" : "mouse",
    browser: FAMILIES.find(([, mark]) => mark.test(navigator.userAgent))?.[0] ?? "other",
  };
}

// How often the screen is drawn, to the nearest usual rate.
export function refreshRate() {
  return new Promise((resolve) => {
    let first = 0;
    let count = 0;
    requestAnimationFrame(function next(time) {
      first ||= time;
      count += 1;
      if (count <= FRAMES) {
        requestAnimationFrame(next);
        return;
      }
      const hz = (1000 * (count - 1)) / Math.max(1, time - first);
      resolve(USUAL_HZ.reduce((best, each) => (Math.abs(each - hz) < Math.abs(best - hz) ? each : best)));
    });
  });
}
