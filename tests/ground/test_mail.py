import email
import email.policy
import stat
from pathlib import Path

from django.core.mail import EmailMessage, get_connection
from pytest_django import Settings


def test_each_mail_is_one_file_that_a_mail_program_opens(settings: Settings, tmp_path: Path) -> None:
    settings.EMAIL_FILE_PATH = str(tmp_path / "outbox")
    outbox = get_connection("config.mail.EmlFolderBackend")
    mails = [
        EmailMessage("Nächste Sitzung", "Ein Bild.\nNoch eins.", "lab@study.example", [f"p{number}@example.org"])
        for number in (1, 2)
    ]
    assert outbox.send_messages([*mails, EmailMessage("to nobody", "", "lab@study.example", [])]) == 2

    files = sorted((tmp_path / "outbox").iterdir())
    assert [file.suffix for file in files] == [".eml", ".eml"]
    read = [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]
    assert [message["To"] for message in read] == ["p1@example.org", "p2@example.org"]
    assert read[0]["Subject"] == "Nächste Sitzung"
    assert read[0].get_content().splitlines() == ["Ein Bild.", "Noch eins."]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert all(b"\n" not in file.read_bytes().replace(b"\r\n", b"") for file in files)
