"""Public ids: random, so that neither order nor count can be read from them (DESIGN §8)."""

import secrets

# Crockford's base 32 in lower case: no i, l, o, u, so an id can be read out over a telephone.
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 14


def new_public_id() -> str:
    """Fourteen random characters, 70 bits."""
    number = secrets.randbits(5 * LENGTH)
    return "".join(_ALPHABET[(number >> (5 * i)) & 31] for i in range(LENGTH))
