"""Reminders on a device, in a browser: its worker, what it shows, and the page where they are turned on and off.

A push service is somebody else's and not asked here. The browser is given a subscription with real keys in its place;
what the product then sends to it is opened with those keys, and handed to the worker as the browser itself would.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page, expect

import clock
from coaching.handover.configured import Others
from coaching.handover.push import PushTransport
from coaching.models import Contact, Enrolment, Message, PushSubscription
from coaching.selectors.ways import push_key, reached
from coaching.services import ways
from tests import world
from tests.browser.test_pages import AXE, FIND_VIOLATIONS, RULES, SCROLLS_SIDEWAYS, SMALL_TARGETS
from tests.outbox.sending import send_one
from tests.outbox.test_outbox import REMINDING, Talk
from tests.outbox.web_gateway import Browser, opened, trusting

pytestmark = [pytest.mark.browser, pytest.mark.whole_browser, pytest.mark.django_db(transaction=True)]

PAGE = "/me/reminders/"
# What the browser's own push service would give; the permission, the worker and everything after it are the browser's.
SUBSCRIBES = """(told) => {
  let held = null;
  PushManager.prototype.getSubscription = async () => held;
  PushManager.prototype.subscribe = async (options) => {
    sessionStorage.setItem('asked with', btoa(String.fromCharCode(...options.applicationServerKey)));
    held = {
      options: { applicationServerKey: options.applicationServerKey.buffer },
      unsubscribe: async () => { held = null; sessionStorage.setItem('unsubscribed', 'yes'); return true; },
      toJSON: () => ({ endpoint: told.endpoint, keys: { p256dh: told.p256dh, auth: told.auth } }),
    };
    return held;
  };
}"""
SHOWN = """async () => {
  const registration = await navigator.serviceWorker.getRegistration('/me/');
  const shown = await registration.getNotifications();
  return shown.map((each) => ({ title: each.title, body: each.body, data: each.data, tag: each.tag }));
}"""


@pytest.fixture
def person(db: Any) -> Enrolment:
    return world.consented(world.publish(world.edited(REMINDING, world.TINY)), email="someone@people.example")


@pytest.fixture
def browsing(page: Page, person: Enrolment, live_server: Any, settings: Any) -> Page:
    settings.PUBLIC_URL = live_server.url
    known = world.browser_of(person).cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": known, "url": live_server.url}])
    return page


@pytest.fixture
def device() -> Browser:
    return Browser()


def _turned_on(page: Page, device: Browser) -> None:
    page.context.grant_permissions(["notifications"])
    page.add_init_script(f"({SUBSCRIBES})({json.dumps(device.posted)})")
    page.goto(PAGE)
    page.locator("[data-push-choice]").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Save").click()


@pytest.fixture
def deliver(browsing: Page) -> Iterator[Any]:
    """Hands a push to the worker, as the browser does when its push service has one."""
    session = browsing.context.new_cdp_session(browsing)
    found: dict[str, str] = {}

    def note(event: Any) -> None:
        for each in event["registrations"]:
            if each["scopeURL"].endswith("/me/") and not each["isDeleted"]:
                found["id"] = each["registrationId"]

    session.on("ServiceWorker.workerRegistrationUpdated", note)
    session.send("ServiceWorker.enable")

    def handed(text: str) -> None:
        for _ in range(100):
            if found:
                break
            browsing.wait_for_timeout(50)
        origin = browsing.evaluate("location.origin")
        session.send(
            "ServiceWorker.deliverPushMessage", {"origin": origin, "registrationId": found["id"], "data": text}
        )

    yield handed
    session.detach()


def _shown(page: Page, n: int = 1) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = []
    # A worker that was put to sleep is started anew for a push, which takes its time on a busy machine.
    for _ in range(600):
        shown = page.evaluate(SHOWN)
        if len(shown) >= n and (n == 0 or shown[-1]["body"]):
            break
        page.wait_for_timeout(50)
    return shown


def test_a_device_is_turned_on_and_a_reminder_shows_on_it_in_neutral_words(
    browsing: Page, person: Enrolment, device: Browser, deliver: Any, tmp_path: Path
) -> None:
    _turned_on(browsing, device)
    expect(browsing.locator("main")).to_contain_text("Reminders come on 1 device.")
    registered = browsing.evaluate(
        "navigator.serviceWorker.ready.then((r) => [r.scope, r.active.scriptURL].map((url) => new URL(url).pathname))"
    )
    assert registered == ["/me/", reverse("coaching:push_worker")]
    held = PushSubscription.objects.get(enrolment=person)
    assert (held.endpoint, held.p256dh, held.auth) == (device.endpoint, device.p256dh, device.auth)

    key, message = push_key(), person.messages.get(n=1)
    assert key is not None
    Message.objects.filter(pk=message.pk).update(due_at=clock.now())
    with opened(tmp_path) as gateway:
        transport = PushTransport(
            key,
            "mailto:lab@study.example",
            port=gateway.port,
            context=trusting(tmp_path),
            addresses_of=lambda host: ["127.0.0.1"],
        )
        sent = send_one(message_id=message.pk, transport=Talk(), now=clock.now(), others=Others(push=transport))
    assert sent == "sent"
    deliver(device.read(gateway.posted[0].body).decode())
    (shown,) = _shown(browsing)
    assert (shown["title"], shown["body"], shown["tag"]) == ("Potoo", "The first one is ready for you", "Potoo")
    assert shown["data"]["url"].endswith("/me/")

    # A later one takes its place, and what can't be read still shows that there is something.
    deliver(json.dumps({"title": "Potoo", "body": "Another", "url": "https://evil.example/"}))
    for _ in range(100):
        if [each["body"] for each in _shown(browsing)] == ["Another"]:
            break
        browsing.wait_for_timeout(50)
    assert [each["body"] for each in _shown(browsing)] == ["Another"]


def test_a_press_on_it_opens_a_page_of_this_place_and_never_another(browsing: Page, device: Browser) -> None:
    _turned_on(browsing, device)
    browsing.evaluate("navigator.serviceWorker.ready.then((r) => r.active.state)")
    (worker,) = browsing.context.service_workers
    opened_pages = worker.evaluate(
        """async (urls) => {
          const opened = [];
          // A press is a person's alone, and so is the window that it opens: what would be opened is written down.
          self.clients.openWindow = async (url) => { opened.push(url); };
          for (const url of urls) {
            await self.registration.showNotification('Potoo', { tag: 'Potoo', data: { url } });
            const [notification] = await self.registration.getNotifications();
            self.dispatchEvent(new NotificationEvent('notificationclick', { notification }));
            await new Promise((done) => setTimeout(done, 50));
          }
          return opened.map((url) => new URL(url).origin === self.location.origin ? new URL(url).pathname : url);
        }""",
        [f"{browsing.url}", "https://evil.example/", "javascript:alert(1)", "", None],
    )
    assert opened_pages == [PAGE, "/me/", "/me/", "/me/", "/me/"]


def test_a_subscription_for_another_key_is_made_anew(browsing: Page, person: Enrolment, device: Browser) -> None:
    browsing.context.grant_permissions(["notifications"])
    older = f"""({SUBSCRIBES})({json.dumps(device.posted)});
      PushManager.prototype.subscribe({{ applicationServerKey: new Uint8Array(65) }});"""
    browsing.add_init_script(older)
    # As somebody for whom a device is on: else the page forgets the subscription at once.
    ways.choose_device(enrolment=person, **Browser("older").posted, by="participant", now=clock.now())
    browsing.goto(PAGE)
    browsing.evaluate("document.querySelector('[data-reminders]').dataset.here = '1'")
    browsing.locator("[data-push-choice]").click()
    with browsing.expect_navigation():
        browsing.get_by_role("button", name="Save").click()
    assert browsing.evaluate("sessionStorage.getItem('unsubscribed')") == "yes"
    assert PushSubscription.objects.filter(enrolment=person).count() == 2


def test_the_browser_is_asked_with_the_key_of_the_place(browsing: Page, device: Browser) -> None:
    _turned_on(browsing, device)
    asked: str = browsing.evaluate("sessionStorage.getItem('asked with')")
    key = push_key()
    assert key is not None
    assert asked.rstrip("=").replace("+", "-").replace("/", "_") == key.public


def test_it_is_turned_off_by_one_button_and_the_browser_forgets_it_too(
    browsing: Page, person: Enrolment, device: Browser
) -> None:
    _turned_on(browsing, device)
    browsing.get_by_role("button", name="Turn off on this device").click()
    expect(browsing.locator("main")).to_contain_text("Reminders come by email to someone@people.example.")
    assert not PushSubscription.objects.exists()
    # The page makes its own browser forget: here one that still holds a subscription.
    held = "navigator.serviceWorker.getRegistration('/me/').then((r) => r.pushManager.subscribe({" + (
        "applicationServerKey: new Uint8Array(65)}))"
    )
    browsing.evaluate(held)
    browsing.evaluate("import(document.querySelector('script[src*=\"coaching/reminders\"]').src + '?again')")
    browsing.wait_for_function("sessionStorage.getItem('unsubscribed') === 'yes'")


def test_a_browser_that_says_no_leaves_everything_as_it_was(browsing: Page, person: Enrolment) -> None:
    browsing.context.clear_permissions()
    browsing.add_init_script("Notification.requestPermission = async () => 'denied'")
    browsing.goto(PAGE)
    browsing.locator("[data-push-choice]").click()
    browsing.get_by_role("button", name="Save").click()
    expect(browsing.get_by_role("status")).to_contain_text("Notifications are turned off in the settings")
    assert reached(world.fresh(person)).way == "mail"


def test_a_push_service_that_is_not_there_is_said(browsing: Page, person: Enrolment) -> None:
    """This browser's own: nothing outside this machine is asked, so it can't subscribe."""
    browsing.context.grant_permissions(["notifications"])
    browsing.add_init_script(
        "PushManager.prototype.subscribe = async () => { throw new DOMException('no', 'AbortError'); }"
    )
    browsing.goto(PAGE)
    browsing.locator("[data-push-choice]").click()
    browsing.get_by_role("button", name="Save").click()
    expect(browsing.get_by_role("status")).to_contain_text("could not turn notifications on")
    assert not PushSubscription.objects.exists()


def test_by_keyboard_alone(browsing: Page, person: Enrolment, device: Browser) -> None:
    browsing.context.grant_permissions(["notifications"])
    browsing.add_init_script(f"({SUBSCRIBES})({json.dumps(device.posted)})")
    browsing.goto(PAGE)
    for _ in range(20):
        browsing.keyboard.press("Tab")
        if browsing.evaluate("document.activeElement.name") == "way":
            break
    browsing.keyboard.press("ArrowDown")
    assert browsing.evaluate("document.activeElement.value") == "push"
    with browsing.expect_navigation():
        browsing.keyboard.press("Enter")
    assert Contact.objects.get(enrolment=person).way == "push"


@pytest.mark.parametrize("is_on", [False, True])
def test_the_page_is_for_everybody(browsing: Page, person: Enrolment, device: Browser, is_on: bool) -> None:
    if is_on:
        ways.choose_device(enrolment=person, **device.posted, by="participant", now=clock.now())
    browsing.emulate_media(reduced_motion="reduce")  # colours on their way to others are nobody's to read
    browsing.goto(PAGE)
    browsing.evaluate(AXE.axe_script)
    for theme, width in (("theme-paper", 1280), ("theme-dusk", 320)):
        browsing.evaluate("theme => { document.documentElement.className = theme }", theme)
        browsing.set_viewport_size({"width": width, "height": 640})
        assert browsing.evaluate(FIND_VIOLATIONS, RULES) == []
        assert browsing.evaluate(SMALL_TARGETS) == []
        assert browsing.evaluate(SCROLLS_SIDEWAYS) == []


def test_without_javascript_the_page_says_that_a_device_is_not_available(
    chromium: Chromium, person: Enrolment, live_server: Any, settings: Any
) -> None:
    known = world.browser_of(person).cookies[settings.SESSION_COOKIE_NAME].value
    context: BrowserContext = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": known, "url": live_server.url}])
    page = context.new_page()
    page.goto(PAGE)
    expect(page.get_by_text("On this device: not available in this browser.")).to_be_visible()
    assert page.locator("[data-push-choice]").is_hidden()
    context.close()
