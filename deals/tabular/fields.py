"""What can be loaded: the fields of each kind, and their names in the dialects of Salesforce and HubSpot.

Names are compared as keys (``key_of``): lower case, letters and digits only, without HubSpot's ``property_``
and Salesforce's ``__c``. The first name of a field that a header has is the one used.
"""

import re
from dataclasses import dataclass, field

from django.db.models import TextChoices


class RecordKind(TextChoices):
    """What the records of a file are."""

    ACCOUNTS = "accounts", "Accounts"
    OPPORTUNITIES = "opportunities", "Opportunities"
    PARTNERS = "partners", "Partners"
    ACTIVITIES = "activities", "Activities"


class Shape(TextChoices):
    """How a field's cells are read."""

    TEXT = "text"
    ID = "id"
    IDS = "ids"
    MONEY = "money"
    CURRENCY = "currency"
    DAY = "day"
    FLAG = "flag"
    COUNT = "count"
    WEBSITE = "website"
    COUNTRY = "country"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a column can fill.

    ``need`` names a group of which one field has to be there; ``without`` says what follows when it is not.
    ``weight`` is how strongly the name tells the kind; ``loose`` are names that only probably
    mean it. What is not ``kept`` only helps to tell the kind.
    """

    name: str
    label: str
    shape: Shape
    names: tuple[str, ...]
    need: str = ""
    without: str = ""
    weight: float = 0.0
    loose: frozenset[str] = field(default_factory=frozenset)
    limit: int = 255
    kept: bool = True


_PREFIX = re.compile(r"^property_+", re.IGNORECASE)
_CUSTOM = re.compile(r"(?:__|_)c$", re.IGNORECASE)
_REPEATED = re.compile(r" \(\d+\)$")
_NOT_LETTERS = re.compile(r"[\W_]+")


def key_of(column: str) -> str:
    """How a column's name is compared: ``CloseDate``, ``close_date`` and ``Close Date`` are one."""
    bare = _CUSTOM.sub("", _PREFIX.sub("", _REPEATED.sub("", column.strip())))
    return _NOT_LETTERS.sub("", bare.casefold()) or _NOT_LETTERS.sub("", column.casefold())


def is_custom(column: str) -> bool:
    """Whether the name is that of a field the company added to Salesforce (``…__c``)."""
    return _CUSTOM.search(column) is not None


def _field(name: str, label: str, shape: Shape, names: str, **more: object) -> Field:
    loose = frozenset(str(more.pop("loose", "")).split())
    return Field(name, label, shape, tuple(names.split()), loose=loose, **more)  # type: ignore[arg-type]


def _flags(kind_name: str) -> tuple[Field, ...]:
    """What exports say about records that are gone."""
    return (
        _field("deleted", "Deleted in the CRM", Shape.FLAG, "isdeleted deleted archived"),
        _field("dropped", "Dropped by the sync", Shape.FLAG, "fivetrandeleted"),
        _field("active", "Still in the CRM", Shape.FLAG, "fivetranactive"),
        _field(
            "merged_into",
            "Merged into",
            Shape.ID,
            f"masterrecordid mergedinto mergedinto{kind_name}id survivorid",
        ),
        _field(
            "merged_ids",
            "Ids merged into this one",
            Shape.IDS,
            "mergedrecordids hsmergedobjectids hscalculatedmergedvids mergeddealids mergedcompanyids"
            " mergedids",
            limit=4000,
        ),
    )


_ACCOUNTS = (
    _field(
        "external_id",
        "Id in the CRM",
        Shape.ID,
        "recordid accountid companyid id hsobjectid accountrecordid customerid crmid externalid",
    ),
    _field(
        "name",
        "Name",
        Shape.TEXT,
        "accountname companyname account company customer customername organisation organization name",
        need="name",
        without="An account needs a name.",
        weight=1.0,
    ),
    _field(
        "website",
        "Website",
        Shape.WEBSITE,
        "companydomainname website domain websiteurl homepageurl homepage url web",
        weight=1.0,
    ),
    _field(
        "country",
        "Country",
        Shape.COUNTRY,
        "billingcountrycode billingcountry country countryregion countrycode shippingcountrycode"
        " shippingcountry officelocation hqcountry location",
        weight=0.5,
        loose="officelocation location",
    ),
    _field("segment", "Segment", Shape.TEXT, "industry sector segment vertical", limit=80, weight=1.0),
    _field("customer", "Already a customer", Shape.TEXT, "type accounttype lifecyclestage iscustomer"),
    _field("named", "Named account", Shape.FLAG, "isnamed namedaccount houseaccount"),
    _field(
        "parent",
        "Parent account",
        Shape.TEXT,
        "parentid parentaccountid parentcompanyid parentaccount parentcompany subsidiaryof parent",
        weight=0.5,
    ),
    _field(
        "owner",
        "Owner",
        Shape.PERSON,
        "accountowner companyowner owner ownername owneremail ownerid hubspotownerid salesagent",
        limit=120,
    ),
    *_flags("account"),
    # Not kept, but they tell that the rows are accounts.
    _field("employees", "Employees", Shape.COUNT, "numberofemployees employees", weight=1.5, kept=False),
    _field("revenue", "Revenue", Shape.MONEY, "annualrevenue revenue", weight=1.0, kept=False),
)
_OPPORTUNITIES = (
    _field(
        "external_id",
        "Id in the CRM",
        Shape.ID,
        "opportunityid dealid recordid id hsobjectid opportunityidpk crmid externalid",
        weight=0.0,
    ),
    _field(
        "name",
        "Name",
        Shape.TEXT,
        "opportunityname dealname opportunity deal name title",
        need="name",
        without="It is made from account and product.",
        weight=0.5,
    ),
    _field(
        "account_id",
        "Id of the account",
        Shape.ID,
        "accountid associatedcompanyids associatedcompanyid companyid customerid",
        need="name",
    ),
    _field(
        "account",
        "Account",
        Shape.TEXT,
        "accountname associatedcompany account company companyname customer customername customercompanyname",
        need="name",
    ),
    _field(
        "offering", "Product", Shape.TEXT, "product productname offering solution", need="name", weight=1.0
    ),
    _field(
        "stage",
        "Stage",
        Shape.TEXT,
        "stagename dealstage dealpipelinestageid dealstageid stage salesstage"
        " opportunitystage opportunitystagename",
        need="stage",
        without="All are taken as open.",
        weight=2.0,
        limit=80,
    ),
    _field("is_closed", "Closed", Shape.FLAG, "isclosed closed hsisclosed", need="stage", weight=1.0),
    _field("is_won", "Won", Shape.FLAG, "iswon won hsisclosedwon closedwon", weight=1.0),
    _field(
        "amount",
        "Amount",
        Shape.MONEY,
        "amount closevalue dealamount value dealvalue opportunityamount tcv acv expectedrevenue",
        weight=1.0,
        loose="expectedrevenue value",
    ),
    _field(
        "currency",
        "Currency",
        Shape.CURRENCY,
        "currencyisocode dealcurrencycode currency currencycode amountcurrency",
    ),
    _field(
        "closes_on",
        "Close date",
        Shape.DAY,
        "closedate expectedclosedate closingdate targetclosedate closeson",
        weight=2.0,
    ),
    _field(
        "opened_on",
        "Opened on",
        Shape.DAY,
        "createddate createdate engagedate openedon opendate created createdat creationdate startdate",
    ),
    _field(
        "owner",
        "Owner",
        Shape.PERSON,
        "opportunityowner dealowner owner ownername owneremail salesagent salesrep agent"
        " ownerid hubspotownerid",
        weight=0.5,
        limit=120,
    ),
    *_flags("opportunity"),
    _field(
        "probability", "Probability", Shape.COUNT, "probability probabilitypercent", weight=1.0, kept=False
    ),
)
_PARTNERS = (
    _field(
        "external_id",
        "Id in the CRM",
        Shape.ID,
        "partnerid recordid id accountid companyid partneraccountid crmid",
    ),
    _field(
        "name",
        "Name",
        Shape.TEXT,
        "partnername partner partneraccount accountname companyname company organisation organization name",
        need="name",
        without="A partner needs a name.",
        weight=1.0,
        limit=200,
    ),
    _field(
        "website",
        "Website",
        Shape.WEBSITE,
        "companydomainname website domain websiteurl homepageurl homepage url",
        weight=1.0,
    ),
    _field(
        "country",
        "Country",
        Shape.COUNTRY,
        "billingcountrycode billingcountry country countryregion countrycode hqcountry",
        weight=0.5,
    ),
    _field(
        "intent",
        "What the partnership is for",
        Shape.TEXT,
        "intent partnertype partnershiptype motion",
        limit=40,
        weight=2.0,
    ),
    _field("status", "Status", Shape.TEXT, "partnerstatus status agreementstatus", limit=40, weight=0.5),
    _field(
        "signed_on",
        "Signed on",
        Shape.DAY,
        "signedon signed joined joinedon agreementdate contractdate partnersince signaturedate",
        weight=2.0,
    ),
    _field(
        "owner",
        "Partner manager",
        Shape.PERSON,
        "partnermanager channelmanager manager owner owneremail",
        limit=120,
        weight=0.5,
    ),
    *_flags("partner"),
    _field("tier", "Tier", Shape.TEXT, "tier partnertier level partnerlevel program", weight=1.0, kept=False),
)
_ACTIVITIES = (
    _field("external_id", "Id in the CRM", Shape.ID, "activityid id recordid taskid eventid engagementid"),
    _field(
        "partner",
        "Partner",
        Shape.TEXT,
        "partner partnername partnerslug partnerid cosellpartneraccount partneraccount referralaccount"
        " company account accountname",
        need="partner",
        without="An activity is with a partner.",
        weight=1.0,
    ),
    _field(
        "account_id",
        "Id of the partner's account",
        Shape.ID,
        "accountid companyid associatedcompanyids whatid",
        need="partner",
    ),
    _field(
        "kind",
        "Kind",
        Shape.TEXT,
        "partneractivitytype activitytype type kind tasksubtype eventsubtype activity",
        limit=80,
        weight=0.5,
    ),
    _field(
        "happened_on",
        "Day",
        Shape.DAY,
        "activitydate activitydatetime startdatetime happenedon date day duedate start occurredat"
        " completeddatetime",
        need="day",
        without="An activity has a day.",
        weight=2.0,
    ),
    _field(
        "minutes",
        "Minutes",
        Shape.COUNT,
        "durationinminutes minutes duration durationminutes durationmins",
        weight=2.0,
    ),
    _field("seconds", "Length of the call in seconds", Shape.COUNT, "calldurationinseconds", weight=1.0),
    _field("note", "Subject", Shape.TEXT, "subject note title description summary", limit=4000, weight=1.0),
    _field(
        "logged_by",
        "Logged by",
        Shape.PERSON,
        "assignedtoname assignedto loggedby owner ownername ownerid",
        limit=120,
    ),
    *_flags("activity"),
    _field("person", "Person met", Shape.ID, "whoid", weight=1.5, kept=False),
)

FIELDS: dict[RecordKind, tuple[Field, ...]] = {
    RecordKind.ACCOUNTS: _ACCOUNTS,
    RecordKind.OPPORTUNITIES: _OPPORTUNITIES,
    RecordKind.PARTNERS: _PARTNERS,
    RecordKind.ACTIVITIES: _ACTIVITIES,
}
