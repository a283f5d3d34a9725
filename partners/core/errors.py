"""What can be refused, and how. One family; screens, API and commands each map it once.

A sentence is written for the person who meets it: what is wrong and what to do.
"""

from collections.abc import Mapping


class DomainError(Exception):
    """A refusal with a stable ``code``, a sentence, and the field it belongs to, if any."""

    status = 400

    def __init__(
        self, code: str, sentence: str, *, field: str | None = None, extra: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.field = field
        self.extra = dict(extra or {})


class NotAllowed(DomainError):
    """The actor may look but not do this."""

    status = 403

    def __init__(
        self, sentence: str = "Your role does not allow this.", *, code: str = "not_allowed"
    ) -> None:
        super().__init__(code, sentence)


class NotFound(DomainError):
    """It is not there, or the actor may not know that it is."""

    status = 404

    def __init__(self, sentence: str = "There is nothing here.", *, code: str = "not_found") -> None:
        super().__init__(code, sentence)


class Clash(DomainError):
    """The present state of things stands against it (an illegal move, a row that already exists)."""

    status = 409


class Stale(DomainError):
    """Someone else changed the row since it was read."""

    status = 412

    def __init__(
        self,
        sentence: str = "Somebody changed this since you opened it. Look at the new version and try again.",
    ) -> None:
        super().__init__("stale", sentence)


class RuleBroken(DomainError):
    """The input breaks a rule; ``field`` says where."""

    status = 422


class FieldErrors(RuleBroken):
    """Several inputs break rules at once; ``errors`` maps field to sentences."""

    def __init__(self, errors: Mapping[str, list[str]]) -> None:
        first = next(iter(errors.values()))[0] if errors else "Please check the fields."
        super().__init__("invalid", first)
        self.errors = {name: list(sentences) for name, sentences in errors.items()}
