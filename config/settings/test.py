"""The settings of the suite: the product's own, with nothing of the shell's environment but `DATABASE_URL`."""

import atexit
import os
import shutil
import tempfile

from config.settings import environment

_DATA_DIR_OF_SUITE = "POTOO_TEST_DATA_DIR"

for _name in environment.VARIABLES:
    if _name != "DATABASE_URL":
        os.environ.pop(_name, None)
if _DATA_DIR_OF_SUITE not in os.environ:
    # The first process makes the folder; those that it starts to run tests side by side share it and its keys.
    os.environ[_DATA_DIR_OF_SUITE] = tempfile.mkdtemp(prefix="potoo-tests-")
    atexit.register(shutil.rmtree, os.environ[_DATA_DIR_OF_SUITE], ignore_errors=True)
os.environ["DATA_DIR"] = os.environ[_DATA_DIR_OF_SUITE]

from config.settings.base import *  # noqa: E402, F403 - the environment had to be set first
from config.settings.base import DATA_DIR, DATABASES  # noqa: E402

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, not the memory that Django would take: WAL, IMMEDIATE and a second process are part of what is tested.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
# A kept connection outlives the test that opened it.
DATABASES["default"]["CONN_MAX_AGE"] = 0

# Argon2 is slow by design, for those who guess; a test that is about passwords says so itself.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", "django.contrib.auth.hashers.Argon2PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
