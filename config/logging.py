"""Logging by structlog: lines a person reads while developing, JSON in production; one request id through it.

Passwords, tokens and sign-in codes never reach a log: whatever travels in a URL or under a telling name is
replaced before a line is rendered, in our own lines and in those of every library.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import structlog
from django.core.exceptions import ImproperlyConfigured
from django.dispatch import receiver
from django_structlog.signals import bind_extra_request_finished_metadata

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

HIDDEN = "[hidden]"
_TELLING = re.compile(
    r"passw|secret|token|authorization|cookie|session_?key|api_?key|csrf|credential|dsn|login_?code|otp", re.I
)
_CREDENTIALS = re.compile(r"(?<=://)[^/\s@]*@")
_BEARER = re.compile(r"\b(Bearer|Token|Basic)\s+[^\s'\",]+", re.I)
# In a path: runs of 20 and more that are no words (signed links, invitations, password resets).
_PATH_TOKEN = re.compile(
    r"(?<=[/\-])(?=[^/\s?]*[0-9A-Z])(?:(?=[^/\s?]*[A-Z])[\w\-=:.]{20,}|[A-Za-z0-9_=:.]{20,})"
)
_QUERY = re.compile(r"(?<=[?&])([\w.\-\[\]]+)=[^&\s'\"]*")
_QUIET = ("GET /healthz", "GET /readyz", "HEAD /healthz", "HEAD /readyz")


def hide_text(text: str, *, paths: bool = True) -> str:
    """The text without credentials, bearer tokens and (with ``paths``) what is secret in URLs."""
    text = _CREDENTIALS.sub(f"{HIDDEN}@", text)
    text = _BEARER.sub(rf"\1 {HIDDEN}", text)
    if paths and "/" in text:
        text = _PATH_TOKEN.sub(HIDDEN, _QUERY.sub(rf"\1={HIDDEN}", text))
    return text


def hide(value: Any, name: str = "") -> Any:
    """The value, at any depth, without what must not be kept."""
    if name and _TELLING.search(name):
        return HIDDEN
    if isinstance(value, str):
        return hide_text(value, paths=name != "exception")
    if isinstance(value, Mapping):
        return {key: hide(item, str(key)) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [hide(item) for item in value]
    return value


def _hide_secrets(
    _logger: Any, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    for key, value in event.items():
        if not key.startswith("_"):  # the formatter's own
            event[key] = hide(value, key)
    return event


def _drop_probes(_logger: Any, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """A load balancer asks every few seconds; ``config.health`` logs when the answer changes."""
    if str(event.get("request", "")).startswith(_QUIET):
        raise structlog.DropEvent
    return event


def _processors() -> list[structlog.typing.Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        _drop_probes,
        _hide_secrets,
    ]


def logging_config(*, debug: bool) -> dict[str, Any]:
    """Configure structlog; returns what Django's ``LOGGING`` is to be."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_processors(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: structlog.typing.Processor = structlog.processors.JSONRenderer()
    if debug:
        plain = structlog.dev.plain_traceback
        renderer = structlog.dev.ConsoleRenderer(colors=False, pad_event_to=24, exception_formatter=plain)
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        "foreign_pre_chain": _processors(),
    }
    quieter = {
        "django.request": "CRITICAL",  # django_structlog tells each request once, with its id
        "django.server": "WARNING",
        "django.utils.autoreload": "WARNING",
        "celery": "WARNING",
        "celery.beat": "WARNING",
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            **{name: {"level": level} for name, level in quieter.items()},
        },
    }


@receiver(bind_extra_request_finished_metadata)
def show_request_id(response: Any, **_signal: Any) -> None:
    """The id of a request goes back with its answer, so that a person can quote it."""
    response["X-Request-ID"] = structlog.contextvars.get_contextvars().get("request_id", "")


def _before_send(event: "Event", _hint: "Hint") -> "Event":
    request = event.get("request")
    if request:
        for part in ("cookies", "data", "query_string", "env"):
            request.pop(part, None)
    cleaned: Event = hide(event)
    return cleaned


def start_sentry(dsn: str, *, environment: str) -> None:
    """Report errors to Sentry: no bodies, no cookies, no local variables. Raises ``ImproperlyConfigured``."""
    import sentry_sdk
    from sentry_sdk.utils import BadDsn

    try:
        sentry_sdk.init(
            dsn=dsn,
            environment=environment,
            data_collection={
                "user_info": False,
                "cookies": {"mode": "off"},
                "http_headers": {"request": {"mode": "off"}},
                "http_bodies": [],
                "url_query_params": {"mode": "off"},
                "database_query_data": False,
                "queues": False,
                "stack_frame_variables": False,
            },
            before_send=_before_send,
        )
    except BadDsn as error:
        raise ImproperlyConfigured(
            "SENTRY_DSN cannot be read. It looks like https://key@host/number; leave it empty for no reports."
        ) from error
