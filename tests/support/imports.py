"""Loading files in tests, the way the command and the worker do."""

from pathlib import Path
from typing import Any

from deals.imports.run import Summary
from deals.imports.services import describe_file, load_now
from deals.models import Import, ImportProblem
from partners.core.actor import Door
from tests.support.cast import Cast

FILES = Path(__file__).parent.parent / "deals" / "imports" / "files"


def load_file(
    cast: Cast, source: str | bytes, *, who: str = "ops", name: str = "file.csv", **more: Any
) -> Summary:
    """Load a file of ``tests/deals/imports/files`` or the given bytes inside the scope that is open."""
    actor = cast.actor(who, Door.FILE)
    content = (FILES / source).read_bytes() if isinstance(source, str) else source
    options = {option: more.pop(option) for option in ("date_order", "decimal_mark") if option in more}
    dry_run = more.pop("dry_run", False)
    file = describe_file(
        actor=actor, name=source if isinstance(source, str) else name, source=content, **more
    )
    for option, value in options.items():
        setattr(file, option, value)
    return load_now(actor=actor, file=file, source=content, dry_run=dry_run)


def counts(summary: Summary) -> tuple[int, int, int, int, int]:
    """``(read, created, updated, unchanged, rejected)``."""
    made = summary.counts
    return summary.read, made.created, made.updated, made.unchanged, summary.rejected


def rejections() -> list[tuple[int, str, str]]:
    """Row, column and problem of everything the newest file rejected."""
    file = Import.objects.latest("pk")
    return list(
        ImportProblem.objects.filter(file=file).order_by("row", "pk").values_list("row", "column", "problem")
    )


def notes(summary: Summary) -> dict[str, int]:
    """Sentence → rows it is about."""
    return {note["note"]: note["rows"] for note in summary.notes}
