"""Screening: who is the customer, and what stands against the claim (DESIGN §5). Inside the submission.

It sees every partner's rows, so it runs in the whole program's scope; nothing it finds is written to a row
that the claiming partner may read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from deals.accounts.lookup import Matched, matches_of
from deals.accounts.services import identity_held
from deals.matching.evidence import Party
from deals.matching.match import Band, Match
from deals.models import Account, Conflict, EngagementRule, Opportunity, Registration
from deals.screening.rules.standing import Finding, in_order, needs_a_person
from deals.screening.selectors.engagement import rules_in_force
from deals.screening.selectors.standing import (
    Tables,
    claims_on,
    claims_placed_nowhere,
    exists_on,
    findings_against,
    findings_on_unknown,
    own_earlier_claim,
    party_claimed,
    tables_of,
)
from partners.core.actor import Actor
from partners.core.reading import Question, answers, fetch, question, rows_of
from partners.core.writing import add
from partners.models import Charter, Program
from partners.selectors import charter_in_force
from partners.services.ledger import record


@dataclass(frozen=True, slots=True)
class Screening:
    """What came out. ``account`` None with no findings means a customer nobody knew. ``no_opportunity_yet``:
    nobody has an opportunity there, as far as was seen."""

    account: Account | None = None
    findings: list[Finding] = field(default_factory=list)
    duplicate_of: Registration | None = None
    no_opportunity_yet: bool = True

    @property
    def needs_a_person(self) -> bool:
        """Whether somebody has to rule."""
        return needs_a_person(self.findings)


def hold_accounts(matches: Mapping[int, Match]) -> tuple[list[Matched], Tables]:
    """Lock the accounts in the order of their ids, so that claims on one account are screened one by one.

    Also says which tables have rows on them, looked at when they are locked.
    """
    locked = question(
        Account, "AND id = ANY(%s) AND removed_at IS NULL ORDER BY id FOR NO KEY UPDATE", list(matches)
    )
    found, there = answers(locked, exists_on(matches))
    held = {row.pk: row for row in rows_of(Account, found)}
    return [Matched(held[pk], match) for pk, match in matches.items() if pk in held], tables_of(there)


def _held(party: Party, identity: Question | None) -> tuple[list[Matched], Tables]:
    """The accounts the party is or may be, locked after its identity, and the tables with rows on them.

    When one was merged or removed while we waited for its lock they are looked up again: the customer is
    found under the account that is left.
    """
    while True:
        matches = matches_of(party, after=identity)
        # Once the account is certain, accounts that merely resemble it are no longer of interest.
        matches = {pk: match for pk, match in matches.items() if match.band is Band.SAME} or matches
        held, there = hold_accounts(matches) if matches else ([], set())
        if len(held) == len(matches):
            return held, there


def screen(
    registration: Registration, *, program: Program, moment: datetime, charter: Charter | None = None
) -> Screening:
    """Find the customer and what stands against the claim; holds what must not change meanwhile.

    ``charter`` saves looking it up when the caller has it.
    """
    party = party_claimed(registration)
    matched, there = _held(party, identity_held(party.name, registration.website, registration.country))
    if not matched:
        return _screen_unknown(registration)
    account = matched[0].account if matched and matched[0].is_same else None
    claims = claims_on(registration, matched, there)
    registration.account = account
    if first := own_earlier_claim(registration, claims):
        return Screening(account=account, duplicate_of=first)
    findings = findings_against(
        registration,
        matched,
        claims,
        there,
        program=program,
        moment=moment,
        notice_days=(charter or charter_in_force()).notice_days,
    )
    no_opportunity_yet = Opportunity not in there
    return Screening(account=account, findings=in_order(findings), no_opportunity_yet=no_opportunity_yet)


def _screen_unknown(registration: Registration) -> Screening:
    """A customer nobody knows. Only a rule of engagement can have kept an earlier claim on it waiting."""
    rules = rules_in_force() if fetch(EngagementRule, "AND active LIMIT 1") else []
    claims = claims_placed_nowhere(registration) if rules else []
    if first := own_earlier_claim(registration, claims):
        return Screening(duplicate_of=first)
    return Screening(findings=in_order(findings_on_unknown(registration, claims, rules)))


def open_conflicts(
    *,
    actor: Actor,
    registration: Registration,
    findings: list[Finding],
    opened_at: datetime,
    due_at: datetime,
) -> list[Conflict]:
    """Put what was found on record. Notes alone are closed as they are written: nobody has to rule."""
    waits = needs_a_person(findings)
    conflicts = [
        Conflict(
            program_id=registration.program_id,
            registration=registration,
            account_id=finding.account_id,
            kind=finding.kind,
            severity=finding.severity,
            rule=finding.rule,
            evidence=[fact.as_json() for fact in finding.facts],
            rival_registration_id=finding.rival_registration_id,
            rival_opportunity_id=finding.rival_opportunity_id,
            score=finding.score,
            opened_at=opened_at,
            due_at=due_at,
            closed_at=None if waits else opened_at,
        )
        for finding in findings
    ]
    for conflict in conflicts:
        if conflict.account_id is None:
            conflict.account = registration.account  # by the object: one just made has no id yet
    add(*conflicts)
    for conflict in conflicts:
        record(
            "conflict.opened",
            conflict,
            actor=actor,
            sentence=str(conflict.get_kind_display()),
            new={
                "kind": conflict.kind,
                "severity": conflict.severity,
                "registration": registration.public_id,
            },
        )
    return conflicts
