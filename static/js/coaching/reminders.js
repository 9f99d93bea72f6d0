// Reminders on this device: offered where the browser can show them, asked for when somebody chooses them and saves.
// An addition: without it the page says that they are not available, and every other way is there.

const form = document.querySelector("[data-reminders]");
const status = form?.querySelector("[data-push-status]");
const choice = form?.querySelector("[data-push-choice]");
const canShow = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
if (choice && canShow) offer();

function offer() {
  choice.hidden = false;
  form.querySelector("[data-push-note]").hidden = true;
  form.addEventListener("submit", (event) => {
    if (!choice.querySelector("input").checked) return;
    event.preventDefault();
    turnOn();
  });
  if (!form.dataset.here) turnOff();
}

async function turnOn() {
  status.textContent = form.dataset.asking;
  try {
    if ((await Notification.requestPermission()) !== "granted") {
      status.textContent = form.dataset.denied;
      return;
    }
    await navigator.serviceWorker.register(form.dataset.worker, { scope: "/me/", updateViaCache: "none" });
    const { pushManager } = await navigator.serviceWorker.ready;
    const told = (await subscribed(pushManager)).toJSON();
    form.elements.endpoint.value = told.endpoint;
    form.elements.p256dh.value = told.keys.p256dh;
    form.elements.auth.value = told.keys.auth;
    form.submit();
  } catch {
    status.textContent = form.dataset.failed;
  }
}

// One that was made for another key of the place is of no use any more.
async function subscribed(pushManager) {
  const key = bytes(form.dataset.key);
  const held = await pushManager.getSubscription();
  if (held && !same(new Uint8Array(held.options.applicationServerKey ?? []), key)) await held.unsubscribe();
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}

// Whoever turned reminders off, or signed out, is not subscribed in this browser either.
async function turnOff() {
  try {
    const registration = await navigator.serviceWorker.getRegistration("/me/");
    await (await registration?.pushManager.getSubscription())?.unsubscribe();
  } catch {
    // the place does not send here any more in any case
  }
}

function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function same(one, other) {
  return one.length === other.length && one.every((value, n) => value === other[n]);
}
