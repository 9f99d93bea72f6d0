// A bare line over a number field: ends named, no ticks, no handle and no value until the person sets one.
// The number field stays the one that is sent; it folds away under "Type a number instead".

document.addEventListener("potoo:placed", layAll);
layAll();

function layAll() {
  for (const box of document.querySelectorAll("[data-line]")) lay(box);
}

function lay(box) {
  const number = box.querySelector("input[type=number]");
  const field = box.querySelector(".line-field");
  const low = box.querySelector("[data-low]")?.textContent || number.min;
  const high = box.querySelector("[data-high]")?.textContent || number.max;
  const min = Number(number.min);
  const max = Number(number.max);
  const step = Number(number.step) || 1;

  const ends = element("p", { className: "line-ends" });
  ends.append(element("span", { textContent: low }), element("span", { textContent: high }));
  const range = element("input", { type: "range", className: "line-range" });
  Object.assign(range, { min: number.min, max: number.max, step: number.step });
  const asked = box.closest("fieldset")?.querySelector("legend h1") ?? box.closest("fieldset")?.querySelector("legend");
  range.setAttribute("aria-label", `${asked.textContent.trim()} ${low} – ${high}`);
  const fold = element("details", { className: "more" });
  fold.append(element("summary", { textContent: box.dataset.typeInstead }), field);
  box.append(ends, range, fold);
  fold.open = number.getAttribute("aria-invalid") === "true";
  show();

  number.addEventListener("input", show);
  range.addEventListener("input", () => place(Number(range.value)));
  range.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    range.focus({ preventScroll: true });
    range.setPointerCapture(event.pointerId);
    place(under(event));
  });
  range.addEventListener("pointermove", (event) => {
    if (range.hasPointerCapture(event.pointerId)) place(under(event));
  });
  range.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typed = /^[0-9-]$/.test(event.key);
    const moves = /^(Arrow|Page)/.test(event.key);
    if (typed || (moves && range.dataset.touched === "false")) {
      // No place to step from yet: the first one is what the person types.
      fold.open = true;
      number.focus();
      number.select(); // a figure typed now replaces the place on the line
      if (!typed) event.preventDefault();
    } else if (event.key.startsWith("Page")) {
      event.preventDefault();
      place(Number(number.value) + (event.key === "PageUp" ? 1 : -1) * Math.max(step, (max - min) / 10));
    } else if (event.key === "Home" || event.key === "End") {
      event.preventDefault();
      place(event.key === "Home" ? min : max);
    }
  });

  function under(event) {
    const edge = range.getBoundingClientRect();
    const share = (event.clientX - edge.left) / edge.width;
    return min + (getComputedStyle(range).direction === "rtl" ? 1 - share : share) * (max - min);
  }

  function place(value) {
    const steps = Math.round((Math.min(max, Math.max(min, value)) - min) / step);
    const text = String(Number((min + steps * step).toFixed(6)));
    if (text === number.value) return;
    number.value = text;
    number.dispatchEvent(new Event("input", { bubbles: true })); // the page measures and keeps it as if typed
  }

  function show() {
    const touched = number.value !== "" && number.validity.valid;
    range.dataset.touched = String(touched);
    if (touched) range.value = number.value;
    range.setAttribute("aria-valuetext", touched ? number.value : box.dataset.none);
  }
}

function element(name, properties) {
  return Object.assign(document.createElement(name), properties);
}
