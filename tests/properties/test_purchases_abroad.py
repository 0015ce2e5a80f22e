"""Whatever is bought in whatever money, and goes back: each currency adds up by itself."""

import os
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from typing import Literal
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from kashu.access.keyring import Keyrings
from kashu.core.db import Database
from kashu.core.errors import KashuError
from kashu.purchases.kinds import AttemptState
from kashu.purchases.return_to_supplier import return_to_supplier
from kashu.purchases.settle import Source, settle
from kashu.purchases.tables import attempts, receipts
from kashu.stock.origins import origins_of
from kashu.stock.tables import cards, lots
from kashu.stock.transfer import transfer
from kashu.stock.void import void
from kashu.suppliers.rates import set_rate
from kashu.suppliers.upstream import OrderState, Standing
from tests.conftest import Tenant, make_tenant
from tests.purchases.abroad import HOUSE, add_abroad
from tests.purchases.buying import DAY
from tests.purchases.world import DEPOSIT_E4, World, make_world
from tests.stock.builders import make_warehouse

EXAMPLES = int(os.environ.get("KASHU_TEST_EXAMPLES", "12"))
YUAN = "fulu"
RATES = ("7.812345", "0.05", "0.000001", "999.999999")

_PLACES = st.integers(0, 1_000)  # which of the cards or lots there are
_AGAINST = st.sampled_from(["payable", "recoveries"])
_BUYS = st.tuples(
    st.just("buy"),
    st.sampled_from([YUAN, HOUSE, HOUSE]),
    st.integers(1, 3),
    st.sampled_from([None, 0, -1, 1, -2, 99_999]),  # what is charged more than ordered
    st.booleans(),  # whether the last card is missing
)
_STEPS = st.lists(
    st.one_of(
        _BUYS,
        st.tuples(st.just("return"), _PLACES, st.booleans(), _AGAINST),
        st.tuples(st.just("return"), _PLACES, st.booleans(), _AGAINST),
        st.tuples(st.just("transfer"), _PLACES, st.integers(1, 2)),
        st.tuples(st.just("void"), _PLACES),
        st.tuples(st.just("rate"), st.sampled_from(RATES)),
        st.tuples(st.just("refund"), _PLACES, st.integers(1, 300_000)),
    ),
    min_size=2,
    max_size=8,
)
Step = tuple[str, *tuple[object, ...]]


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(first=_BUYS, steps=_STEPS)
async def test_whatever_goes_back_each_currency_adds_up_by_itself(
    database: Database, tenant: Tenant, keyrings: Keyrings, first: Step, steps: list[Step]
) -> None:
    """Cards bought in yuan and in euros, at any rate; some go to another warehouse, some back."""
    del tenant
    made = await make_tenant(database, f"t{os.urandom(6).hex()}")
    world = await make_world(database, made, keyrings, [YUAN])
    await add_abroad(world)
    async with database.transaction(made.id) as tx:
        await set_rate(tx, made.id, "cli", "EUR", RATES[0])
        await make_warehouse(tx, made.id, "far")
    for kind, *what in [first, *steps]:
        await globals()[f"_{kind}"](world, *what)
        await world.proved()
        await _adds_up(world)


async def _buy(world: World, at: str, quantity: int, more_e4: int | None, missing: bool) -> None:
    def told(standing: Standing) -> Standing:
        bought = standing.cards or ()
        charged_e4 = standing.charged_e4
        if charged_e4 is not None and more_e4 is not None:
            charged_e4 = max(charged_e4 + more_e4, 0)
        return replace(
            standing, charged_e4=charged_e4, cards=bought[: len(bought) - missing] or None
        )

    world.houses[at].told = told
    await world.want(quantity, supplier_id=world.suppliers[at], unit_cost_max_e4=10**9)
    await world.place()


async def _return(
    world: World,
    place: int,
    whole_lot: bool,
    against: Literal["payable", "recoveries"],
) -> None:
    if not (there := await _there(world)):
        return
    card_id, lot_id, _ = there[place % len(there)]
    try:
        async with world.database.transaction(world.tenant.id) as tx:
            await return_to_supplier(
                tx,
                world.tenant.id,
                "s",
                card_ids=() if whole_lot else [card_id],
                lot_ids=[lot_id] if whole_lot else (),
                against=against,
                reason="r",
                today=DAY,
            )
    except KashuError as error:
        assert error.code == "cards_elsewhere"  # noqa: PT017


async def _transfer(world: World, place: int, count: int) -> None:
    if not (there := await _there(world)):
        return
    tenant_id = world.tenant.id
    _, lot_id, _ = there[place % len(there)]
    try:
        async with world.database.transaction(tenant_id) as tx:
            home = await tx.execute(select(lots.c.warehouse_id).where(lots.c.id == lot_id))
            far = await make_warehouse(tx, tenant_id, "far")
            at_home = home.scalar_one() == world.ground.warehouse_id
            await transfer(
                tx,
                tenant_id,
                "s",
                lot_id=lot_id,
                to_warehouse_id=far if at_home else world.ground.warehouse_id,
                count=count,
                reason="r",
                today=DAY,
            )
    except KashuError as error:
        assert error.code == "transfer_short"  # noqa: PT017


async def _void(world: World, place: int) -> None:
    there = [each for each in await _there(world) if each[2] == "available"]
    if there:
        async with world.database.transaction(world.tenant.id) as tx:
            card_id = there[place % len(there)][0]
            await void(tx, world.tenant.id, "s", card_ids=[card_id], reason="r", today=DAY)


async def _rate(world: World, rate: str) -> None:
    async with world.database.transaction(world.tenant.id) as tx:
        await set_rate(tx, world.tenant.id, "cli", "EUR", rate)


async def _refund(world: World, place: int, amount_e4: int) -> None:
    """Some money of an order comes back after it succeeded."""
    world.clock.advance(timedelta(minutes=1))
    async with world.database.transaction(world.tenant.id) as tx:
        wanted = select(attempts.c.id, attempts.c.number).where(
            attempts.c.tenant_id == world.tenant.id, attempts.c.state == AttemptState.SUCCEEDED
        )
        found = (await tx.execute(wanted.order_by(attempts.c.id))).all()
        if found:
            id_, number = found[place % len(found)]
            told = Standing(OrderState.SUCCEEDED, number, "", "ok", refunded_e4=amount_e4)
            occasion = world.buyer.occasion(world.houses[HOUSE].rules)
            await settle(tx, occasion, id_, told, source=Source.ASKED)


async def _there(world: World) -> list[tuple[UUID, UUID, str]]:
    """All cards that didn't go back: which, of what lot, and their state."""
    wanted = select(cards.c.id, cards.c.lot_id, cards.c.state).where(
        cards.c.tenant_id == world.tenant.id, cards.c.state != "returned"
    )
    async with world.database.transaction(world.tenant.id) as tx:
        rows = await tx.execute(wanted.order_by(cards.c.id))
        return [(row.id, row.lot_id, row.state) for row in rows]


async def _adds_up(world: World) -> None:
    booked: dict[tuple[str, str], int] = defaultdict(int)
    for account in await world.books():
        booked[account.kind, account.currency] += account.balance_e4
    for currency in ("CNY", "EUR"):
        assert sum(e4 for (_, its), e4 in booked.items() if its == currency) == 0
    assert not booked["inventory", "EUR"]

    tenant_id = world.tenant.id
    async with world.database.transaction(tenant_id) as tx:
        cost = {
            row.id: row
            for row in await tx.execute(select(lots).where(lots.c.tenant_id == tenant_id))
        }
        origin = await origins_of(tx, tenant_id, cost.keys())
        paid = {
            row.lot_id: row
            for row in await tx.execute(
                select(receipts, attempts.c.currency)
                .join(attempts, attempts.c.id == receipts.c.attempt_id)
                .where(receipts.c.tenant_id == tenant_id)
            )
        }
    held_e4 = sum(lot.unit_cost_e4 * lot.available for lot in cost.values())
    assert booked["inventory", "CNY"] == held_e4
    theirs_e4 = ours_e4 = 0
    for _, lot_id, _ in await _there(world):
        bought = paid[origin[lot_id]]
        assert bought.cost_e4 % bought.cards == 0
        if bought.currency == "EUR":
            theirs_e4 += bought.cost_e4 // bought.cards
            ours_e4 += cost[lot_id].unit_cost_e4
    assert booked["exchange", "EUR"] == theirs_e4
    assert booked["exchange", "CNY"] == -ours_e4
    with_them_e4 = sum(
        booked[kind, "EUR"] for kind in ("prepaid", "in_doubt", "recoveries", "payable", "exchange")
    )
    assert with_them_e4 == DEPOSIT_E4
