"""Partners from a file: matched by CRM id, else by exact name."""

from typing import Any, ClassVar

from django.utils.text import slugify
from psycopg import sql

from deals.imports.owners import Owners
from deals.imports.stage import Stage, Work, gone_reason
from deals.tabular.records import Problem
from deals.tabular.values import shown
from partners.core.ids import new_public_id
from partners.models import Partner
from partners.models.partner import Intent, PartnerStatus
from partners.services.people import close_doors_of_ended_partners

_INTENTS = {
    **{word.casefold(): choice.value for choice in Intent for word in (choice.value, choice.label)},
    "cosell": Intent.CO_SELL.value,
    "co sell": Intent.CO_SELL.value,
    "technology": Intent.CO_SELL.value,
    "reseller": Intent.RESELL.value,
    "var": Intent.RESELL.value,
    "distributor": Intent.RESELL.value,
    "agent": Intent.REFERRAL.value,
    "services": Intent.DELIVER.value,
    "system integrator": Intent.DELIVER.value,
    "si": Intent.DELIVER.value,
}
_STATUSES = {choice.value: choice.value for choice in PartnerStatus} | {
    "inactive": PartnerStatus.ENDED.value,
    "terminated": PartnerStatus.ENDED.value,
    "signed": PartnerStatus.ACTIVE.value,
    "live": PartnerStatus.ACTIVE.value,
}


class PartnerStage(Stage):
    """Loads partners. A partner the CRM deleted is ended here, never removed."""

    subject = "partners_partner"
    columns: ClassVar[dict[str, str]] = {
        "name": "text",
        "slug": "text",
        "website": "text",
        "country": "text",
        "intent": "text",
        "status": "text",
        "signed_on": "date",
        "manager_id": "bigint",
    }
    filled: ClassVar[dict[str, str]] = {
        "name": "name",
        "website": "website",
        "country": "country",
        "intent": "intent",
        "status": "status",
        "signed_on": "signed_on",
        "owner": "manager_id",
    }

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self.owners = Owners()

    def record(self, values: dict[str, Any], row: int) -> dict[str, Any] | Problem:
        work = self.work
        gone = gone_reason(values, has_active=work.has("active"))
        name = " ".join(values.get("name", "").split())
        if not name and not gone:
            return Problem(row, work.column("name"), "The partner has no name.")
        return {
            "row": row,
            "public_id": new_public_id(),
            "external_id": values.get("external_id", ""),
            "gone": gone,
            "merged_into": "",
            "merged_ids": [],
            "name": name,
            "website": (values.get("website") or ("", ""))[0],
            "country": values.get("country", ""),
            "intent": self._word("intent", _INTENTS, Intent.CO_SELL.value, values, row),
            "status": self._word("status", _STATUSES, PartnerStatus.ACTIVE.value, values, row),
            "signed_on": values.get("signed_on"),
            "manager_id": self._manager(values.get("owner", ""), row),
        }

    def _word(self, name: str, known: dict[str, str], usual: str, values: dict[str, Any], row: int) -> str:
        text = values.get(name, "")
        found = known.get(" ".join(text.casefold().replace("_", " ").split())) or known.get(text.casefold())
        if text and not found:
            self.work.notes.add(
                self.work.column(name), f"{shown(text)} is not known here; “{usual}” is used.", row
            )
        return found or usual

    def _manager(self, text: str, row: int) -> int | None:
        seat = self.owners.seat_id(text)
        if text and seat is None:
            sentence = f"{shown(text)} has no seat in this program; no partner manager was set."
            self.work.notes.add(self.work.column("owner"), sentence, row)
        return seat

    def resolve(self) -> None:
        if not self.work.has("external_id"):
            self.reject_repeated("name", self.work.column("name"), "name", "i.name <> ''")
        self.match_ids()
        self.run("""
            UPDATE incoming i SET target = p.id FROM (
                SELECT lower(name) AS key, min(id) AS id, min(external_id) AS external_id, count(*) AS many
                FROM partners_partner WHERE program_id = %(program)s GROUP BY 1
            ) p
            WHERE i.target IS NULL AND p.many = 1 AND lower(i.name) = p.key
              AND (i.external_id = '' OR p.external_id = '')
              AND p.id NOT IN (SELECT target FROM incoming WHERE target IS NOT NULL)
        """)
        self.reject_repeated("target", self.work.column("name"), "partner", "i.target IS NOT NULL")
        column = self.work.column("deleted") or self.work.column("active")
        self.reject("i.gone <> '' AND i.target IS NULL", column, "i.gone || ' It was not loaded.'")
        self.give_ids()
        self._give_slugs()
        tests = [
            sql.SQL("p.{0} IS DISTINCT FROM i.{0}").format(sql.Identifier(column))
            for column in self._changes()
        ]
        self.run(
            sql.SQL("""
                UPDATE incoming i SET status = CASE WHEN i.gone <> '' THEN 'ended' ELSE i.status END,
                    outcome = CASE WHEN CASE WHEN i.gone <> '' THEN p.status <> 'ended' ELSE {tests}
                        OR (i.external_id <> '' AND p.external_id <> i.external_id) END
                        THEN 'updated' ELSE 'unchanged' END
                FROM partners_partner p
                WHERE p.program_id = %(program)s AND p.id = i.target AND i.outcome IS NULL
            """).format(tests=sql.SQL(" OR ").join(tests))
        )

    def _changes(self) -> list[str]:
        return [column for name, column in self.filled.items() if self.work.has(name)]

    def _give_slugs(self) -> None:
        taken = set(Partner.objects.values_list("slug", flat=True))
        for row, name in self.rows("SELECT \"row\", name FROM incoming WHERE outcome = 'created' ORDER BY 1"):
            base = slugify(name)[:70] or "partner"
            slug, number = base, 2
            while slug in taken:
                slug, number = f"{base}-{number}", number + 1
            taken.add(slug)
            self.run('UPDATE incoming SET slug = %(slug)s WHERE "row" = %(row)s', slug=slug, row=row)

    def apply(self) -> None:
        self.run("""
            INSERT INTO partners_partner (id, program_id, public_id, created_at, updated_at, version,
            name, slug,
                intent, status, website, country, signed_on, manager_id, goals, external_id)
            SELECT target, %(program)s, public_id, %(now)s, %(now)s, 1, name, slug, intent, status,
            website, country,
                signed_on, manager_id, '', external_id
            FROM incoming WHERE outcome = 'created' ORDER BY "row"
        """)
        values = [
            sql.SQL("{0} = CASE WHEN i.gone <> '' THEN p.{0} ELSE i.{0} END").format(sql.Identifier(column))
            for column in self._changes()
            if column != "status"
        ]
        self.run(
            sql.SQL("""
                UPDATE partners_partner p SET {values}
                    status = CASE WHEN %(status)s OR i.gone <> '' THEN i.status ELSE p.status END,
                    external_id = CASE WHEN i.external_id <> '' THEN i.external_id ELSE p.external_id END,
                    updated_at = %(now)s, version = p.version + 1
                FROM incoming i
                WHERE p.program_id = %(program)s AND p.id = i.target AND i.outcome = 'updated'
            """).format(values=sql.SQL("").join(value + sql.SQL(", ") for value in values)),
            status=self.work.has("status"),
        )
        close_doors_of_ended_partners(actor=self.work.actor)
