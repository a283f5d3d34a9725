"""Which organisation stands behind a website or an e-mail address. Pure: the suffix list is the bundled one.

Only names what looks like the same organisation; deals have a matcher of their own, which decides.
"""

from functools import lru_cache

import tldextract

_EXTRACT = tldextract.TLDExtract(
    suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True, fallback_to_snapshot=True
)
# Many organisations live here, so the domain says nothing about which one.
_SHARED = frozenset((
    "gmail", "googlemail", "outlook", "hotmail", "live", "msn", "yahoo", "ymail", "icloud", "me", "aol",
    "gmx", "web", "t-online", "proton", "protonmail", "mail", "qq", "163", "yandex", "zoho", "orange",
    "wanadoo", "libero", "facebook", "linkedin", "instagram", "xing", "twitter", "x", "youtube", "linktr",
    "google",
))  # fmt: skip


@lru_cache(maxsize=4096)
def domain_of(website_or_email: str) -> str:
    """The registered domain in lower case: ``acme.co.uk`` for ``https://www.acme.co.uk/x``.

    Empty when there is none, or when it is one that many share (free mail, social networks).
    """
    try:
        found = _EXTRACT.extract_str(website_or_email.strip()[:255])
    except ValueError:
        return ""
    if found.domain.lower() in _SHARED:
        return ""
    if not found.suffix and found.subdomain:  # an ending the list does not know: the last two labels
        return f"{found.subdomain.rpartition('.')[2]}.{found.domain}".lower()
    return found.top_domain_under_public_suffix.lower()
