"""Which site a customer's website or e-mail address belongs to. Pure: the suffix list is the bundled one.

The private part of the public suffix list is honoured, so ``anna.github.io`` and ``bert.github.io`` are two
sites, while ``shop.acme.co.uk`` and ``www.acme.co.uk`` are one.
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache

import idna
import tldextract

from deals.matching import tables

# No list is ever fetched and no cache is written: the same answer on every machine.
_EXTRACT = tldextract.TLDExtract(
    suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True, fallback_to_snapshot=True
)
_SCHEME = re.compile(r"^[a-z][a-z0-9+-]*:/{0,2}|^/{2}", re.IGNORECASE)
_PATH = re.compile(r"[/?#\\]")
_HOST_END = re.compile(r"[\s,;<>\"'|]")
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)+")
_HOST_DOTS = str.maketrans({"。": ".", "．": ".", "｡": "."})
# A first label that names a door of the same house, not another organisation.
_DOORS = frozenset(
    [
        "www",
        "www1",
        "www2",
        "www3",
        "ww2",
        "web",
        "m",
        "mobile",
        "home",
        "en",
        "de",
        "fr",
        "es",
        "it",
        "pt",
        "nl",
        "pl",
        "ru",
        "jp",
        "cn",
        "us",
        "uk",
        "eu",
        "int",
        "global",
        "intl",
        "corp",
        "corporate",
        "company",
        "about",
        "info",
        "group",
        "shop",
        "store",
        "buy",
        "mail",
        "email",
        "webmail",
        "ir",
        "investor",
        "investors",
        "portal",
        "blog",
        "english",
        "ja",
        "zh",
        "ko",
        "tw",
        "hk",
        "sg",
        "in",
        "ca",
        "au",
        "br",
        "kr",
    ]
)
_MAX_INPUT = 2048


@dataclass(frozen=True, slots=True)
class Site:
    """Where a website or address lives.

    ``domain`` is the registrable domain in ASCII (``acme.co.uk``), ``host`` the host without doors such as
    ``www.`` (``labs.acme.co.uk``), ``label`` the domain without its ending, in its own
    alphabet (``acme``, ``münchen``). ``own`` is false when
    the domain is free mail or a shared host, and then says nothing about who the customer is.
    """

    domain: str
    host: str
    label: str
    own: bool

    @property
    def is_root(self) -> bool:
        """True for the domain itself, false for a department's host below it."""
        return self.host == self.domain


@lru_cache(maxsize=16_384)
def site_of(website_or_email: str) -> Site | None:
    """The site behind ``https://www.acme.com/x``, ``acme.com``, ``anna@acme.com`` or ``Anna
    <anna@acme.com>``.

    None when there is no public host name in it: a word, a number address, ``localhost``, an unknown ending.
    """
    host = _host_of(website_or_email)
    if host is None:
        return None
    found = _EXTRACT.extract_str(host)
    domain = found.top_domain_under_public_suffix
    if not domain:
        return _bare_shared_host(found.suffix) if found.is_private else None
    subdomain = ".".join(part for part in found.subdomain.split(".") if part and part not in _DOORS)
    return Site(
        domain=domain,
        host=f"{subdomain}.{domain}" if subdomain else domain,
        label=_readable(found.domain),
        own=not (is_free_mail(domain) or is_shared_host(domain)),
    )


def registrable_domain(website_or_email: str) -> str | None:
    """The domain somebody registered, in ASCII and lower case, or None when the text holds none."""
    site = site_of(website_or_email)
    return site.domain if site else None


def is_free_mail(domain: str) -> bool:
    """True for providers that give an address to anyone; ``domain`` as `registrable_domain` returns it."""
    return domain in tables.words("free_mail") or domain.split(".", 1)[0] in _everywhere("free_mail")


def is_shared_host(domain: str) -> bool:
    """True for sites on which many organisations keep a page (social networks, site builders, catalogues)."""
    return domain in tables.words("shared_hosts") or domain.split(".", 1)[0] in _everywhere("shared_hosts")


@cache
def _everywhere(table: str) -> frozenset[str]:
    """Names the table gives without an ending: they count with every ending."""
    return frozenset(word for word in tables.words(table) if "." not in word)


def _readable(label: str) -> str:
    """The label as people write it: ``xn--mnchen-3ya`` is ``münchen``."""
    if not label.startswith("xn--"):
        return label
    try:
        return idna.decode(label)
    except (idna.IDNAError, UnicodeError):
        return label


def _bare_shared_host(suffix: str) -> Site:
    """``blogspot.com`` itself: a suffix to everyone else, so there is no customer below it to name."""
    return Site(domain=suffix, host=suffix, label=suffix.split(".", 1)[0], own=False)


def _host_of(text: str) -> str | None:
    """The host name in ``text`` in lower-case ASCII, or None."""
    text = _SCHEME.sub("", text[:_MAX_INPUT].strip().translate(_HOST_DOTS).strip("<>()[]\"' "))
    # What stands before the last @ is a mailbox or a user name; an @ in a path is neither.
    text = _PATH.split(text, maxsplit=1)[0].rpartition("@")[2]
    host = _HOST_END.split(text, maxsplit=1)[0].split(":", 1)[0].strip(".").lower()
    if "." not in host:
        return None
    if not host.isascii() or "xn--" in host:
        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            return None
    if len(host) > 253 or not _HOST.fullmatch(host) or host.replace(".", "").isdigit():
        return None
    return host
