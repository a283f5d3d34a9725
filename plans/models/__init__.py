from plans.models.checkin import CheckIn
from plans.models.commitment import Commitment
from plans.models.milestone import Milestone
from plans.models.plan import Plan

__all__ = ["CheckIn", "Commitment", "Milestone", "Plan"]
