"""Invariant 7: whatever suppliers answer, in whatever order, no money is ever lost or made."""

import os
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kashu.access.keyring import Keyrings
from kashu.core.db import Database
from kashu.core.errors import KashuError, OutsideError
from kashu.purchases.kinds import LIVE, AttemptState, PurchaseState
from kashu.purchases.settle import Source, settle
from kashu.suppliers.errors import (
    AnswerLost,
    BalanceShort,
    InputRefused,
    LoginRefused,
    NoSuchPurchase,
    NumberTaken,
    OrderRefused,
    PriceAbove,
    SoldOut,
    SupplierBusy,
    SupplierDown,
    SupplierUnclear,
)
from kashu.suppliers.upstream import BoughtCard, OrderState, Standing
from tests.conftest import Tenant, make_tenant
from tests.purchases.world import COST_E4, World, make_world

EXAMPLES = int(os.environ.get("KASHU_TEST_EXAMPLES", "12"))
QUANTITY = 3

_ERRORS = [
    AnswerLost(number="n", supplier="s", said="x"),
    BalanceShort(supplier="s", said="x"),
    InputRefused(supplier="s", said="x"),
    LoginRefused(supplier="s", said="x"),
    NoSuchPurchase(supplier="s", number="n"),
    NumberTaken(supplier="s", number="n", said="x"),
    OrderRefused(supplier="s", said="x"),
    PriceAbove(supplier="s", said="x"),
    SoldOut(supplier="s", said="x"),
    SupplierBusy(supplier="s", said="x", wait_s=1),
    SupplierDown(supplier="s", said="x"),
    SupplierUnclear(supplier="s", said="x"),
]


def _cards(count: int, first: int) -> tuple[BoughtCard, ...]:
    return tuple(BoughtCard(f"Q{first + n}234567890123456") for n in range(count))


@st.composite
def _standings(draw: st.DrawFn) -> Standing:
    charged = draw(st.sampled_from([None, 0, 1, 299_999, 300_000, 300_001, 900_000, -5, 10**9]))
    cards = draw(st.sampled_from([None, (), *(_cards(n, n) for n in (1, 2, 3, 4))]))
    return Standing(
        draw(st.sampled_from(OrderState)),
        draw(st.sampled_from(["", "", "other"])),
        draw(st.sampled_from(["", "T1", "T1", "T2"])),
        draw(st.sampled_from(["ok", "x\0y", "w" * 999])),
        known=draw(st.booleans()),
        charged_e4=charged,
        refunded_e4=draw(st.sampled_from([0, 0, 0, 1, 100_000, 300_000, 10**9, -7])),
        cards=cards,
    )


_STEPS = st.lists(
    st.tuples(
        st.one_of(_standings(), st.sampled_from(_ERRORS)),
        st.sampled_from(Source),
        st.sampled_from([0.0, 5.0, 60.0, 3_600.0, 90_000.0]),
    ),
    min_size=1,
    max_size=7,
)
Steps = list[tuple[Standing | OutsideError, Source, float]]


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=_STEPS)
async def test_whatever_is_answered_each_orders_money_adds_up(
    database: Database, tenant: Tenant, keyrings: Keyrings, steps: Steps
) -> None:
    """One order for three cards; answers to it in any sequence, true, false, late and twice."""
    del tenant
    made = await make_tenant(database, f"t{os.urandom(6).hex()}")
    world = await make_world(database, made, keyrings, ["fulu"])
    house = world.houses["fulu"]
    house.instant = False
    purchase_id = await world.want(QUANTITY)
    await world.place()
    first = await world.attempt(purchase_id)
    for learnt, source, seconds in steps:
        world.clock.advance(timedelta(seconds=seconds))
        await _learn(world, first.id, learnt, source)
        await world.proved()
        await _is_sane(world, purchase_id)


async def _learn(
    world: World,
    attempt_id: UUID,
    learnt: Standing | OutsideError,
    source: Source,
) -> None:
    occasion = world.buyer.occasion(world.houses["fulu"].rules)
    try:
        async with world.database.transaction(world.tenant.id) as tx:
            await settle(tx, occasion, attempt_id, learnt, source=source)
    except KashuError as error:
        pytest.fail(error.code)


async def _is_sane(world: World, purchase_id: UUID) -> None:
    [attempt] = await world.attempts(purchase_id)
    purchase = await world.purchase(purchase_id)
    money = await world.money("fulu")
    if attempt.state in LIVE:
        assert money.in_doubt_e4 == QUANTITY * COST_E4
        assert purchase.state is PurchaseState.PLACED
    else:
        assert money.in_doubt_e4 == 0
        assert purchase.state is not PurchaseState.PLACED
    assert await world.stock_count() == attempt.received_count <= QUANTITY
    if attempt.state is AttemptState.SUCCEEDED:
        assert attempt.charged_e4 is not None
        assert 0 <= attempt.refunded_e4 <= attempt.charged_e4
