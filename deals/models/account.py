"""Accounts: end customers as the vendor knows them, and the keys they are found by."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from partners.core.records import ProgramOwned, TenantRow, Versioned


class Account(ProgramOwned, Versioned):
    """An end customer. Staff only: partners never read this table.

    ``external_id`` is the id in the CRM it came from; ``other_ids`` are ids merged into it there.
    ``removed_at`` marks a row the CRM deleted or a person merged into another (``merged_into``): it no longer
    stands against claims but keeps its history.
    """

    name = models.CharField(max_length=255)
    other_names = ArrayField(models.CharField(max_length=255), default=list, blank=True)
    website = models.CharField(max_length=255, blank=True)
    domain = models.CharField(max_length=255, blank=True, help_text="Registrable domain of the website.")
    other_domains = ArrayField(models.CharField(max_length=255), default=list, blank=True)
    country = models.CharField(max_length=2, blank=True)
    segment = models.CharField(max_length=80, blank=True)
    vertical = models.CharField(max_length=80, blank=True, default="", db_default="")
    merged_into = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    parent = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    owner = models.ForeignKey(
        "partners.Seat", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    owner_name = models.CharField(max_length=120, blank=True)
    is_customer = models.BooleanField(default=False)
    is_named = models.BooleanField(default=False, help_text="A named or house account: direct sales only.")
    external_id = models.CharField(max_length=60, blank=True)
    other_ids = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta(ProgramOwned.Meta):
        constraints = [
            *ProgramOwned.Meta.constraints,
            models.UniqueConstraint(
                fields=["program", "external_id"],
                condition=~models.Q(external_id=""),
                name="account_external_id_is_unique",
            ),
        ]
        indexes = [models.Index(fields=["program", "name", "id"], name="account_by_name")]

    def __str__(self) -> str:
        return self.name


class AccountKey(TenantRow):
    """One way to find an account: an entry of ``deals.matching.match.keys_for``, looked up by equality.

    They come by the hundred thousand with a file: they have no number, only an index that finds them and one
    that finds an account's, and are compared by their bytes (values are ASCII), not by a language's order.
    """

    pk = models.CompositePrimaryKey("program_id", "kind", "value", "account_id")
    # The database holds both by one reference, to an account of the same program (migration 0002). Two more
    # checks of each row would say nothing new.
    program = models.ForeignKey(
        "partners.Program", on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="keys", db_constraint=False)
    kind = models.CharField(max_length=12, db_collation="C")
    value = models.CharField(max_length=255, db_collation="C")

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"
