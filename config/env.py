"""The environment, read once. Every wrong value is named with what to do about it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

APP_ROLE, OWNER = "prm_app", "prm_owner"


@dataclass(frozen=True, kw_only=True)
class Environment:
    """Typed settings from the environment."""

    secret_key: str
    debug: bool
    local: bool
    demo: bool
    data: Path
    allowed_hosts: list[str]
    trusted_origins: list[str]
    https: bool
    database: dict[str, Any]
    database_owner: dict[str, Any]
    redis_url: str
    mailer: dict[str, Any]
    from_email: str
    sentry_dsn: str
    public_url: str


def _own_server(data: Path, name: str) -> dict[str, str]:
    """What ``make run`` remembers of a server it keeps in the data folder; nothing where there is none.

    So that ``manage.py`` beside a running product works on that product without being told where it is.
    """
    try:
        facts: dict[str, str] = json.loads((data / name / "private.json").read_text())
    except (OSError, ValueError):
        return {}
    return facts if "port" in facts else {}


def _own_database(data: Path, login: str) -> str:
    facts = _own_server(data, "postgres")
    if login not in facts:
        return ""
    return f"postgres://{login}:{facts[login]}@127.0.0.1:{facts['port']}/prm"


def _own_redis(data: Path) -> str:
    facts = _own_server(data, "valkey")
    return f"redis://:{facts['password']}@127.0.0.1:{facts['port']}/0" if "password" in facts else ""


def _database(env: environ.Env, data: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the application and what migrations connect as.

    Without ``DATABASE_URL`` it is the server that ``make run`` keeps in the data folder, if there is one.
    With ``DATABASE_OWNER_URL`` the two are different logins. With ``DATABASE_URL`` alone there is one login,
    and every ordinary connection steps down to the role without rights of its own (DESIGN §8, wall 3).
    """
    try:
        own = "" if env.str("DATABASE_URL", default="") else _own_database(data, APP_ROLE)
        usual = own or "postgres://postgres@127.0.0.1:5432/prm"
        app = env.db_url("DATABASE_URL", default=usual)
        owner_url = env.str("DATABASE_OWNER_URL", default=_own_database(data, OWNER) if own else "")
        owner = env.db_url_config(owner_url) if owner_url else dict(app)
    except (ValueError, ImproperlyConfigured) as error:
        raise ImproperlyConfigured(
            "DATABASE_URL cannot be read. It looks like postgres://user:password@host:5432/name"
        ) from error
    for settings in (app, owner):
        if settings.get("ENGINE") != "django.db.backends.postgresql":
            raise ImproperlyConfigured("DATABASE_URL must name a PostgreSQL database: postgres://…")
        settings["CONN_MAX_AGE"] = 60
        settings["CONN_HEALTH_CHECKS"] = True
        settings["DISABLE_SERVER_SIDE_CURSORS"] = True  # transaction-pooled connections work
        settings.setdefault("OPTIONS", {})
        settings["OPTIONS"].setdefault("connect_timeout", 5)  # seconds; a silent host fails, it does not hang
    app["OPTIONS"] = dict(app["OPTIONS"])
    if not owner_url:
        app["OPTIONS"]["options"] = f"-c role={APP_ROLE}"
    return app, owner


def _secret_key(env: environ.Env, data: Path) -> str:
    key = env.str("SECRET_KEY", default="")
    if key:
        if len(key) < 32:
            raise ImproperlyConfigured("SECRET_KEY is shorter than 32 characters. Make a longer random one.")
        return str(key)
    path = data / "secret_key"
    if not path.exists():
        data.mkdir(parents=True, exist_ok=True)
        path.write_text(get_random_secret_key())
        path.chmod(0o600)
    return path.read_text().strip()


def _mailer(env: environ.Env, data: Path) -> dict[str, Any]:
    """Where mail goes: SMTP by ``EMAIL_URL``, otherwise files the product shows at ``/outbox/``."""
    url = env.str("EMAIL_URL", default="")
    if not url:
        backend = "django.core.mail.backends.filebased.EmailBackend"
        return {"BACKEND": backend, "OPTIONS": {"file_path": str(data / "outbox")}}
    try:
        read = env.email_url_config(url)
    except (ValueError, KeyError, ImproperlyConfigured) as error:
        raise ImproperlyConfigured(
            "EMAIL_URL cannot be read. It looks like smtp+tls://user:password@host:587"
        ) from error
    mailer: dict[str, Any] = {"BACKEND": read["EMAIL_BACKEND"]}
    if mailer["BACKEND"].endswith("smtp.EmailBackend"):
        mailer["OPTIONS"] = {
            "host": read["EMAIL_HOST"],
            "port": read["EMAIL_PORT"] or 25,
            "username": read["EMAIL_HOST_USER"] or "",
            "password": read["EMAIL_HOST_PASSWORD"] or "",
            "use_tls": read.get("EMAIL_USE_TLS", False),
            "use_ssl": read.get("EMAIL_USE_SSL", False),
            "timeout": 20,
        }
    return mailer


def read_environment(base: Path) -> Environment:
    """Read and check everything. Raises ``ImproperlyConfigured`` with a sentence."""
    env = environ.Env()
    data = Path(env.str("PRM_DATA", default=".data"))
    data = data if data.is_absolute() else base / data
    # Without a SECRET_KEY this is somebody's own machine: a key is made and kept, mail goes to files that the
    # product shows, cookies work without TLS.
    local = not env.str("SECRET_KEY", default="")
    if local and env.list("ALLOWED_HOSTS", default=[]):
        raise ImproperlyConfigured("SECRET_KEY is missing. Set it to 50 random characters and keep it.")
    database, owner = _database(env, data)
    redis_url = env.str("REDIS_URL", default=_own_redis(data) or "redis://127.0.0.1:6379/0")
    if not redis_url.startswith(("redis://", "rediss://", "unix://", "redis+socket://")):
        raise ImproperlyConfigured("REDIS_URL must look like redis://host:6379/0")
    return Environment(
        secret_key=_secret_key(env, data),
        debug=env.bool("DEBUG", default=False),
        local=local,
        demo=env.bool("PRM_DEMO", default=True) and local,
        data=data,
        allowed_hosts=env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"]),
        trusted_origins=env.list("CSRF_TRUSTED_ORIGINS", default=[]),
        https=env.bool("HTTPS", default=not local),
        database=database,
        database_owner=owner,
        redis_url=redis_url,
        mailer=_mailer(env, data),
        from_email=env.str("DEFAULT_FROM_EMAIL", default="PRM <prm@localhost>"),
        # What links in mails begin with.
        public_url=env.str(
            "PUBLIC_URL", default=f"http://127.0.0.1:{env.str('PRM_PORT', default='8000')}"
        ).rstrip("/"),
        sentry_dsn=env.str("SENTRY_DSN", default=""),
    )
