"""What a test of stock stands on: a SKU, a warehouse, a supplier, and cards put straight in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count as numbers_from
from uuid import UUID

from sqlalchemy import insert, select, text

from kashu.access.keyring import Keyrings
from kashu.catalog.tables import brands, products, skus
from kashu.core.clock import day_of, now
from kashu.core.db import Tx
from kashu.core.ids import new_id, new_ids
from kashu.core.secrets import Keyring
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Account, Transfer, post
from kashu.stock.allocate import allocate
from kashu.stock.plan import Demand
from kashu.stock.recognise import normalise
from kashu.stock.secret import encode, mask
from kashu.stock.strategy import FEFO
from kashu.stock.tables import (
    CardState,
    allocations,
    cards,
    free_uses,
    levels,
    lots,
    warehouses,
)
from kashu.suppliers.tables import suppliers

TODAY = date(2026, 6, 15)

_serial = numbers_from(1)


@dataclass(frozen=True, slots=True)
class PutLot:
    """A lot that put_cards() made, and its cards in order of position."""

    id: UUID
    sku_id: UUID
    warehouse_id: UUID
    supplier_id: UUID
    card_ids: list[UUID]
    numbers: list[str]


async def make_sku(
    tx: Tx,
    tenant_id: int,
    code: str = "mgtv-month",
    *,
    returnable: bool = True,
    fulfilment: str = "card",
    shortage_policy: str = "wait",
    partial_allowed: bool = False,
) -> UUID:
    """A SKU of a product and brand of its own."""
    brand_id, product_id, sku_id = new_ids(3)
    names = {"code": code, "name_zh": code, "name_en": code}
    await tx.execute(insert(brands).values(tenant_id=tenant_id, id=brand_id, **names))
    await tx.execute(
        insert(products).values(tenant_id=tenant_id, id=product_id, brand_id=brand_id, **names)
    )
    await tx.execute(
        insert(skus).values(
            tenant_id=tenant_id,
            id=sku_id,
            product_id=product_id,
            **names,
            period="month",
            days=31,
            terminal="phone",
            account_type="phone",
            fulfilment=fulfilment,
            face_value_e4=250_000,
            returnable=returnable,
            partial_allowed=partial_allowed,
            shortage_policy=shortage_policy,
        )
    )
    return sku_id


async def make_warehouse(
    tx: Tx, tenant_id: int, code: str = "main", *, priority: int = 100
) -> UUID:
    """A warehouse, or the one of that code."""
    ours = (warehouses.c.tenant_id == tenant_id) & (warehouses.c.code == code)
    found = (await tx.execute(select(warehouses.c.id).where(ours))).scalar_one_or_none()
    if found is not None:
        return UUID(str(found))
    made = new_id()
    await tx.execute(
        insert(warehouses).values(
            tenant_id=tenant_id, id=made, code=code, name=code, priority=priority
        )
    )
    return made


async def make_supplier(tx: Tx, tenant_id: int, code: str = "fulu") -> UUID:
    """A supplier, or the one of that code."""
    ours = (suppliers.c.tenant_id == tenant_id) & (suppliers.c.code == code)
    found = (await tx.execute(select(suppliers.c.id).where(ours))).scalar_one_or_none()
    if found is not None:
        return UUID(str(found))
    made = new_id()
    await tx.execute(insert(suppliers).values(tenant_id=tenant_id, id=made, code=code, name=code))
    return made


async def put_cards(
    tx: Tx,
    tenant_id: int,
    count: int,
    *,
    sku_id: UUID,
    keyrings: Keyrings,
    warehouse_id: UUID | None = None,
    supplier_id: UUID | None = None,
    unit_cost_e4: int = 100_000,
    expires_on: date | None = None,
    received_at: datetime | None = None,
    max_uses: int | None = None,
    numbers: list[str] | None = None,
    booked: bool = True,
    bare: bool = False,
) -> PutLot:
    """A lot of `count` available cards, as receive() would leave it, without its checks.

    Each has a number of its own (or the ones given) and the password "pw-<number>"; `bare`: none.
    `max_uses` makes a shared lot; its unit cost is that of one use. `booked`: its cost is in the
    books.
    """
    warehouse_id = warehouse_id or await make_warehouse(tx, tenant_id)
    supplier_id = supplier_id or await make_supplier(tx, tenant_id)
    keyring = await keyrings.of(tx, tenant_id)
    numbers = numbers or [f"C{next(_serial):011d}" for _ in range(count)]
    assert len(numbers) == count
    lot_id, card_ids = new_id(), new_ids(count)
    units = count * (max_uses or 1)
    await tx.execute(
        insert(lots).values(
            tenant_id=tenant_id,
            id=lot_id,
            sku_id=sku_id,
            warehouse_id=warehouse_id,
            supplier_id=supplier_id,
            unit_cost_e4=unit_cost_e4,
            expires_on=expires_on,
            received_at=received_at or now(),
            shared=max_uses is not None,
            available=units,
        )
    )
    await _insert_cards(
        tx,
        keyring,
        lot_id=lot_id,
        sku_id=sku_id,
        max_uses=max_uses,
        card_ids=card_ids,
        numbers=numbers,
        bare=bare,
    )
    if booked and units and unit_cost_e4:
        held = Account(AccountKind.INVENTORY, warehouse_id)
        bought = Transfer(
            held,
            Account(AccountKind.OPENING),
            units * unit_cost_e4,
            units,
            "receive",
            lot_id,
            sku_id=sku_id,
            supplier_id=supplier_id,
        )
        await post(tx, tenant_id, [bought], posted_on=day_of(now()))
    return PutLot(lot_id, sku_id, warehouse_id, supplier_id, card_ids, numbers)


async def _insert_cards(
    tx: Tx,
    keyring: Keyring,
    *,
    lot_id: UUID,
    sku_id: UUID,
    max_uses: int | None,
    card_ids: list[UUID],
    numbers: list[str],
    bare: bool,
) -> None:
    rows = [
        {
            "tenant_id": keyring.tenant_id,
            "id": card_id,
            "sku_id": sku_id,
            "lot_id": lot_id,
            "position": position,
            "max_uses": max_uses or 1,
            "sealed": keyring.seal(
                encode(number, None if bare else f"pw-{number}", None), kind=sku_id, owner=card_id
            ),
            "key_version": keyring.version,
            "blind_index": keyring.blind_index(normalise(number)),
            "tail": mask(number, f"pw-{number}", None),
        }
        for position, (card_id, number) in enumerate(zip(card_ids, numbers, strict=True), start=1)
    ]
    if rows:
        await tx.execute(insert(cards), rows)
    if max_uses is not None:
        whole = {"tenant_id": keyring.tenant_id, "first_use": 1, "last_use": max_uses}
        runs = [{**whole, "id": new_id(), "card_id": card_id} for card_id in card_ids]
        await tx.execute(insert(free_uses), runs)


async def give(
    tx: Tx, tenant_id: int, sku_id: UUID, count: int, line_id: UUID | None = None
) -> tuple[UUID, list[UUID]]:
    """Allocate `count` units of a SKU to a line; returns the line and its cards, in order."""
    line_id = line_id or new_id()
    served = await allocate(tx, tenant_id, [Demand(line_id, sku_id, count, FEFO)], TODAY)
    assert served[0], "not enough cards for the test's line"
    return line_id, await cards_of(tx, tenant_id, line_id)


async def cards_of(tx: Tx, tenant_id: int, line_id: UUID) -> list[UUID]:
    """The cards a line holds, in the order it was given them."""
    given = await tx.execute(
        select(allocations.c.card_id)
        .where(allocations.c.tenant_id == tenant_id, allocations.c.line_id == line_id)
        .where(allocations.c.released_at.is_(None))
        .order_by(allocations.c.id)
    )
    return list(given.scalars())


async def counters(tx: Tx, tenant_id: int, lot_id: UUID) -> dict[str, int]:
    """What a lot counts, without its zeros."""
    ours = (lots.c.tenant_id == tenant_id) & (lots.c.id == lot_id)
    row = (await tx.execute(select(lots).where(ours))).one()._mapping
    return {state.value: row[state.value] for state in CardState if row[state.value]}


async def states(tx: Tx, tenant_id: int, card_ids: Sequence[UUID]) -> list[str]:
    """The states of some cards, in the order asked for."""
    rows = await tx.execute(
        select(cards.c.id, cards.c.state).where(
            cards.c.tenant_id == tenant_id, cards.c.id.in_(card_ids)
        )
    )
    found = {row.id: row.state for row in rows}
    return [found[card_id] for card_id in card_ids]


async def replenished(tx: Tx, tenant_id: int, sku_id: UUID) -> bool:
    """Whether a SKU's short lines are to be tried again."""
    ours = (levels.c.tenant_id == tenant_id) & (levels.c.sku_id == sku_id)
    found = await tx.execute(select(levels.c.replenished_at).where(ours))
    return found.scalar_one_or_none() is not None


async def assert_sound(tx: Tx, tenant_id: int) -> None:
    """Prove that counters count, no head is too far on, and no card has two owners."""
    for wrong in (_DRIFTED, _BEHIND, _SHARED_DRIFTED, _USES_LOST, _OWNED_WRONGLY):
        rows = (await tx.execute(text(wrong), {"tenant": tenant_id})).all()
        assert rows == [], wrong


async def books(tx: Tx, tenant_id: int) -> dict[str, int]:
    """The balance of each kind of account in ten-thousandths, debit positive, without zeros."""
    rows = await tx.execute(
        text(
            "SELECT account.kind, sum(side.amount_e4)::bigint FROM ledger.accounts AS account JOIN"
            " (SELECT debit_account_id AS id, amount_e4 FROM ledger.transfers"
            "   WHERE tenant_id = :tenant UNION ALL"
            "  SELECT credit_account_id, -amount_e4 FROM ledger.transfers"
            "   WHERE tenant_id = :tenant) AS side ON side.id = account.id"
            " WHERE account.tenant_id = :tenant GROUP BY account.kind"
        ),
        {"tenant": tenant_id},
    )
    return {kind: amount for kind, amount in rows if amount}


async def inventory(tx: Tx, tenant_id: int) -> dict[UUID, int]:
    """What each warehouse's account says it holds, in ten-thousandths."""
    rows = await tx.execute(
        text(
            "SELECT account.owner_id, sum(side.amount_e4)::bigint FROM ledger.accounts AS account"
            " JOIN (SELECT debit_account_id AS id, amount_e4 FROM ledger.transfers"
            "   WHERE tenant_id = :tenant UNION ALL"
            "  SELECT credit_account_id, -amount_e4 FROM ledger.transfers"
            "   WHERE tenant_id = :tenant) AS side ON side.id = account.id"
            " WHERE account.tenant_id = :tenant AND account.kind = 'inventory'"
            " GROUP BY account.owner_id"
        ),
        {"tenant": tenant_id},
    )
    return {owner_id: amount for owner_id, amount in rows if amount}


_COUNTED = ", ".join(
    f"count(card.id) FILTER (WHERE card.state = '{state}') AS {state}" for state in CardState
)
_DIFFERS = " OR ".join(f"lot.{state} <> counted.{state}" for state in CardState)

_DRIFTED = f"""
    SELECT lot.id FROM stock.lots AS lot
     CROSS JOIN LATERAL (SELECT {_COUNTED} FROM stock.cards AS card
                          WHERE card.tenant_id = lot.tenant_id AND card.lot_id = lot.id) AS counted
     WHERE lot.tenant_id = :tenant AND NOT lot.shared AND ({_DIFFERS})
"""

_BEHIND = """
    SELECT card.id FROM stock.cards AS card
      JOIN stock.lots AS lot ON lot.tenant_id = card.tenant_id AND lot.id = card.lot_id
     WHERE card.tenant_id = :tenant AND card.state = 'available' AND card.position < lot.head
"""

_SHARED_DRIFTED = """
    WITH card AS (
        SELECT card.lot_id, card.state, card.max_uses
               - count(use.id) FILTER (WHERE use.released_at IS NULL OR use.revealed_at IS NOT NULL)
                   AS free,
               count(use.id) FILTER (WHERE use.released_at IS NULL AND use.revealed_at IS NULL)
                   AS allocated,
               count(use.id) FILTER (WHERE use.released_at IS NULL AND use.revealed_at IS NOT NULL)
                   AS revealed,
               count(use.id) FILTER (WHERE use.released_at IS NOT NULL
                                       AND use.revealed_at IS NOT NULL) AS burnt
          FROM stock.cards AS card
          LEFT JOIN stock.allocations AS use
            ON use.tenant_id = card.tenant_id AND use.card_id = card.id
         WHERE card.tenant_id = :tenant
         GROUP BY card.tenant_id, card.id
    )
    SELECT lot.id FROM stock.lots AS lot
     CROSS JOIN LATERAL (
           SELECT coalesce(sum(free) FILTER (WHERE state IN ('available', 'allocated')), 0)
                      AS available,
                  coalesce(sum(allocated), 0) AS allocated,
                  coalesce(sum(revealed), 0) AS revealed,
                  coalesce(sum(burnt), 0)
                      + coalesce(sum(free) FILTER (WHERE state = 'quarantined'), 0) AS quarantined,
                  coalesce(sum(free) FILTER (WHERE state = 'void'), 0) AS void,
                  coalesce(sum(free) FILTER (WHERE state = 'returned'), 0) AS returned
             FROM card WHERE card.lot_id = lot.id) AS counted
     WHERE lot.tenant_id = :tenant AND lot.shared
       AND (lot.available, lot.allocated, lot.revealed, lot.quarantined, lot.void, lot.returned)
           IS DISTINCT FROM
           (counted.available, counted.allocated, counted.revealed, counted.quarantined,
            counted.void, counted.returned)
"""

# Free uses and those that somebody has, or had and saw, are all the uses of a card, each once.
_USES_LOST = """
    WITH use AS (
        SELECT card_id, generate_series(first_use, last_use) AS number
          FROM stock.free_uses WHERE tenant_id = :tenant
         UNION ALL
        SELECT held.card_id, held.use_number FROM stock.allocations AS held
          JOIN stock.lots AS lot ON lot.tenant_id = held.tenant_id AND lot.id = held.lot_id
         WHERE held.tenant_id = :tenant AND lot.shared
           AND (held.released_at IS NULL OR held.revealed_at IS NOT NULL))
    SELECT card.id FROM stock.cards AS card
      JOIN stock.lots AS lot ON lot.tenant_id = card.tenant_id AND lot.id = card.lot_id
      LEFT JOIN use ON use.card_id = card.id
     WHERE card.tenant_id = :tenant AND lot.shared
     GROUP BY card.tenant_id, card.id
    HAVING array_agg(use.number ORDER BY use.number)
           IS DISTINCT FROM ARRAY(SELECT generate_series(1, card.max_uses))
"""

_OWNED_WRONGLY = """
    SELECT card.id, card.state FROM stock.cards AS card
      JOIN stock.lots AS lot ON lot.tenant_id = card.tenant_id AND lot.id = card.lot_id
      LEFT JOIN stock.allocations AS live
        ON live.tenant_id = card.tenant_id AND live.card_id = card.id AND live.released_at IS NULL
     WHERE card.tenant_id = :tenant AND NOT lot.shared
     GROUP BY card.tenant_id, card.id
    HAVING count(live.id) <> CASE WHEN card.state IN ('allocated', 'revealed', 'redeemed')
                                  THEN 1 ELSE 0 END
        OR count(live.revealed_at) <> CASE WHEN card.state IN ('revealed', 'redeemed')
                                           THEN 1 ELSE 0 END
"""
