"""Moves: a purchase and its attempt, locked, and each change of theirs with what it means."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from kashu.access.keyring import Keyrings
from kashu.core.clock import day_of
from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.jobs import wake
from kashu.core.money import CURRENCY, format_amount
from kashu.core.sql import Statement, in_flight
from kashu.ledger.post import Transfer, post_each
from kashu.purchases.errors import UnknownAttempt
from kashu.purchases.kinds import LIVE, AttemptState, Placing, PurchaseState
from kashu.purchases.reads import Attempt, Purchase, purchase_of
from kashu.stock.hold import hold
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import Rules

SETTLED: Final = "purchases.settled"  # called out when a top-up ended: its line is settled with it
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


@dataclass(frozen=True, slots=True)
class Judged:
    """How placing an order went, and how long its answer took."""

    placing: Placing
    took_ms: int


@dataclass(frozen=True, slots=True)
class _Stands:
    id: UUID
    purchase_id: UUID
    sku_id: UUID


@dataclass(frozen=True, slots=True)
class _Nothing:
    """The statement returns no rows."""


_stand = Statement(__file__, "moves_stand.sql", _Stands)
_lock_purchases = Statement(__file__, "moves_lock_purchases.sql", Purchase)
_lock_attempts = Statement(__file__, "moves_lock_attempts.sql", Attempt)
_attempts = Statement(__file__, "moves_attempts.sql", _Nothing)
_purchases = Statement(__file__, "moves_purchases.sql", _Nothing)


@dataclass(slots=True)
class Case:
    """An attempt and its purchase, both locked until `tx` ends.

    What changes is kept here and written when the case is closed, together with the others of its
    transaction: see close_cases().
    """

    tx: Tx
    occasion: Occasion
    purchase: Purchase
    attempt: Attempt
    judged: Judged | None = None  # how placing went, for the breaker
    happened_to_it: list[Event] = field(default_factory=list)
    transfers: list[Transfer] = field(default_factory=list)  # in the attempt's currency
    costs: list[Transfer] = field(default_factory=list)  # of goods, in ours
    _wakes: bool = False
    _attempt_changed: bool = False
    _purchase_changed: bool = False

    def move(self, state: AttemptState, **values: object) -> None:
        """Change the attempt's state and what goes with it. An ended one isn't asked any more."""
        ends = state not in LIVE and self.attempt.state in LIVE
        if ends:
            values["ended_at"] = self.occasion.at
        self.note(state=state, **values)

    def note(self, **values: object) -> None:
        """Keep what is known of the attempt."""
        if "said" in values:
            values["said"] = clean(str(values["said"]))
        self.attempt = replace(self.attempt, **values)  # type: ignore[arg-type]
        self._attempt_changed = True

    def move_purchase(self, state: PurchaseState, **values: object) -> None:
        """Change the purchase's state. What was typed is erased when it ends."""
        ended = state in {PurchaseState.DONE, PurchaseState.PART, PurchaseState.ENDED}
        if ended:
            values |= {"ended_at": self.occasion.at, "sealed_inputs": None, "key_version": None}
            self._wakes = self._wakes or self.purchase.goods is Goods.TOPUP
        if "said" in values:
            values["said"] = clean(str(values["said"]))
        self.purchase = replace(self.purchase, state=state, **values)  # type: ignore[arg-type]
        self._purchase_changed = True

    def happened(self, kind: str, **facts: object) -> None:
        """Record an event under the purchase, so that its history reads as one."""
        self.happened_to_it.append(Event(kind, self.purchase.id, {**about(self.attempt), **facts}))

    def transfer(self, *transfers: Transfer) -> None:
        """Put transfers into the books, all at once when the case is closed."""
        self.transfers += [each for each in transfers if each.amount_e4]

    def cost(self, *transfers: Transfer) -> None:
        """Put what goods cost into the books, in our own currency, with the others."""
        self.costs += [each for each in transfers if each.amount_e4]

    def leave_to_people(self, said: str) -> None:
        """Nobody is asked any more: a person decides."""
        if self.attempt.state is not AttemptState.MANUAL:
            self.move(AttemptState.MANUAL, said=said)
            self.happened("attempt.left_to_people", said=self.attempt.said)

    def let_go(self, *, said: str, tries: int) -> None:
        """Have the rest of the purchase ordered elsewhere, soon; later where nothing helped."""
        if self.purchase.state is not PurchaseState.PLACED:
            return
        pause = timedelta(0)
        if tries > PATIENCE:
            pause = min(PAUSE * 2 ** min(tries - PATIENCE - 1, 16), PAUSE_MAX)
        self.move_purchase(PurchaseState.WANTED, said=said, next_at=self.occasion.at + pause)

    async def write(self) -> None:
        """Write now what changed so far: before something is counted in the database."""
        await write_cases(self.tx, [self])

    async def close(self) -> None:
        """Write what changed, the transfers and the events; call whoever waits for the outcome."""
        await write_cases(self.tx, [self])
        await close_cases(self.tx, [self])

    @property
    def wakes(self) -> bool:
        """Whether somebody waits for how it ended."""
        return self._wakes

    def changes(self) -> tuple[bool, bool]:
        """Say whether the attempt and the purchase are to be written, which they are from now."""
        changed = self._attempt_changed, self._purchase_changed
        self._attempt_changed = self._purchase_changed = False
        return changed


async def open_case(tx: Tx, occasion: Occasion, attempt_id: UUID) -> Case:
    """Lock a purchase, then its attempt. Raises: UnknownAttempt.

    Whoever needs the SKU's level takes it before: orders hold it while they want something.
    """
    [case] = await open_cases(tx, [(occasion, attempt_id)], holding=())
    return case


async def open_cases(
    tx: Tx, wanted: Sequence[tuple[Occasion, UUID]], *, holding: Collection[UUID]
) -> list[Case]:
    """Lock some purchases, then their attempts, each in order of id; one attempt of a purchase.

    `holding`: the attempts whose cards come; their SKUs are held before. Raises: UnknownAttempt.
    """
    tenant_id = wanted[0][0].tenant_id
    ids = [attempt_id for _, attempt_id in wanted]
    stand = {row.id: row for row in await _stand(tx, tenant=tenant_id, ids=ids)}
    missing = [id_ for id_ in ids if id_ not in stand]
    if missing:
        raise UnknownAttempt(attempt=missing[0])
    if holding:
        await hold(tx, tenant_id, {stand[id_].sku_id for id_ in holding})
    of_attempt = {id_: stand[id_].purchase_id for id_ in ids}
    assert len(set(of_attempt.values())) == len(ids), "each changes what the other has read"
    locked = await _lock_purchases(tx, tenant=tenant_id, ids=list(of_attempt.values()))
    found = {each.id: each for each in locked}
    those = {each.id: each for each in await _lock_attempts(tx, tenant=tenant_id, ids=ids)}
    return [Case(tx, occasion, found[of_attempt[id_]], those[id_]) for occasion, id_ in wanted]


async def write_cases(tx: Tx, cases: Sequence[Case]) -> None:
    """Write what changed of some cases: the attempts in one statement, the purchases in one."""
    changed = [(case, *case.changes()) for case in cases]
    async with in_flight(tx):
        await _write_attempts(tx, [case for case, attempt, _ in changed if attempt])
        await _write_purchases(tx, [case for case, _, purchase in changed if purchase])


async def close_cases(
    tx: Tx,
    cases: Sequence[Case],
    *,
    transfers: Sequence[Transfer] = (),
    happened: Sequence[Event] = (),
) -> None:
    """Write the transfers and events of cases that are written, with more of the same; call.

    Last in a transaction: it posts.
    """
    occasion = cases[0].occasion
    by_currency: dict[str, list[Transfer]] = {CURRENCY: [*transfers]}
    for case in cases:
        by_currency[CURRENCY] += case.costs
        by_currency.setdefault(case.attempt.currency, []).extend(case.transfers)
    events = [event for case in cases for event in case.happened_to_it]
    async with in_flight(tx):
        await post_each(tx, occasion.tenant_id, by_currency, posted_on=occasion.today)
        await record(tx, occasion.tenant_id, occasion.actor, [*events, *happened])
    if any(case.wakes for case in cases):
        await wake(tx, occasion.tenant_id, SETTLED)


async def _write_attempts(tx: Tx, cases: Sequence[Case]) -> None:
    if not cases:
        return
    those = [case.attempt for case in cases]
    await _attempts(
        tx,
        tenant=cases[0].occasion.tenant_id,
        ids=[each.id for each in those],
        states=[each.state.value for each in those],
        said=[each.said for each in those],
        their_numbers=[each.their_number for each in those],
        words_unknown=[each.word_unknown for each in those],
        answered=[each.answered_at for each in those],
        ended=[each.ended_at for each in those],
        next_at=[each.next_at for each in those],
        again_at=[each.again_at for each in those],
        missing_counts=[each.missing_count for each in those],
        missing_at=[each.missing_at for each in those],
        charged=[each.charged_e4 for each in those],
        refunded=[each.refunded_e4 for each in those],
        received=[each.received_count for each in those],
        turned_away=[each.turned_away_count for each in those],
        receipts=[each.receipt for each in those],
        surplus=[each.surplus for each in those],
    )


async def _write_purchases(tx: Tx, cases: Sequence[Case]) -> None:
    if not cases:
        return
    those = [case.purchase for case in cases]
    await _purchases(
        tx,
        tenant=cases[0].occasion.tenant_id,
        ids=[each.id for each in those],
        states=[each.state.value for each in those],
        said=[each.said for each in those],
        received=[each.received_count for each in those],
        next_at=[each.next_at for each in those],
        ended=[each.ended_at for each in those],
        used=[each.used_at for each in those],
        forgets=[each.sealed_inputs is None for each in those],
    )


async def lock_purchase(tx: Tx, tenant_id: int, purchase_id: UUID) -> Purchase:
    """Lock a purchase until `tx` ends: nobody else decides about it. Raises: UnknownPurchase."""
    found = await _lock_purchases(tx, tenant=tenant_id, ids=[purchase_id])
    return found[0] if found else await purchase_of(tx, tenant_id, purchase_id)


def clean(said: str) -> str:
    """Keep of a supplier's text what a screen and a database can hold."""
    return "".join(sign for sign in said if sign.isprintable())[:SAID_MAX]


def amounts(**amounts_e4: int | None) -> Mapping[str, Any]:
    """Write amounts as the facts of events are written."""
    return {
        name: None if amount is None else format_amount(amount)
        for name, amount in amounts_e4.items()
    }


def about(attempt: Attempt) -> Mapping[str, Any]:
    """Name an attempt as the facts of events do; where its amounts aren't in ours, what in."""
    named = {"attempt_id": str(attempt.id), "supplier_id": str(attempt.supplier_id)}
    return named if attempt.currency == CURRENCY else {**named, "currency": attempt.currency}


def with_charge(attempt: Attempt, charged_e4: int) -> Attempt:
    """The attempt as it is once that is charged."""
    return replace(attempt, charged_e4=charged_e4)
