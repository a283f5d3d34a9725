"""Everybody who belongs has notices of their own, at their own door."""

from tests.access.rows import STAFF, Row, api, portal_page, staff_page

_MUTE = {"kind": "progress", "muted": True}


def _api(status: int = 200) -> dict[str, int]:
    return api(STAFF, status, alder=status, birch=status)


ROWS = [
    Row("partners:notices", "GET", staff_page(STAFF)),
    Row("partners:notices_read", "POST", staff_page(STAFF, 302)),
    Row("partners:notices_mute", "POST", staff_page(STAFF, 302), data=lambda _cast: _MUTE),
    Row("partners:portal_notices", "GET", portal_page(birch=200)),
    Row("partners:portal_notices_read", "POST", portal_page(302, birch=302)),
    Row("partners:portal_notices_mute", "POST", portal_page(302, birch=302), data=lambda _cast: _MUTE),
    Row("api:notices", "GET", _api()),
    Row("api:notices_read", "POST", _api()),
    Row("api:notices_mail", "POST", _api(), data=lambda _cast: _MUTE),
]
