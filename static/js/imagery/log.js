// What happened in a session and when: on this device first, then to the server in batches, until the server says that it
// has them. An event may arrive twice and is stored once. None holds a path of a pointer, a key or a word of the person.

import { now } from "./clock.js";
import { withStore } from "./store.js";

const SEND_MS = 5000;
const RETRY_MS = [5000, 10_000, 20_000, 30_000];
const PATIENCE_MS = 5000; // with the last of an attempt
const KEEP_MS = 7 * 24 * 3600 * 1000;
const MOST_AT_ONCE = 200;
const MOST_LETTERS = 50_000; // a browser carries 64 kB for a page that is gone
const SEQ = "potoo-seq:";
const LATE = "potoo-late-events"; // what a page that is being left can't write any more where the others are

let book = null; // of the attempt that is under way: {url, attempt, key}
let token = "";
let place = { stage: "", state: "" };
let queue = []; // what the server has not confirmed, in order: {book, event}
let most = MOST_AT_ONCE;
let timer = 0;
let underWay = null; // the batch that is being sent
let failures = 0;
let offset_ms = null;
let shortest_ms = Infinity;
const closed = new Set(); // attempts of which the server takes nothing more
const counts = new Map(); // where nothing can be kept

let listens = false;
let isLeaving = false;
const unwritten = new Set(); // entries of the queue

// From now on what is noted belongs to this attempt. Answers true where the attempt is another than before.
export function openLog({ url, attempt, csrf }) {
  token = csrf;
  const key = `${url}?${attempt}`;
  if (!url || book?.key === key) return false;
  book = { url, attempt, key };
  if (!listens) listen();
  return true;
}

// Where the person is; said once, it holds for what is noted after it.
export function at(stage, state) {
  place = { stage, state };
}

// The event that was noted, or null where nothing is.
export function note(type, payload = {}) {
  if (!book || closed.has(book.key)) return null;
  const event = {
    event_id: newId(),
    seq: nextSeq(book.key),
    type,
    t_mono_ms: Math.round(now() * 10) / 10,
    t_wall_utc: new Date().toISOString(),
    tz_offset_min: -new Date().getTimezoneOffset(),
    clock_offset_ms: offset_ms,
    ...place,
    payload: rounded(payload),
  };
  const entry = { book, event };
  queue.push(entry);
  void write(entry);
  if (isLeaving) writeLate();
  timer ||= setTimeout(flush, SEND_MS);
  return event;
}

// Adds what was learnt a moment later to an event that has not gone yet.
export function amend(event, payload) {
  const entry = queue.find((each) => each.event === event);
  if (!entry) return;
  Object.assign(event.payload, rounded(payload));
  void write(entry);
}

// Sends what there is: at a change of state.
export async function flush() {
  clearTimeout(timer);
  timer = 0;
  if (underWay || !queue.length) return;
  const [{ book: mine }] = queue;
  const batch = chunk(queue.filter((each) => each.book.key === mine.key));
  underWay = deliver(mine, batch);
  const how = await underWay;
  underWay = null;
  if (how === "later") {
    timer ||= setTimeout(flush, RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]);
    failures += 1;
    return;
  }
  failures = 0;
  if (queue.length) timer ||= setTimeout(flush, how === "again" ? 0 : SEND_MS);
}

// The attempt has come to its end, and with it the count of its events. Waits for a moment until the server has them: what
// stayed on the device would come when it takes nothing more.
export async function closeLog() {
  if (book) {
    counts.delete(book.key);
    storage((local) => local.removeItem(SEQ + book.key));
  }
  book = null;
  const all = (async () => {
    await underWay;
    await flush();
  })();
  await Promise.race([all, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
}

function listen() {
  listens = true;
  void leftOver();
  addEventListener("online", () => {
    note("net", { what: "online", queue: queue.length });
    void flush();
  });
  addEventListener("offline", () => note("net", { what: "offline", queue: queue.length }));
  addEventListener("pageshow", () => (isLeaving = false));
  addEventListener("pagehide", () => {
    isLeaving = true;
    writeLate();
    for (const each of new Map(queue.map((entry) => [entry.book.key, entry.book])).values()) {
      const batch = chunk(queue.filter((entry) => entry.book.key === each.key));
      navigator.sendBeacon?.(each.url, body(each, batch));
    }
  });
}

// What an earlier page could not send, before what this one has noted.
async function leftOver() {
  sweepCounts();
  const late = storage((local) => JSON.parse(local.getItem(LATE))) ?? [];
  for (const each of late) await write(each);
  storage((local) => local.removeItem(LATE));
  const stored = (await events("readonly", (store) => store.getAll())) ?? late;
  const known = new Set(queue.map((each) => each.event.event_id));
  const old = stored.filter((each) => !known.has(each.event.event_id));
  const fresh = old.filter((each) => Date.now() - Date.parse(each.event.t_wall_utc) < KEEP_MS);
  const lost = old.filter((each) => !fresh.includes(each));
  if (lost.length) void forget(lost);
  if (!fresh.length) return;
  fresh.sort((a, b) => a.book.key.localeCompare(b.book.key) || a.event.seq - b.event.seq);
  queue.unshift(...fresh);
  void flush();
}

async function deliver(mine, batch) {
  const wall = Date.now();
  const started = now();
  try {
    const response = await fetch(mine.url, {
      method: "POST",
      body: body(mine, batch),
      headers: { Accept: "application/json" },
      credentials: "same-origin",
      redirect: "manual", // a way to sign in is no answer
    });
    if (response.ok) {
      measure((await response.json()).server_time, wall, now() - started);
      await taken(batch);
      return "done";
    }
    if (response.status === 413 && batch.length > 1) {
      most = Math.ceil(batch.length / 2);
      return "again";
    }
    if (response.status === 409 || response.status === 404) {
      closed.add(mine.key);
      await taken(queue.filter((each) => each.book.key === mine.key));
      return "done";
    }
    if (response.status !== 422 && response.status !== 413) return "later";
    await taken(batch); // it will never be taken
    return "done";
  } catch {
    return "later";
  }
}

function body({ attempt }, batch) {
  const events = JSON.stringify(batch.map((each) => each.event));
  return new URLSearchParams({ csrfmiddlewaretoken: token, attempt, events });
}

function chunk(entries) {
  let letters = 0;
  return entries.slice(0, most).filter((each, n) => {
    letters += JSON.stringify(each.event).length;
    return n === 0 || letters < MOST_LETTERS;
  });
}

async function taken(entries) {
  const gone = new Set(entries);
  queue = queue.filter((each) => !gone.has(each));
  for (const each of entries) unwritten.delete(each);
  await forget(entries);
}

// The server's clock less the device's, by the quickest answer so far: half of the way is taken off.
function measure(server_time, wall, way_ms) {
  const theirs = Date.parse(server_time);
  if (!Number.isFinite(theirs) || way_ms > shortest_ms) return;
  shortest_ms = way_ms;
  offset_ms = Math.round(theirs - (wall + way_ms / 2));
}

// --- on this device --------------------------------------------------------------------------------------------------

async function write(entry) {
  unwritten.add(entry);
  const key = await events("readwrite", (store) => store.put(entry, entry.event.event_id));
  if (key !== undefined) unwritten.delete(entry);
}

function writeLate() {
  const still = queue.filter((each) => unwritten.has(each));
  if (still.length) storage((local) => local.setItem(LATE, JSON.stringify(still)));
}

async function forget(entries) {
  await events("readwrite", (store) => {
    let last;
    for (const each of entries) last = store.delete(each.event.event_id);
    return last;
  });
}

function events(mode, work) {
  return withStore("potoo-session", "events", mode, work);
}

// Goes on over pages, reloads and windows of the same attempt.
function nextSeq(key) {
  const read = () => storage((local) => JSON.parse(local.getItem(SEQ + key)))?.[0] ?? 0;
  const next = Math.max(counts.get(key) ?? 0, read()) + 1;
  counts.set(key, next);
  storage((local) => local.setItem(SEQ + key, JSON.stringify([next, Date.now()])));
  return next;
}

function sweepCounts() {
  storage((local) => {
    for (const key of Object.keys(local).filter((each) => each.startsWith(SEQ))) {
      if (!(Date.now() - JSON.parse(local.getItem(key))[1] < KEEP_MS)) local.removeItem(key);
    }
  });
}

function storage(work) {
  try {
    return work(localStorage);
  } catch {
    return undefined; // storage is switched off
  }
}

function rounded(payload) {
  const tight = (value) => (typeof value === "number" ? Math.round(value * 10) / 10 : value);
  return Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, tight(value)]));
}

// A UUID of version 7: the time in front, so that names rise with it.
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const ms = Date.now();
  for (let n = 0; n < 6; n += 1) bytes[n] = Math.floor(ms / 256 ** (5 - n)) % 256;
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  const hex = [...bytes].map((each) => each.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
