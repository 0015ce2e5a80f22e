"""Moves: a purchase and its attempt, locked, and each change of theirs with what it means."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update

from kashu.access.keyring import Keyrings
from kashu.core.clock import day_of
from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.jobs import wake
from kashu.core.money import format_amount
from kashu.ledger.post import Transfer, post
from kashu.purchases.errors import UnknownAttempt
from kashu.purchases.kinds import LIVE, AttemptState, PurchaseState
from kashu.purchases.reads import Attempt, Purchase, attempt_row, purchase_of, purchase_row
from kashu.purchases.tables import attempts, purchases
from kashu.suppliers.upstream import Rules

SETTLED: Final = "purchases.settled"  # called out when a purchase ended or some of it came
SAID_MAX: Final = 200  # characters of what a supplier says that are kept

# After so many attempts that brought nothing a purchase waits ever longer before the next.
PATIENCE: Final = 3
PAUSE: Final = timedelta(seconds=5)
PAUSE_MAX: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Occasion:
    """When something was learnt, and by whom; and what is needed to write it down."""

    tenant_id: int
    actor: str
    at: datetime
    timezone: str
    keyrings: Keyrings
    rules: Rules  # of the supplier's protocol

    @property
    def today(self) -> date:
        """The merchant's day."""
        return day_of(self.at, self.timezone)


@dataclass(slots=True)
class Case:
    """An attempt and its purchase, both locked until `tx` ends."""

    tx: Tx
    occasion: Occasion
    purchase: Purchase
    attempt: Attempt
    _happened: list[Event] = field(default_factory=list)
    _transfers: list[Transfer] = field(default_factory=list)
    _woken: bool = False
    _known: dict[str, object] = field(default_factory=dict)

    def put(self, **values: object) -> None:
        """Have this written with what is written next."""
        self.attempt = replace(self.attempt, **values)  # type: ignore[arg-type]
        self._known |= values

    async def move(self, state: AttemptState, **values: object) -> None:
        """Change the attempt's state and what goes with it. An ended one isn't asked any more."""
        ends = state not in LIVE and self.attempt.state in LIVE
        if ends:
            values["ended_at"] = self.occasion.at
        await self.note(state=state, **values)

    async def note(self, **values: object) -> None:
        """Write down what is known of the attempt."""
        if "said" in values:
            values["said"] = clean(str(values["said"]))
        values, self._known = self._known | values, {}
        changed = await self.tx.execute(
            update(attempts)
            .where(attempts.c.tenant_id == self.occasion.tenant_id)
            .where(attempts.c.id == self.attempt.id, attempts.c.state == self.attempt.state)
            .values(**values)
            .returning(attempts)
        )
        self.attempt = attempt_row(changed.one())

    async def move_purchase(self, state: PurchaseState, **values: object) -> None:
        """Change the purchase's state. What was typed is erased when it ends."""
        ended = state in {PurchaseState.DONE, PurchaseState.PART, PurchaseState.ENDED}
        if ended:
            values |= {"ended_at": self.occasion.at, "sealed_inputs": None, "key_version": None}
            self._woken = True
        if "said" in values:
            values["said"] = clean(str(values["said"]))
        changed = await self.tx.execute(
            update(purchases)
            .where(purchases.c.tenant_id == self.occasion.tenant_id)
            .where(purchases.c.id == self.purchase.id, purchases.c.state == self.purchase.state)
            .values(state=state, **values)
            .returning(purchases)
        )
        self.purchase = purchase_row(changed.one())

    def happened(self, kind: str, **facts: object) -> None:
        """Record an event under the purchase, so that its history reads as one."""
        about = {"attempt_id": str(self.attempt.id), "supplier_id": str(self.attempt.supplier_id)}
        self._happened.append(Event(kind, self.purchase.id, {**about, **facts}))

    def transfer(self, *transfers: Transfer) -> None:
        """Put transfers into the books, all at once when the case is closed."""
        self._transfers += [each for each in transfers if each.amount_e4]

    async def post(self) -> None:
        """Post what was put by so far: before what builds on it."""
        posting, self._transfers = self._transfers, []
        await post(
            self.tx,
            self.occasion.tenant_id,
            posting,
            posted_on=self.occasion.today,
            currency=self.attempt.currency,
        )

    async def close(self) -> None:
        """Write the events and transfers that are left; call whoever waits for the outcome."""
        if self._known:
            await self.note()
        await self.post()
        await record(self.tx, self.occasion.tenant_id, self.occasion.actor, self._happened)
        if self._woken:
            await wake(self.tx, self.occasion.tenant_id, SETTLED)

    async def leave_to_people(self, said: str) -> None:
        """Nobody is asked any more: a person decides."""
        if self.attempt.state is not AttemptState.MANUAL:
            await self.move(AttemptState.MANUAL, said=said)
            self.happened("attempt.left_to_people", said=self.attempt.said)

    async def let_go(self, *, said: str, tries: int) -> None:
        """Have the rest of the purchase ordered elsewhere, soon; later where nothing helped."""
        if self.purchase.state is not PurchaseState.PLACED:
            return
        pause = timedelta(0)
        if tries > PATIENCE:
            pause = min(PAUSE * 2 ** min(tries - PATIENCE - 1, 16), PAUSE_MAX)
        await self.move_purchase(PurchaseState.WANTED, said=said, next_at=self.occasion.at + pause)


async def open_case(tx: Tx, occasion: Occasion, attempt_id: UUID) -> Case:
    """Lock a purchase, then its attempt. Raises: UnknownAttempt.

    Whoever needs the SKU's level takes it before: orders hold it while they want something.
    """
    tenant_id = occasion.tenant_id
    found = await tx.execute(
        select(attempts.c.purchase_id).where(
            attempts.c.tenant_id == tenant_id, attempts.c.id == attempt_id
        )
    )
    purchase_id = found.scalar_one_or_none()
    if purchase_id is None:
        raise UnknownAttempt(attempt=attempt_id)
    purchase = await lock_purchase(tx, tenant_id, purchase_id)
    locked = await tx.execute(
        select(attempts)
        .where(attempts.c.tenant_id == tenant_id, attempts.c.id == attempt_id)
        .with_for_update(key_share=True)
    )
    return Case(tx, occasion, purchase, attempt_row(locked.one()))


async def lock_purchase(tx: Tx, tenant_id: int, purchase_id: UUID) -> Purchase:
    """Lock a purchase until `tx` ends: nobody else decides about it. Raises: UnknownPurchase."""
    locked = await tx.execute(
        select(purchases)
        .where(purchases.c.tenant_id == tenant_id, purchases.c.id == purchase_id)
        .with_for_update(key_share=True)
    )
    row = locked.one_or_none()
    return purchase_row(row) if row else await purchase_of(tx, tenant_id, purchase_id)


def clean(said: str) -> str:
    """Keep of a supplier's text what a screen and a database can hold."""
    return "".join(sign for sign in said if sign.isprintable())[:SAID_MAX]


def amounts(**amounts_e4: int | None) -> Mapping[str, Any]:
    """Write amounts as the facts of events are written."""
    return {
        name: None if amount is None else format_amount(amount)
        for name, amount in amounts_e4.items()
    }


def with_charge(attempt: Attempt, charged_e4: int) -> Attempt:
    """The attempt as it is once that is charged."""
    return replace(attempt, charged_e4=charged_e4)
