"""Opportunities from a file: accounts found or made, stages kept as history, compared and written in sets."""

from typing import Any, ClassVar

from psycopg import sql

from deals.imports.accounts import store_many_keys
from deals.imports.claims_met import end_claims, fold_into_claimed, hold_ending, watch_loaded, watch_vanishing
from deals.imports.opportunity_rows import OpportunityRows
from deals.imports.stage import Stage, Work
from deals.tabular.records import Problem
from partners.services.ledger import mark_cells


class OpportunityStage(Stage):
    """Loads opportunities."""

    subject = "deals_opportunity"
    columns: ClassVar[dict[str, str]] = {
        "name": "text",
        "account_ext": "text",
        "account_name": "text",
        "account_id": "bigint",
        "account_made": "text",
        "offering_id": "bigint",
        "state": "text",
        "stage": "text",
        "amount": "numeric",
        "currency": "text",
        "program_amount": "numeric",
        "rate": "numeric",
        "rate_on": "date",
        "opened_on": "date",
        "opened_given": "boolean",
        "closes_on": "date",
        "closed_on": "date",
        "owner_name": "text",
        "owner_id": "bigint",
        "moved": "boolean",
    }

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self.reading = OpportunityRows(work)

    def record(self, values: dict[str, Any], row: int) -> dict[str, Any] | Problem:
        return self.reading.record(values, row)

    def resolve(self) -> None:
        self.reading.say_stages()
        if not self.work.has("external_id"):
            self._match_by_what_they_are()
        self.match_ids()
        self._match_registered()
        self.settle_gone()
        self.give_ids()
        self.settle_merged()
        if self.work.has("account") or self.work.has("account_id"):
            self._find_accounts()
        self._compare()

    def _match_by_what_they_are(self) -> None:
        """Without ids, the same deal is one of the same name, account name and opening day."""
        self.run("""
            UPDATE incoming i SET target = o.id FROM (
                SELECT min(o.id) AS id, lower(o.name) AS name, lower(coalesce(a.name, '')) AS account,
                o.opened_on
                FROM deals_opportunity o LEFT JOIN deals_account a
                    ON a.id = o.account_id AND a.program_id = %(program)s
                WHERE o.program_id = %(program)s AND o.external_id = '' GROUP BY 2, 3, 4 HAVING count(*) = 1
            ) o
            WHERE lower(i.name) = o.name AND lower(i.account_name) = o.account
              AND (NOT i.opened_given OR i.opened_on = o.opened_on)
        """)
        column = self.work.column("name")
        self.reject_repeated("target", column, "name, account and opening day", "i.target IS NOT NULL")

    def _match_registered(self) -> None:
        """The CRM's copy of a registered deal, of the same name and account, is that deal with an id."""
        taken = self.rows("""
            WITH deals AS (
                SELECT min(o.id) AS id, lower(o.name) AS name, lower(a.name) AS account,
                    a.external_id AS ext
                FROM deals_opportunity o JOIN deals_account a ON a.id = o.account_id
                JOIN deals_registration r ON r.opportunity_id = o.id AND r.program_id = o.program_id
                WHERE o.program_id = %(program)s AND o.external_id = '' AND o.removed_at IS NULL
                GROUP BY 2, 3, 4 HAVING count(*) = 1
            ), found AS (
                SELECT d.id, min(i."row") AS "row" FROM incoming i JOIN deals d ON lower(i.name) = d.name
                    AND (lower(i.account_name) = d.account OR (d.ext <> '' AND i.account_ext = d.ext))
                WHERE i.target IS NULL AND i.external_id <> '' AND i.gone = '' AND i.merged_into = ''
                GROUP BY d.id HAVING count(*) = 1
            )
            UPDATE incoming i SET target = f.id FROM found f WHERE i."row" = f."row" RETURNING i."row"
        """)
        if taken:
            sentence = "A registered deal of this name and account was here; it took the id of the file."
            self.work.notes.add(self.work.column("name"), sentence, min(taken)[0], len(taken))

    def _find_accounts(self) -> None:
        """By id, by a former id, by name; a named account that is not here is made, and that is said."""
        self.run("""
            UPDATE incoming i SET account_id = a.id FROM deals_account a
            WHERE a.program_id = %(program)s AND i.account_ext <> '' AND a.external_id = i.account_ext
        """)
        self.run("""
            UPDATE incoming i SET account_id = a.id FROM (
                SELECT id, unnest(other_ids) AS other FROM deals_account
                WHERE program_id = %(program)s AND other_ids <> '{}' AND removed_at IS NULL
            ) a WHERE i.account_ext <> '' AND i.account_ext = a.other
        """)
        self.run("""
            CREATE TEMP TABLE names ON COMMIT DROP AS
            SELECT lower(name) AS key, min(id) AS id, count(*) AS many FROM deals_account
            WHERE program_id = %(program)s AND removed_at IS NULL
              AND lower(name) IN (SELECT lower(account_name) FROM incoming WHERE account_id IS NULL)
            GROUP BY 1
        """)
        self.run("""
            UPDATE incoming i SET account_id = n.id FROM names n
            WHERE i.account_id IS NULL AND n.many = 1 AND lower(i.account_name) = n.key
        """)
        self.run("""
            UPDATE incoming i SET account_made = coalesce(nullif(i.account_ext, ''), lower(i.account_name))
            WHERE account_id IS NULL AND account_name <> '' AND gone = ''
              AND lower(account_name) NOT IN (SELECT key FROM names WHERE many > 1)
        """)
        self.run("DROP TABLE names")
        self._plan_accounts()
        self._say_accounts()

    def _plan_accounts(self) -> None:
        """Give every account that has to be made its id; a bare name joins the one id that comes with it."""
        self.run("""
            UPDATE incoming i SET account_made = CASE WHEN e.many = 1 THEN e.ext END FROM (
                SELECT lower(account_name) AS key, min(account_ext) AS ext,
                    count(DISTINCT account_ext) AS many
                FROM incoming WHERE account_made <> '' AND account_ext <> '' GROUP BY 1
            ) e WHERE i.account_ext = '' AND i.account_made = e.key
        """)
        self.run("""
            UPDATE incoming i SET account_id = made.id FROM (
                SELECT account_made, nextval(sequence) AS id
                FROM (SELECT DISTINCT account_made FROM incoming WHERE account_made <> '') every,
                    CAST(pg_get_serial_sequence('deals_account', 'id') AS regclass) AS sequence
            ) made WHERE i.account_made = made.account_made
        """)

    def _say_accounts(self) -> None:
        for where, name, sentence, value in (
            (
                "account_id IS NULL AND account_name <> ''",
                "account",
                "Several accounts are called “{}”; the account was left empty.",
                "account_name",
            ),
            (
                "account_made <> ''",
                "account",
                "“{}” was not here; an account was made from it.",
                "account_name",
            ),
            (
                "account_id IS NULL AND account_ext <> '' AND account_name = ''",
                "account_id",
                "There is no account with the id {} here; the account was left empty.",
                "account_ext",
            ),
            (
                "account_id IS NULL AND account_ext = '' AND account_name = ''",
                "account",
                "The row names no account; the opportunity has none.",
                "''",
            ),
        ):
            self._say_for(f"{where} AND gone = ''", name, sentence, value)

    def _say_for(self, where: str, name: str, sentence: str, value: str) -> None:
        """Note ``sentence`` for every distinct ``value`` of the rows found."""
        column = self.work.column(name) or self.work.column("account_id")
        statement = sql.SQL("""
            SELECT {value}, min("row"), count(*) FROM incoming WHERE {where} GROUP BY 1
            ORDER BY 2 LIMIT 200
        """).format(value=sql.SQL(value), where=sql.SQL(where))
        for text, first, times in self.rows(statement):
            self.work.notes.add(column, sentence.format(text), first, times)

    def _changes(self) -> list[str]:
        work = self.work
        columns = ["name"] if self.work.has("name") else []
        if work.has("account") or work.has("account_id"):
            columns.append("account_id")
        if work.has("offering"):
            columns.append("offering_id")
        if work.has("stage"):
            columns.append("stage")
        if work.has("amount"):
            columns += ["amount", "currency"]
        if work.has("owner"):
            columns += ["owner_name", "owner_id"]
        return columns

    def _compare(self) -> None:
        work = self.work
        columns = self._changes()
        tests: list[sql.Composable] = [
            sql.SQL("o.{0} IS DISTINCT FROM i.{0}").format(sql.Identifier(column)) for column in columns
        ]
        tests.append(sql.SQL("(i.external_id <> '' AND o.external_id = '')"))
        if work.has("opened_on"):
            tests.append(sql.SQL("(i.opened_given AND o.opened_on <> i.opened_on)"))
        if any(work.has(name) for name in ("stage", "is_closed", "is_won")):
            tests.append(sql.SQL("o.state <> i.state"))
        if work.has("closes_on"):
            tests.append(sql.SQL("(i.state = 'open' AND o.closes_on IS DISTINCT FROM i.closes_on)"))
            tests.append(sql.SQL("(i.state <> 'open' AND o.closed_on IS DISTINCT FROM i.closed_on)"))
        self.run(
            sql.SQL("""
                UPDATE incoming i SET
                    outcome = CASE WHEN {tests} OR NOT (i.merged_ids <@ o.other_ids::text[])
                        OR o.removed_at IS NOT NULL
                        THEN 'updated' ELSE 'unchanged' END,
                    state = CASE WHEN %(staged)s THEN i.state ELSE o.state END,
                    closed_on = CASE WHEN %(staged)s THEN i.closed_on ELSE o.closed_on END,
                    opened_on = CASE WHEN i.opened_given THEN i.opened_on ELSE o.opened_on END,
                    moved = (%(staged)s AND o.state <> i.state) OR (%(stage)s AND o.stage <> i.stage)
                        OR (%(money)s AND (o.amount, o.currency) IS DISTINCT FROM (i.amount, i.currency))
                FROM deals_opportunity o
                WHERE o.program_id = %(program)s AND o.id = i.target AND i.outcome IS NULL
            """).format(tests=sql.SQL(" OR ").join(tests or [sql.SQL("false")])),
            staged=any(work.has(name) for name in ("stage", "is_closed", "is_won")),
            stage=work.has("stage"),
            money=work.has("amount"),
        )

    def apply(self) -> None:
        hold_ending(self)
        self._make_accounts()
        end_claims(self)
        self.run(_INSERT)
        self._mark_old_months()
        columns = [column for column in self._changes() if column not in ("amount", "currency")]
        values: list[sql.Composable] = [
            sql.SQL("{0} = i.{0}").format(sql.Identifier(column)) for column in columns
        ]
        self.run(
            sql.SQL(_UPDATE).format(values=sql.SQL("").join(value + sql.SQL(", ") for value in values)),
            money=self.work.has("amount"),
            closing=self.work.has("closes_on"),
        )
        self.run(_FIRST_STAGES)
        self.run(_LAST_STAGES)
        self.run(_NEXT_STAGES)
        watch_vanishing(self)
        self.apply_gone()
        watch_loaded(self)
        self.run("""
            UPDATE deals_account a SET is_customer = true, version = version + 1, updated_at = %(now)s
            FROM (SELECT DISTINCT account_id FROM incoming
                  WHERE state = 'won' AND outcome IN ('created', 'updated')) won
            WHERE a.program_id = %(program)s AND a.id = won.account_id AND NOT a.is_customer
        """)
        self._mark_months()

    def _make_accounts(self) -> None:
        self.run("""
            INSERT INTO deals_account (id, program_id, public_id, created_at, updated_at, version, name,
                other_names, website, domain, other_domains, country, segment, owner_name, is_customer,
                is_named,
                external_id, other_ids)
            SELECT DISTINCT ON (account_id) account_id, %(program)s,
            substr(md5(random()::text || account_id), 1, 14),
                %(now)s, %(now)s, 1, account_name, '{}', '', '', '{}', '', '', '', false, false,
                account_ext, '{}'
            FROM incoming WHERE account_made <> '' ORDER BY account_id, "row"
        """)
        store_many_keys(self, "SELECT DISTINCT account_id AS target FROM incoming WHERE account_made <> ''")
        if not self.rows("SELECT FROM incoming WHERE account_made <> '' LIMIT 1"):
            return
        for mine, theirs in fold_into_claimed(self, _MADE).items():
            values = {"mine": mine, "theirs": theirs}
            self.run(
                """
                UPDATE deals_account a SET external_id = i.account_ext FROM incoming i
                WHERE a.id = %(theirs)s AND i.account_id = %(mine)s AND i.account_ext <> ''
            """,
                **values,
            )
            self.run("UPDATE incoming SET account_id = %(theirs)s WHERE account_id = %(mine)s", **values)

    def _mark_old_months(self) -> None:
        """Months that a changed row counted in until now."""
        self._mark("""
            SELECT o.partner_id, min(least(o.opened_on, o.closed_on)) FROM deals_opportunity o
            JOIN incoming i ON i.target = o.id WHERE o.program_id = %(program)s
            AND i.outcome IN ('updated', 'removed', 'merged') GROUP BY 1
        """)
        self._mark("""
            SELECT o.partner_id, min(least(o.opened_on, o.closed_on)) FROM deals_opportunity o
            WHERE o.program_id = %(program)s AND o.removed_at IS NULL AND o.external_id IN (
                SELECT unnest(merged_ids) FROM incoming WHERE merged_ids <> '{}'
            ) GROUP BY 1
        """)

    def _mark_months(self) -> None:
        self._mark("""
            SELECT o.partner_id, min(least(o.opened_on, o.closed_on)) FROM deals_opportunity o
            JOIN incoming i ON i.target = o.id WHERE o.program_id = %(program)s
            AND i.outcome IN ('created', 'updated') GROUP BY 1
        """)

    def _mark(self, statement: str) -> None:
        mark_cells(self.work.program.pk, [(partner, day) for partner, day in self.rows(statement) if day])


_MADE = """
    SELECT DISTINCT ON (account_id) account_id AS id, account_name AS name, '' AS website, '' AS domain,
        '' AS country FROM incoming WHERE account_made <> '' ORDER BY account_id, "row"
"""
_INSERT = """
    INSERT INTO deals_opportunity (id, program_id, public_id, created_at, updated_at, version,
    account_id, name,
        offering_id, state, stage, amount, currency, program_amount, rate, rate_on, opened_on,
        closes_on, closed_on,
        owner_id, owner_name, source, external_id, other_ids)
    SELECT target, %(program)s, public_id, %(now)s, %(now)s, 1, account_id, name, offering_id, state,
    stage, amount,
        currency, program_amount, rate, rate_on, opened_on, closes_on, closed_on, owner_id, owner_name,
        'direct',
        external_id, '{}'
    FROM incoming WHERE outcome = 'created' ORDER BY "row"
"""
_UPDATE = """
    UPDATE deals_opportunity o SET {values}
        state = i.state, closed_on = i.closed_on, opened_on = i.opened_on,
        closes_on = CASE WHEN %(closing)s AND i.state = 'open' THEN i.closes_on ELSE o.closes_on END,
        amount = CASE WHEN %(money)s THEN i.amount ELSE o.amount END,
        currency = CASE WHEN %(money)s THEN i.currency ELSE o.currency END,
        program_amount = CASE WHEN %(money)s AND (o.amount, o.currency) IS DISTINCT FROM (i.amount,
        i.currency)
            THEN i.program_amount ELSE o.program_amount END,
        rate = CASE WHEN %(money)s AND (o.amount, o.currency) IS DISTINCT FROM (i.amount, i.currency)
            THEN i.rate ELSE o.rate END,
        rate_on = CASE WHEN %(money)s AND (o.amount, o.currency) IS DISTINCT FROM (i.amount, i.currency)
            THEN i.rate_on ELSE o.rate_on END,
        external_id = CASE WHEN o.external_id = '' THEN i.external_id ELSE o.external_id END,
        removed_at = NULL, updated_at = %(now)s, version = o.version + 1
    FROM incoming i WHERE o.program_id = %(program)s AND o.id = i.target AND i.outcome = 'updated'
"""
# A deal that was closed when first seen was open before: its life has a beginning and an end.
_FIRST_STAGES = """
    INSERT INTO deals_stagechange (program_id, opportunity_id, "on", state, stage, program_amount,
    recorded_at)
    SELECT %(program)s, target, least(opened_on, closed_on), 'open',
        CASE WHEN state = 'open' THEN stage ELSE '' END, program_amount, %(now)s
    FROM incoming WHERE outcome = 'created' ORDER BY "row"
"""
_LAST_STAGES = """
    INSERT INTO deals_stagechange (program_id, opportunity_id, "on", state, stage, program_amount,
    recorded_at)
    SELECT %(program)s, target, closed_on, state, stage, program_amount, %(now)s
    FROM incoming WHERE outcome = 'created' AND state <> 'open' ORDER BY "row"
"""
# A later day than the newest one on record, so that the newest row still says what the deal is now. What it
# says already, because the end of a registered deal was written with its registration, is not said twice.
_NEXT_STAGES = """
    INSERT INTO deals_stagechange (program_id, opportunity_id, "on", state, stage, program_amount,
    recorded_at)
    SELECT %(program)s, o.id, greatest(coalesce(o.closed_on, %(today)s::date), last.day), o.state, o.stage,
        o.program_amount, %(now)s
    FROM incoming i JOIN deals_opportunity o ON o.id = i.target AND o.program_id = %(program)s
    LEFT JOIN LATERAL (
        SELECT c."on" AS day, c.state, c.stage, c.program_amount FROM deals_stagechange c
        WHERE c.program_id = %(program)s AND c.opportunity_id = o.id ORDER BY c."on" DESC, c.id DESC LIMIT 1
    ) last ON true
    WHERE i.outcome = 'updated' AND i.moved AND (o.state, o.stage, o.program_amount)
        IS DISTINCT FROM (last.state, last.stage, last.program_amount) ORDER BY i."row"
"""
