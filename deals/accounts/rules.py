"""Other names and websites a customer is known by: former ones, short forms, translations. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from deals.matching.domains import site_of
from deals.matching.names import name_key

MOST = 20
LONGEST = 255


@dataclass(frozen=True, slots=True)
class Known:
    """What is kept of each, and the sentences about what cannot be, by field."""

    names: list[str] = field(default_factory=list)
    domains: list[str] = field(default_factory=list)
    problems: dict[str, list[str]] = field(default_factory=dict)


def known_by(name: str, domain: str, other_names: Iterable[str], other_domains: Iterable[str]) -> Known:
    """The other names and websites of a customer called ``name`` at ``domain``, each once, as typed.

    Blank ones and those the customer has anyway are left out. Of a website the registrable domain is kept;
    one that many share (free mail, a social network) would make two customers one and is refused.
    """
    found = Known()
    for text in filter(None, (" ".join(typed.split()) for typed in other_names)):
        _add_name(found, name, text)
    for typed in filter(None, map(str.strip, other_domains)):
        site = site_of(typed)
        if site is None or len(site.domain) > LONGEST:
            _say(found, "other_domains", f"“{typed[:40]}” is not a website. Enter one such as acme.com.")
        elif not site.own:
            _say(found, "other_domains", f"{site.domain[:40]} is shared by many and tells no customer apart.")
        elif site.domain not in (domain, *found.domains):
            found.domains.append(site.domain)
    for where, kept in (("other_names", found.names), ("other_domains", found.domains)):
        if len(kept) > MOST:
            _say(found, where, f"These are {len(kept)}; at most {MOST} are kept.")
    return found


def _add_name(found: Known, name: str, text: str) -> None:
    if len(text) > LONGEST:
        _say(found, "other_names", f"“{text[:40]}…” is longer than {LONGEST} characters.")
    elif not name_key(text).squash:
        _say(found, "other_names", f"“{text[:40]}” is no name: it has no letter and no digit.")
    elif text.casefold() not in {one.casefold() for one in (name, *found.names)}:
        found.names.append(text)


def _say(found: Known, where: str, sentence: str) -> None:
    found.problems.setdefault(where, []).append(sentence)
