"""Accounts to screen against: from a file of the person measuring, or made up the same way every time."""

import csv
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.frame import Options

_HEADS = [
    "al",
    "bar",
    "cor",
    "den",
    "el",
    "fal",
    "gor",
    "hal",
    "in",
    "jor",
    "kel",
    "lor",
    "mar",
    "nor",
    "ol",
    "par",
    "quil",
    "ros",
    "sol",
    "tar",
    "ul",
    "ver",
    "wil",
    "yor",
    "zan",
]
_TAILS = [
    "an",
    "eth",
    "ix",
    "mond",
    "ova",
    "ster",
    "ton",
    "vale",
    "wick",
    "yard",
    "born",
    "dale",
    "field",
    "gate",
    "holm",
    "land",
    "mark",
    "ridge",
    "stead",
    "well",
]
_TRADES = [
    "Logistics",
    "Energy",
    "Foods",
    "Software",
    "Medical",
    "Textiles",
    "Robotics",
    "Shipping",
    "Steel",
    "Media",
    "Group",
    "Labs",
]
_FORMS = ["", "Ltd", "GmbH", "Inc.", "S.A.", "B.V.", "AB", "plc"]
_COUNTRIES = ["DE", "GB", "US", "FR", "NL", "SE", "IT", "ES", "FI", "PL"]
_ENDINGS = ["com", "de", "co.uk", "io", "net", "fr", "nl", "se"]

type Line = tuple[str, str, str]  # name, website, country


def made_up(count: int, *, seed: int = 7) -> Iterator[Line]:
    """``count`` organisations: a fifth share their first word with others, two in five have a website."""
    chance = random.Random(seed)
    for number in range(count):
        word = "".join(chance.choice(part) for part in (_HEADS, _HEADS, _TAILS)).capitalize()
        trade, form = chance.choice(_TRADES), chance.choice(_FORMS)
        site = f"{word.lower()}{number % 97}.{chance.choice(_ENDINGS)}" if chance.random() < 0.4 else ""
        yield f"{word} {trade} {form}".strip(), site, chance.choice(_COUNTRIES)


def accounts(options: Options, count: int) -> list[Line]:
    """The first ``count`` accounts of ``--data``/accounts.csv, repeated as needed, or made-up ones."""
    if options.data is None:
        return list(made_up(count))
    (path,) = options.files("accounts.csv")
    found = _read(path)
    lines = found[:count]
    chance = random.Random(17)
    for round_ in range(1, -(-count // max(1, len(found)))):
        lines += [_perturbed(line, round_, chance) for line in found]
    return lines[:count]


def _perturbed(line: Line, round_: int, chance: random.Random) -> Line:
    """Another organisation much like this one: a syllable more in one of its words, a website of its own."""
    name, website, country = line
    words = name.split()
    at = chance.randrange(len(words)) if words else 0
    words[at : at + 1] = [f"{word}{chance.choice(_HEADS)}" for word in words[at : at + 1]]
    label, _, ending = website.partition(".")
    return " ".join(words), f"{label}{_HEADS[round_ % 25]}{round_}.{ending}" if website else "", country


def questions(options: Options, known: list[Line], count: int) -> list[Line]:
    """Customers to claim: of ``--data``/queries.csv, or known ones respelled and as many nobody knows."""
    if options.data is not None and (options.data / "queries.csv").is_file():
        return _read(options.data / "queries.csv")[:count]
    chance = random.Random(11)
    respelled = [
        (name.upper().removesuffix(" LTD"), website, country)
        for name, website, country in chance.sample(known, min(count // 2, len(known)))
    ]
    asked = respelled + list(made_up(count - len(respelled), seed=13))
    chance.shuffle(asked)
    return asked


def _read(path: Path) -> list[Line]:
    with path.open(newline="", encoding="utf-8") as handle:
        return [
            (row["name"], row.get("domain") or row.get("domain_or_empty") or "", row["country"])
            for row in csv.DictReader(handle)
        ]


def fill(owner: Any, lines: list[Line]) -> Any:
    """A program with these accounts and their keys, copied in as the owner; the program."""
    from deals.matching.domains import registrable_domain
    from deals.matching.keys import keys_for
    from partners.services.programs import create_program

    program = create_program(slug="bench", name="Bench", currency="EUR", timezone="Europe/Berlin")
    with owner.cursor() as cursor:
        columns = (
            "id, program_id, public_id, created_at, version, updated_at, name, other_names, website, domain,"
            " other_domains, country, segment, owner_name, is_customer, is_named, external_id, other_ids"
        )
        with cursor.copy(f"COPY deals_account ({columns}) FROM STDIN") as copy:
            for number, (name, website, country) in enumerate(lines, 1):
                domain = registrable_domain(website) or ""
                row = [number, program.pk, f"a{number}", "now", 1, "now", name[:255], "{}", website, domain]
                copy.write_row(
                    [*row, "{}", country[:2], "", "", number % 10 == 0, number % 50 == 0, f"x{number}", "{}"]
                )
        with cursor.copy("COPY deals_accountkey (program_id, account_id, kind, value) FROM STDIN") as copy:
            for number, (name, website, country) in enumerate(lines, 1):
                for key in sorted(keys_for(name, website, country)):
                    copy.write_row([program.pk, number, key.kind.value, key.value])
        cursor.execute("SELECT setval(pg_get_serial_sequence('deals_account', 'id'), %s)", [len(lines)])
        cursor.execute("VACUUM ANALYZE")
    return program
