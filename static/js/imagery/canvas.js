// Drawing: lines by mouse, finger, pen, taps or keys, each with its time. Every line is kept on this device as it is made
// and on the server every few seconds. Without this the page takes words or a picture.

import { Drawing, WIDTH, point } from "./drawing.js";
import { forgetOthers, keep, recall } from "./kept.js";
import { life } from "./life.js";
import { note } from "./log.js";
import { Paper } from "./paper.js";
import { pens } from "./pens.js";

const SAVE_MS = 5000;
const RETRY_MS = [5000, 10_000, 20_000, 30_000];
const SIZES = { thin: 3, thick: 8 };
const PATIENCE_MS = 1500; // with this device's storage
const PHONE = matchMedia("(max-width: 720px)");

document.addEventListener("potoo:placed", begin);
begin();

function begin() {
  const pad = document.querySelector("[data-canvas]");
  const form = pad?.closest("form");
  if (form) start(pad, form);
}

async function start(pad, form) {
  const signal = life();
  const inside = (selector) => pad.querySelector(selector);
  const canvas = inside("canvas");
  // Inputs are named by a study's stages, and a form shows them as its own properties: hence attributes.
  const field = form.querySelector("[name='drawing-strokes']");
  const rev = form.querySelector("[name='drawing-rev']");
  const words = form.querySelector("[name='drawing-words']");
  const file = form.querySelector("input[type=file]");
  const url = form.getAttribute("data-strokes-url");
  const attempt = form.querySelector("[name='attempt']")?.value ?? "";
  const key = `${url}?${attempt}`;
  const height = Number(pad.dataset.h);
  const task = pad.dataset.task;
  const say = pad.dataset;
  const status = inside("[data-status]");
  const saved = inside("[data-save-status]");
  const chosen = { tool: "thick", size: SIZES.thick, colour: "ink", tap: false };

  lay();
  void forgetOthers(key);
  const drawing = await found();
  if (signal.aborted) return;
  const paper = new Paper(canvas, drawing);
  toolbar();
  const endLine = inside("[data-end-line]");
  const cross = inside("[data-cross]");
  const word = wordBox();
  const pen = pens({ canvas, paper, chosen, drawing, tell, changed, rub, ask: word.open, endLine, cross, say });
  blank();
  const store = saving();
  if (!drawing.isEmpty) tell(say.restored);
  pad.dataset.ready = "true";

  // What this device kept, if that is newer than what the server has; else the server's; else an empty paper.
  async function found() {
    const here = await Promise.race([recall(key), new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
    const isNewer = here && here.rev > Number(rev.value || 0);
    const own = isNewer ? Drawing.from(here.text, height, task) : null;
    if (own) rev.value = String(here.rev);
    return own ?? Drawing.from(field.value, height, task) ?? new Drawing(height, task);
  }

  // --- what is on the page -------------------------------------------------------------------------------------------

  function lay() {
    form.classList.add("drawing");
    form.setAttribute("data-drawing", "on");
    pad.hidden = false;
    inside(".draw-paper").style.aspectRatio = `${WIDTH} / ${height}`;
    pad.classList.toggle("wide", height < WIDTH);
    const acts = form.querySelector("[data-draw-acts]");
    // Where the eye finds it is where the Tab key finds it: above the paper, or below it on a phone.
    const place = () => (PHONE.matches ? pad.after(acts) : pad.before(acts));
    place();
    PHONE.addEventListener("change", place, { signal });
    const describe = form.querySelector("[data-describe]");
    describe.hidden = false;
    describe.addEventListener("click", () => {
      words.scrollIntoView({ block: "center" });
      words.focus({ preventScroll: true });
    });
  }

  function toolbar() {
    const bar = inside("[role=toolbar]");
    const buttons = [...bar.querySelectorAll("button")];
    const press = (name, value) => {
      for (const each of buttons) if (name in each.dataset) each.setAttribute("aria-pressed", String(each.dataset[name] === value));
    };
    bar.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      focusOn(button);
      const { tool, colour, act } = button.dataset;
      if (tool) choose(tool);
      if (colour) {
        chosen.colour = colour;
        press("colour", colour);
        tell(say.chosen.replace("{name}", button.textContent.trim()));
        if (!(chosen.tool in SIZES)) choose("thick");
      }
      if (act) ({ undo, redo, clear: askClear, tap: () => tap(button) })[act]();
    });
    bar.addEventListener("keydown", (event) => {
      const at = buttons.indexOf(document.activeElement);
      const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
      const to = event.key === "Home" ? 0 : event.key === "End" ? buttons.length - 1 : at + (steps[event.key] ?? 0);
      if (at < 0 || to === at || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      focusOn(buttons[(to + buttons.length) % buttons.length]);
    });
    addEventListener("keydown", (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.target.matches?.("input, textarea")) return;
      const pressed = event.key.toLowerCase();
      if (pressed !== "z" && pressed !== "y") return;
      event.preventDefault();
      if (pressed === "y" || event.shiftKey) redo();
      else undo();
    }, { signal });

    function focusOn(button) {
      for (const each of buttons) each.tabIndex = each === button ? 0 : -1;
      button.focus();
    }

    function choose(tool) {
      pen.stop();
      chosen.tool = tool;
      chosen.size = SIZES[tool] ?? chosen.size;
      canvas.dataset.tool = tool;
      press("tool", tool);
    }

    function tap(button) {
      pen.stop();
      chosen.tap = !chosen.tap;
      button.setAttribute("aria-pressed", String(chosen.tap));
      tell(chosen.tap ? say.tapOn : say.tapOff);
    }

  }

  function tell(text) {
    status.textContent = "";
    // The same sentence twice is read out twice.
    requestAnimationFrame(() => (status.textContent = text));
  }

  // --- what is done --------------------------------------------------------------------------------------------------

  // The log is told how much there is; where it is, is in the drawing alone.
  function changed(what = "stroke_add", tool = "pen") {
    note(what, { strokes: drawing.strokes.length, words: drawing.words.length, tool });
    store.changed();
  }

  function undo() {
    pen.stop();
    turned(drawing.undo(), say.emptyUndo, "stroke_undo");
  }

  function redo() {
    pen.stop();
    turned(drawing.redo(), say.emptyRedo, "stroke_redo");
  }

  function turned(act, nothing, what) {
    if (!act) {
      tell(nothing);
      return;
    }
    paper.redraw();
    tell(inWords(act));
    changed(what);
  }

  function inWords({ kind, marks, gone }) {
    if (kind === "clear") return gone ? say.cleared : say.uncleared;
    if (kind === "rub") return (gone ? say.rubbed : say.unrubbed).replace("{n}", marks.length);
    const [mark] = marks;
    if (mark.pts) return (gone ? say.removed : say.back).replace("{n}", drawing.number(mark));
    return (gone ? say.wordRemoved : say.wordBack).replace("{text}", mark.text);
  }

  function rub(marks) {
    drawing.rub(marks);
    paper.redraw();
    tell(say.rubbed.replace("{n}", marks.length));
    changed("stroke_erase", "erase");
  }

  function askClear() {
    pen.stop();
    if (drawing.isEmpty) {
      tell(say.cleared);
      return;
    }
    const asked = inside("[data-ask=clear]");
    const close = () => {
      asked.hidden = true;
      inside("[data-act=clear]").focus();
    };
    asked.hidden = false;
    asked.focus();
    asked.querySelector("[data-no]").onclick = close;
    asked.onkeydown = (event) => event.key === "Escape" && close();
    asked.querySelector("[data-yes]").onclick = () => {
      drawing.clear();
      paper.redraw();
      close();
      tell(say.cleared);
      changed("stroke_clear");
    };
  }

  function wordBox() {
    const box = inside("[data-word-box]");
    const input = box.querySelector("input");
    let place = null;
    box.querySelector("[data-word-add]").addEventListener("click", add);
    box.querySelector("[data-word-cancel]").addEventListener("click", close);
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== "Escape") return;
      event.preventDefault(); // Enter puts the word on the paper; it doesn't finish the page
      if (event.key === "Enter") add();
      else close();
    });

    function add() {
      const text = input.value.trim();
      if (text && place) {
        const word = drawing.write(text, place.x, place.y);
        paper.redraw();
        tell(say.wordAdded.replace("{text}", word.text));
        changed("stroke_add", "word");
      }
      close();
    }

    function close() {
      box.hidden = true;
      input.value = "";
      place = null;
      canvas.focus({ preventScroll: true });
    }

    return {
      open(x, y) {
        add();
        place = { x, y };
        box.style.insetBlockStart = `${Math.min(y / drawing.height, 0.75) * 100}%`;
        box.hidden = false;
        input.focus({ preventScroll: true });
      },
    };
  }

  // --- finishing -----------------------------------------------------------------------------------------------------

  function blank() {
    const reasons = form.querySelector("[data-reasons]");
    const acts = form.querySelector("[data-blank-acts]");
    const title = form.querySelector("[data-blank]");
    let asked = false;
    reasons.hidden = true;
    acts.hidden = title.hidden = false;
    form.querySelector("[data-draw-on]").addEventListener("click", () => {
      reasons.hidden = true;
      canvas.focus();
    });
    form.addEventListener("submit", (event) => {
      pen.stop();
      const nothing = drawing.isEmpty && !words.value.trim() && !file.files.length;
      if (nothing && !asked && !event.submitter?.hasAttribute("data-leave-blank")) {
        event.preventDefault();
        asked = true;
        reasons.hidden = false;
        title.focus();
        reasons.scrollIntoView({ block: "nearest" });
        return;
      }
      store.sending();
    });
  }

  // --- keeping -------------------------------------------------------------------------------------------------------

  function saving() {
    let isChanged = false;
    let isSending = false;
    let timer = 0;
    let failures = 0;
    let underWay = null; // a save that is overtaken by the form itself must not come after it

    // The form itself is sent when it is sent; a page that comes back from the browser's memory goes on.
    addEventListener("pageshow", (event) => event.persisted && location.reload(), { signal });
    addEventListener("online", () => isChanged && send(), { signal });
    addEventListener("pagehide", () => isChanged && !isSending && send(true), { signal });
    signal.addEventListener("abort", () => {
      if (isChanged && !isSending) void send(true);
      clearTimeout(timer);
      isSending = true;
    });

    function text() {
      return drawing.text(paper.measures);
    }

    function raise() {
      rev.value = String(Math.max(Number(rev.value || 0) + 1, Date.now()));
      return Number(rev.value);
    }

    function later(wait_ms) {
      clearTimeout(timer);
      if (!signal.aborted) timer = setTimeout(send, wait_ms);
    }

    async function send(isLast = false) {
      clearTimeout(timer);
      timer = 0;
      if (!isChanged || isSending || !url) return;
      const mine = Number(rev.value);
      const body = new FormData();
      // Not the form's own fields: a picture that was chosen is not sent every few seconds.
      for (const name of ["csrfmiddlewaretoken", "attempt", "drawing-rev"]) body.set(name, form.querySelector(`[name='${name}']`)?.value ?? "");
      body.set("drawing-strokes", text());
      underWay = new AbortController();
      if (!isLast && navigator.onLine) saved.textContent = say.saving;
      try {
        const response = await fetch(url, { method: "POST", body, headers: { Accept: "application/json" }, credentials: "same-origin", redirect: "manual", keepalive: isLast, signal: underWay.signal });
        if (response.ok) {
          failures = 0;
          if (mine === Number(rev.value)) isChanged = false;
          else later(SAVE_MS);
          saved.textContent = say.saved.replace("{time}", clock());
          note("drawing_saved", { strokes: drawing.strokes.length, words: drawing.words.length });
        } else if (response.status >= 500 || response.status === 429) again();
        else saved.textContent = say.keptPress;
      } catch {
        if (!isSending) again();
      }
    }

    function again() {
      saved.textContent = say.kept;
      later(RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]);
      failures += 1;
    }

    return {
      async changed() {
        isChanged = true;
        const mine = raise();
        await keep(key, { text: text(), rev: mine, sent: false });
        if (!timer) timer = setTimeout(send, SAVE_MS);
      },
      sending() {
        isSending = true;
        underWay?.abort();
        clearTimeout(timer);
        const mine = raise();
        field.value = text();
        void keep(key, { text: field.value, rev: mine, sent: true });
        // The press may have led nowhere.
        setTimeout(() => (isSending = false), 8000);
      },
    };
  }
}

function clock() {
  const parts = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  return new Intl.DateTimeFormat(document.documentElement.lang, parts).format(new Date());
}
