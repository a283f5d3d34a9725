"""Kinds of activity. Participation is shown under pipeline and never blended into it (R63)."""

from django.db.models import TextChoices


class Nature(TextChoices):
    """What an activity is worth as evidence: effort spent, or merely taking part."""

    WORK = "work", "Work"
    PARTICIPATION = "participation", "Participation"


class ActivityKind(TextChoices):
    """Something that happened with a partner."""

    MEETING = "meeting", "Meeting"
    CALL = "call", "Call"
    EMAIL = "email", "E-mail"
    TRAINING_GIVEN = "training_given", "Training given"
    JOINT_CALL = "joint_call", "Joint customer call"
    REFERENCE = "reference", "Reference, press or introduction"
    OTHER_WORK = "other_work", "Other work"
    LOGIN = "login", "Login"
    CERTIFICATE = "certificate", "Certificate"
    EVENT = "event", "Event attended"
    DOWNLOAD = "download", "Download"


_PARTICIPATION = frozenset(
    {ActivityKind.LOGIN, ActivityKind.CERTIFICATE, ActivityKind.EVENT, ActivityKind.DOWNLOAD}
)


def nature_of(kind: ActivityKind) -> Nature:
    """Participation for logins, certificates, events and downloads; work for everything else."""
    return Nature.PARTICIPATION if kind in _PARTICIPATION else Nature.WORK
