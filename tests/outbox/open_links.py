"""Opens the link of every delivered mail as its reader would; fails unless each leads to that person's own home.

Run as `python -m tests.outbox.open_links FOLDER` with the environment of the site that sent them.
"""

from __future__ import annotations

import os
import re
import sys
from email import message_from_bytes
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
django.setup()

from django.test import Client  # noqa: E402

from coaching.middleware import SESSION_KEY  # noqa: E402
from coaching.models import Contact  # noqa: E402


def main(folder: Path) -> None:
    mails = sorted(folder.glob("*.eml"))
    assert mails
    for path in mails:
        mail = message_from_bytes(path.read_bytes())
        text = mail.get_payload()[0].get_payload(decode=True).decode()
        token = re.search(r"/p/([\w-]+)/", text)
        assert token, path.name
        client = Client(headers={"host": "127.0.0.1"})
        response = client.post(f"/p/{token[1]}/", follow=True)
        assert response.status_code == 200, path.name
        contact = Contact.objects.select_related("enrolment").get(enrolment=client.session[SESSION_KEY])
        # Whoever has left since finds that, and nothing else.
        assert contact.enrolment.withdrawn_at or b'data-screen="home"' in response.content, path.name
        assert contact.email == str(mail["X-Rcpt"]), path.name
    print(f"{len(mails)} links led to their own person's home")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
