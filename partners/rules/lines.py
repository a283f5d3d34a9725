"""What a partner sells besides ours (R25)."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import TextChoices


class YesNoUnknown(TextChoices):
    """Known or not: "unknown" is an answer, and shown as one."""

    YES = "yes", "Yes"
    NO = "no", "No"
    UNKNOWN = "unknown", "Unknown"


@dataclass(frozen=True, slots=True)
class Line:
    """A competing product of a partner, as warnings read it."""

    product: str
    vendor: str
    higher_margin: YesNoUnknown
    exclusive: YesNoUnknown

    @property
    def name(self) -> str:
        """``X of Y``, or the product alone."""
        return f"{self.product} of {self.vendor}" if self.vendor else self.product


def warnings(lines: Iterable[Line]) -> list[str]:
    """One plain sentence per line that pulls the partner's sellers away from ours."""
    found = []
    for line in lines:
        if line.higher_margin is YesNoUnknown.YES and line.exclusive is YesNoUnknown.YES:
            found.append(f"Sells {line.name} at a higher margin, and exclusively.")
        elif line.higher_margin is YesNoUnknown.YES:
            found.append(f"Sells {line.name} at a higher margin.")
        elif line.exclusive is YesNoUnknown.YES:
            found.append(f"Is bound to {line.name} exclusively.")
    return found
