from partners.models.activity import Activity
from partners.models.ledger import CellMark, ClosedMonth, LedgerEntry
from partners.models.line import CompetingLine
from partners.models.notice import Notice
from partners.models.partner import Intent, Partner, PartnerStatus
from partners.models.people import ApiToken, Invitation, PersonalLink, Seat, StoredAnswer, User
from partners.models.program import Charter, Offering, Origin, Program
from partners.models.request import PartnerRequest

__all__ = [
    "Activity",
    "ApiToken",
    "CellMark",
    "Charter",
    "ClosedMonth",
    "CompetingLine",
    "Intent",
    "Invitation",
    "LedgerEntry",
    "Notice",
    "Offering",
    "Origin",
    "Partner",
    "PartnerRequest",
    "PartnerStatus",
    "PersonalLink",
    "Program",
    "Seat",
    "StoredAnswer",
    "User",
]
