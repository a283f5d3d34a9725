"""``/healthz``: the process answers. ``/readyz``: everything it needs answers too. Nothing secret in them."""

import time
from collections.abc import Callable
from functools import cache

import redis
import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config import heartbeat

OK = "ok"
_log = structlog.get_logger(__name__)
_STARTED = time.monotonic()
_STARTING_SECONDS = 20.0
_last: dict[str, str] = {}  # what was wrong when last asked, so that only changes are logged
_CANNOT_TELL = "Cannot tell while the database does not answer."
# Row-level security binds nobody who is a superuser, has BYPASSRLS or owns the tables (DESIGN §8, wall 3).
ROLE_QUERY = """
SELECT r.rolsuper, r.rolbypassrls, EXISTS (
    SELECT FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
    AND pg_has_role(current_user, c.relowner, 'USAGE')
) FROM pg_roles r WHERE r.rolname = current_user
"""


def database() -> str:
    """Whether PostgreSQL takes a query."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        connection.close()
        return "The database does not answer. Check DATABASE_URL and that PostgreSQL runs."
    return OK


def role() -> str:
    """Whether row-level security binds the login we use."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(ROLE_QUERY)
            superuser, bypasses, owns = cursor.fetchone()
    except DatabaseError:
        return _CANNOT_TELL
    return role_says(superuser, bypasses, owns)


def role_says(superuser: bool, bypasses: bool, owns: bool) -> str:
    """``ok``, or why row-level security does not bind such a login."""
    reasons = {
        "is a superuser": superuser,
        "has BYPASSRLS": bypasses,
        "owns the tables": owns and not superuser,
    }
    what = " and ".join(reason for reason, true in reasons.items() if true)
    if not what:
        return OK
    return f"The database login {what}: row-level security does not bind it. See docs/operations.md."


@cache
def _known_migrations() -> MigrationLoader:
    """What this release brings; read from disk once, for it cannot change while the process lives."""
    return MigrationLoader(None)


def migrations() -> str:
    """Whether every migration of this release is applied."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT app, name FROM django_migrations")
            applied = {tuple(row) for row in cursor.fetchall()}
    except DatabaseError:
        return "No migration is applied, or they cannot be read. Run: manage.py migrate"
    loader = _known_migrations()
    missing = 0
    for key, migration in loader.disk_migrations.items():
        squashed = bool(migration.replaces) and all(tuple(old) in applied for old in migration.replaces)
        replaced = any(
            key in map(tuple, other.replaces) and other_key in applied
            for other_key, other in loader.disk_migrations.items()
        )
        missing += key not in applied and not squashed and not replaced
    return OK if not missing else f"{missing} migrations are not applied. Run: manage.py migrate"


def broker() -> str:
    """Whether Redis or Valkey answers."""
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=2) as client:
            client.ping()
    except (redis.RedisError, ValueError):
        return "The broker does not answer. Check REDIS_URL and that Redis or Valkey runs."
    return OK


def worker() -> str:
    """Whether a worker was heard lately."""
    try:
        heard = heartbeat.age()
    except redis.RedisError:
        return "Cannot tell while the broker does not answer."
    if heard is None or heard > heartbeat.FRESH_SECONDS:
        return f"No worker was heard for {heartbeat.FRESH_SECONDS} seconds. Start: celery -A config worker"
    return OK


def parts() -> dict[str, str]:
    """Every part with ``ok`` or a sentence saying what to do."""
    checks: dict[str, Callable[[], str]] = {"database": database}
    checks |= {"role": role, "migrations": migrations, "broker": broker, "worker": worker}
    answers: dict[str, str] = {}
    for name, check in checks.items():
        no_database = answers.get("database", OK) != OK
        answers[name] = _CANNOT_TELL if no_database and name in {"role", "migrations"} else check()
    return answers


def report(wrong: dict[str, str], *, alive_for: float) -> None:
    """Log what is wrong when it changes. ``alive_for`` seconds: while everything starts, nothing is news."""
    if wrong == _last or (wrong and alive_for < _STARTING_SECONDS):
        return
    if wrong:
        _log.warning("not_ready", **wrong)
    else:
        _log.info("ready")
    _last.clear()
    _last.update(wrong)


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process is alive. Touches neither database nor broker, so neither gets it restarted."""
    return JsonResponse({"alive": OK})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when every part is ok, 503 otherwise; one line per part."""
    answers = parts()
    wrong = {part: answer for part, answer in answers.items() if answer != OK}
    report(wrong, alive_for=time.monotonic() - _STARTED)
    status = 503 if wrong else 200
    return JsonResponse(answers, status=status, json_dumps_params={"indent": 1})


class ProbeMiddleware:
    """Answers the two probes before a session is read, so they work while the database is away."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        probe = {"/healthz": healthz, "/readyz": readyz}.get(request.path)
        return probe(request) if probe else self.get_response(request)
