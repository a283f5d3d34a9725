"""Why two parties are or are not called the same, in words for a partner manager. Pure."""

from deals.matching.evidence import Evidence, Place, Web
from deals.matching.keys import sounds_alike
from deals.matching.proof import SAME_SITE, TELLING, only_read_alike
from deals.matching.similarity import NameKind
from partners.rules.countries import country_name

_AGREEMENT = {
    NameKind.EQUAL: "same name",
    NameKind.REORDERED: "same words in the name",
    NameKind.SPELLING: "name spelt almost alike",
    NameKind.DRESSED: "same name but for a general word",
    NameKind.EXTENDED: "same name but for what it does",
    NameKind.ARM: "one may be a part of the other",
    NameKind.CONTAINED: "one name is part of the other",
    NameKind.PARTIAL: "names partly alike",
    NameKind.INITIALS: "one name is the initials of the other",
}


def reasons_for(evidence: Evidence) -> list[str]:
    reasons: list[str] = []
    name = evidence.name
    if evidence.web is Web.HOST:
        reasons.append(f"same website {evidence.site}")
    elif evidence.web is Web.DOMAIN:
        reasons.append(f"same domain {evidence.site}, different departments")
    elif evidence.web is Web.LABEL:
        reasons.append(f"websites of one name ({evidence.site})")
    if evidence.named and evidence.web not in SAME_SITE:
        reasons.append(f"the website {evidence.named} is called as the other is")
    if name.kind in _AGREEMENT and (name.kind is not NameKind.PARTIAL or name.shared >= TELLING):
        exact = name.kind in (NameKind.EQUAL, NameKind.REORDERED, NameKind.INITIALS)
        said = _AGREEMENT[name.kind] + ("" if exact else f" ({name.score:.2f})")
        reasons.append(f"{said}: known as {evidence.known_as}" if evidence.known_as else said)
    if name.kind not in (NameKind.EQUAL, NameKind.REORDERED) and sounds_alike(evidence.left, evidence.right):
        reasons.append("the names sound the same")
    if evidence.place is Place.SAME:
        reasons.append(f"same country ({country_name(evidence.country)})")
    return reasons


def reasons_against(evidence: Evidence) -> list[str]:
    reasons: list[str] = []
    if evidence.name.clash:
        reasons.append("but a number or a direction in the names differs")
    if evidence.place_clash:
        reasons.append("but the names mention different countries")
    if evidence.legal_clash:
        reasons.append("but the legal forms differ")
    if only_read_alike(evidence):
        reasons.append("but the names are written with other characters")
    if evidence.web is Web.OTHER:
        reasons.append(f"but the websites differ ({evidence.site})")
    if evidence.place is Place.OTHER:
        reasons.append("but the countries differ")
    if evidence.place is Place.UNKNOWN:
        reasons.append("the country of one is not given")
    return reasons
