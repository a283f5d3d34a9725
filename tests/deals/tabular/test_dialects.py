"""Headers of Salesforce, HubSpot and others: what the rows are, and which column is which field."""

import pytest

from deals.tabular.dialects import Confidence, Dialect, HeaderError, overrule, recognise
from deals.tabular.fields import RecordKind

SF_API = "Id,IsDeleted,AccountId,Name,StageName,Amount,CloseDate,Type,IsClosed,IsWon,CurrencyIsoCode,OwnerId"
OPPORTUNITY = {
    "external_id": 0,
    "deleted": 1,
    "account_id": 2,
    "name": 3,
    "stage": 4,
    "amount": 5,
    "closes_on": 6,
    "is_closed": 8,
    "is_won": 9,
    "currency": 10,
    "owner": 11,
}


@pytest.mark.parametrize(
    ("header", "dialect"),
    [
        (SF_API, Dialect.SALESFORCE_API),
        (SF_API.upper(), Dialect.SALESFORCE_UPPER),
        (
            "id,is_deleted,account_id,name,stage_name,amount,close_date,type,is_closed,is_won,"
            "currency_iso_code,owner_id",
            Dialect.SALESFORCE_SNAKE,
        ),
    ],
)
def test_three_spellings_of_one_salesforce_object(header: str, dialect: Dialect) -> None:
    reading = recognise(header.split(","))
    assert (reading.kind, reading.dialect) == (RecordKind.OPPORTUNITIES, dialect)
    assert reading.columns == OPPORTUNITY
    assert reading.unused == (header.split(",")[7],)
    assert reading.questions == ()
    assert {match.confidence for match in reading.matches if match.field} == {Confidence.CERTAIN}


@pytest.mark.parametrize(
    ("header", "kind", "dialect", "mapping"),
    [
        (
            "Opportunity ID,Opportunity Name,Account Name,Stage,Amount,Close Date,Probability,Owner,Step",
            RecordKind.OPPORTUNITIES,
            Dialect.SALESFORCE_LABELS,
            "external_id,name,account,stage,amount,closes_on,,owner,",
        ),
        (
            "Record ID,Deal Name,Deal Stage,Amount,Deal owner,Close Date,Create Date,Pipeline,"
            "Associated Company,Associated Company IDs",
            RecordKind.OPPORTUNITIES,
            Dialect.HUBSPOT_LABELS,
            "external_id,name,stage,amount,owner,closes_on,opened_on,,account,account_id",
        ),
        (
            "Record ID,Company name,Company Domain Name,Website URL,Company owner,Industry,Country/Region",
            RecordKind.ACCOUNTS,
            Dialect.HUBSPOT_LABELS,
            "external_id,name,website,,owner,segment,country",
        ),
        (
            "deal_id,is_deleted,deal_pipeline_stage_id,owner_id,property_dealname,property_amount,"
            "property_closedate,property_createdate",
            RecordKind.OPPORTUNITIES,
            Dialect.HUBSPOT_NAMES,
            "external_id,deleted,stage,owner,name,amount,closes_on,opened_on",
        ),
        (
            "id,is_deleted,_fivetran_synced,property_name,property_industry,property_country",
            RecordKind.ACCOUNTS,
            Dialect.HUBSPOT_NAMES,
            "external_id,deleted,,name,segment,country",
        ),
        (
            "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value",
            RecordKind.OPPORTUNITIES,
            Dialect.GENERIC,
            "external_id,owner,offering,account,stage,opened_on,closes_on,amount",
        ),
        (
            "Id,IsDeleted,MasterRecordId,Name,ParentId,Website,Industry,OwnerId,SystemModstamp",
            RecordKind.ACCOUNTS,
            Dialect.SALESFORCE_API,
            "external_id,deleted,merged_into,name,parent,website,segment,owner,",
        ),
        (
            "id,account_id,activity_date,duration_in_minutes,is_deleted,subject,type,_fivetran_active,who_id",
            RecordKind.ACTIVITIES,
            Dialect.SALESFORCE_SNAKE,
            "external_id,account_id,happened_on,minutes,deleted,note,kind,active,",
        ),
        (
            "partner,kind,date,minutes,note",
            RecordKind.ACTIVITIES,
            Dialect.GENERIC,
            "partner,kind,happened_on,minutes,note",
        ),
        (
            "partner,intent,signed on,country",
            RecordKind.PARTNERS,
            Dialect.GENERIC,
            "name,intent,signed_on,country",
        ),
        ("id,name,domain,country", RecordKind.ACCOUNTS, Dialect.GENERIC, "external_id,name,website,country"),
    ],
)
def test_headers_as_they_are_exported(header: str, kind: RecordKind, dialect: Dialect, mapping: str) -> None:
    reading = recognise(header.split(","))
    assert (reading.kind, reading.dialect) == (kind, dialect)
    assert [match.field for match in reading.matches] == mapping.split(",")


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("Record ID,First Name,Last Name,Email", "people"),
        ("deal_id,merged_deal_id,_fivetran_synced", "merged deals"),
        ("_fivetran_start,_fivetran_end,id,stage_name,amount,close_date", "history of changes"),
        ("pipeline_id,display_order,label", "pipelines or stages"),
        ("a,b,c", "does not say what the records are"),
    ],
)
def test_other_lists_are_refused_by_name(header: str, said: str) -> None:
    with pytest.raises(HeaderError, match=said):
        recognise(header.split(","))


def test_a_person_may_say_the_kind() -> None:
    reading = recognise(["id", "name", "homepage"], kind="partners")
    assert (reading.kind, reading.kind_why) == (RecordKind.PARTNERS, "You said so.")
    assert reading.columns == {"external_id": 0, "name": 1, "website": 2}


def test_a_column_that_holds_something_is_preferred() -> None:
    header = ["Name", "Website", "BillingCountryCode", "BillingCountry", "OwnerId", "IsDeleted"]
    assert recognise(header).columns["country"] == 2
    reading = recognise(header, filled={0, 1, 3, 4})
    assert reading.columns["country"] == 3
    assert reading.matches[2].why == "Could also be country; “BillingCountry” is used."


def test_what_is_unsure_becomes_a_question() -> None:
    reading = recognise(["Name", "Name (2)", "office_location", "employees"])
    assert reading.questions == (
        "The header has “Name” more than once; the first is used for name.",
        "“office_location” probably means country.",
    )
    assert reading.matches[3].why == "Read as employees, which is not kept."


def test_what_is_missing_becomes_a_question() -> None:
    reading = recognise(["Website", "Country"], kind="accounts")
    assert [field.name for field in reading.missing] == ["name"]
    assert reading.questions == ("No column gives name. An account needs a name.",)


def test_a_person_may_overrule_the_mapping() -> None:
    reading = recognise(["id", "account", "legal name", "website"], kind="accounts")
    chosen = overrule(reading, {"Legal Name": "name", "website": ""})
    assert chosen.mapping == {"id": "external_id", "legal name": "name"}
    assert chosen.matches[2].confidence == Confidence.CHOSEN
    assert chosen.unused == ("account", "website")


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ({"nothing": "name"}, "no column “nothing”"),
        ({"account": "colour"}, "no field “colour”. They have: external_id, name"),
        ({"account": "employees"}, "no field “employees”"),
        ({"account": "name", "website": "name"}, "Both “account” and “website”"),
    ],
)
def test_an_impossible_mapping_is_refused_by_name(choices: dict[str, str], said: str) -> None:
    reading = recognise(["account", "website"], kind="accounts")
    with pytest.raises(HeaderError, match=said):
        overrule(reading, choices)
