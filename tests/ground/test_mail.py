import email
import email.policy
import stat
from pathlib import Path

from django.core.mail import EmailMessage

from coaching.handover.folder import FolderTransport


def test_each_mail_is_one_file_that_a_mail_program_opens(tmp_path: Path) -> None:
    outbox = FolderTransport(tmp_path / "outbox")
    for number in (1, 2):
        mail = EmailMessage("Nächste Sitzung", "Ein Bild.\nNoch eins.", "lab@study.example", [f"p{number}@example.org"])
        assert outbox.hand_over(lambda mail=mail: mail, lambda: True).what == "sent"

    files = sorted((tmp_path / "outbox").iterdir())
    assert [file.suffix for file in files] == [".eml", ".eml"]
    read = [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]
    assert [message["To"] for message in read] == ["p1@example.org", "p2@example.org"]
    assert read[0]["Subject"] == "Nächste Sitzung"
    assert read[0].get_content().splitlines() == ["Ein Bild.", "Noch eins."]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert all(b"\n" not in file.read_bytes().replace(b"\r\n", b"") for file in files)


def test_a_mail_that_may_not_go_leaves_no_file(tmp_path: Path) -> None:
    mail = EmailMessage("Hello", "", "lab@study.example", ["p1@example.org"])
    assert FolderTransport(tmp_path).hand_over(lambda: mail, lambda: False).what == "withheld"
    assert list(tmp_path.iterdir()) == []
