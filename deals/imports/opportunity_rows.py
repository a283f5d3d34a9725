"""One opportunity of a file as it will be written: stage, money, product and name."""

from datetime import date
from decimal import Decimal
from typing import Any

from deals.imports.owners import Owners
from deals.imports.stage import Work, gone_reason
from deals.imports.stages import state_of
from deals.models import OpportunityState
from deals.rules.money import LARGEST, convert
from deals.tabular.records import Problem
from deals.tabular.values import shown
from partners.core.ids import new_public_id
from partners.models import Offering


class OpportunityRows:
    """Turns values into records; counts the stages it met."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.owners = Owners()
        self.offerings = _offerings()
        self.stages: dict[str, list[Any]] = {}

    def record(self, values: dict[str, Any], row: int) -> dict[str, Any] | Problem:
        work = self.work
        gone = gone_reason(values, has_active=work.has("active"))
        stage = values.get("stage", "")
        state = OpportunityState(state_of(stage, values.get("is_closed"), values.get("is_won")))
        close_date: date | None = values.get("closes_on")
        closed = state != OpportunityState.OPEN
        amount = values.get("amount")
        currency = values.get("currency") or (amount.currency if amount else "") or work.program.currency
        if not gone and (wrong := self._wrong(values, state, row)):
            return wrong
        name = self._name(values, row)
        if not name and not gone:
            return Problem(row, work.column("name"), "Neither name, account nor product says what this is.")
        opened = values.get("opened_on")
        opened_on = opened or min(work.today, close_date or work.today)
        if opened is None and not gone:
            self._say(
                "opened_on", row, "Without an opening day, the day of this load (or of the end) is used."
            )
        if not gone:
            self._count_stage(stage, state, row)
        owner = values.get("owner", "")
        return {
            "row": row,
            "public_id": new_public_id(),
            "external_id": values.get("external_id", ""),
            "gone": gone,
            "merged_into": values.get("merged_into", ""),
            "merged_ids": list(values.get("merged_ids", ())),
            "name": name,
            "account_ext": values.get("account_id", ""),
            "account_name": " ".join(values.get("account", "").split()),
            "offering_id": self._offering(values.get("offering", ""), row),
            "state": state.value,
            "stage": stage,
            **self._money(amount.value if amount else None, currency, opened_on, row),
            "opened_on": opened_on,
            "opened_given": opened is not None,
            "closes_on": None if closed else close_date,
            "closed_on": close_date if closed else None,
            "owner_name": owner,
            "owner_id": self.owners.seat_id(owner),
            "moved": False,
        }

    def _wrong(self, values: dict[str, Any], state: OpportunityState, row: int) -> Problem | None:
        """What makes a live record impossible, or None."""
        column = self.work.column
        amount, named = values.get("amount"), values.get("currency")
        if state != OpportunityState.OPEN and values.get("closes_on") is None:
            sentence = f"It is {state.label.lower()}, but no day says when it was closed."
            return Problem(row, column("closes_on"), sentence)
        if amount and amount.currency and named and named != amount.currency:
            sentence = f"The amount is in {amount.currency} and the currency column says {named}."
            return Problem(row, column("amount"), sentence)
        if amount and amount.value < 0:
            return Problem(row, column("amount"), "The amount is less than nothing.")
        return None

    def _say(self, name: str, row: int, sentence: str) -> None:
        self.work.notes.add(self.work.column(name), sentence, row)

    def _name(self, values: dict[str, Any], row: int) -> str:
        if name := " ".join(values.get("name", "").split()):
            return name
        made = " · ".join(part for part in (values.get("account"), values.get("offering")) if part)
        if made:
            self._say("name", row, "Without a name, account and product are used as the name.")
        return " ".join((made or values.get("external_id", "")).split())[:255]

    def _offering(self, text: str, row: int) -> int | None:
        if not text:
            return None
        exact, near = self.offerings
        if (found := exact.get(text)) is not None:
            return found
        if (close := near.get(_squeezed(text))) is not None:
            self._say("offering", row, f"{shown(text)} was read as the offering “{close[1]}”.")
            return close[0]
        self._say("offering", row, f"{shown(text)} is not an offering of this program; left empty.")
        return None

    def _count_stage(self, stage: str, state: OpportunityState, row: int) -> None:
        if not self.work.has("stage"):
            return
        if (seen := self.stages.get(stage)) is not None:
            seen[1] += 1
        elif len(self.stages) < 60:
            self.stages[stage] = [state, 1, row]

    def _money(self, amount: Decimal | None, currency: str, day: date, row: int) -> dict[str, Any]:
        """The amount in the program's currency at the rate of the day the deal was opened."""
        home = self.work.program.currency
        if amount is None:
            return {"amount": None, "currency": currency, "program_amount": None, "rate": 1, "rate_on": None}
        found = convert(amount, currency, home, day) if amount <= LARGEST else None
        if found is None:
            self._say(
                "amount", row, f"There is no reference rate from {currency} to {home}; not counted in {home}."
            )
        return {
            "amount": amount,
            "currency": currency,
            "program_amount": found.amount if found else None,
            "rate": found.rate if found else 0,
            "rate_on": found.rate_on if found else None,
        }

    def say_stages(self) -> None:
        """Note which stages were read as open, won and lost."""
        read: dict[OpportunityState, list[str]] = {}
        for stage, (state, _, _) in self.stages.items():
            read.setdefault(state, []).append(shown(stage) if stage else "an empty stage")
        for state, stages in read.items():
            rows = [seen for seen in self.stages.values() if seen[0] == state]
            times, first = sum(seen[1] for seen in rows), min(seen[2] for seen in rows)
            more = f" and {len(stages) - 10} more" if len(stages) > 10 else ""
            sentence = f"{', '.join(stages[:10])}{more} read as {state.label.lower()}."
            self.work.notes.add(self.work.column("stage"), sentence, first, times)


def _squeezed(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _offerings() -> tuple[dict[str, int], dict[str, tuple[int, str]]]:
    """Names → id, exactly; and without spaces and punctuation, where that is one offering."""
    exact: dict[str, int] = {}
    near: dict[str, set[tuple[int, str]]] = {}
    for offering in Offering.objects.all():
        for text in (offering.name, offering.external_id, *offering.other_names):
            if text:
                exact[text] = offering.pk
                near.setdefault(_squeezed(text), set()).add((offering.pk, offering.name))
    return exact, {text: next(iter(found)) for text, found in near.items() if len(found) == 1}
