"""Small helpers of the Pipeline page's templates."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django import template

register = template.Library()


@register.filter
def for_month(link: str, month: date) -> str:
    """The same rows for one month only."""
    return re.sub(r"\b(from|to)=\d{4}-\d{2}", lambda found: f"{found[1]}={month:%Y-%m}", link)


@register.filter
def entry(values: Mapping[str, Any], key: str) -> Any:
    """A value of a mapping by a key that is itself a variable."""
    return values.get(key)
