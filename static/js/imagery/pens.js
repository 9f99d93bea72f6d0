// What puts marks on the paper: a pointer, taps for those who can't drag, and keys.

import { WIDTH, point } from "./drawing.js";

const PALM_MS = 2000; // after a pen, a touch is a hand that lies on the paper
const STEP_UNITS = 10;
const FAR_UNITS = 40;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export function pens({ canvas, paper, chosen, drawing, tell, changed, rub, ask, endLine, cross, say }) {
  let held = null; // the pointer that is down: {id, type, stroke}
  let open = null; // a line that goes on from tap to tap, or from key to key
  let at = { x: WIDTH / 2, y: drawing.height / 2 };
  let penSeen = -Infinity;

  canvas.addEventListener("pointerdown", down);
  canvas.addEventListener("pointermove", move);
  canvas.addEventListener("pointerup", up);
  canvas.addEventListener("pointercancel", up); // what was drawn so far stays
  canvas.addEventListener("contextmenu", (event) => held && event.preventDefault());
  canvas.addEventListener("keydown", key);
  canvas.addEventListener("blur", () => (cross.hidden = true));
  endLine.addEventListener("click", () => {
    stop();
    canvas.focus({ preventScroll: true });
  });

  // --- pointers ------------------------------------------------------------------------------------------------------

  function down(event) {
    if (event.pointerType === "pen") penSeen = event.timeStamp;
    if (isPalm(event) || event.button !== 0) return;
    if (held?.type === "touch" && event.pointerType === "pen") dropHeld();
    if (held) return; // a second finger
    canvas.setPointerCapture(event.pointerId);
    cross.hidden = true;
    held = { id: event.pointerId, type: event.pointerType, stroke: null };
    if (chosen.tool === "rub") rubAt(event);
    else if (chosen.tool !== "word" && !chosen.tap) {
      stop();
      held.stroke = drawing.begin(look(event.pointerType, "free"));
      add(held.stroke, event);
    }
  }

  function move(event) {
    if (event.pointerType === "pen") penSeen = event.timeStamp;
    if (held?.id !== event.pointerId) return;
    // A pen is read more often than a page is told of it; some browsers give an empty list.
    const all = event.getCoalescedEvents?.() ?? [];
    for (const each of all.length ? all : [event]) {
      if (held.stroke) add(held.stroke, each);
      else if (chosen.tool === "rub") rubAt(each);
    }
  }

  function up(event) {
    if (held?.id !== event.pointerId) return;
    const { stroke } = held;
    held = null;
    if (stroke) finish(stroke);
    else if (event.type === "pointercancel") return;
    else if (chosen.tool === "word") askAt(paper.place(event.clientX, event.clientY));
    else if (chosen.tap && chosen.tool !== "rub") tap(event);
  }

  function isPalm(event) {
    return event.pointerType === "touch" && event.timeStamp - penSeen < PALM_MS;
  }

  function dropHeld() {
    if (held.stroke) drawing.drop(held.stroke);
    held = null;
    paper.redraw();
  }

  function add(stroke, event) {
    const { x, y } = paper.place(event.clientX, event.clientY);
    put(stroke, x, y, drawing.at(event.timeStamp), event.pointerType === "pen" ? event : null);
  }

  function put(stroke, x, y, t, pen) {
    const last = stroke.pts.at(-1);
    const next = point(x, y, Math.max(t, last?.[2] ?? 0), pen);
    if (last && last[0] === next[0] && last[1] === next[1]) return;
    stroke.pts.push(next);
    paper.follow(stroke);
  }

  function rubAt(event) {
    const { x, y } = paper.place(event.clientX, event.clientY);
    const marks = paper.under(x, y);
    if (marks.length) rub(marks);
  }

  function askAt({ x, y }) {
    // Once the browser is done with the press, which would take the focus back.
    setTimeout(() => ask(x, y));
  }

  // --- taps ----------------------------------------------------------------------------------------------------------

  function tap(event) {
    open ??= begin(event.pointerType, "tap");
    add(open, event);
    endLine.hidden = false;
    tell(say.point.replace("{n}", open.pts.length));
  }

  // --- keys ----------------------------------------------------------------------------------------------------------

  function key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const way = ARROWS[event.key];
    if (!way && event.key !== " " && event.key !== "Escape") return;
    event.preventDefault();
    if (event.key === "Escape") stop();
    else if (way) go(way, event.shiftKey ? FAR_UNITS : STEP_UNITS);
    else press();
    showCross();
  }

  function go([x, y], units) {
    at = {
      x: Math.min(Math.max(at.x + x * units, 0), WIDTH),
      y: Math.min(Math.max(at.y + y * units, 0), drawing.height),
    };
    if (open?.mode === "keys") put(open, at.x, at.y, drawing.t, null);
  }

  function press() {
    if (chosen.tool === "word") askAt(at);
    else if (chosen.tool === "rub") {
      const marks = paper.under(at.x, at.y);
      if (marks.length) rub(marks);
    } else if (open) stop();
    else {
      open = begin("keyboard", "keys");
      put(open, at.x, at.y, drawing.t, null);
      const place = say.place.replace("{x}", Math.round(at.x)).replace("{y}", Math.round(at.y));
      tell(`${say.penDown} ${place}`);
    }
  }

  function showCross() {
    cross.hidden = false;
    cross.classList.toggle("down", open?.mode === "keys");
    cross.style.insetInlineStart = `${(at.x / WIDTH) * 100}%`;
    cross.style.insetBlockStart = `${(at.y / drawing.height) * 100}%`;
  }

  // --- lines ---------------------------------------------------------------------------------------------------------

  function look(pointer, mode) {
    return { size: chosen.size, color: chosen.colour, pointer, mode };
  }

  function begin(pointer, mode) {
    return drawing.begin(look(pointer, mode));
  }

  function finish(stroke) {
    drawing.end(stroke);
    tell(say.added.replace("{n}", drawing.number(stroke)));
    changed();
  }

  // Lifts whatever is down.
  function stop() {
    endLine.hidden = true;
    if (held?.stroke) {
      const { stroke } = held;
      held = null;
      finish(stroke);
    }
    if (!open) return;
    const stroke = open;
    open = null;
    finish(stroke);
    cross.classList.remove("down");
  }

  return { stop };
}
