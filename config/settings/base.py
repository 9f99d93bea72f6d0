"""The settings, from the environment alone: what each variable means stands in docs/settings.md."""

import os
import zoneinfo
from datetime import timedelta
from pathlib import Path
from typing import Any

from kombu import Exchange, Queue

from config.settings import environment, keys, services

# Python asks the machine's zone files first, and those are as old as the machine. The pinned tzdata package decides
# instead, here and in every process started from here.
os.environ["PYTHONTZPATH"] = ""
zoneinfo.reset_tzpath(to=())
zoneinfo.ZoneInfo.clear_cache()

BASE_DIR = Path(__file__).resolve().parents[2]

# --- What the environment says ------------------------------------------------------------------------------
DATA_DIR = environment.folder("DATA_DIR", default=BASE_DIR / "var")
_public = environment.public_url("PUBLIC_URL", default="http://127.0.0.1:8000")
_is_https = _public.is_https
PUBLIC_URL = _public.origin
PUBLIC_HOST = _public.host
PUBLIC_PORT = _public.port
# `serve --port` may move an address that nobody declared, and must not contradict one that somebody did.
PUBLIC_URL_IS_DECLARED = bool(environment.text("PUBLIC_URL"))
IS_LOOPBACK = _public.is_loopback
ALLOWED_HOSTS = environment.hosts("ALLOWED_HOSTS", public=_public)
DEBUG = environment.flag("DEBUG")
if DEBUG and _is_https:
    raise environment.fault("DEBUG", "yes", "no, for PUBLIC_URL is https: its error pages show personal data")
CLOCK = environment.clock_offset("CLOCK", public=_public)
TICK_S = environment.seconds("TICK_S", default=60, most=86_400)
SECRET_KEY = keys.secret_key(DATA_DIR, made_if_missing=IS_LOOPBACK)
DATA_KEYS = keys.data_keys(DATA_DIR, made_if_missing=IS_LOOPBACK)
VAPID_KEY = keys.vapid_key(DATA_DIR, made_if_missing=IS_LOOPBACK)
REDIS_URL = services.broker("REDIS_URL")
DATABASES = {"default": services.database("DATABASE_URL", data_dir=DATA_DIR)}
_mail = services.mail("EMAIL_URL", data_dir=DATA_DIR, public_host=PUBLIC_HOST)
EMAIL_BACKEND = _mail.backend
EMAIL_FILE_PATH = _mail.folder
EMAIL_HOST, EMAIL_PORT = _mail.host, _mail.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.user, _mail.password
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.starts_tls, _mail.is_tls
EMAIL_TIMEOUT = _mail.timeout_s
DEFAULT_FROM_EMAIL = SERVER_EMAIL = _mail.sender
SMS = services.sms("SMS_URL")

# --- The applications, from the top floor down --------------------------------------------------------------
INSTALLED_APPS = [
    "config",
    "privacy",
    "rehearsal",
    "research",
    "imagery",
    "assessments",
    "coaching",
    "accounts",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    # Static files come from WhiteNoise under every server, the development one included.
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]
MIDDLEWARE = [
    # First, so that redirects to https and refused hosts carry them too.
    "config.middleware.SecurityHeaders",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.CompressedPages",
    "config.middleware.ReadableRequests",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "coaching.middleware.ParticipantMiddleware",
    "config.access.AccessMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
_loaders = ["django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader"]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": _loaders if DEBUG else [("django.template.loaders.cached.Loader", _loaders)],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.page",
            ],
        },
    }
]
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- What a request may hold ---------------------------------------------------------------------------------
# A drawing's strokes come as one field of a form (at most 5 MB); everything that is uploaded stays under the bounds of
# config/uploads.py, which also has a lower number of files for all but the bundles of studies.
DATA_UPLOAD_MAX_MEMORY_SIZE = 6_000_000
DATA_UPLOAD_MAX_NUMBER_FILES = 300
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # the editor of a script has some ten a part and language
FILE_UPLOAD_HANDLERS = ["config.uploads.BundleUpload", "config.uploads.BoundedUpload"]

# --- People's accounts and sessions -------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email"]},
    },
]
SESSION_ENGINE = "coaching.sessions"
# A study takes months, and a participant has no password: whoever came in by a personal link stays in on that device.
SESSION_COOKIE_AGE = 180 * 86_400
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_AGE = 365 * 86_400

# --- Transport: decided by PUBLIC_URL -----------------------------------------------------------------------
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = _is_https
# A browser refuses a __Host- cookie that another host, a path or a plain connection tries to set.
_cookie = "__Host-potoo" if _is_https else "potoo"
SESSION_COOKIE_NAME = f"{_cookie}_session"
CSRF_COOKIE_NAME = f"{_cookie}_csrf"
LANGUAGE_COOKIE_NAME = f"{_cookie}_language"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
SECURE_SSL_REDIRECT = _is_https
SECURE_SSL_HOST = PUBLIC_URL.removeprefix("https://") if _is_https else None
SECURE_HSTS_SECONDS = 365 * 86_400 if _is_https else 0
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# W005, W021: whether other names of the lab's domain speak https is not for one host under it to decide.
# E003: an account's address is unique whatever its case, by a constraint that this check can't see.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021", "auth.E003"]

# --- Languages and time -------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
FORMAT_MODULE_PATH = ["config.formats"]
USE_TZ = True
TIME_ZONE = "UTC"

# --- Static files -------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Where the product is tried, files are served from where they lie; in production, from a folder that `serve` fills,
# under names that hold their content's digest, compressed, kept by browsers for good.
STATIC_ROOT = None if IS_LOOPBACK else DATA_DIR / "static"
WHITENOISE_USE_FINDERS = IS_LOOPBACK
WHITENOISE_AUTOREFRESH = DEBUG
_static_backend = "django.contrib.staticfiles.storage.StaticFilesStorage"
if _is_https:
    _static_backend = "config.static.NamedByContent"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": DATA_DIR / "files",
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    "staticfiles": {"BACKEND": _static_backend},
}

# --- Cache and workers --------------------------------------------------------------------------------------
CACHES: dict[str, dict[str, Any]] = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
if REDIS_URL:
    CACHES["default"] = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
QUEUES = ("ticks", "mail", "exports", "media")
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 2, "socket_timeout": 10}
CELERY_ENABLE_UTC = True
CELERY_TIMEZONE = "UTC"
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False
# A plain worker takes from all; `-Q mail` makes one for mails alone. Direct queues: an emptied broker loses no route.
CELERY_TASK_QUEUES = [Queue(name, Exchange(name, type="direct"), routing_key=name) for name in QUEUES]
CELERY_TASK_DEFAULT_QUEUE = "ticks"
CELERY_TASK_ROUTES = {
    "coaching.send_messages": {"queue": "mail"},
    "research.*": {"queue": "exports"},
    "config.sweep_files": {"queue": "media"},
}
# Taken from the broker before they run: the database, not the broker, knows what is still to be done.
CELERY_TASK_ACKS_LATE = False
# Nothing runs for longer than this; a mail has less (coaching.tasks). First it is told to stop, then it is killed.
CELERY_TASK_SOFT_TIME_LIMIT = 300
CELERY_TASK_TIME_LIMIT = 330
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
# One entry, by elapsed time: due times and zones are the database's business. A turn that waited until the next one is
# dropped.
CELERY_BEAT_SCHEDULE = {
    "tick": {"task": "config.tick", "schedule": timedelta(seconds=TICK_S), "options": {"expires": max(TICK_S - 1, 1)}},
}

# --- The API ------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    # Shut unless a view opens: each view names who may call it, and how they say who they are.
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "research.problems.problem_response",
    # `?format=` is a word of our own API.
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Potoo",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    # Left to itself, Swagger shows a picture from a validator on another host.
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None},
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# --- Logs ---------------------------------------------------------------------------------------------------
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"private": {"()": "config.logs.PrivateFormatter", "show_messages_of_errors": DEBUG}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "private"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        # Django gives this one handlers of its own, one of which mails whole requests.
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
        # A page that does not exist is a visitor's matter.
        "django.request": {"level": "ERROR"},
        # INFO lines of this one repeat what a task was given.
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
    },
}
