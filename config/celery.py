"""The Celery application: `celery -A config worker` and `celery -A config beat`, with a `REDIS_URL` as their broker."""

import sys
from pathlib import Path

from celery import Celery
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config.settings import environment, select_settings


def refuse_bad_start() -> None:
    """End in one line when a variable can't be read, or when there is no broker to work for.

    Raises:
        SystemExit: With that line.
    """
    try:
        if not settings.REDIS_URL:
            raise environment.fault(
                "REDIS_URL", "nothing", "redis://HOST:PORT/NUMBER; without it `manage.py serve` ticks"
            )
    except ImproperlyConfigured as problem:
        raise SystemExit(str(problem)) from problem


select_settings()
if Path(sys.argv[0]).name == "celery":
    # Celery's own command would answer with a page of traceback.
    refuse_bad_start()
app = Celery("config")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
