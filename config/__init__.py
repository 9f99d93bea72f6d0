"""What holds the applications together: settings, addresses, workers, the server."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
