"""The shape of an access table: who × URL × method says the answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.support.cast import Cast

STAFF = ("leader", "manager", "ops", "rep", "sponsor")
ALDER = ("alder_admin", "alder_seller")
# They must never find anything of the first program's: 404 (nobody: 302 to sign-in, or 401 by API).
OUTSIDERS = ("other_leader", "cedar_admin", "stranger")
EVERYONE = (*STAFF, *ALDER, "birch_admin", *OUTSIDERS, "nobody")


def _no_kwargs(_cast: Cast) -> dict[str, Any]:
    return {}


def _no_data(_cast: Cast) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Row:
    """One URL name and method with the expected status for everybody.

    ``kwargs`` gives the URL's arguments besides ``program``; ``data`` the body (form data, or JSON under
    ``/api/``). ``expected`` must name all of ``EVERYONE``.
    """

    name: str
    method: str
    expected: Mapping[str, int]
    kwargs: Callable[[Cast], dict[str, Any]] = _no_kwargs
    data: Callable[[Cast], dict[str, Any]] = _no_data

    def __str__(self) -> str:
        return f"{self.method} {self.name}"


def staff_page(allowed: tuple[str, ...], status: int = 200) -> dict[str, int]:
    """A workspace page: ``allowed`` staff get ``status``, other staff 403, everybody else 404, nobody 302."""
    return {
        **dict.fromkeys(STAFF, 403),
        **dict.fromkeys(allowed, status),
        **dict.fromkeys((*ALDER, "birch_admin", *OUTSIDERS), 404),
        "nobody": 302,
    }


def portal_page(alder: int = 200, *, seller: int | None = None, birch: int = 404) -> dict[str, int]:
    """A portal page about one of Alder's rows (``birch`` 200 where every partner sees their own)."""
    return {
        **dict.fromkeys((*STAFF, *OUTSIDERS), 404),
        "alder_admin": alder,
        "alder_seller": alder if seller is None else seller,
        "birch_admin": birch,
        "nobody": 302,
    }


def api(
    staff: tuple[str, ...],
    status: int = 200,
    *,
    alder: int = 403,
    seller: int | None = None,
    birch: int = 403,
) -> dict[str, int]:
    """An API resource: other staff 403, outsiders 404, nobody 401."""
    return {
        **dict.fromkeys(STAFF, 403),
        **dict.fromkeys(staff, status),
        "alder_admin": alder,
        "alder_seller": alder if seller is None else seller,
        "birch_admin": birch,
        **dict.fromkeys(OUTSIDERS, 404),
        "nobody": 401,
    }
