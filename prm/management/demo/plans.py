"""Joint plans in each state: agreed and on course, agreed and neglected, proposed, drafted, closed."""

from datetime import timedelta

from partners.core import clock
from plans.models import Commitment, Milestone, Plan
from plans.rules.lifecycle import CommitmentState, Quota, Side, State
from plans.services.checkins import log_check_in
from plans.services.commitments import add_commitment, break_commitment, keep_commitment
from plans.services.milestones import add_milestone, prove_milestone
from plans.services.plans import agree_to_plan, close_plan, draft_plan, propose_plan
from prm.management.demo.story import PARTNER_PEOPLE
from prm.management.demo.timeline import Timeline

MANAGER = "manager@fernhill.example"
STEPS = (
    ("Two sellers can open the first conversation", "Recorded practice calls, reviewed together"),
    ("A demo clinic is set up on their side", "A link to their demo calendar"),
    ("First joint customer meeting held", "Date and customer of the meeting"),
)
OURS = (
    ("Train three sellers on the first conversation", 20),
    ("Two introductions to clinics in their region", 45),
    ("An offer template in their language", 75),
)
THEIRS = (("Name two sellers who carry a target", 30), ("List ten clinics they know well", 50))
SPOKEN = (
    (
        "Two clinics asked for a price, one waits for its board.",
        "We send the offers; they call the board's chair.",
    ),
    ("The first demo went well, the questions were about data export.", "We write the answer down for both."),
    ("Their new seller has not had a first meeting yet.", "We come along to the first one."),
    (
        "One clinic chose to wait until the budget year ends.",
        "They ask again in January, we keep the offer open.",
    ),
    ("The reference visit helped more than the slides.", "We arrange a second visit in their region."),
)
PURPOSE = "Give mid-sized clinics an appointment book that patients and staff both trust."
WHY = "Sellers close an extra service contract with every deal, and it counts towards their target."

# Partner, days since the draft, how far it went: draft, proposed, agreed, neglected, closed.
PLANS = (
    ("pellworm-it", 240, "agreed"),
    ("lindqvist-partner", 170, "agreed"),
    ("corso-sistemi", 110, "neglected"),
    ("tamarind-health", 150, "agreed"),
    ("brightwater-digital", 95, "neglected"),
    ("clinea", 40, "proposed"),
    ("alvor", 12, "draft"),
    ("vantage-ops", 330, "closed"),
)


def plan_plans(line: Timeline) -> None:
    """Put every plan's life on the timeline."""
    for slug, days, end in PLANS:
        line.on(line.back(days), lambda slug=slug, days=days, end=end: _begin(line, slug, days, end))  # type: ignore[misc]


def _begin(line: Timeline, slug: str, days: int, end: str) -> None:
    actor = line.actor(MANAGER)
    today = clock.today(line.program.timezone)
    plan = draft_plan(
        actor=actor,
        partner=line.partners[slug],
        purpose=PURPOSE,
        why_call_us=WHY,
        retires_quota=Quota.YES if end == "agreed" else Quota.UNKNOWN,
    )
    for name, proves in STEPS:
        add_milestone(actor=actor, plan=plan, name=name, proves=proves)
    for side, promises, owner in ((Side.US, OURS, "Tobias Wendt"), (Side.THEM, THEIRS, "Their sales lead")):
        for what, due in promises:
            add_commitment(
                actor=actor, plan=plan, side=side, what=what, owner_name=owner, due_on=today + timedelta(due)
            )
    if end != "draft":
        line.on(line.back(days - 6), lambda: propose_plan(actor=actor, plan=_fresh(plan)))
    if end in ("agreed", "neglected", "closed"):
        line.on(line.back(days - 12), lambda: _agree(line, plan, slug))
        _follow(line, plan, days, neglected=end != "agreed")
    if end == "closed":
        line.on(
            line.back(days - 200),
            lambda: close_plan(
                actor=actor, plan=_fresh(plan), note="Their practice lead left and nobody took over."
            ),
        )


def _fresh(plan: Plan) -> Plan:
    return Plan.objects.get(pk=plan.pk)


def _agree(line: Timeline, plan: Plan, slug: str) -> None:
    edition = _fresh(plan).edition
    agree_to_plan(actor=line.actor(MANAGER), plan=plan, edition=edition)
    admin = next((p.email for p in PARTNER_PEOPLE if p.partner == slug and p.email.startswith("admin")), None)
    if admin:
        agree_to_plan(actor=line.actor(admin), plan=plan, edition=edition)


def _follow(line: Timeline, plan: Plan, days: int, *, neglected: bool) -> None:
    """Promises kept or broken, steps proven and conversations held, where people kept at it."""
    for what, due in (*OURS, *THEIRS):
        late = line.chance.random() < (0.7 if neglected else 0.15)
        if neglected and what == OURS[2][0]:
            continue  # stays open and overdue: the first thing on Today
        line.on(
            line.back(days - due - (9 if late else -3)),
            lambda what=what, late=late: _settle(line, plan, what, broken=late),  # type: ignore[misc]
        )
    for index, (name, _proves) in enumerate(STEPS[:1] if neglected else STEPS):
        line.on(line.back(days - 35 - 30 * index), lambda name=name: _prove(line, plan, name))  # type: ignore[misc]
    if not neglected:
        line.on(line.back(9), lambda: _promise_more(line, plan))
    for held in range(40, days - (110 if neglected else 0), 28):
        line.on(line.back(days - held), lambda: _speak(line, plan))


def _promise_more(line: Timeline, plan: Plan) -> None:
    """Something of ours that is open now: the partner's home begins with it."""
    add_commitment(
        actor=line.actor(MANAGER),
        plan=_fresh(plan),
        side=Side.US,
        what="A data-protection sheet that customers can sign",
        owner_name="Ines Halloran",
        due_on=line.today + timedelta(days=line.chance.randint(4, 16)),
    )


def _lives(plan: Plan) -> bool:
    return _fresh(plan).state in (State.AGREED, State.PROPOSED)


def _speak(line: Timeline, plan: Plan) -> None:
    if not _lives(plan):
        return
    said, agreed = line.chance.choice(SPOKEN)
    log_check_in(
        actor=line.actor(MANAGER),
        plan=_fresh(plan),
        held_on=clock.today(line.program.timezone),
        said=said,
        agreed=agreed,
        purpose_confirmed=True,
    )


def _settle(line: Timeline, plan: Plan, what: str, *, broken: bool) -> None:
    promise = Commitment.objects.get(plan=plan, what=what)
    if promise.state != CommitmentState.OPEN or not _lives(plan):
        return
    if broken:
        break_commitment(
            actor=line.actor(MANAGER), commitment=promise, reason="Nobody had the time before the date."
        )
    else:
        keep_commitment(actor=line.actor(MANAGER), commitment=promise)


def _prove(line: Timeline, plan: Plan, name: str) -> None:
    if not _lives(plan):
        return
    step = Milestone.objects.get(plan=plan, name=name)
    prove_milestone(actor=line.actor(MANAGER), milestone=step, proof="Seen in the joint session.")
