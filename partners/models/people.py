"""People, their seats, invitations and API tokens."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

from partners.core.actor import PARTNER_ROLES, Role
from partners.core.clock import now
from partners.core.ids import new_public_id
from partners.core.records import ProgramOwned
from partners.models.notice import Mailed
from partners.rules.notices import kinds

SEAT_ROLES = [(role.value, role.label) for role in Role if role is not Role.SYSTEM]
_PARTNER_ROLES = sorted(role.value for role in PARTNER_ROLES)


class UserManager(BaseUserManager["User"]):
    """Users are known by e-mail, in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A new user; without a password they sign in by e-mail code."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """A person, across all programs. What they may do is said by their seats."""

    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    # Part of what a session is checked against: a new mark ends every session of the person.
    session_mark = models.CharField(max_length=20, default=new_public_id, editable=False)
    date_joined = models.DateTimeField(default=now)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_is_lower_case")
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Ends sessions when the password or ``session_mark`` changes."""
        return salted_hmac(
            "partners.models.User.session",
            f"{self.password}:{self.session_mark}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()


class Seat(ProgramOwned):
    """A person's place in a program: a staff role, or a role at one partner."""

    partner_path = "partner_id"

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=SEAT_ROLES)
    partner = models.ForeignKey(
        "partners.Partner", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    starts_on = models.DateField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    muted = ArrayField(
        models.CharField(max_length=20, choices=kinds),
        default=list,
        db_default=[],
        blank=True,
        help_text="Kinds of notice this person does not want by mail.",
    )

    class Meta(ProgramOwned.Meta):
        constraints = [
            *ProgramOwned.Meta.constraints,
            models.UniqueConstraint(
                fields=["program", "user"],
                condition=models.Q(ended_at__isnull=True),
                name="seat_is_one_per_person_and_program",
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=_PARTNER_ROLES, partner__isnull=False)
                | (~models.Q(role__in=_PARTNER_ROLES) & models.Q(partner__isnull=True)),
                name="seat_partner_goes_with_partner_role",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"


class Invitation(ProgramOwned, Mailed):
    """An offer of a seat, by e-mail. Only a digest of the link's secret is kept.

    The row is the queue of its mail; the job that sends it makes the secret.
    """

    partner_path = "partner_id"

    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=120, blank=True)
    role = models.CharField(max_length=20, choices=SEAT_ROLES)
    partner = models.ForeignKey(
        "partners.Partner", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    digest = models.CharField(max_length=64, unique=True)
    invited_by = models.CharField(max_length=120)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta(ProgramOwned.Meta):
        constraints = [
            *ProgramOwned.Meta.constraints,
            # Per partner: a refusal must not tell one partner that a rival invited the same person.
            models.UniqueConstraint(
                "program",
                "partner",
                Lower("email"),
                condition=models.Q(accepted_at__isnull=True, revoked_at__isnull=True),
                nulls_distinct=False,
                name="invitation_is_one_open_per_email",
            ),
        ]

    def __str__(self) -> str:
        return self.email


class ApiToken(ProgramOwned):
    """A key for other software, acting as one seat. Only a digest is kept; it is shown once."""

    partner_path = "partner_id"

    seat = models.ForeignKey(Seat, on_delete=models.CASCADE, related_name="+")
    partner = models.ForeignKey(
        "partners.Partner", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    name = models.CharField(max_length=120)
    digest = models.CharField(max_length=64, unique=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta(ProgramOwned.Meta):
        constraints = [*ProgramOwned.Meta.constraints]

    def __str__(self) -> str:
        return self.name


class PersonalLink(ProgramOwned):
    """A standing address by which a partner's person registers deals without signing in.

    A new one replaces the one before; those that ended are kept, so that their holder is told so. Only a
    digest of the secret is stored.
    """

    partner_path = "partner_id"

    seat = models.ForeignKey(Seat, on_delete=models.CASCADE, related_name="+")
    partner = models.ForeignKey("partners.Partner", on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    made_by = models.CharField(max_length=120)
    last_used_at = models.DateTimeField(
        null=True, blank=True, help_text="When a deal was last registered by it."
    )
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta(ProgramOwned.Meta):
        constraints = [
            *ProgramOwned.Meta.constraints,
            models.UniqueConstraint(
                fields=["program", "seat"],
                condition=models.Q(revoked_at__isnull=True),
                name="personal_link_is_one_per_seat",
            ),
        ]

    def __str__(self) -> str:
        return f"Link of seat {self.seat_id}"


class StoredAnswer(ProgramOwned):
    """The answer once given to an ``Idempotency-Key``, so that a repeated request is not a repeated act."""

    partner_path = "partner_id"

    partner = models.ForeignKey(
        "partners.Partner", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.JSONField(null=True)
    etag = models.CharField(max_length=80, blank=True)

    class Meta(ProgramOwned.Meta):
        constraints = [
            *ProgramOwned.Meta.constraints,
            # A person may change from one partner to another, and their keys with them.
            models.UniqueConstraint(
                fields=["program", "user", "partner", "key"],
                nulls_distinct=False,
                name="stored_answer_key_is_unique",
            ),
        ]

    def __str__(self) -> str:
        return self.key
