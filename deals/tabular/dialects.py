"""Which CRM wrote a header, what its records are, and which column is which field. Pure.

The fields of each kind and their names in the dialects are in ``fields``; this module compares a header with
them. Whatever is not certain is said: ``Match.confidence`` and ``Match.why``, ``Reading.questions``.
"""

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace

from django.db.models import TextChoices

from deals.tabular.fields import FIELDS, Field, RecordKind, is_custom, key_of


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SALESFORCE_KEYS = _words("""
    isdeleted masterrecordid systemmodstamp stagename recordtypeid accountid ownerid lastreferenceddate
    lastvieweddate billingcountry numberofemployees forecastcategory whatid whoid activitydate
""")
_SALESFORCE_LABELS = _words("""
    opportunityname accountname closedate probability opportunityowner accountowner nextstep fiscalperiod
    leadsource opportunityid accountid billingcountry
""")
_HUBSPOT_LABELS = _words("""
    recordid dealname dealstage dealowner companyname companydomainname companyowner associatedcompany
    associatedcompanyids associatedcontactids createdate countryregion
""")
_HUBSPOT_KEYS = _words("dealname hsobjectid hubspotownerid dealid dealpipelineid createdate")

# Telling columns of exports that belong beside the loadable ones, and what to say about them.
NOT_LOADABLE: tuple[tuple[frozenset[str], str], ...] = tuple(
    (frozenset(keys.split()), sentence)
    for keys, sentence in (
        (
            "fivetranstart fivetranend",
            "This is a history of changes, not the list of records as they are now.",
        ),
        (
            "timestamp sourceid value",
            "This is a history of changes, not the list of records as they are now.",
        ),
        ("dealid dateentered", "This is a history of deal stages, not the deals."),
        (
            "dealid mergeddealid",
            "This is a list of merged deals; the deals' own export carries the merged ids.",
        ),
        (
            "dealid companyid typeid",
            "This list only links deals to companies; the deals' own export does that.",
        ),
        ("dealid contactid", "This list links deals to contacts."),
        ("pipelineid displayorder", "This is a list of pipelines or stages."),
        ("hubspotobject fieldtype", "This is a list of properties."),
        ("firstname lastname email", "These are people (contacts, leads or users)."),
        ("firstname lastname username", "These are people (users)."),
        ("firstname lastname isconverted", "These are leads."),
        ("firstname lastname mailingcity", "These are people (contacts)."),
        ("opportunityid unitprice quantity", "These are the lines of opportunities."),
        ("ordernumber effectivedate", "These are orders."),
        ("product salesprice", "This is a price list."),
        ("productcode isactive", "This is a list of products."),
        ("salesagent manager regionaloffice", "This is a list of sales people."),
        ("opportunityaccessforaccountowner", "This is a list of roles."),
        ("table field description", "This is a data dictionary."),
    )
)


class Dialect(TextChoices):
    """Who wrote the file."""

    SALESFORCE_API = "salesforce_api", "Salesforce (API names)"
    SALESFORCE_UPPER = "salesforce_upper", "Salesforce (Data Loader, upper case)"
    SALESFORCE_SNAKE = "salesforce_snake", "Salesforce (Fivetran)"
    SALESFORCE_LABELS = "salesforce_labels", "Salesforce (report labels)"
    HUBSPOT_LABELS = "hubspot_labels", "HubSpot (labels)"
    HUBSPOT_NAMES = "hubspot_names", "HubSpot (internal names)"
    GENERIC = "generic", "Table"

    @property
    def is_salesforce(self) -> bool:
        """Whether ids follow Salesforce's rules."""
        return self.value.startswith("salesforce")


class Confidence(TextChoices):
    """How sure a column's field is."""

    CERTAIN = "certain", "Known name"
    LIKELY = "likely", "Likely"
    UNSURE = "unsure", "Please check"
    CHOSEN = "chosen", "Chosen by you"
    NONE = "none", "Not used"


@dataclass(frozen=True, slots=True)
class Match:
    """One column of the file: the ``field`` it fills (empty: none), how sure that is, and why."""

    index: int
    column: str
    field: str = ""
    confidence: Confidence = Confidence.NONE
    why: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a header was read as. ``questions`` are sentences about what is unsure or missing."""

    kind: RecordKind
    kind_why: str
    dialect: Dialect
    matches: tuple[Match, ...]
    questions: tuple[str, ...] = ()

    @property
    def columns(self) -> dict[str, int]:
        """Field name → index of its column."""
        return {match.field: match.index for match in self.matches if match.field}

    @property
    def mapping(self) -> dict[str, str]:
        """Column name → field name, used columns only."""
        return {match.column: match.field for match in self.matches if match.field}

    @property
    def unused(self) -> tuple[str, ...]:
        """Columns that fill nothing."""
        return tuple(match.column for match in self.matches if not match.field)

    @property
    def missing(self) -> tuple[Field, ...]:
        """Needed fields (or groups of which one is needed) that no column fills."""
        return missing_fields(self.kind, set(self.columns))


class HeaderError(ValueError):
    """The header or the wished mapping cannot be used; the sentence says what to do."""


def recognise(
    columns: Sequence[str],
    *,
    kind: str | None = None,
    file_name: str = "",
    filled: Set[int] | None = None,
) -> Reading:
    """Read a header. ``kind`` is given when the person said what the records are; ``filled`` are the indexes
    of the columns that hold anything, preferred where several would do.

    Raises ``HeaderError`` when the file is a list that is not loaded (contacts, owners, history), or when
    the kind cannot be told.
    """
    keys = [key_of(column) for column in columns]
    dialect = _dialect(columns, keys)
    if kind is None:
        _refuse_other_lists(set(keys))
        found, why = _kind(keys, file_name)
    else:
        found, why = RecordKind(kind), "You said so."
    matches = _matches(columns, found, dialect, filled)
    return _with_questions(Reading(found, why, dialect, matches))


def overrule(reading: Reading, choices: Mapping[str, str]) -> Reading:
    """The reading with ``{column: field}`` chosen by a person; an empty field leaves the column out.

    A field moves from the column that had it. Raises ``HeaderError`` naming an unknown column or field.
    """
    fields = [field.name for field in FIELDS[reading.kind] if field.kept]
    matches = list(reading.matches)
    by_name = {match.column.casefold(): match.index for match in matches}
    for column, name in choices.items():
        at = by_name.get(column.strip().casefold())
        if at is None:
            raise HeaderError(
                f"There is no column “{column}” in the file."
                f" It has: {_listed([match.column for match in matches])}."
            )
        if name and name not in fields:
            raise HeaderError(
                f"{reading.kind.label} have no field “{name}”. They have: {_listed(fields, limit=40)}."
            )
        for index, match in enumerate(matches):
            if name and match.field == name and index != at and match.confidence != Confidence.CHOSEN:
                matches[index] = Match(index, match.column, why="Another column was chosen for this field.")
            elif name and match.field == name and index != at:
                raise HeaderError(
                    f"Both “{match.column}” and “{column}” were chosen for “{name}”; choose one."
                )
        if name:
            matches[at] = Match(at, matches[at].column, name, Confidence.CHOSEN, "Chosen by you.")
        else:
            matches[at] = Match(at, matches[at].column, why="Left out by you.")
    return _with_questions(replace(reading, matches=tuple(matches)))


def _listed(names: Sequence[str], limit: int = 12) -> str:
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more


def _dialect(columns: Sequence[str], keys: Sequence[str]) -> Dialect:
    have = set(keys)
    if any(column.casefold().startswith("property_") for column in columns):
        return Dialect.HUBSPOT_NAMES
    hubspot = len(have & _HUBSPOT_LABELS)
    salesforce = len(have & _SALESFORCE_KEYS)
    spaced = any(" " in column for column in columns)
    if spaced:
        labels = len(have & _SALESFORCE_LABELS)
        if hubspot >= 2 and hubspot >= labels:
            return Dialect.HUBSPOT_LABELS
        return Dialect.SALESFORCE_LABELS if labels >= 3 else Dialect.GENERIC
    if salesforce >= 2 and salesforce > len(have & _HUBSPOT_KEYS):
        if any("_" in column.strip("_") and column == column.lower() for column in columns):
            return Dialect.SALESFORCE_SNAKE
        upper = all(column == column.upper() for column in columns)
        return Dialect.SALESFORCE_UPPER if upper else Dialect.SALESFORCE_API
    return Dialect.HUBSPOT_NAMES if len(have & _HUBSPOT_KEYS) >= 2 else Dialect.GENERIC


def _refuse_other_lists(keys: set[str]) -> None:
    for signs, sentence in NOT_LOADABLE:
        if signs <= keys:
            raise HeaderError(f"{sentence} Accounts, opportunities, partners and activities can be loaded.")


def _kind(keys: Sequence[str], file_name: str) -> tuple[RecordKind, str]:
    """The kind whose telling names the header has most of; the file's name decides between equals."""
    have = set(keys)
    scores: dict[RecordKind, float] = {}
    for kind in RecordKind:
        telling = sum(field.weight for field in FIELDS[kind] if have & set(field.names))
        needed = 0 if missing_fields(kind, _fields_present(kind, have)) else 1
        scores[kind] = telling + needed
        if re.search(kind.value.rstrip("s").replace("activitie", "activit"), file_name.casefold()):
            scores[kind] += 1.5
    ranked = sorted(scores, key=lambda kind: -scores[kind])
    best, second = ranked[0], ranked[1]
    if scores[best] < 2:
        raise HeaderError(
            "The header does not say what the records are. Say whether they are accounts, opportunities,"
            " partners or activities."
        )
    if scores[best] - scores[second] < 0.5:
        if {best, second} == {RecordKind.ACCOUNTS, RecordKind.PARTNERS}:
            return RecordKind.ACCOUNTS, "Names and addresses without a word about partners: read as accounts."
        raise HeaderError(
            f"The records could be {best.label.lower()} or {second.label.lower()}. Say which they are."
        )
    signs = [field.label for field in FIELDS[best] if field.weight > 0 and have & set(field.names)]
    return best, f"The header names {', '.join(signs[:4]).lower()}."


def _fields_present(kind: RecordKind, keys: set[str]) -> set[str]:
    return {field.name for field in FIELDS[kind] if keys & set(field.names)}


def missing_fields(kind: RecordKind, present: set[str]) -> tuple[Field, ...]:
    """Fields every record of the kind needs (one of each group) that ``present`` does not have."""
    groups: dict[str, list[Field]] = {}
    for field in FIELDS[kind]:
        if field.need:
            groups.setdefault(field.need, []).append(field)
    return tuple(group[0] for group in groups.values() if not any(field.name in present for field in group))


def _matches(
    columns: Sequence[str], kind: RecordKind, dialect: Dialect, filled: Set[int] | None
) -> tuple[Match, ...]:
    matches = [Match(index, column) for index, column in enumerate(columns)]
    keys = [key_of(column) for column in columns]
    custom = [is_custom(column) for column in columns]
    for field in FIELDS[kind]:
        found = [
            index
            for name in field.names
            for index in sorted(range(len(keys)), key=custom.__getitem__)
            if keys[index] == name and not matches[index].field
        ]
        if filled is not None:
            found.sort(key=lambda index: index not in filled)
        if not found:
            continue
        chosen, *others = found
        if not field.kept:
            matches[chosen] = replace(
                matches[chosen], why=f"Read as {field.label.lower()}, which is not kept."
            )
            continue
        same = any(keys[at] == keys[chosen] and custom[at] == custom[chosen] for at in others)
        matches[chosen] = _match(chosen, columns[chosen], field, dialect, keys[chosen], same=same)
        for index in others:
            if not matches[index].why:
                note = f"Could also be {field.label.lower()}; “{columns[chosen]}” is used."
                matches[index] = replace(matches[index], why=note)
    return tuple(matches)


def _match(index: int, column: str, field: Field, dialect: Dialect, key: str, *, same: bool) -> Match:
    """How sure ``column`` is ``field``. ``same`` tells that another column has the same name."""
    label = field.label.lower()
    if same:
        why = f"The header has “{column}” more than once; the first is used for {label}."
        return Match(index, column, field.name, Confidence.UNSURE, why)
    if key in field.loose:
        why = f"“{column}” probably means {label}."
        return Match(index, column, field.name, Confidence.UNSURE, why)
    sure = dialect != Dialect.GENERIC or field.names[0] == key or field.name == key
    confidence = Confidence.CERTAIN if sure else Confidence.LIKELY
    return Match(index, column, field.name, confidence, f"“{column}” is {label}.")


def _with_questions(reading: Reading) -> Reading:
    questions = [match.why for match in reading.matches if match.confidence == Confidence.UNSURE]
    questions += [
        f"No column gives {field.label.lower()}. {field.without}".strip() for field in reading.missing
    ]
    return replace(reading, questions=tuple(questions))
