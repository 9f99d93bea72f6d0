// Shows what is sent to this device, and opens the page that belongs to it. Nothing is kept, nothing else is fetched.

const NAME = "Potoo";

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("push", (event) => {
  let said = {};
  try {
    said = event.data.json();
  } catch {
    // A browser has to show something for each push: the name alone says that there is something.
  }
  const told = { body: said.body ?? "", tag: NAME, renotify: true, data: { url: said.url ?? "" } };
  event.waitUntil(self.registration.showNotification(said.title || NAME, told));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(self.clients.openWindow(ownPage(event.notification.data?.url)));
});

// Only a page of this very place is opened, whatever the notification says.
function ownPage(url) {
  try {
    const page = new URL(url);
    if (page.origin === self.location.origin) return page.href;
  } catch {
    // it says nothing that could be opened
  }
  return new URL("/me/", self.location.origin).href;
}
