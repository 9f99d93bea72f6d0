// An answer on its way: kept on this device before it is sent, until the server has decided on it. What a lost line, a closed
// tab or an expired sign-in holds up is sent later, as it was given; the server takes the same answer twice as one.

import { withStore } from "./store.js";

const KEEP_MS = 7 * 24 * 3600 * 1000;
const PATIENCE_MS = 500; // with this device's storage

// What a form would send: {key, session, url, isMultipart, fields, at}.
export function answerOf(form, submitter) {
  const data = new FormData(form);
  if (submitter?.name) data.append(submitter.name, submitter.value);
  const url = new URL(form.getAttribute("action") || location.href, location.href).pathname;
  return {
    key: `${url}?${data.get("attempt") ?? ""}`,
    session: form.getAttribute("data-session"),
    url,
    isMultipart: form.getAttribute("enctype") === "multipart/form-data",
    fields: [...data],
    at: Date.now(),
  };
}

export async function keepAnswer(answer) {
  const kept = answers("readwrite", (store) => store.put(answer, answer.key));
  await Promise.race([kept, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
}

export function dropAnswer(answer) {
  return answers("readwrite", (store) => store.delete(answer.key));
}

// What waits, the oldest first; what nobody came back for is forgotten.
export async function waitingAnswers() {
  const stored = (await answers("readonly", (store) => store.getAll())) ?? [];
  const fresh = stored.filter((each) => Date.now() - each.at < KEEP_MS);
  for (const each of stored) if (!fresh.includes(each)) void dropAnswer(each);
  return fresh.sort((a, b) => a.at - b.at);
}

// Sends it once: {how: "page", response, text}, or why it has to wait: "offline", "busy", or "unknown" where the person is
// not known, not as the one whose session it is, or away from the study. Of the tokens the page's own is sent: one of long
// ago is refused.
export async function sendAnswer(answer, { csrf, nowhere }) {
  const fields = answer.fields.map(([name, value]) => [name, name === "csrfmiddlewaretoken" ? csrf : value]);
  const body = answer.isMultipart ? new FormData() : new URLSearchParams();
  for (const [name, value] of fields) body.append(name, value);
  try {
    const response = await fetch(answer.url, { method: "POST", body, credentials: "same-origin" });
    if (response.status >= 500 || response.status === 429) return { how: "busy" };
    const isRefused = response.status === 403 || response.status === 404;
    if (isRefused || nowhere.includes(new URL(response.url).pathname)) return { how: "unknown", response };
    return { how: "page", response, text: await response.text() };
  } catch {
    return { how: "offline" };
  }
}

function answers(mode, work) {
  return withStore("potoo-session", "answers", mode, work);
}
