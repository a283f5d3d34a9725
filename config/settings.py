"""Settings, read from the environment (twelve-factor). Wrong ones stop the start with a sentence."""

import logging
from pathlib import Path

from config.env import read_environment
from config.logging import logging_config, start_sentry

BASE_DIR = Path(__file__).resolve().parent.parent
environment = read_environment(BASE_DIR)

SECRET_KEY = environment.secret_key
DEBUG = environment.debug
LOCAL = environment.local  # somebody's own machine: see config/env.py
DEMO = environment.demo
PRM_DATA = environment.data
ALLOWED_HOSTS = environment.allowed_hosts
CSRF_TRUSTED_ORIGINS = environment.trusted_origins
PUBLIC_URL = environment.public_url

INSTALLED_APPS = [
    "partners",
    "deals",
    "plans",
    "prm",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "drf_spectacular",
    "django_htmx",
    "django_structlog",
    "pgtrigger",
]

MIDDLEWARE = [
    "config.health.ProbeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "partners.middleware.RefusalMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.shell",
            ],
            "builtins": ["partners.templatetags.prm"],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.insert(4, "django.forms")

DATABASES = {"default": environment.database}
DATABASE_OWNER = environment.database_owner  # what migrations connect as
DATABASE_APP_ROLE = "prm_app"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = environment.redis_url
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_connect_timeout": 2, "socket_timeout": 5},  # a broker that is away holds no page
    }
}
CELERY_BROKER_URL = REDIS_URL

# People
AUTH_USER_MODEL = "partners.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
# Where a person with one seat begins, by door.
WORK_PAGES = {"workspace": "prm:today", "portal": "portal:home"}
# Lists of the floors above that a partner's page links to, narrowed by ?partner=<id>: label, URL, permission.
PARTNER_PAGES = [
    ("Registrations", "deals:registrations", "registrations.view"),
    ("Opportunities", "deals:opportunities", "opportunities.view"),
    ("Leads", "deals:leads", "leads.view"),
]
# What the floors above show on a partner's page: a template, what reads its ``data`` (by place,
# partner and charter), and who sees it.
PARTNER_PANELS = [
    ("prm/partner_effort.html", "prm.selectors.effort.partner_effort", "pipeline.view"),
    ("deals/_leads_between.html", "deals.leads.selectors.leads.partner_panel", "leads.view"),
    ("prm/partner_review.html", "prm.selectors.reviews.partner_panel", "reviews.view"),
]
ACCOUNT_ADAPTER = "partners.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # addresses come from invitations, which prove them
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]

MAILERS = {"default": environment.mailer}
DEFAULT_FROM_EMAIL = environment.from_email

# Security
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = environment.https
SECURE_SSL_REDIRECT = False  # the proxy's work; see docs/operations.md
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if environment.https else None
SECURE_HSTS_SECONDS = 31_536_000 if environment.https else 0
SECURE_CSP = {
    "default-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
}
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

LANGUAGE_CODE = "en-gb"
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
MEDIA_ROOT = PRM_DATA / "files"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "partners.api.auth.TokenAuthentication",
        "partners.api.auth.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "partners.api.pages.CursorPages",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "partners.api.problems.as_problem",
    "UNAUTHENTICATED_USER": None,
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "PRM",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    # Two sets of choices are both called "kind".
    "ENUM_NAME_OVERRIDES": {
        "ActivityKind": "partners.rules.activities.ActivityKind",
        "ConflictKind": "deals.rules.lifecycle.ConflictKind",
        "Outcome": "deals.rules.lifecycle.Outcome",
        "Reason": "deals.rules.lifecycle.Reason",
        "CompEffect": "deals.models.conflict.CompEffect",
        "RevokingReason": "deals.cases.api.shapes.REVOKE_GROUNDS",
        "OpportunityState": "deals.models.opportunity.OpportunityState",
        "TouchKind": "deals.rules.attribution.TouchKind",
        "NoticeKind": "partners.rules.notices.NoticeKind",
        "RequestState": "partners.rules.requests.RequestState",
        "RequestReason": "partners.rules.requests.DeclineReason",
        "PartnerIntent": "partners.models.partner.Intent",
        "LineAnswer": "partners.rules.lines.YesNoUnknown",
        "RulingBasis": "deals.cases.rules.suggestion.Basis",
        "LeadState": "deals.rules.leads.LeadState",
        "LeadOfferState": "deals.rules.leads.OfferState",
        "LeadOfferReason": "deals.rules.leads.OfferReason",
        "LeadAnswerReason": "deals.rules.leads.AnswerReason",
    },
    "COMPONENT_SPLIT_REQUEST": True,
}

# Operations
LOGGING = logging_config(debug=LOCAL)
DJANGO_STRUCTLOG_CELERY_ENABLED = True  # a task logs under the id of the request that woke it
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = DJANGO_STRUCTLOG_CELERY_DEFAULT_LOG_LEVEL = logging.DEBUG
DJANGO_STRUCTLOG_STATUS_4XX_LOG_LEVEL = logging.INFO
if environment.sentry_dsn:
    start_sentry(environment.sentry_dsn, environment="development" if LOCAL else "production")

# Last, for it reads what stands above: ``current_app`` and shared tasks find our Celery application by this
# import, and a start of the servers (config.run) does without it.
from config.celery import app as celery_app  # noqa: E402, F401
