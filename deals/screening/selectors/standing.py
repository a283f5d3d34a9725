"""What stands against a claim on an account. Staff side only: this sees every partner's rows."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta

from django.db.models import Model, Q

from deals.accounts.lookup import Matched
from deals.common.calendar import day_began, day_of
from deals.matching.evidence import Party
from deals.matching.match import Band, compare
from deals.models import (
    Account,
    Conflict,
    CustomerChoice,
    EngagementRule,
    Opportunity,
    OpportunityState,
    Protection,
    Registration,
    Source,
)
from deals.rules.lifecycle import LIVE, ConflictKind, State
from deals.screening.rules.standing import Fact, Finding, How, severity_of
from deals.screening.selectors.engagement import choice_findings, rule_findings, rules_in_force
from partners.core.reading import Question, answers
from partners.core.scope import current_program_id
from partners.models import Program

type Tables = set[type[Model]]

# A function of the database (migration 0014), in the order of `_TABLES`.
_THERE = """
    SELECT conflicts, registrations, protections, opportunities, choices, rules
    FROM prm_stands_on(%s, %s::bigint[])
"""
_TABLES: tuple[type[Model], ...] = (
    Conflict,
    Registration,
    Protection,
    Opportunity,
    CustomerChoice,
    EngagementRule,
)
_UNDECIDED = frozenset({State.IN_REVIEW, State.NEEDS_INFO})
# A parent or sister company of the customer is another customer.
_MAY_BE = frozenset({Band.SAME, Band.POSSIBLE})


def party_claimed(registration: Registration) -> Party:
    """The customer of a registration as the matcher reads it."""
    sites = (registration.website,) if registration.website else ()
    return Party(name=registration.customer_name, websites=sites, country=registration.country)


def tables_with(accounts: Collection[int]) -> Tables:
    """Which tables have rows on these accounts that could stand against a claim; the others are empty."""
    return tables_of(answers(exists_on(accounts))[0])


def exists_on(accounts: Collection[int]) -> Question:
    """What ``tables_with`` asks, for whoever has more to ask in the same round trip."""
    return _THERE, [current_program_id(), list(accounts)]


def tables_of(found: Sequence[Sequence[bool]]) -> Tables:
    """What the answer to ``exists_on`` says."""
    return {model for model, there in zip(_TABLES, found[0], strict=True) if there}


def claims_on(registration: Registration, matched: list[Matched], there: Tables) -> list[Registration]:
    """Live and undecided claims that may be for the same customer and offering, the earliest first.

    Besides those on a matched account these are claims still in review for which one of the accounts is only
    possible; they count when they name the same customer.
    """
    accounts = [found.account.pk for found in matched]
    sure = {found.account.pk for found in matched if found.is_same}
    if not there & {Conflict, Registration}:
        return []
    doubts = Conflict.objects.filter(account__in=accounts, closed_at__isnull=True)
    doubted = set(doubts.values_list("registration_id", flat=True)) if Conflict in there else set()
    rows = (
        Registration.objects.filter(
            Q(account__in=accounts) | Q(pk__in=doubted),
            state__in=LIVE,
            offering_id=registration.offering_id,
        )
        .exclude(pk=registration.pk)
        .select_related("partner")
        .order_by("claimed_at", "pk")
    )
    mine = party_claimed(registration)
    return [
        row for row in rows if row.account_id in sure or compare(mine, party_claimed(row)).band in _MAY_BE
    ]


def claims_placed_nowhere(registration: Registration) -> list[Registration]:
    """Undecided claims whose customer is on no account yet and may be the same, the earliest first."""
    rows = Registration.objects.filter(
        account__isnull=True, state__in=_UNDECIDED, offering_id=registration.offering_id
    ).exclude(pk=registration.pk)
    mine = party_claimed(registration)
    return [
        row
        for row in rows.select_related("partner").order_by("claimed_at", "pk")[:200]
        if compare(mine, party_claimed(row)).band in _MAY_BE
    ]


def own_earlier_claim(registration: Registration, claims: Iterable[Registration]) -> Registration | None:
    """The same partner's live claim for the same customer and offering, if there is one."""
    mine = party_claimed(registration)
    for claim in claims:
        if claim.partner_id != registration.partner_id:
            continue
        same_account = claim.account_id is not None and claim.account_id == registration.account_id
        if same_account or compare(mine, party_claimed(claim)).band is Band.SAME:
            return claim
    return None


def findings_against(
    registration: Registration,
    matched: list[Matched],
    claims: list[Registration],
    there: Tables,
    *,
    program: Program,
    moment: datetime,
    notice_days: int,
) -> list[Finding]:
    """Everything that stands against ``registration`` on the accounts it is or may be about.

    A sale of ours up to ``notice_days`` before the claim shows that the claim came late (R126).
    """
    by_id = {found.account.pk: found for found in matched}
    findings = [finding for found in matched for finding in _by_account(found)]
    if CustomerChoice in there:
        findings += choice_findings(registration, matched, program=program)
    findings += rule_findings(registration, matched, rules_in_force() if EngagementRule in there else [])
    # Not "contains": one that began while this claim waited for its turn counts, too.
    protections = _protections(by_id, registration, moment) if Protection in there else []
    findings += [_protected(row, by_id[row.account_id], registration) for row in protections]
    if Opportunity in there:
        held = {row.registration.opportunity_id for row in protections}
        since = day_of(moment, program.timezone) - timedelta(days=notice_days)
        findings += [
            _on_our_side(row, by_id[row.account_id], registration, program)
            for row in _opportunities(by_id, registration, since)
            if row.pk not in held and row.account_id is not None
        ]
    return findings + earlier_claims(registration, claims, by_id)


def findings_on_unknown(
    registration: Registration, claims: list[Registration], rules: list[EngagementRule]
) -> list[Finding]:
    """What stands against a claim on a customer nobody knows: where it is, and who claimed it before."""
    return rule_findings(registration, [], rules) + earlier_claims(registration, claims, {})


def earlier_claims(
    registration: Registration, claims: list[Registration], by_id: dict[int, Matched]
) -> list[Finding]:
    """Other partners' undecided claims that were made before this one."""
    return [
        _earlier_claim(row, by_id)
        for row in claims
        if row.state in _UNDECIDED
        and row.partner_id != registration.partner_id
        and _is_earlier(row, registration)
    ]


def _is_earlier(row: Registration, registration: Registration) -> bool:
    """Whether a claim was made before this one; one that is screened again may be the elder itself."""
    if row.claimed_at is None or registration.claimed_at is None:
        return True
    return (row.claimed_at, row.pk) < (registration.claimed_at, registration.pk or row.pk + 1)


def _protections(accounts: Iterable[int], registration: Registration, moment: datetime) -> list[Protection]:
    # One whose extension was asked for in time holds until that is decided.
    waits = Q(registration__state=State.APPROVED, registration__extension_asked_at__isnull=False)
    return list(
        Protection.objects.filter(Q(period__endswith__gt=moment) | waits, account__in=list(accounts))
        .exclude(partner_id=registration.partner_id)
        .select_related("partner", "registration", "offering")
    )


def _opportunities(accounts: Iterable[int], registration: Registration, since: date) -> list[Opportunity]:
    """Open ones that are not the partner's, and our own sales from ``since`` on."""
    sold = Q(
        Q(offering__isnull=True) | Q(offering_id=registration.offering_id),
        state=OpportunityState.WON,
        source=Source.DIRECT,
        closed_on__gte=since,
    )
    return list(
        Opportunity.objects.filter(
            Q(state=OpportunityState.OPEN) | sold,
            Q(partner__isnull=True) | ~Q(partner_id=registration.partner_id),
            account__in=list(accounts),
            removed_at__isnull=True,
        )
        .select_related("partner")
        .order_by("opened_on", "pk")[:50]
    )


def _about(found: Matched) -> Fact:
    account = found.account
    reasons = "; ".join(found.match.reasons) or "the names agree"
    sure = "The customer is the account" if found.is_same else "The customer may be the account"
    return Fact(f"{sure} {account.name}: {reasons}", None, "account", account.public_id)


def _by_account(found: Matched) -> list[Finding]:
    """What the account itself says."""
    account, about = found.account, _about(found)
    says = []
    if account.is_customer:
        says.append((ConflictKind.EXISTING_CUSTOMER, f"{account.name} is an existing customer"))
    if account.is_named:
        says.append((ConflictKind.NAMED_ACCOUNT, f"{account.name} is a named or house account"))
    findings = [
        Finding(
            kind=kind,
            severity=severity_of(kind, sure=found.is_same),
            account_id=account.pk,
            score=found.match.score,
            facts=(about, Fact(_owned(fact, account), account.created_at, "account", account.public_id)),
        )
        for kind, fact in says
    ]
    if not found.is_same:
        findings.append(
            Finding(
                kind=ConflictKind.POSSIBLE_ACCOUNT,
                severity=severity_of(ConflictKind.POSSIBLE_ACCOUNT),
                account_id=account.pk,
                score=found.match.score,
                facts=(about,),
            )
        )
    return findings


def _owned(fact: str, account: Account) -> str:
    return f"{fact}, owned by {account.owner_name}" if account.owner_name else fact


def _protected(row: Protection, found: Matched, registration: Registration) -> Finding:
    same = row.offering_id == registration.offering_id
    until = f"{row.period.upper:%-d %b %Y}" if row.period.upper else "further notice"
    fact = f"{row.partner.name} is protected for {row.offering.name} until {until}"
    return Finding(
        kind=ConflictKind.PROTECTED,
        severity=severity_of(ConflictKind.PROTECTED, How.OURS if same else How.OTHER, sure=found.is_same),
        account_id=row.account_id,
        score=found.match.score,
        rival_registration_id=row.registration_id,
        facts=(_about(found), Fact(fact, row.period.lower, "registration", row.registration.public_id)),
    )


def _on_our_side(row: Opportunity, found: Matched, registration: Registration, program: Program) -> Finding:
    if row.state == OpportunityState.OPEN:
        return _open_opportunity(row, found, registration, program)
    owner = f", owner {row.owner_name}" if row.owner_name else ""
    fact = f"We won “{row.name}” ourselves{owner}"
    at = day_began(row.closed_on or row.opened_on, program.timezone)
    return Finding(
        kind=ConflictKind.LATE,
        severity=severity_of(ConflictKind.LATE, sure=found.is_same),
        account_id=found.account.pk,
        score=found.match.score,
        rival_opportunity_id=row.pk,
        facts=(_about(found), Fact(fact, at, "opportunity", row.public_id)),
    )


def _open_opportunity(
    row: Opportunity, found: Matched, registration: Registration, program: Program
) -> Finding:
    whose = f"sourced by {row.partner.name}" if row.partner else "our own"
    if row.source == Source.ROUTED and row.partner:
        whose = f"routed to {row.partner.name}"
    stage = f", stage {row.stage}" if row.stage else ""
    owner = f", owner {row.owner_name}" if row.owner_name else ""
    fact = f"Open opportunity “{row.name}” ({whose}{stage}{owner})"
    # Another offering is another sale; whether both can run side by side is for a person to say.
    ours = row.source == Source.DIRECT and row.offering_id in (None, registration.offering_id)
    return Finding(
        kind=ConflictKind.OPEN_OPPORTUNITY,
        severity=severity_of(
            ConflictKind.OPEN_OPPORTUNITY, How.OURS if ours else How.OTHER, sure=found.is_same
        ),
        account_id=found.account.pk,
        score=found.match.score,
        rival_opportunity_id=row.pk,
        facts=(
            _about(found),
            Fact(fact, day_began(row.opened_on, program.timezone), "opportunity", row.public_id),
        ),
    )


def _earlier_claim(row: Registration, by_id: dict[int, Matched]) -> Finding:
    found = by_id.get(row.account_id or 0) or next(iter(by_id.values()), None)
    fact = Fact(
        f"{row.partner.name} claimed it first, as {row.customer_name}; not decided yet",
        row.claimed_at,
        "registration",
        row.public_id,
    )
    return Finding(
        kind=ConflictKind.EARLIER_CLAIM,
        severity=severity_of(ConflictKind.EARLIER_CLAIM),
        account_id=found.account.pk if found else None,
        score=found.match.score if found else None,
        rival_registration_id=row.pk,
        facts=(_about(found), fact) if found else (fact,),
    )
