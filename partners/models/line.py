"""What partners sell besides ours."""

from django.db import models
from django.db.models.functions import Lower

from partners.core.records import ProgramOwned, Versioned
from partners.rules.lines import YesNoUnknown


class CompetingLine(ProgramOwned, Versioned):
    """A product in a partner's line card that competes with ours, as far as we know (R25). Staff only."""

    partner = models.ForeignKey(
        "partners.Partner", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    product = models.CharField(max_length=120)
    vendor = models.CharField(max_length=120, blank=True)
    higher_margin = models.CharField(max_length=8, choices=YesNoUnknown, default=YesNoUnknown.UNKNOWN)
    exclusive = models.CharField(max_length=8, choices=YesNoUnknown, default=YesNoUnknown.UNKNOWN)

    class Meta(ProgramOwned.Meta):
        constraints = [
            *ProgramOwned.Meta.constraints,
            models.UniqueConstraint(
                "program",
                "partner",
                Lower("product"),
                Lower("vendor"),
                name="competing_line_is_listed_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} of {self.vendor}" if self.vendor else self.product
