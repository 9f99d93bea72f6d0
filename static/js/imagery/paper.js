// The paper: shows a drawing on a canvas, and says what lies under a place.

import { WIDTH } from "./drawing.js";

export const COLOURS = {
  ink: "#1D2A30",
  grey: "#76817F",
  brown: "#7A4A21",
  red: "#B5301F",
  yellow: "#D9A400",
  green: "#00785A",
  blue: "#0067A5",
  purple: "#8E4A93",
};
const PAPER = "#E9E4D8";
const WORD_UNITS = 26;
const REACH_UNITS = 10; // how near to a line a finger has to come

export class Paper {
  #context;
  #waiting = 0;
  #drawn = { stroke: null, n: 0 };

  constructor(canvas, drawing) {
    this.canvas = canvas;
    this.drawing = drawing;
    this.#context = canvas.getContext("2d", { desynchronized: true });
    new ResizeObserver(() => this.#fit()).observe(canvas);
    this.#fit();
  }

  show(drawing) {
    this.drawing = drawing;
    this.redraw();
  }

  get measures() {
    const { clientWidth, clientHeight } = this.canvas;
    return { css_w: clientWidth, css_h: clientHeight, dpr: Math.round(devicePixelRatio * 100) / 100 };
  }

  // A place on the screen in the paper's units, kept on the paper.
  place(clientX, clientY) {
    const edge = this.canvas.getBoundingClientRect();
    const within = (value, most) => Math.min(Math.max(value, 0), most);
    return {
      x: within(((clientX - edge.left) / edge.width) * WIDTH, WIDTH),
      y: within(((clientY - edge.top) / edge.height) * this.drawing.height, this.drawing.height),
    };
  }

  redraw() {
    this.#drawn = { stroke: null, n: 0 };
    this.#soon();
  }

  // The newest points of a line that is being drawn; all else stays as it is.
  follow(stroke) {
    if (this.#drawn.stroke !== stroke) this.#drawn = { stroke, n: this.#waiting ? -1 : 0 };
    if (this.#drawn.n < 0) this.redraw();
    else this.#soon();
  }

  under(x, y) {
    return this.drawing.marks.filter((mark) => (mark.pts ? isNear(mark, x, y) : this.#isInside(mark, x, y)));
  }

  #isInside(word, x, y) {
    this.#context.font = font();
    const wide = this.#context.measureText(word.text).width;
    const slack = REACH_UNITS;
    return x > word.x - slack && x < word.x + wide + slack && Math.abs(y - word.y) < WORD_UNITS / 2 + slack;
  }

  #soon() {
    this.#waiting ||= requestAnimationFrame(() => {
      this.#waiting = 0;
      this.#paint();
    });
  }

  #fit() {
    const { clientWidth, clientHeight } = this.canvas;
    const [wide, high] = [clientWidth, clientHeight].map((length) => Math.round(length * devicePixelRatio));
    if (!wide || (wide === this.canvas.width && high === this.canvas.height)) return;
    this.canvas.width = wide;
    this.canvas.height = high;
    // At once: a new size empties the canvas.
    this.#drawn = { stroke: null, n: 0 };
    this.#paint();
  }

  #paint() {
    const context = this.#context;
    context.setTransform(this.canvas.width / WIDTH, 0, 0, this.canvas.height / this.drawing.height, 0, 0);
    context.lineCap = context.lineJoin = "round";
    const { stroke, n } = this.#drawn;
    if (stroke) {
      trace(context, stroke, Math.max(n - 1, 0));
      this.#drawn.n = stroke.pts.length;
      return;
    }
    context.fillStyle = PAPER;
    context.fillRect(0, 0, WIDTH, this.drawing.height);
    for (const mark of this.drawing.marks) {
      if (mark.pts) trace(context, mark, 0);
      else {
        context.fillStyle = COLOURS.ink;
        context.font = font();
        context.textBaseline = "middle";
        context.fillText(mark.text, mark.x, mark.y);
      }
    }
  }
}

// A line from one of its points on, each piece as thick as the pen was pressed.
function trace(context, stroke, from) {
  const { pts } = stroke;
  context.strokeStyle = COLOURS[stroke.color] ?? COLOURS.ink;
  const wide = (each) => stroke.size * (stroke.pointer === "pen" && each[3] != null ? 0.6 + 0.8 * each[3] : 1);
  if (pts.length === 1) {
    context.lineWidth = wide(pts[0]);
    context.beginPath();
    context.moveTo(pts[0][0], pts[0][1]);
    context.lineTo(pts[0][0] + 0.01, pts[0][1]);
    context.stroke();
  }
  for (let n = from + 1; n < pts.length; n += 1) {
    context.lineWidth = wide(pts[n]);
    context.beginPath();
    context.moveTo(pts[n - 1][0], pts[n - 1][1]);
    context.lineTo(pts[n][0], pts[n][1]);
    context.stroke();
  }
}

function font() {
  return `${WORD_UNITS}px ${getComputedStyle(document.body).fontFamily}`;
}

function isNear(stroke, x, y) {
  const reach = stroke.size / 2 + REACH_UNITS;
  return stroke.pts.some((end, n) => distance(stroke.pts[Math.max(n - 1, 0)], end, x, y) <= reach);
}

function distance([ax, ay], [bx, by], x, y) {
  const length = (bx - ax) ** 2 + (by - ay) ** 2;
  const share = length ? Math.min(Math.max(((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length, 0), 1) : 0;
  return Math.hypot(x - ax - share * (bx - ax), y - ay - share * (by - ay));
}
