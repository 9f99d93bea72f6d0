"""What the environment may say, and what happens when it says something else."""

import base64
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet, MultiFernet
from django.core.exceptions import ImproperlyConfigured

from config.settings import environment, keys, services
from tests.processes import Product

LONG = "a-passphrase-that-nobody-else-would-ever-think-of"
LOOPBACK = environment.PublicUrl("http://127.0.0.1:8000", "127.0.0.1", 8000, is_https=False, is_loopback=True)
HTTPS = environment.PublicUrl("https://study.example", "study.example", 443, is_https=True, is_loopback=False)


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in environment.VARIABLES:
        monkeypatch.delenv(name, raising=False)


# --- Commands say it in one line --------------------------------------------------------------------------------

FAULTS = [
    ({"DATABASE_URL": "mysql://u:hunter2@h/n"}, "DATABASE_URL", "mysql"),
    ({"DATABASE_URL": "postgres://u:hunter2@h:port/n"}, "DATABASE_URL", "sqlite:////"),
    ({"DATABASE_URL": "postgres://u:hunter2@h/"}, "DATABASE_URL", "sqlite:////"),
    ({"DATABASE_URL": "postgres://u:hunter2@h/n?colour=red"}, "DATABASE_URL", "colour"),
    ({"DATABASE_URL": "sqlite:////no/such/folder/x.sqlite3"}, "DATABASE_URL", "folder must exist"),
    ({"DATABASE_URL": "sqlite://"}, "DATABASE_URL", "sqlite:////"),
    ({"REDIS_URL": "amqp://u:hunter2@h"}, "REDIS_URL", "redis://"),
    ({"REDIS_URL": "redis://:hunter2@h:1/zero"}, "REDIS_URL", "redis://"),
    ({"EMAIL_URL": "pigeon://u:hunter2@h"}, "EMAIL_URL", "smtps://"),
    ({"EMAIL_URL": "smtp://u:hunter2@h?from=nobody"}, "EMAIL_URL", "from="),
    ({"EMAIL_URL": "smtp://u:hunter2@h?timeout=soon"}, "EMAIL_URL", "timeout"),
    ({"SECRET_KEY": "hunter2"}, "SECRET_KEY", "at least 32"),
    ({"DATA_KEY": f"{LONG},hunter2"}, "DATA_KEY", "at least 32"),
    ({"DATA_DIR": "/dev/null/x"}, "DATA_DIR", "/dev/null/x"),
    ({"PUBLIC_URL": "http://study.example"}, "PUBLIC_URL", "https://HOST"),
    ({"PUBLIC_URL": "study.example"}, "PUBLIC_URL", "https://HOST"),
    ({"PUBLIC_URL": "https://study.example/path"}, "PUBLIC_URL", "without a path"),
    ({"PUBLIC_URL": "https://me:hunter2@study.example"}, "PUBLIC_URL", "https://HOST"),
    ({"PUBLIC_URL": "http://127.0.0.1:99999"}, "PUBLIC_URL", "https://HOST"),
    ({"PUBLIC_URL": "https://study.example"}, "SECRET_KEY", "https"),
    ({"PUBLIC_URL": "https://study.example", "SECRET_KEY": LONG}, "DATA_KEY", "https"),
    ({"PUBLIC_URL": "https://s.example", "SECRET_KEY": LONG, "DATA_KEY": LONG, "CLOCK": "+1d"}, "CLOCK", "PUBLIC_URL"),
    ({"PUBLIC_URL": "https://s.example", "SECRET_KEY": LONG, "DATA_KEY": LONG, "DEBUG": "1"}, "DEBUG", "https"),
    ({"ALLOWED_HOSTS": "https://study.example"}, "ALLOWED_HOSTS", "without scheme"),
    ({"DEBUG": "maybe"}, "DEBUG", "true or false"),
    ({"CLOCK": "tomorrow"}, "CLOCK", "+14d"),
    ({"CLOCK": "@/no/such/file"}, "CLOCK", "@FILE"),
    ({"TICK_S": "often"}, "TICK_S", "whole number"),
    ({"TICK_S": "0"}, "TICK_S", "from 1"),
    ({"TICK_S": "1.5"}, "TICK_S", "whole number"),
]


@pytest.mark.parametrize(("variables", "name", "hint"), FAULTS)
def test_a_variable_that_cannot_be_read_ends_the_start_with_one_clear_line(
    tmp_path: Path, variables: dict[str, str], name: str, hint: str
) -> None:
    done = Product(tmp_path).manage("check", **variables)
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert done.stderr.startswith(f"{name}: found ")
    assert "; expected " in done.stderr
    assert hint in done.stderr
    assert "hunter2" not in done.stderr


def test_a_worker_says_it_in_one_line_too(tmp_path: Path) -> None:
    celery = Path(sys.executable).with_name("celery")
    for variables, name in [({}, "REDIS_URL"), ({"REDIS_URL": "redis://h", "TICK_S": "x"}, "TICK_S")]:
        done = subprocess.run(
            [celery, "-A", "config", "worker"],
            env=Product(tmp_path).environment | variables,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 1
        assert done.stderr.startswith(f"{name}: found ")
        assert len(done.stderr.splitlines()) == 1


# --- Addresses and names ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "origin", "loopback"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000", True),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000", True),
        ("http://localhost:81", "http://localhost:81", True),
        ("http://[::1]:8000", "http://[::1]:8000", True),
        ("https://study.example", "https://study.example", False),
        ("https://Study.Example:8443/", "https://study.example:8443", False),
    ],
)
def test_the_public_address_decides_on_transport(
    monkeypatch: pytest.MonkeyPatch, url: str, origin: str, loopback: bool
) -> None:
    monkeypatch.setenv("PUBLIC_URL", url)
    public = environment.public_url("PUBLIC_URL", default="")
    assert (public.origin, public.is_loopback, public.is_https) == (origin, loopback, not loopback)


def test_hosts_are_the_public_one_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert environment.hosts("ALLOWED_HOSTS", public=LOOPBACK) == ["127.0.0.1", "localhost", "[::1]"]
    assert environment.hosts("ALLOWED_HOSTS", public=HTTPS) == ["study.example"]
    monkeypatch.setenv("ALLOWED_HOSTS", "a.example, .b.example")
    assert environment.hosts("ALLOWED_HOSTS", public=HTTPS) == ["a.example", ".b.example"]


@pytest.mark.parametrize(("value", "expected"), [("", False), ("0", False), ("No", False), ("1", True), ("TRUE", True)])
def test_a_flag_is_read_as_people_write_it(monkeypatch: pytest.MonkeyPatch, value: str, expected: bool) -> None:
    monkeypatch.setenv("DEBUG", value)
    assert environment.flag("DEBUG") is expected


def test_a_clock_file_that_is_being_written_is_waited_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "clock"
    file.write_text("")
    late = subprocess.Popen(["sh", "-c", f"sleep 0.05; echo +2d > {file}"])
    monkeypatch.setenv("CLOCK", f"@{file}")
    assert environment.clock_offset("CLOCK", public=LOOPBACK) == f"@{file}"
    late.wait()


# --- Services ---------------------------------------------------------------------------------------------------


def test_postgres_is_described_from_its_address(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://lab%40x:p%2Fw@db.example:5433/studies?sslmode=require")
    described = services.database("DATABASE_URL", data_dir=tmp_path)
    assert {key: described[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")} == {
        "NAME": "studies",
        "USER": "lab@x",
        "PASSWORD": "p/w",
        "HOST": "db.example",
        "PORT": "5433",
    }
    assert described["OPTIONS"]["sslmode"] == "require"
    assert described["CONN_MAX_AGE"] > 0
    assert described["CONN_HEALTH_CHECKS"] is True


def test_sqlite_lies_in_the_data_folder_or_where_the_address_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert services.database("DATABASE_URL", data_dir=tmp_path)["NAME"] == str(tmp_path / "potoo.sqlite3")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/other.db")
    assert services.database("DATABASE_URL", data_dir=tmp_path)["NAME"] == f"{tmp_path}/other.db"


@pytest.mark.parametrize(
    ("url", "port", "starts_tls", "is_tls"),
    [
        ("smtp://lab:pw@mail.example", 25, False, False),
        ("smtp+tls://lab:pw@mail.example", 587, True, False),
        ("smtps://lab:pw@mail.example", 465, False, True),
        ("smtps://lab:pw@mail.example:4650", 4650, False, True),
    ],
)
def test_a_mail_server_is_described_from_its_address(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str, port: int, starts_tls: bool, is_tls: bool
) -> None:
    monkeypatch.setenv("EMAIL_URL", url + "?from=Lab%20%3Clab@study.example%3E")
    mail = services.mail("EMAIL_URL", data_dir=tmp_path, public_host="study.example")
    assert (mail.host, mail.port, mail.user, mail.password) == ("mail.example", port, "lab", "pw")
    assert (mail.starts_tls, mail.is_tls) == (starts_tls, is_tls)
    assert mail.sender == "Lab <lab@study.example>"
    assert "pw" not in repr(mail).replace(url, "")


# --- Keys -------------------------------------------------------------------------------------------------------


def test_keys_are_made_once_for_the_owner_alone(tmp_path: Path) -> None:
    first = keys.secret_key(tmp_path, made_if_missing=True), keys.data_keys(tmp_path, made_if_missing=True)
    again = keys.secret_key(tmp_path, made_if_missing=True), keys.data_keys(tmp_path, made_if_missing=True)
    assert first == again
    assert first[0] not in first[1]
    for name in ("secret.key", "data.key"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_two_processes_that_start_at_once_agree_on_the_keys(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from config.settings import keys; "
        "print(keys.secret_key(Path(sys.argv[1]), made_if_missing=True))"
    )
    environment_ = {name: value for name, value in os.environ.items() if name not in environment.VARIABLES}
    started = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True, env=environment_
        )
        for _ in range(6)
    ]
    said = {process.communicate(timeout=60)[0] for process in started}
    assert len(said) == 1
    assert len(said.pop().strip()) >= 32


def test_a_damaged_key_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "data.key").write_text("")
    with pytest.raises(ImproperlyConfigured, match="DATA_KEY"):
        keys.data_keys(tmp_path, made_if_missing=True)
    assert (tmp_path / "data.key").read_text() == ""


def test_a_data_key_is_a_fernet_key_or_a_passphrase(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fernet = Fernet.generate_key().decode()
    monkeypatch.setenv("DATA_KEY", f"{fernet}, {LONG}")
    first, second = keys.data_keys(tmp_path, made_if_missing=False)
    assert first == fernet
    assert len(base64.urlsafe_b64decode(second)) == 32
    assert LONG not in second


def test_what_an_old_key_encrypted_stays_readable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATA_KEY", LONG)
    old = MultiFernet([Fernet(key) for key in keys.data_keys(tmp_path, made_if_missing=False)])
    token = old.encrypt(b"ada@example.org")
    monkeypatch.setenv("DATA_KEY", f"{LONG}-the-next,{LONG}")
    new = MultiFernet([Fernet(key) for key in keys.data_keys(tmp_path, made_if_missing=False)])
    assert new.decrypt(token) == b"ada@example.org"
