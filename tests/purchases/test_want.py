"""Wanting: what is written down, within which limits, and what is asked about first."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text

from kashu.catalog.errors import UnknownSku
from kashu.catalog.reads import skus_by_id
from kashu.core.db import Database, Tx
from kashu.core.events import events_of
from kashu.purchases.cancel import cancel
from kashu.purchases.change import PurchaseChanges, change_purchase, submit_draft
from kashu.purchases.errors_buying import (
    AlreadyOnOrder,
    CeilingUnknown,
    ConfirmNeeded,
    PurchaseMoved,
    PurchaseRequestReused,
    PurchaseWrong,
    WarehouseMissing,
)
from kashu.purchases.kinds import AttemptState, Cause, PurchaseState
from kashu.purchases.reads import purchase_of
from kashu.purchases.rules import Limits, Scope
from kashu.purchases.set_rule import set_rule
from kashu.purchases.tables import purchases
from kashu.purchases.want import Request, goods_for_stock
from kashu.suppliers.kinds import Goods
from tests.conftest import Tenant
from tests.purchases.buying import (
    AT,
    CLERK,
    OTHER,
    Ground,
    attempted,
    later,
    make_ground,
    make_listing,
    make_offer,
    moved_to,
    wanted,
)


@pytest.fixture
async def ground(tx: Tx, tenant: Tenant) -> Ground:
    ground = await make_ground(tx, tenant.id)
    await make_listing(tx, tenant.id, ground.sku_id, 150_000)
    return ground


async def how_many(tx: Tx) -> int:
    return int((await tx.execute(select(func.count()).select_from(purchases))).scalar_one())


async def test_what_is_bought_by_itself_carries_what_it_may_cost_and_how_that_came_about(
    tx: Tx, tenant: Tenant, ground: Ground
) -> None:
    await set_rule(tx, tenant.id, CLERK, Scope(), Limits(margin_min_ppm=100_000), at=AT)
    purchase = await wanted(tx, tenant.id, ground, 2)
    assert (purchase.state, purchase.unit_cost_max_e4) == (PurchaseState.WANTED, 135_000)
    assert purchase.facts["ceiling"] == {
        "selling_e4": 150_000,
        "margin_min_ppm": 100_000,
        "by": "margin",
        "bounds_e4": {"margin": 135_000},
    }
    line = await wanted(tx, tenant.id, ground, selling_e4=120_000)
    assert line.unit_cost_max_e4 == 108_000
    assert [event.kind for event in await events_of(tx, tenant.id, line.id)] == ["purchase.wanted"]


async def test_without_any_price_or_limit_nothing_is_bought_by_itself(
    tx: Tx, tenant: Tenant
) -> None:
    ground = await make_ground(tx, tenant.id)
    with pytest.raises(CeilingUnknown):
        await wanted(tx, tenant.id, ground)
    assert await how_many(tx) == 0
    await set_rule(tx, tenant.id, CLERK, Scope(), Limits(unit_cost_max_e4=90_000), at=AT)
    assert (await wanted(tx, tenant.id, ground)).unit_cost_max_e4 == 90_000


async def test_a_line_is_bought_for_once_while_its_purchase_is_open(
    tx: Tx, tenant: Tenant, ground: Ground
) -> None:
    line = uuid4()
    first = await wanted(tx, tenant.id, ground, subject_id=line)
    assert (await wanted(tx, tenant.id, ground, subject_id=line)).id == first.id
    await cancel(tx, tenant.id, CLERK, first.id, because="refunded")
    assert (await wanted(tx, tenant.id, ground, subject_id=line)).id != first.id


async def test_a_sku_is_reordered_once_at_a_time(tx: Tx, tenant: Tenant, ground: Ground) -> None:
    await wanted(tx, tenant.id, ground, cause=Cause.REORDER)
    with pytest.raises(AlreadyOnOrder):
        await wanted(tx, tenant.id, ground, cause=Cause.REORDER)
    assert await how_many(tx) == 1


async def test_the_same_request_is_one_purchase(tx: Tx, tenant: Tenant, ground: Ground) -> None:
    by_hand: dict[str, Any] = {"cause": Cause.HAND, "actor": CLERK, "unit_cost_max_e4": 100_000}
    request = Request("a-1", b"1")
    first = await wanted(tx, tenant.id, ground, request=request, **by_hand)
    again = await wanted(tx, tenant.id, ground, request=request, **by_hand)
    assert again.id == first.id
    with pytest.raises(PurchaseRequestReused):
        await wanted(tx, tenant.id, ground, 2, request=Request("a-1", b"2"), **by_hand)
    assert await how_many(tx) == 1
    by_other = by_hand | {"actor": OTHER}
    assert (await wanted(tx, tenant.id, ground, request=request, **by_other)).id != first.id


async def test_a_double_click_is_one_purchase(database: Database, tenant: Tenant) -> None:
    async with database.transaction(tenant.id) as tx:
        ground = await make_ground(tx, tenant.id)
        await make_listing(tx, tenant.id, ground.sku_id, 150_000)
    line = uuid4()

    async def one(**more: Any) -> UUID:  # noqa: ANN401
        async with database.transaction(tenant.id) as tx:
            return (await wanted(tx, tenant.id, ground, **more)).id

    clicked = {"cause": Cause.HAND, "actor": CLERK, "request": Request("a-1", b"1")}
    assert len(set(await asyncio.gather(*(one(**clicked) for _ in range(5))))) == 1
    assert len(set(await asyncio.gather(*(one(subject_id=line) for _ in range(5))))) == 1
    swept = await asyncio.gather(
        *(one(cause=Cause.REORDER) for _ in range(5)), return_exceptions=True
    )
    assert sum(isinstance(each, AlreadyOnOrder) for each in swept) == 4
    async with database.transaction(tenant.id) as tx:
        assert await how_many(tx) == 3


async def test_where_buying_is_switched_off_a_draft_is_written_for_a_person(
    tx: Tx, tenant: Tenant, ground: Ground
) -> None:
    await set_rule(tx, tenant.id, CLERK, Scope(ground.sku_id), Limits(auto_buy=False), at=AT)
    purchase = await wanted(tx, tenant.id, ground)
    assert (purchase.state, purchase.said) == (PurchaseState.DRAFT, "auto_buy_off")
    assert (await submit_draft(tx, tenant.id, CLERK, purchase.id, at=AT)).state == (
        PurchaseState.WANTED
    )
    with pytest.raises(PurchaseMoved):
        await submit_draft(tx, tenant.id, CLERK, purchase.id, at=AT)


@pytest.mark.parametrize("quantity", [0, -1, 10_001, 10**12])
async def test_a_quantity_that_cannot_be_is_refused(
    tx: Tx, tenant: Tenant, ground: Ground, quantity: int
) -> None:
    with pytest.raises(PurchaseWrong):
        await wanted(tx, tenant.id, ground, quantity)
    assert await how_many(tx) == 0


async def test_cards_need_a_warehouse_and_a_known_sku(
    tx: Tx, tenant: Tenant, ground: Ground
) -> None:
    with pytest.raises(WarehouseMissing):
        await wanted(tx, tenant.id, ground, warehouse_id=None)
    with pytest.raises(UnknownSku):
        await wanted(tx, tenant.id, ground, sku_id=uuid4())
    limits = Limits(warehouse_id=ground.warehouse_id)
    await set_rule(tx, tenant.id, CLERK, Scope(), limits, at=AT)
    purchase = await wanted(tx, tenant.id, ground, warehouse_id=None)
    assert purchase.warehouse_id == ground.warehouse_id
    topup = await wanted(tx, tenant.id, ground, goods=Goods.TOPUP, cause=Cause.TOPUP)
    assert topup.warehouse_id is None


async def test_a_slip_of_the_finger_is_asked_about(tx: Tx, tenant: Tenant, ground: Ground) -> None:
    by_hand: dict[str, Any] = {"cause": Cause.HAND, "actor": CLERK}
    fulu = await make_offer(tx, tenant.id, ground.sku_id, "fulu", 140_000)
    for _ in range(3):
        before = await wanted(tx, tenant.id, ground, 500, confirm=True, **by_hand)
        await attempted(tx, tenant.id, before, fulu, unit_cost_e4=140_000)
    count = await how_many(tx)
    with pytest.raises(ConfirmNeeded) as quantity:
        await wanted(tx, tenant.id, ground, 5_000, unit_cost_max_e4=140_000, **by_hand)
    assert [problem.code for problem in quantity.value.problems] == ["quantity_unusual"]
    for price_e4, codes in (
        (14_000, ["price_unusual"]),
        (169_000, ["price_unusual", "sold_at_a_loss"]),
        (160_000, ["sold_at_a_loss"]),
    ):
        with pytest.raises(ConfirmNeeded) as price:
            await wanted(tx, tenant.id, ground, 500, unit_cost_max_e4=price_e4, **by_hand)
        assert [problem.code for problem in price.value.problems] == codes
    assert await how_many(tx) == count
    typed = await wanted(
        tx, tenant.id, ground, 5_000, unit_cost_max_e4=14_000, confirm=True, **by_hand
    )
    assert typed.state == PurchaseState.WANTED
    usual = await wanted(tx, tenant.id, ground, 1_500, unit_cost_max_e4=140_000, **by_hand)
    assert usual.state == PurchaseState.WANTED


async def test_by_hand_without_a_limit_the_best_offer_may_rise_a_little(
    tx: Tx, tenant: Tenant, ground: Ground
) -> None:
    await make_offer(tx, tenant.id, ground.sku_id, "fulu", 100_000)
    purchase = await wanted(tx, tenant.id, ground, cause=Cause.HAND, actor=CLERK)
    offered_e4 = purchase.facts["offered_e4"]
    assert purchase.unit_cost_max_e4 == -(-offered_e4 * 105 // 100)
    unknown = await make_ground(tx, tenant.id, "iqiyi-month")
    blind = await wanted(tx, tenant.id, unknown, cause=Cause.HAND, actor=CLERK)
    assert blind.unit_cost_max_e4 is None


async def test_what_is_under_way_is_neither_cancelled_nor_changed(
    tx: Tx, tenant: Tenant, ground: Ground
) -> None:
    fulu = await make_offer(tx, tenant.id, ground.sku_id, "fulu", 100_000)
    purchase = await wanted(tx, tenant.id, ground, cause=Cause.HAND, actor=CLERK)
    placed = await moved_to(tx, tenant.id, purchase, state=PurchaseState.PLACED)
    await attempted(tx, tenant.id, purchase, fulu, AttemptState.UNCLEAR)
    with pytest.raises(PurchaseMoved):
        await cancel(tx, tenant.id, CLERK, purchase.id, because="no")
    with pytest.raises(PurchaseMoved):
        await change_purchase(tx, tenant.id, CLERK, purchase.id, PurchaseChanges(quantity=2))
    assert await purchase_of(tx, tenant.id, purchase.id) == placed


async def test_what_came_of_a_cancelled_purchase_stays(
    tx: Tx, tenant: Tenant, ground: Ground
) -> None:
    purchase = await wanted(tx, tenant.id, ground, 5)
    await moved_to(tx, tenant.id, purchase, received_count=2)
    ended = await cancel(tx, tenant.id, CLERK, purchase.id, because="enough")
    assert (ended.state, ended.received_count) == (PurchaseState.PART, 2)
    whole = await wanted(tx, tenant.id, ground, 5)
    ended = await cancel(tx, tenant.id, CLERK, whole.id, because="no")
    assert ended.state == PurchaseState.CANCELLED


async def test_a_person_may_raise_what_an_order_s_purchase_costs(
    tx: Tx, tenant: Tenant, ground: Ground
) -> None:
    purchase = await wanted(tx, tenant.id, ground, selling_e4=100_000)
    with pytest.raises(PurchaseMoved):
        await change_purchase(tx, tenant.id, CLERK, purchase.id, PurchaseChanges(quantity=2), at=AT)
    changed = await change_purchase(
        tx,
        tenant.id,
        CLERK,
        purchase.id,
        PurchaseChanges(unit_cost_max_e4=160_000),
        confirm=True,
        at=later(minutes=1),
    )
    assert (changed.unit_cost_max_e4, changed.cause) == (160_000, Cause.SHORT)
    assert changed.facts["ceiling_by"] == "hand"


@pytest.mark.parametrize("cause", [Cause.HAND, Cause.SHORT, Cause.REORDER])
async def test_what_serves_many_is_not_bought_since_nobody_tells_how_often_it_may_be_used(
    tx: Tx, tenant: Tenant, ground: Ground, cause: Cause
) -> None:
    await tx.execute(
        text("UPDATE catalog.skus SET fulfilment = 'shared' WHERE id = :sku"),
        {"sku": ground.sku_id},
    )
    [sku] = (await skus_by_id(tx, tenant.id, [ground.sku_id])).values()
    with pytest.raises(PurchaseWrong) as refused:
        await wanted(tx, tenant.id, ground, cause=cause)
    with pytest.raises(PurchaseWrong) as refused_for_stock:
        goods_for_stock(sku)

    for each in (refused, refused_for_stock):
        assert [problem.code for problem in each.value.problems] == ["sku_shared_not_bought"]
    assert await how_many(tx) == 0
