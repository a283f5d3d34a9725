"""Accounts from a file: matched by CRM id, else by exact name; compared and written in sets."""

from typing import Any, ClassVar

from psycopg import sql

from deals.imports.claims_met import fold_into_claimed, same_as_claimed
from deals.imports.owners import Owners
from deals.imports.stage import Stage, Work, gone_reason
from deals.matching.keys import keys_for
from deals.tabular.records import Problem
from deals.tabular.values import is_salesforce_id, salesforce_id
from partners.core.ids import new_public_id

_KEY_BATCH = 5_000


class AccountStage(Stage):
    """Loads accounts."""

    subject = "deals_account"
    columns: ClassVar[dict[str, str]] = {
        "name": "text",
        "website": "text",
        "domain": "text",
        "country": "text",
        "segment": "text",
        "is_customer": "boolean",
        "is_named": "boolean",
        "parent": "text",
        "parent_id": "bigint",
        "owner_name": "text",
        "owner_id": "bigint",
        "keyed": "boolean",
    }
    # Field of the file → columns of the account it fills and by which a change is seen.
    filled: ClassVar[dict[str, tuple[str, ...]]] = {
        "name": ("name",),
        "website": ("website", "domain"),
        "country": ("country",),
        "segment": ("segment",),
        "named": ("is_named",),
        "parent": ("parent_id",),
        "owner": ("owner_name", "owner_id"),
    }

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self.owners = Owners()

    def record(self, values: dict[str, Any], row: int) -> dict[str, Any] | Problem:
        work = self.work
        gone = gone_reason(values, has_active=work.has("active"))
        name = " ".join(values.get("name", "").split())
        if not name and not gone:
            return Problem(row, work.column("name"), "The account has no name.")
        website, domain = values.get("website") or ("", "")
        owner = values.get("owner", "")
        return {
            "row": row,
            "public_id": new_public_id(),
            "external_id": values.get("external_id", ""),
            "gone": gone,
            "merged_into": values.get("merged_into", ""),
            "merged_ids": list(values.get("merged_ids", ())),
            "name": name,
            "website": website,
            "domain": domain,
            "country": values.get("country", ""),
            "segment": values.get("segment", ""),
            "is_customer": values.get("customer", "").casefold().startswith(("customer", "yes", "true")),
            "is_named": values.get("named", False),
            "parent": self._parent(values.get("parent", "")),
            "owner_name": owner,
            "owner_id": self.owners.seat_id(owner),
            "keyed": False,
        }

    def _parent(self, text: str) -> str:
        """A parent's name as written, or its id in the long form."""
        if self.work.plan.dialect.is_salesforce and is_salesforce_id(text):
            return salesforce_id(text)
        return text

    def resolve(self) -> None:
        if not self.work.has("external_id"):
            self.reject_repeated("name", self.work.column("name"), "name", "i.name <> ''")
        self.match_ids()
        self._match_former_ids()
        self._match_names()
        self.settle_gone()
        self.give_ids()
        self.settle_merged()
        if self.work.has("parent"):
            self._find_parents()
        self._compare()

    def _match_former_ids(self) -> None:
        """An id that was merged into an account here is not a new account."""
        self.run("""
            UPDATE incoming i SET merged_into = a.external_id FROM (
                SELECT id, external_id, unnest(other_ids) AS other FROM deals_account
                WHERE program_id = %(program)s AND other_ids <> '{}'
            ) a WHERE i.target IS NULL AND i.external_id = a.other AND i.external_id <> ''
                AND i.merged_into = '' AND a.external_id <> ''
        """)

    def _match_names(self) -> None:
        """Rows without an id mean the account of that name; an account without an id takes the row's."""
        self.run("""
            CREATE TEMP TABLE same_name ON COMMIT DROP AS
            SELECT lower(a.name) AS key, min(a.id) AS id, count(*) AS many,
                   count(*) FILTER (WHERE a.external_id = '') AS free,
                   min(a.id) FILTER (WHERE a.external_id = '') AS free_id
            FROM deals_account a
            WHERE a.program_id = %(program)s AND a.removed_at IS NULL
              AND lower(a.name) IN (SELECT lower(name) FROM incoming WHERE target IS NULL)
            GROUP BY 1
        """)
        name = self.work.column("name")
        self.reject(
            "i.external_id = '' AND i.gone = ''"
            " AND lower(i.name) IN (SELECT key FROM same_name WHERE many > 1)",
            name,
            "'Several accounts here have this name; add their id to the file.'",
        )
        self.run("""
            UPDATE incoming i SET target = s.id FROM same_name s
            WHERE i.external_id = '' AND i.target IS NULL AND lower(i.name) = s.key
        """)
        adopted = self.rows("""
            UPDATE incoming i SET target = s.free_id FROM same_name s
            WHERE i.external_id <> '' AND i.target IS NULL AND i.merged_into = '' AND lower(i.name) = s.key
              AND s.free = 1
              AND s.free_id NOT IN (SELECT target FROM incoming WHERE target IS NOT NULL)
              AND (SELECT count(*) FROM incoming o WHERE lower(o.name) = s.key) = 1
            RETURNING i."row"
        """)
        self.run("DROP TABLE same_name")
        if adopted:
            self.work.notes.add(
                name,
                "An account of this name was here without an id; it took the id of the file.",
                min(row for (row,) in adopted),
                len(adopted),
            )
        self._match_claimed()

    def _match_claimed(self) -> None:
        """An account that a claim made is the file's of the same website, when it is the same customer."""
        free = "a.id NOT IN (SELECT target FROM incoming WHERE target IS NOT NULL)"
        for row, theirs in same_as_claimed(self, _UNKNOWN, free).items():
            self.run('UPDATE incoming SET target = %(theirs)s WHERE "row" = %(at)s', theirs=theirs, at=row)
            sentence = "An account made from a claim was taken for it; it took the id and name of the file."
            self.work.notes.add(self.work.column("name"), sentence, row)

    def _find_parents(self) -> None:
        """A parent is named by its CRM id or its name, in the file or here; one that is not found is said."""
        self.run("""
            CREATE TEMP TABLE parents ON COMMIT DROP AS
            SELECT key, min(id) AS id, count(DISTINCT id) AS many FROM (
                SELECT id, unnest(ARRAY[external_id, lower(name)]) AS key FROM deals_account
                WHERE program_id = %(program)s AND removed_at IS NULL
                UNION SELECT target, unnest(ARRAY[external_id, lower(name)]) FROM incoming
                WHERE outcome = 'created'
            ) every WHERE key IN (
                SELECT parent FROM incoming WHERE parent <> ''
                UNION SELECT lower(parent) FROM incoming WHERE parent <> ''
            ) GROUP BY key
        """)
        self.run("""
            UPDATE incoming i SET parent_id = p.id FROM parents p
            WHERE i.parent <> '' AND p.many = 1 AND p.key IN (i.parent, lower(i.parent)) AND p.id <> i.target
        """)
        for parent, first, times in self.rows("""
            SELECT parent, min("row"), count(*) FROM incoming
            WHERE parent <> '' AND parent_id IS NULL AND gone = '' GROUP BY parent ORDER BY 2 LIMIT 50
        """):
            sentence = f"The parent “{parent}” is neither in the file nor here; left empty."
            self.work.notes.add(self.work.column("parent"), sentence, first, times)
        self.run("DROP TABLE parents")

    def _changes(self) -> list[str]:
        return [column for name, columns in self.filled.items() if self.work.has(name) for column in columns]

    def _compare(self) -> None:
        differs = sql.SQL(" OR ").join(
            sql.SQL("a.{0} IS DISTINCT FROM i.{0}").format(sql.Identifier(column))
            for column in self._changes()
        )
        self.run(
            sql.SQL("""
                UPDATE incoming i SET
                    outcome = CASE WHEN {differs} OR (i.is_customer AND NOT a.is_customer)
                        OR NOT (i.merged_ids <@ a.other_ids::text[]) OR a.removed_at IS NOT NULL
                        OR (i.external_id <> '' AND a.external_id <> i.external_id)
                        THEN 'updated' ELSE 'unchanged' END,
                    keyed = a.name IS DISTINCT FROM i.name
                        OR (%(sites)s AND (a.website, a.domain) IS DISTINCT FROM (i.website, i.domain))
                FROM deals_account a
                WHERE a.program_id = %(program)s AND a.id = i.target AND i.outcome IS NULL
            """).format(differs=differs),
            sites=self.work.has("website"),
        )

    def apply(self) -> None:
        self.run("""
            INSERT INTO deals_account (id, program_id, public_id, created_at, updated_at, version, name,
                other_names, website, domain, other_domains, country, segment, parent_id, owner_id,
                owner_name,
                is_customer, is_named, external_id, other_ids, removed_at)
            SELECT target, %(program)s, public_id, %(now)s, %(now)s, 1, name,
                '{}', website, domain, '{}', country, segment, parent_id, owner_id, owner_name,
                is_customer, is_named, external_id, '{}', NULL
            FROM incoming WHERE outcome = 'created' ORDER BY "row"
        """)
        self._fold_new()
        self._say_renamed()
        values = sql.SQL(", ").join(
            [
                *(sql.SQL("{0} = i.{0}").format(sql.Identifier(column)) for column in self._changes()),
                *(_former(column) for column in self._changes() if column in _FORMER),
            ]
        )
        self.run(
            sql.SQL("""
                UPDATE deals_account a SET {values}, is_customer = a.is_customer OR i.is_customer,
                    external_id = CASE WHEN i.external_id <> '' THEN i.external_id ELSE a.external_id END,
                    removed_at = NULL, updated_at = %(now)s, version = a.version + 1
                FROM incoming i
                WHERE a.program_id = %(program)s AND a.id = i.target AND i.outcome = 'updated'
            """).format(values=values)
        )
        self.apply_gone()
        store_many_keys(self, "SELECT target FROM incoming WHERE keyed AND outcome = 'updated'")

    def _say_renamed(self) -> None:
        """A claim under the name or website a customer had until now must still find it."""
        ((first, times),) = self.rows("""
            SELECT min(i."row"), count(*) FROM incoming i
            JOIN deals_account a ON a.program_id = %(program)s AND a.id = i.target
            WHERE i.outcome = 'updated' AND lower(a.name) <> lower(i.name)
        """)
        if times:
            sentence = "The account had another name here; that one is kept, so that claims under it find it."
            self.work.notes.add(self.work.column("name"), sentence, first, times)

    def _fold_new(self) -> None:
        """Keys of the new accounts; those a claim made meanwhile are updated instead."""
        store_many_keys(self, "SELECT target FROM incoming WHERE outcome = 'created'")
        if not self.rows("SELECT FROM incoming WHERE outcome = 'created' LIMIT 1"):
            return
        for mine, theirs in fold_into_claimed(self, _CREATED).items():
            values = {"mine": mine, "theirs": theirs}
            self.run(
                """
                UPDATE incoming SET target = %(theirs)s, outcome = 'updated', keyed = true
                WHERE target = %(mine)s
                """,
                **values,
            )
            self.run("UPDATE incoming SET parent_id = %(theirs)s WHERE parent_id = %(mine)s", **values)


# What an account is called or found at, and where what it was before is kept.
_FORMER = {"name": "other_names", "domain": "other_domains"}


def _former(column: str) -> sql.Composed:
    """Keeps the value an account had when the file says another one."""
    return sql.SQL("""
        {kept} = CASE WHEN a.{now} <> '' AND i.{now} <> '' AND lower(a.{now}) <> lower(i.{now})
            THEN array_append(array_remove(array_remove(a.{kept}, a.{now}), i.{now}::varchar), a.{now})
            ELSE a.{kept} END
    """).format(now=sql.Identifier(column), kept=sql.Identifier(_FORMER[column]))


_CREATED = "SELECT target AS id, name, website, domain, country FROM incoming WHERE outcome = 'created'"
_UNKNOWN = """
    SELECT "row" AS id, name, website, domain, country FROM incoming
    WHERE external_id <> '' AND target IS NULL AND merged_into = '' AND gone = ''
"""


def store_many_keys(stage: Stage, which: str) -> None:
    """Write the matching keys of the accounts that the query ``which`` names, replacing their old ones."""
    stage.run(
        sql.SQL("DELETE FROM deals_accountkey WHERE program_id = %(program)s AND account_id IN ({})").format(
            sql.SQL(which)
        )
    )
    stage.run("DROP TABLE IF EXISTS pg_temp.staged_keys")
    stage.run("CREATE TEMP TABLE staged_keys (account_id bigint, keys text) ON COMMIT DROP")
    stage.run(sql.SQL(_TO_KEY).format(sql.SQL(which)))
    next_batch = f"FETCH {_KEY_BATCH} FROM to_key"
    accounts = stage.rows(next_batch)
    with stage.beside() as write:
        while accounts:
            keys = [(row[0], _keys(*row[1:])) for row in accounts]  # those before are written meanwhile
            write.wait()
            stage.run("TRUNCATE staged_keys")
            stage.copy("staged_keys", ("account_id", "keys"), keys)
            accounts = stage.rows(next_batch)
            write.begin(_WRITE_KEYS)
    stage.run("CLOSE to_key")
    stage.run("DROP TABLE staged_keys")


_TO_KEY = """
    DECLARE to_key NO SCROLL CURSOR FOR
    SELECT id, name, website, domain, country, other_names, other_domains FROM deals_account
    WHERE program_id = %(program)s AND id IN ({}) ORDER BY id
"""
# In the order of the index that finds them, so that a large one is not read here and there.
_WRITE_KEYS = """
    INSERT INTO deals_accountkey (program_id, account_id, kind, value)
    SELECT %(program)s, account_id, left(key, 1), substr(key, 2)
    FROM staged_keys, string_to_table(keys, E'\\n') AS key ORDER BY key COLLATE "C"
"""


def _keys(
    name: str, website: str, domain: str, country: str, other_names: list[str], other_domains: list[str]
) -> str:
    """The keys of one account, each a letter and a value, a line each."""
    sites = [site for site in (website or domain, *other_domains) if site]
    return "\n".join([kind + value for kind, value in keys_for(name, sites, country, other_names)])
