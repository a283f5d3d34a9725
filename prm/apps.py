from django.apps import AppConfig


class PrmConfig(AppConfig):
    name = "prm"
    default_auto_field = "django.db.models.BigAutoField"
