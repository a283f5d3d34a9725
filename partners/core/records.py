"""Abstract records: every tenant row carries its program, a public id, and times (UTC)."""

from typing import Any, ClassVar, Self

from django.db import models

from partners.core.clock import now
from partners.core.errors import Stale
from partners.core.ids import new_public_id
from partners.core.scope import ScopeMissing, current_scope


class ScopedManager[M: models.Model](models.Manager[M]):
    """Wall 2: refuses without a scope, filters by it otherwise.

    It is also the model's base manager, so ``save``, ``refresh_from_db`` and related objects go through it.
    """

    def get_queryset(self) -> models.QuerySet[M]:
        scope = current_scope()
        if scope is None or scope.program_id is None:
            raise ScopeMissing(f"{self.model.__name__} was queried outside a program scope.")
        rows = super().get_queryset().filter(program_id=scope.program_id)
        if scope.partner_id is None or self.model.shared_with_partners:  # type: ignore[attr-defined]
            return rows
        path = self.model.partner_path  # type: ignore[attr-defined]
        return rows.filter(**{path: scope.partner_id}) if path else rows.none()


class TenantRow(models.Model):
    """A row of one program, seen only inside a scope.

    ``partner_path`` names the column by which a partner's people see the row (``partner_id``, or ``id`` for
    the partner itself); ``shared_with_partners`` opens a table to all partners of the program (offerings).
    With neither, partner people see nothing of the table. Row-level security repeats this in the database
    (``partners.core.walls``), and a guard test compares the two.
    """

    partner_path: ClassVar[str | None] = None
    shared_with_partners: ClassVar[bool] = False

    program = models.ForeignKey(
        "partners.Program", on_delete=models.CASCADE, related_name="+", db_index=False
    )

    objects = ScopedManager[Self]()
    # Only for reads that come before any program is known; the guard test lists every use.
    unscoped = models.Manager[Self]()

    class Meta:
        abstract = True
        base_manager_name = "objects"
        default_manager_name = "objects"


class ProgramOwned(TenantRow):
    """A tenant row with a name of its own in URLs and the API.

    Concrete models inherit this ``Meta`` and add ``UniqueConstraint(fields=["program", "public_id"])``.
    """

    public_id = models.CharField(max_length=20, default=new_public_id, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta(TenantRow.Meta):
        abstract = True
        constraints = [
            models.UniqueConstraint(fields=["program", "public_id"], name="%(class)s_public_id_is_unique")
        ]


class Versioned(models.Model):
    """A row people edit: ``version`` grows by one with every change and answers lost updates."""

    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        abstract = True

    def save_fields(self, *fields: str, expected_version: int | None = None) -> None:
        """Save the named fields if the row is still at the version this object was read at.

        ``expected_version`` is the version a person or program saw earlier (a form field, ``If-Match``).
        Raises ``Stale`` when somebody was faster; nothing is written then.
        """
        if expected_version is not None and expected_version != self.version:
            raise Stale
        self.updated_at = now()
        values = {name: self._value_of(name) for name in fields}
        changed = (
            type(self)
            ._base_manager.filter(pk=self.pk, version=self.version)
            .update(version=self.version + 1, updated_at=self.updated_at, **values)
        )
        if not changed:
            raise Stale
        self.version += 1

    def _value_of(self, name: str) -> Any:
        """A field's value; a reference to a row that had no id when it was set takes the id it has now."""
        field: Any = self._meta.get_field(name)
        if field.is_relation and field.is_cached(self) and getattr(self, field.attname) is None:
            setattr(self, field.attname, getattr(field.get_cached_value(self), "pk", None))
        return getattr(self, name)
