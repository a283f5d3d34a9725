"""Public ids: random, so that neither order nor count can be read from them (DESIGN §8)."""

import secrets

# Crockford's base 32 in lower case: no i, l, o, u, so an id can be read out over a telephone.
_ALPHABET = b"0123456789abcdefghjkmnpqrstvwxyz"
_LETTER_OF_BYTE = _ALPHABET * 8  # each for eight of the 256, so none comes more often
LENGTH = 14


def new_public_id() -> str:
    """Fourteen random characters, 70 bits."""
    return secrets.token_bytes(LENGTH).translate(_LETTER_OF_BYTE).decode()
