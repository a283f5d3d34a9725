"""Lists of companies looked up among the accounts: by screen, by API and by ``check_accounts``.

Nothing of the program's is changed. The rows of a list are its queue, answered in small batches by any
number of workers; one that is killed leaves its batch to the next.
"""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any, BinaryIO

from django.db import transaction
from django.db.models import F

from deals.accounts.lookup import matching_accounts
from deals.common.uploads import borrowed
from deals.lists.rules import cell, list_columns
from deals.matching.countries import country_code
from deals.matching.evidence import Party
from deals.matching.match import Band
from deals.models import ListCheck, ListRow
from deals.tabular.reader import Source, TableError, open_table
from partners.core import clock
from partners.core.actor import Actor
from partners.core.errors import FieldErrors, RuleBroken
from partners.core.jobs import wake
from partners.core.scope import program_scope
from partners.core.text import clean_text
from partners.services.ledger import record
from partners.services.rights import require

MAX_SIZE = 20 * 1024 * 1024
MAX_ROWS = 50_000
KEPT_DAYS = 30
_BATCH = 50


@dataclass(frozen=True, slots=True)
class Company:
    """One row of a list as written. ``number`` is the row a spreadsheet would show."""

    number: int
    query_id: str
    name: str
    website: str = ""
    country: str = ""


def companies_in(source: Source) -> Iterator[Company]:
    """The companies of a file, one by one. Raises ``RuleBroken`` (field ``file``) when it cannot be used."""
    try:
        table = open_table(source)
        columns = list_columns(table.columns)
        for row in table.rows():
            yield Company(
                number=row.number,
                query_id=clean_text(cell(row.cells, columns.id, 120)) or str(row.number),
                name=clean_text(cell(row.cells, columns.name, 255)),
                website=clean_text(cell(row.cells, columns.website, 255)),
                country=clean_text(cell(row.cells, columns.country, 60)),
            )
    except (TableError, ValueError) as error:
        raise RuleBroken("unusable", str(error), field="file") from error


def answers_for(company: Company) -> list[dict[str, Any]]:
    """The accounts a company is, may be, or is related to, best first (see ``ListRow``)."""
    if not company.name and not company.website:
        return []
    party = Party(
        name=company.name,
        websites=(company.website,) if company.website else (),
        country=country_code(company.country) or "",
    )
    return [
        {
            "account": found.account.external_id or found.account.public_id,
            "page": found.account.public_id,
            "name": found.account.name,
            "band": found.match.band.value,
            "score": round(found.match.score, 4),
            "reasons": "; ".join(found.match.reasons),
        }
        for found in matching_accounts(party)
    ]


def upload_list(*, actor: Actor, name: str, stream: BinaryIO) -> ListCheck:
    """Keep an uploaded list (a seekable stream) and have a worker look its rows up.

    Raises ``RuleBroken`` (field ``file``) when it is too large or cannot be used; nothing is kept then.
    """
    require(actor, "accounts.check")
    if stream.seek(0, io.SEEK_END) > MAX_SIZE:
        sentence = f"The file is larger than {MAX_SIZE // 1024**2} MB. Split it into smaller ones."
        raise RuleBroken("too_large", sentence, field="file")
    return _keep(actor, clean_text(name)[-255:] or "list.csv", companies_in(borrowed(stream)))


def check_companies(*, actor: Actor, name: str, rows: Iterable[dict[str, str]]) -> ListCheck:
    """The same for rows with ``id``, ``name``, ``website`` and ``country``. Raises ``FieldErrors``."""
    require(actor, "accounts.check")
    companies = [
        Company(
            number=number,
            query_id=clean_text(row.get("id", "")) or str(number),
            name=clean_text(row.get("name", "")),
            website=clean_text(row.get("website", "")),
            country=clean_text(row.get("country", "")),
        )
        for number, row in enumerate(rows, start=1)
    ]
    if not companies:
        raise FieldErrors({"rows": ["Give at least one company."]})
    return _keep(actor, clean_text(name)[-255:] or "list", iter(companies))


@transaction.atomic
def _keep(actor: Actor, name: str, companies: Iterator[Company]) -> ListCheck:
    check = ListCheck(program_id=actor.program_id, file_name=name, asked_by=actor.name[:120])
    check.save(force_insert=True)
    while batch := list(islice(companies, 2000)):
        check.rows += len(batch)
        if check.rows > MAX_ROWS:
            sentence = f"The list has more than {MAX_ROWS:,} rows. Split it into smaller ones."
            raise RuleBroken("too_many", sentence, field="file")
        ListRow.objects.bulk_create(
            ListRow(
                program_id=actor.program_id,
                check_list=check,
                number=company.number,
                query_id=company.query_id,
                name=company.name,
                website=company.website,
                country=company.country,
            )
            for company in batch
        )
    if not check.rows:
        raise RuleBroken("empty", "The list has a header and no rows.", field="file")
    check.save(update_fields=["rows"])
    record("list.received", check, actor=actor, new={"file": name, "rows": check.rows})
    wake("deals.check_list", list_id=check.pk, program_id=actor.program_id)
    return check


def run_list_check(list_id: int, program_id: int) -> None:
    """Look up the rows that wait, batch by batch. Safe to run twice at once, and to be killed."""
    while True:
        with program_scope(program_id), transaction.atomic():
            waiting = list(
                ListRow.objects.filter(check_list=list_id, answers__isnull=True)
                .select_for_update(skip_locked=True)
                .order_by("number")[:_BATCH]
            )
            for row in waiting:
                row.answers = answers_for(
                    Company(row.number, row.query_id, row.name, row.website, row.country)
                )
                row.band = row.answers[0]["band"] if row.answers else Band.DIFFERENT.value
            ListRow.objects.bulk_update(waiting, ["answers", "band"])
            bands = [row.band for row in waiting]
            ListCheck.objects.filter(pk=list_id).update(
                done=F("done") + len(waiting),
                same=F("same") + bands.count(Band.SAME.value),
                possible=F("possible") + bands.count(Band.POSSIBLE.value),
            )
            ListCheck.objects.filter(pk=list_id, done=F("rows"), finished_at__isnull=True).update(
                finished_at=clock.now()
            )
        if not waiting:
            return


def discard_list(*, actor: Actor, check: ListCheck) -> None:
    """Throw a list and its answers away. Raises ``NotAllowed``."""
    require(actor, "accounts.check")
    record("list.discarded", check, actor=actor, old={"file": check.file_name, "rows": check.rows})
    check.delete()


def waiting_lists() -> list[int]:
    """Ids of the lists with rows that wait for a worker."""
    rows = ListCheck.objects.filter(finished_at__isnull=True).order_by("pk")
    return list(rows.values_list("pk", flat=True))


def forget_old_lists() -> int:
    """Delete lists older than ``KEPT_DAYS`` days; how many."""
    rows = ListCheck.objects.filter(created_at__lt=clock.now() - timedelta(days=KEPT_DAYS))
    return rows.delete()[1].get("deals.ListCheck", 0)
