// A drawing as data: lines of timed points, words, and what was done to them. Nothing is ever taken out; what is rubbed
// out or undone is marked with its time. Units are a thousandth of the paper's width.

export const WIDTH = 1000;
const MOST_POINTS = 200_000;
const MOST_LETTERS = 4_500_000; // the server takes five million bytes
const TIGHT = new Intl.NumberFormat("en", { maximumFractionDigits: 1, useGrouping: false });

export class Drawing {
  #done = [];
  #undone = [];
  #began = performance.now(); // when t was 0, by the clock that nobody can set
  #lastId = 0;

  constructor(height, task) {
    this.height = height;
    this.task = task;
    this.t0 = new Date().toISOString();
    this.strokes = [];
    this.words = [];
    this.ops = [];
    this.thinned = false;
  }

  // The drawing of an earlier visit, or null if the text holds none of this shape.
  static from(text, height, task) {
    try {
      const read = JSON.parse(text);
      if (read?.v !== 1 || !Array.isArray(read.strokes)) return null;
      const drawing = new Drawing(read.canvas?.h ?? height, task);
      drawing.strokes = read.strokes;
      drawing.words = read.words ?? [];
      drawing.ops = read.ops ?? [];
      drawing.t0 = read.t0_utc ?? drawing.t0;
      drawing.thinned = read.thinned === true;
      const marks = [...drawing.strokes, ...drawing.words];
      drawing.#lastId = Math.max(0, ...marks.map((mark) => mark.id));
      // Time goes on where it stopped: a pause between two visits is no time spent drawing.
      let last = 0;
      for (const stroke of drawing.strokes) last = Math.max(last, stroke.pts.at(-1)?.[2] ?? 0);
      for (const each of [...drawing.words, ...drawing.ops]) last = Math.max(last, each.t ?? 0);
      drawing.#began = performance.now() - last;
      drawing.#done = marks.filter((mark) => mark.removed_at == null).sort((a, b) => a.id - b.id).map(added);
      return drawing;
    } catch {
      return null;
    }
  }

  get t() {
    return this.at(performance.now());
  }

  // When an event was, on the drawing's own time.
  at(timeStamp) {
    return Math.max(0, Math.round(timeStamp - this.#began));
  }

  get marks() {
    return [...this.strokes, ...this.words].filter((mark) => mark.removed_at == null);
  }

  get isEmpty() {
    return this.marks.length === 0;
  }

  begin(properties) {
    const stroke = { id: ++this.#lastId, tool: "pen", ...properties, pts: [], removed_at: null };
    this.strokes.push(stroke);
    return stroke;
  }

  // A line is done: from now on it can be undone.
  end(stroke) {
    if (stroke.pts.length === 0) this.drop(stroke);
    else this.#do(added(stroke));
  }

  // As if it had never been begun: a palm.
  drop(stroke) {
    this.strokes = this.strokes.filter((each) => each !== stroke);
  }

  write(text, x, y) {
    const word = { id: ++this.#lastId, text, x: tight(x), y: tight(y), t: this.t, removed_at: null };
    this.words.push(word);
    this.ops.push({ op: "word", word: word.id, t: word.t });
    this.#do(added(word));
    return word;
  }

  rub(marks) {
    this.#remove(marks, "rub");
  }

  clear() {
    this.#remove(this.marks, "clear");
  }

  // What was done last and is undone now: {kind, marks}; null if there is nothing.
  undo() {
    return this.#turn(this.#done, this.#undone, "undo");
  }

  redo() {
    return this.#turn(this.#undone, this.#done, "redo");
  }

  // The number of a line among all that were drawn, as people count.
  number(stroke) {
    return this.strokes.indexOf(stroke) + 1;
  }

  text(measures) {
    this.#thin();
    const body = () => JSON.stringify({
      v: 1,
      ...(this.task ? { task: this.task } : {}),
      canvas: { w: WIDTH, h: this.height, ...measures },
      t0_utc: this.t0,
      ...(this.thinned ? { thinned: true } : {}),
      ...(this.isEmpty ? { blank: true } : {}),
      strokes: this.strokes,
      words: this.words,
      ops: this.ops,
    });
    let text = body();
    for (let apart = 1; text.length > MOST_LETTERS && apart < WIDTH; apart *= 2) {
      this.#leaveOut(apart);
      text = body();
    }
    return text;
  }

  #do(act) {
    this.#done.push(act);
    this.#undone = [];
  }

  #remove(marks, kind) {
    if (!marks.length) return;
    const t = this.t;
    for (const mark of marks) {
      mark.removed_at = t;
      if (kind === "rub") this.ops.push({ op: kind, ...named(mark), t });
    }
    if (kind === "clear") this.ops.push({ op: kind, t });
    this.#do({ kind, marks });
  }

  #turn(from, to, op) {
    const act = from.pop();
    if (!act) return null;
    to.push(act);
    const t = this.t;
    const gone = (act.kind === "add") === (op === "undo");
    for (const mark of act.marks) mark.removed_at = gone ? t : null;
    this.ops.push({ op, ...(act.marks.length === 1 ? named(act.marks[0]) : {}), t });
    return { ...act, gone };
  }

  #thin() {
    const count = () => this.strokes.reduce((sum, stroke) => sum + stroke.pts.length, 0);
    for (let apart = 0.5; count() > MOST_POINTS && apart < WIDTH; apart *= 2) this.#leaveOut(apart);
  }

  #leaveOut(apart) {
    this.thinned = true;
    for (const stroke of this.strokes) {
      let last = stroke.pts[0];
      const end = stroke.pts.at(-1);
      stroke.pts = stroke.pts.filter((point) => {
        const kept = point === last || point === end || Math.hypot(point[0] - last[0], point[1] - last[1]) >= apart;
        if (kept) last = point;
        return kept;
      });
    }
  }
}

// A point as it is kept; a pressure only where it means something.
export function point(x, y, t, pen) {
  const place = [tight(x), tight(y), t];
  return pen ? [...place, Math.round(pen.pressure * 1000) / 1000, pen.tiltX ?? 0, pen.tiltY ?? 0] : place;
}

function tight(number) {
  return Number(TIGHT.format(number));
}

function added(mark) {
  return { kind: "add", marks: [mark] };
}

function named(mark) {
  return { [mark.pts ? "stroke" : "word"]: mark.id };
}
