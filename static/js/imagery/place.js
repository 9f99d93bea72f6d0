// Keeps a session in one document: the answer is sent from here, and the page to which it leads is put in place of the one
// before, so that the person's first press lets sound, speech and the lit screen go on for all of it. Whatever is no page of
// this session is an ordinary way there. Reload, back and the way without JavaScript are as they were.

import { endLife } from "./life.js";
import { answerOf, dropAnswer, keepAnswer, sendAnswer, waitingAnswers } from "./outbox.js";
import { sayNothing, sayWaiting } from "./waiting.js";

const RETRY_MS = [2000, 4000, 8000, 15_000, 30_000];
const BUSY_MS = 400;
const RELEASE_MS = 8000;

let here = addressNow();
let over = async () => {};
let turn = 0;
let sending = null; // {form, submitter} whose answer is under way
let timer = 0;
let failures = 0;
let held = false; // an answer of an earlier page waits
const said = new Map(); // a button at work -> what it said before
let page = null; // {root, csrf, nowhere} of the page that is shown

// `placed()` starts whatever is on the page now; asked at once, and after each page that is put in place. `isOver` is waited
// for when a press has led out of the session: by the last answer, by ending it early, or else.
export function inPlace(placed, isOver) {
  over = isOver;
  document.body.addEventListener("submit", (event) => {
    const form = event.target;
    const waits = Boolean(form.getAttribute("data-session"));
    if (event.defaultPrevented || !(waits || isOfSession(form.getAttribute("action"), form))) return;
    event.preventDefault(); // before the document hears of it
    const isAnswer = waits && form.querySelector("[name=attempt]") !== null;
    if (sending?.form !== form || sending.isWaiting) void submit(form, event.submitter, { waits, isAnswer });
  });
  document.body.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    if (event.defaultPrevented || !isPlain || !link || !isOfSession(link.getAttribute("href"), link)) return;
    event.preventDefault();
    void goTo(link.href, { push: true }).then((isThere) => isThere || location.assign(link.href));
  });
  addEventListener("popstate", async () => {
    if (addressNow() !== here && !(await goTo(location.href))) location.reload();
  });
  const retry = () => {
    again();
    if (held) void deliverWaiting();
  };
  addEventListener("online", retry);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && retry());
  document.addEventListener("potoo:placed", start);
  start();
  void deliverWaiting();

  function start() {
    const session = document.querySelector("[data-session]");
    const root = session?.getAttribute("data-session") ?? page?.root ?? "";
    page = {
      root: root && here.startsWith(root) ? root : "",
      csrf: document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "",
      // Where those are led whose answer is not taken: whom nobody knows, and who is away from the study.
      nowhere: session ? [session.getAttribute("data-signed-out"), session.getAttribute("data-away")] : (page?.nowhere ?? []),
    };
    placed();
  }
}

// Whether an address written on the page is one of this session's pages, and not a place on this one.
function isOfSession(written, element) {
  if (!page?.root || !written || written.startsWith("#") || element.getAttribute("target")) return false;
  const { origin, pathname } = new URL(written, location.href);
  return origin === location.origin && pathname.startsWith(page.root);
}

// Another page of the session, with a step in the browser's history or without. False where the line is lost: nothing happens.
export async function goTo(url, { push = false } = {}) {
  const mine = ++turn;
  let response;
  let text;
  try {
    response = await fetch(url, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    text = await response.text();
  } catch {
    return false;
  }
  if (mine === turn && !(await put(text, response.url, push))) location.assign(response.url);
  return true;
}

// --- sending ---------------------------------------------------------------------------------------------------------

// An answer is kept until it is decided on. It and the way into the session wait for the line to come back; whoever presses
// anything else presses it again.
async function submit(form, submitter, { waits, isAnswer }) {
  clearTimeout(timer);
  sending = { form, submitter, isWaiting: false };
  const mine = sending;
  const busy = setTimeout(() => showBusy(submitter, true), BUSY_MS);
  const answer = answerOf(form, submitter);
  if (isAnswer) await keepAnswer(answer);
  const sent = await sendAnswer(answer, page);
  clearTimeout(busy);
  if (sent.how === "offline" || sent.how === "busy") {
    showBusy(submitter, false);
    mine.isWaiting = true;
    if (waits) sayWaiting(sent.how, form);
    else HTMLFormElement.prototype.submit.call(form);
    timer = setTimeout(again, RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]);
    failures += 1;
    return;
  }
  failures = 0;
  sayNothing();
  setTimeout(() => release(mine), RELEASE_MS); // if it leads nowhere
  if (sent.how === "unknown") {
    // Kept until the person is known again: then the page sends it by itself.
    if (new URL(sent.response.url).pathname === answer.url) location.reload();
    else location.assign(sent.response.url);
    return;
  }
  if (isAnswer) {
    await dropAnswer(answer);
    hasArrived(answer);
  }
  if (await put(sent.text, sent.response.url, true)) return;
  await over(isAnswer ? "finished" : waits ? "" : "ended_early");
  location.assign(sent.response.url);
}

function release(mine) {
  showBusy(mine.submitter, false);
  if (sending === mine) sending = null;
}

function again() {
  if (!sending?.isWaiting || !sending.form.isConnected || !sending.form.getAttribute("data-session")) return;
  const { form, submitter } = sending;
  // What stands there now: it may have been changed since.
  form.requestSubmit(submitter?.isConnected ? submitter : undefined);
}

// What an earlier page could not send. If it belongs to the page that is shown, its answer leads on from here.
async function deliverWaiting() {
  held = false;
  for (const answer of await waitingAnswers()) {
    if (sending) return; // what is being given now goes first; the rest comes with the next page
    const sent = await sendAnswer(answer, page);
    if (sent.how === "offline" || sent.how === "busy") {
      held = true;
      sayWaiting(sent.how, document);
      return;
    }
    if (sent.how === "unknown") continue; // somebody else's, or nobody is known here
    sayNothing();
    await dropAnswer(answer);
    hasArrived(answer);
    if (here === answer.session) await goTo(here); // it says how far they have come
    else if (here === answer.url && !(await put(sent.text, sent.response.url, true))) location.assign(sent.response.url);
  }
}

function hasArrived({ url }) {
  document.dispatchEvent(new CustomEvent("potoo:sent", { detail: { url } }));
}

// A button at work says so, as on every other page.
function showBusy(button, isBusy) {
  if (!button) return;
  button.toggleAttribute("aria-busy", isBusy);
  if (isBusy) button.setAttribute("aria-busy", "true");
  if (!button.dataset.busy || isBusy === said.has(button)) return;
  if (isBusy) said.set(button, [...button.childNodes]);
  button.replaceChildren(...(isBusy ? [button.dataset.busy] : said.get(button)));
  if (!isBusy) said.delete(button);
}

// --- putting a page in place -----------------------------------------------------------------------------------------

// False where it is no page of this session, or can't be put here.
async function put(text, url, push) {
  const next = new DOMParser().parseFromString(text, "text/html");
  const { origin, pathname } = new URL(url, location.href);
  const isHere = origin === location.origin && page.root && pathname.startsWith(page.root);
  if (!isHere || !next.querySelector("main[data-screen]")) return false;
  try {
    await Promise.all([...styles(next), ...modules(next)]);
  } catch {
    return false;
  }
  endLife();
  copyAttributes(next.documentElement, document.documentElement);
  copyAttributes(next.body, document.body);
  document.title = next.title;
  // What stays is not moved: it may have the focus.
  const stays = document.querySelector("[data-keeps]");
  for (const each of [...document.body.childNodes]) if (each !== stays) each.remove();
  document.body.prepend(...next.body.childNodes);
  sending = null;
  // A form that leads to its own address takes no step, as ever.
  if (push) history[new URL(url).href === location.href ? "replaceState" : "pushState"](null, "", url);
  here = addressNow();
  scrollTo(0, 0);
  document.dispatchEvent(new CustomEvent("potoo:placed"));
  return true;
}

function styles(next) {
  const loaded = new Set([...document.querySelectorAll("link[rel=stylesheet]")].map((each) => each.href));
  const missing = [...next.querySelectorAll("link[rel=stylesheet]")].filter((each) => !loaded.has(each.href));
  return missing.map((each) => new Promise((resolve, reject) => {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: each.getAttribute("href") });
    link.addEventListener("load", resolve);
    link.addEventListener("error", reject);
    document.head.append(link);
  }));
}

// A module runs once in a document. Those of the pages here look for what is theirs at once and on `potoo:placed`.
function modules(next) {
  const address = (each) => new URL(each.getAttribute("src"), location.href).href;
  return [...next.querySelectorAll("script[type=module][src]")].map((each) => import(address(each)));
}

function copyAttributes(from, to) {
  for (const { name } of [...to.attributes]) if (!from.hasAttribute(name)) to.removeAttribute(name);
  for (const { name, value } of from.attributes) to.setAttribute(name, value);
}

function addressNow() {
  return location.pathname + location.search;
}
