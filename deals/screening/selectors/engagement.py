"""Customers' written choices, rules of engagement and coverage, as they bear on a claim. Staff side."""

from collections.abc import Collection, Iterable, Sequence

from django.db.models import QuerySet

from deals.accounts.lookup import Matched
from deals.common.calendar import day_began
from deals.models import Account, CustomerChoice, EngagementRule, Registration
from deals.rules.engagement import Customer, EngagementTerms, Stance, outside_coverage, rule_for
from deals.rules.lifecycle import ConflictKind
from deals.screening.rules.standing import Fact, Finding, How, severity_of
from partners.models import Partner, Program


def rules_in_force() -> list[EngagementRule]:
    """The active rules of engagement, by name."""
    return list(EngagementRule.objects.filter(active=True).select_related("partner").order_by("name", "pk"))


def rules_listed() -> QuerySet[EngagementRule]:
    """All rules of engagement, those in force first."""
    return EngagementRule.objects.select_related("partner").order_by("-active", "name", "pk")


def choices_on(account: Account) -> Sequence[CustomerChoice]:
    """What a customer chose in writing, newest first; ended ones too."""
    rows = CustomerChoice.objects.filter(account=account).select_related("partner", "offering", "account")
    return list(rows.order_by("-chosen_on", "-pk")[:100])


def choices_in_force(accounts: Collection[int], offering_id: int) -> dict[int, CustomerChoice]:
    """The newest written choice per account that covers an offering."""
    rows = CustomerChoice.objects.filter(account__in=accounts, ended_at__isnull=True).select_related(
        "partner"
    )
    found: dict[int, CustomerChoice] = {}
    for row in rows.order_by("chosen_on", "pk"):
        if row.offering_id in (None, offering_id):
            found[row.account_id] = row
    return found


def choice_findings(
    registration: Registration, matched: Iterable[Matched], *, program: Program
) -> list[Finding]:
    """What the customer chose in writing: it blocks the claim of another, and speaks for the chosen one's."""
    by_id = {found.account.pk: found for found in matched}
    return [
        _chosen(choice, by_id[account], registration, program)
        for account, choice in choices_in_force(by_id, registration.offering_id).items()
    ]


def _chosen(choice: CustomerChoice, found: Matched, registration: Registration, program: Program) -> Finding:
    whom = choice.partner.name if choice.partner else f"{program.vendor} itself"
    supports = choice.partner_id == registration.partner_id
    text = f"The customer chose {whom} in writing: {choice.proof}"
    at = day_began(choice.chosen_on, program.timezone)
    return Finding(
        kind=ConflictKind.CUSTOMER_CHOICE,
        severity=severity_of(
            ConflictKind.CUSTOMER_CHOICE, How.FOR if supports else How.AGAINST, sure=found.is_same
        ),
        account_id=found.account.pk,
        score=found.match.score,
        facts=(Fact(text, at, "choice", choice.public_id, whom),),
        supports=supports,
    )


def rule_findings(
    registration: Registration, matched: Sequence[Matched], rules: Sequence[EngagementRule]
) -> list[Finding]:
    """What the rules of engagement and the partner's coverage say, per account or for an unknown customer."""
    if not matched:
        customer = Customer.of(registration.country)
        return _by_rules(registration, customer, None, rules)
    findings = []
    for found in matched:
        account = found.account
        country = account.country or registration.country
        customer = Customer.of(country, account.segment, account.vertical)
        findings += _by_rules(registration, customer, found, rules)
    return findings


def _by_rules(
    registration: Registration,
    customer: Customer,
    found: Matched | None,
    rules: Sequence[EngagementRule],
) -> list[Finding]:
    outside = _outside(registration.partner, customer)
    rule = _rule_for(customer, rules)
    findings = []
    if outside:
        asked = rule is not None and rule.stance == Stance.COVERED
        facts = [_coverage_fact(registration.partner, why) for why in outside]
        if asked and rule is not None:
            facts.append(_rule_fact(rule))
        how = How.ASKED if asked else How.ANY
        findings.append(_finding(ConflictKind.COVERAGE, how, found, tuple(facts)))
    if rule is not None and rule.stance != Stance.COVERED:
        supports = rule.stance == Stance.WELCOME or rule.partner_id == registration.partner_id
        how = How.FOR if supports else How.AGAINST
        findings.append(_finding(ConflictKind.ENGAGEMENT, how, found, (_rule_fact(rule),)))
    return findings


def _finding(kind: ConflictKind, how: How, found: Matched | None, facts: tuple[Fact, ...]) -> Finding:
    return Finding(
        kind=kind,
        severity=severity_of(kind, how, sure=found is None or found.is_same),
        account_id=found.account.pk if found else None,
        score=found.match.score if found else None,
        facts=facts,
        supports=how is How.FOR,
    )


def _rule_for(customer: Customer, rules: Sequence[EngagementRule]) -> EngagementRule | None:
    by_id = {rule.pk: rule for rule in rules}
    counted = rule_for(customer, [_terms(rule) for rule in rules])
    return by_id[counted.key] if counted else None


def _terms(rule: EngagementRule) -> EngagementTerms:
    return EngagementTerms(
        key=rule.pk,
        stance=Stance(rule.stance),
        countries=rule.countries,
        verticals=rule.verticals,
        segments=rule.segments,
        partner_id=rule.partner_id,
    )


def _outside(partner: Partner, customer: Customer) -> list[str]:
    return outside_coverage(
        customer, countries=partner.countries, verticals=partner.verticals, segments=partner.segments
    )


def _coverage_fact(partner: Partner, why: str) -> Fact:
    return Fact(f"{partner.name} {why}", None, "partner", partner.public_id)


def _rule_fact(rule: EngagementRule) -> Fact:
    says = str(rule.get_stance_display())
    if rule.partner is not None:
        says = f"{says}, {rule.partner.name}"
    agreed = f". {rule.text}" if rule.text else ""
    return Fact(f"Rule “{rule.name}”: {says}{agreed}", rule.updated_at, "rule", rule.public_id, rule.name)
