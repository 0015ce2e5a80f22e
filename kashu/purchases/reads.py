"""Questions about purchases and their attempts."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from kashu.core.db import Tx
from kashu.core.sql import Statement
from kashu.ledger.kinds import AccountKind
from kashu.purchases.errors import UnknownAttempt, UnknownPurchase
from kashu.purchases.kinds import LIVE, AttemptState, Cause, PurchaseState
from kashu.purchases.tables import attempts, purchases
from kashu.suppliers.kinds import Goods


@dataclass(frozen=True, slots=True)
class Purchase:
    """What is wanted, and how far it has come."""

    id: UUID
    sku_id: UUID
    goods: Goods
    quantity: int  # units of our SKU
    received_count: int
    warehouse_id: UUID | None  # where cards go; None: a top-up
    cause: Cause
    subject_id: UUID | None  # the order line that waits for it
    store_id: UUID | None
    customer_id: UUID | None
    supplier_id: UUID | None  # only from this one; None: from the best
    unit_cost_max_e4: int | None  # landed; None: by hand
    facts: Mapping[str, Any]
    state: PurchaseState
    said: str
    actor: str
    approved_by: str | None
    approved_at: datetime | None
    created_at: datetime
    due_at: datetime | None
    next_at: datetime
    ended_at: datetime | None
    used_at: datetime | None
    sealed_inputs: bytes | None = field(repr=False)
    key_version: int | None
    masked_account: str

    def __post_init__(self) -> None:
        # The driver gives text; our readers compare with `is` and match.
        object.__setattr__(self, "goods", Goods(self.goods))
        object.__setattr__(self, "cause", Cause(self.cause))
        object.__setattr__(self, "state", PurchaseState(self.state))

    @property
    def missing(self) -> int:
        """How many units are still to be bought."""
        return self.quantity - self.received_count


@dataclass(frozen=True, slots=True)
class _Waiting:
    subject_id: UUID


_by_id = Statement(__file__, "reads_by_id.sql", Purchase)
_not_ordered = Statement(__file__, "reads_topups.sql", _Waiting)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One order at one supplier."""

    id: UUID
    purchase_id: UUID
    supplier_id: UUID
    offer_id: UUID
    number: str  # ours
    their_number: str | None
    ref: str
    quantity: int  # of theirs
    units: int  # of ours that one of theirs is
    unit_cost_e4: int  # of one of theirs, as offered
    total_e4: int  # what was set aside for it
    currency: str
    rate_e6: int  # what one of it costs in ours, in millionths
    account_kind: AccountKind  # prepaid or payable: where the money is from
    choice: Mapping[str, Any]
    state: AttemptState
    said: str
    word_unknown: bool
    made_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    next_at: datetime
    again_at: datetime | None
    asks: int
    missing_count: int
    missing_at: datetime | None
    charged_e4: int | None
    refunded_e4: int
    received_count: int  # units of ours
    turned_away_count: int
    receipt: str
    account_key: str | None  # the supplier's, for a top-up's account; None: ours, or nothing left
    surplus: bool

    def __post_init__(self) -> None:
        # The driver gives text; our readers compare with `is` and match.
        object.__setattr__(self, "account_kind", AccountKind(self.account_kind))
        object.__setattr__(self, "state", AttemptState(self.state))

    @property
    def live(self) -> bool:
        """Whether its outcome isn't known yet: its money is in doubt."""
        return self.state in LIVE


async def purchase_of(tx: Tx, tenant_id: int, purchase_id: UUID) -> Purchase:
    """Read one purchase. Raises: UnknownPurchase."""
    rows = await tx.execute(_purchases(tenant_id).where(purchases.c.id == purchase_id))
    row = rows.one_or_none()
    if row is None:
        raise UnknownPurchase(purchase=purchase_id)
    return purchase_row(row)


async def purchases_by_id(tx: Tx, tenant_id: int, ids: Collection[UUID]) -> dict[UUID, Purchase]:
    """Read some purchases; those that aren't this merchant's are left out."""
    found = await _by_id(tx, tenant=tenant_id, ids=[*set(ids)])
    return {each.id: each for each in found}


async def purchases_of_subjects(
    tx: Tx, tenant_id: int, subject_ids: Collection[UUID]
) -> list[Purchase]:
    """Read all that was ever wanted for some order lines, oldest first."""
    wanted = _purchases(tenant_id).where(purchases.c.subject_id.in_(set(subject_ids)))
    rows = await tx.execute(wanted.order_by(purchases.c.created_at, purchases.c.id))
    return [purchase_row(row) for row in rows]


async def purchase_list(
    tx: Tx,
    tenant_id: int,
    *,
    states: Collection[PurchaseState] | None = None,
    sku_id: UUID | None = None,
    before: UUID | None = None,
    limit: int = 100,
) -> list[Purchase]:
    """Read up to `limit` purchases, the newest first, from the one made before `before` on."""
    wanted = _purchases(tenant_id)
    if states is not None:
        wanted = wanted.where(purchases.c.state.in_([state.value for state in states]))
    if sku_id is not None:
        wanted = wanted.where(purchases.c.sku_id == sku_id)
    if before is not None:
        wanted = wanted.where(purchases.c.id < before)
    rows = await tx.execute(wanted.order_by(purchases.c.id.desc()).limit(limit))
    return [purchase_row(row) for row in rows]


async def topups_not_ordered(tx: Tx, tenant_id: int, *, limit: int) -> list[UUID]:
    """The lines whose top-ups are wanted, and no supplier was asked for yet, the oldest first."""
    rows = await _not_ordered(tx, tenant=tenant_id, most=limit)
    return [row.subject_id for row in rows]


async def attempt_of(tx: Tx, tenant_id: int, attempt_id: UUID) -> Attempt:
    """Read one attempt. Raises: UnknownAttempt."""
    rows = await tx.execute(_attempts(tenant_id).where(attempts.c.id == attempt_id))
    row = rows.one_or_none()
    if row is None:
        raise UnknownAttempt(attempt=attempt_id)
    return attempt_row(row)


async def attempt_by_number(
    tx: Tx, tenant_id: int, supplier_id: UUID, *, number: str = "", their_number: str = ""
) -> Attempt | None:
    """Find a supplier's order by our number, or by theirs; None: there is none."""
    wanted = _attempts(tenant_id).where(attempts.c.supplier_id == supplier_id)
    if number:
        wanted = wanted.where(attempts.c.number == number)
    else:
        wanted = wanted.where(attempts.c.their_number == their_number)
    row = (await tx.execute(wanted)).one_or_none()
    return None if row is None else attempt_row(row)


async def attempts_of_purchase(tx: Tx, tenant_id: int, purchase_id: UUID) -> list[Attempt]:
    """Read a purchase's attempts, oldest first."""
    wanted = _attempts(tenant_id).where(attempts.c.purchase_id == purchase_id)
    rows = await tx.execute(wanted.order_by(attempts.c.made_at, attempts.c.id))
    return [attempt_row(row) for row in rows]


async def attempts_of_supplier(
    tx: Tx, tenant_id: int, supplier_id: UUID, begin: datetime, end: datetime
) -> list[Attempt]:
    """Read what was ordered at a supplier from `begin` up to but not at `end`, oldest first."""
    wanted = _attempts(tenant_id).where(attempts.c.supplier_id == supplier_id)
    wanted = wanted.where(attempts.c.made_at >= begin, attempts.c.made_at < end)
    rows = await tx.execute(wanted.order_by(attempts.c.made_at, attempts.c.id))
    return [attempt_row(row) for row in rows]


async def live_attempts(
    tx: Tx, tenant_id: int, *, supplier_id: UUID | None = None, limit: int = 1_000
) -> list[Attempt]:
    """Read the attempts whose money is in doubt, the oldest first."""
    wanted = _attempts(tenant_id).where(attempts.c.state.in_([state.value for state in LIVE]))
    if supplier_id is not None:
        wanted = wanted.where(attempts.c.supplier_id == supplier_id)
    rows = await tx.execute(wanted.order_by(attempts.c.made_at, attempts.c.id).limit(limit))
    return [attempt_row(row) for row in rows]


def purchase_row(row: Any) -> Purchase:  # noqa: ANN401  (a row of SQLAlchemy's)
    """Read a row of the table."""
    return Purchase(*(getattr(row, name) for name in Purchase.__slots__))


def attempt_row(row: Any) -> Attempt:  # noqa: ANN401  (a row of SQLAlchemy's)
    """Read a row of the table."""
    return Attempt(*(getattr(row, name) for name in Attempt.__slots__))


def _purchases(tenant_id: int) -> Select[Any]:
    return select(purchases).where(purchases.c.tenant_id == tenant_id)


def _attempts(tenant_id: int) -> Select[Any]:
    return select(attempts).where(attempts.c.tenant_id == tenant_id)
