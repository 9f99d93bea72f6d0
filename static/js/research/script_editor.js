// The editor of a script saves itself while it is written, and shows how its words read. Everything else is the page's own
// form: each button works without this.

const WAIT_MS = 1200;

const form = document.querySelector("[data-script-editor]");
if (form && !form.hasAttribute("data-no-autosave")) watch();

function watch() {
  const saved = form.querySelector("[data-saved]");
  const overtaken = form.querySelector("[data-overtaken]");
  const rev = form.querySelector("input[name=rev]");
  let timer = 0;
  let underWay = null; // the request that is being answered
  let isChanged = false;
  let isSent = false;
  let isStopped = false;

  form.addEventListener("input", (event) => {
    if (/^add-[0-9]+-kind$/.test(event.target.name)) return; // what would be added is nothing of the script yet
    isChanged = true;
    saved.textContent = form.dataset.changed;
    clearTimeout(timer);
    if (!isStopped) timer = setTimeout(save, WAIT_MS);
  });
  // A press saves by itself, and is never overtaken by an autosave of its own page.
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (underWay === null) {
      isSent = true;
      return;
    }
    event.preventDefault();
    const button = event.submitter;
    underWay.finally(() => {
      isSent = true;
      form.requestSubmit(button);
    });
  });
  addEventListener("beforeunload", (event) => {
    if (isChanged && !isSent) event.preventDefault();
  });
  addEventListener("pageshow", () => (isSent = false));

  function save() {
    if (underWay !== null) {
      timer = setTimeout(save, WAIT_MS);
      return;
    }
    const body = new FormData(form);
    body.set("act", "autosave");
    isChanged = false;
    saved.textContent = form.dataset.saving;
    underWay = send(body).finally(() => (underWay = null));
  }

  async function send(body) {
    try {
      const response = await fetch(form.getAttribute("action"), { method: "POST", body, redirect: "error" });
      const told = await response.json();
      if (response.status === 409) stop(told.overtaken);
      else if (response.ok) show(told);
      else throw new Error(String(response.status));
    } catch {
      isChanged = true;
      saved.textContent = form.dataset.failed;
    }
  }

  function show(told) {
    rev.value = String(told.rev);
    saved.textContent = isChanged ? form.dataset.changed : told.saved;
    for (const place of form.querySelectorAll("[data-about]")) {
      const text = told.texts[place.dataset.about]?.about ?? "";
      if (place.textContent !== text) place.textContent = text;
    }
    for (const list of form.querySelectorAll("[data-flags]")) flag(list, told.texts[list.dataset.flags]?.flags ?? []);
    for (const place of form.querySelectorAll("[data-total]")) place.textContent = told.totals[place.dataset.total] ?? "–";
  }

  function flag(list, flags) {
    const shown = [...list.children].map((each) => each.textContent);
    if (shown.join("\n") === flags.join("\n")) return;
    list.replaceChildren(...flags.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
  }

  // Somebody else was quicker: nothing is sent by itself any more, and a press shows both.
  function stop(why) {
    form.setAttribute("data-no-autosave", "");
    isChanged = true;
    saved.textContent = form.dataset.changed;
    overtaken.textContent = `${why} ${form.dataset.keep}`;
    overtaken.hidden = false;
    isStopped = true;
  }
}
