from deals.models.account import Account, AccountKey
from deals.models.benefit import BenefitDelivery
from deals.models.conflict import CompEffect, Conflict, Ruling
from deals.models.engagement import CustomerChoice, EngagementRule
from deals.models.imports import Import, ImportPiece, ImportProblem, ImportState
from deals.models.lead import Lead, LeadOffer
from deals.models.lists import ListCheck, ListRow
from deals.models.merge import AccountMerge
from deals.models.opportunity import Opportunity, OpportunityState, Source, StageChange
from deals.models.registration import Protection, Registration
from deals.models.statement import Statement
from deals.models.touch import Touch

__all__ = [
    "Account",
    "AccountKey",
    "AccountMerge",
    "BenefitDelivery",
    "CompEffect",
    "Conflict",
    "CustomerChoice",
    "EngagementRule",
    "Import",
    "ImportPiece",
    "ImportProblem",
    "ImportState",
    "Lead",
    "LeadOffer",
    "ListCheck",
    "ListRow",
    "Opportunity",
    "OpportunityState",
    "Protection",
    "Registration",
    "Ruling",
    "Source",
    "StageChange",
    "Statement",
    "Touch",
]
