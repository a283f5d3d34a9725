"""Activities from a file. Each belongs to a partner, found by CRM id, slug or exact name."""

from datetime import date
from typing import Any, ClassVar

from deals.imports.stage import Stage, gone_reason
from deals.tabular.records import Problem
from deals.tabular.values import shown
from partners.core.ids import new_public_id
from partners.rules.activities import ActivityKind
from partners.services.ledger import mark_cells

_LONGEST = 1440
_KINDS: dict[str, str] = {
    **{word.casefold(): kind.value for kind in ActivityKind for word in (kind.value, kind.label)},
    "phone": ActivityKind.CALL.value,
    "phone call": ActivityKind.CALL.value,
    "video call": ActivityKind.CALL.value,
    "email": ActivityKind.EMAIL.value,
    "mail": ActivityKind.EMAIL.value,
    "visit": ActivityKind.MEETING.value,
    "workshop": ActivityKind.TRAINING_GIVEN.value,
    "training": ActivityKind.TRAINING_GIVEN.value,
    "enablement": ActivityKind.TRAINING_GIVEN.value,
    "webinar": ActivityKind.EVENT.value,
    "certification": ActivityKind.CERTIFICATE.value,
    "task": ActivityKind.OTHER_WORK.value,
    "other": ActivityKind.OTHER_WORK.value,
}


class ActivityStage(Stage):
    """Loads activities."""

    subject = "partners_activity"
    columns: ClassVar[dict[str, str]] = {
        "partner": "text",
        "account_id": "text",
        "partner_id": "bigint",
        "kind": "text",
        "happened_on": "date",
        "minutes": "integer",
        "note": "text",
        "logged_by": "text",
    }
    was: ClassVar[str] = "(a.partner_id, a.kind, a.happened_on, a.minutes, a.note, a.logged_by)"
    wished: ClassVar[str] = "(i.partner_id, i.kind, i.happened_on, i.minutes, i.note, i.logged_by)"

    def record(self, values: dict[str, Any], row: int) -> dict[str, Any] | Problem:
        work = self.work
        gone = gone_reason(values, has_active=work.has("active"))
        if gone:
            return Problem(row, work.column("deleted") or work.column("active"), f"{gone} It was not loaded.")
        day: date | None = values.get("happened_on")
        if day is None:
            return Problem(row, work.column("happened_on"), "No day says when it happened.")
        if day > work.today:
            return Problem(
                row, work.column("happened_on"), f"{day} has not come yet; planned work is not loaded."
            )
        minutes = values.get("minutes")
        if minutes is None:
            minutes = round(values.get("seconds", 0) / 60)
        if minutes > _LONGEST:
            sentence = f"{minutes:,} minutes are more than a day; an activity lasts at most {_LONGEST:,}."
            return Problem(row, work.column("minutes"), sentence)
        if not values.get("partner") and not values.get("account_id"):
            return Problem(row, work.column("partner"), "No partner is named.")
        return {
            "row": row,
            "public_id": new_public_id(),
            "external_id": values.get("external_id", ""),
            "gone": "",
            "merged_into": "",
            "merged_ids": [],
            "partner": " ".join(values.get("partner", "").split()),
            "account_id": values.get("account_id", ""),
            "kind": self._kind(values.get("kind", ""), row),
            "happened_on": day,
            "minutes": minutes,
            "note": values.get("note", ""),
            "logged_by": values.get("logged_by", ""),
        }

    def _kind(self, text: str, row: int) -> str:
        found = _KINDS.get(" ".join(text.casefold().replace("_", " ").split()))
        if found is None and text:
            sentence = f"{shown(text)} is not a kind of activity here; read as other work."
            self.work.notes.add(self.work.column("kind"), sentence, row)
        elif found is None and self.work.has("kind"):
            self.work.notes.add(self.work.column("kind"), "Without a kind, it is read as other work.", row)
        return found or ActivityKind.OTHER_WORK.value

    def resolve(self) -> None:
        self.run("""
            UPDATE incoming i SET partner_id = p.id FROM (
                SELECT key, min(id) AS id FROM (
                    SELECT DISTINCT id, unnest(ARRAY[nullif(external_id, ''), slug, lower(name)]) AS key
                    FROM partners_partner WHERE program_id = %(program)s
                ) every WHERE key IS NOT NULL GROUP BY key HAVING count(*) = 1
            ) p WHERE p.key IN (i.partner, lower(i.partner)) OR (i.partner = '' AND p.key = i.account_id)
        """)
        self.run("""
            UPDATE incoming i SET partner_id = p.id FROM partners_partner p
            WHERE i.partner_id IS NULL AND p.program_id = %(program)s AND p.external_id <> ''
              AND p.external_id = i.account_id
        """)
        for column in ("partner", "account_id"):
            self.reject(
                f"i.partner_id IS NULL AND (i.partner <> '') = {column == 'partner'}",
                self.work.column(column),
                f"'“' || i.{column} || '” is not a partner of this program.'",
            )
        self.match_ids()
        self._match_equals()
        self.give_ids()
        self.run(f"""
            UPDATE incoming i SET outcome = CASE WHEN {self.was} IS DISTINCT FROM {self.wished}
                THEN 'updated' ELSE 'unchanged' END
            FROM partners_activity a
            WHERE a.program_id = %(program)s AND a.id = i.target AND i.outcome IS NULL
        """)  # noqa: S608

    def _match_equals(self) -> None:
        """Rows without an id are the same as equal rows here, as many times as there are."""
        self.run("""
            UPDATE incoming i SET target = a.id FROM (
                SELECT "row", partner_id, kind, happened_on, minutes, note, logged_by, row_number() OVER (
                    PARTITION BY partner_id, kind, happened_on, minutes, note,
                    logged_by ORDER BY "row") AS nth
                FROM incoming WHERE external_id = ''
            ) r JOIN (
                SELECT id, partner_id, kind, happened_on, minutes, note, logged_by, row_number() OVER (
                    PARTITION BY partner_id, kind, happened_on, minutes, note, logged_by ORDER BY id) AS nth
                FROM partners_activity WHERE program_id = %(program)s AND external_id = ''
            ) a USING (partner_id, kind, happened_on, minutes, note, logged_by, nth)
            WHERE i."row" = r."row"
        """)

    def apply(self) -> None:
        self._mark(
            "SELECT a.partner_id, min(a.happened_on) FROM partners_activity a JOIN incoming i"
            " ON i.target = a.id AND i.outcome = 'updated' WHERE a.program_id = %(program)s GROUP BY 1"
        )
        self.run("""
            INSERT INTO partners_activity (id, program_id, public_id, created_at, partner_id, kind,
            happened_on,
                minutes, note, logged_by, external_id)
            SELECT target, %(program)s, public_id, %(now)s, partner_id, kind, happened_on, minutes, note,
            logged_by,
                external_id
            FROM incoming WHERE outcome = 'created' ORDER BY "row"
        """)
        self.run("""
            UPDATE partners_activity a SET partner_id = i.partner_id, kind = i.kind,
            happened_on = i.happened_on,
                minutes = i.minutes, note = i.note, logged_by = i.logged_by
            FROM incoming i
            WHERE a.program_id = %(program)s AND a.id = i.target AND i.outcome = 'updated'
        """)
        self._mark(
            "SELECT partner_id, min(happened_on) FROM incoming"
            " WHERE outcome IN ('created', 'updated') GROUP BY 1"
        )

    def _mark(self, statement: str) -> None:
        mark_cells(self.work.program.pk, self.rows(statement))
