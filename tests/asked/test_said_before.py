"""What a platform that asks us has heard before is kept to, and what it refused isn't done."""

from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from kashu.channels.asking import Progress, Result
from kashu.channels.shop_orders import locked_order
from kashu.channels.tables import shop_orders
from kashu.delivery.asked import Answer, put_aside
from kashu.simulators.jd_asking import AskedOrder
from tests.api.calls import problem
from tests.asked.conftest import Either

UNCARRIED = "N" * 201  # a card number longer than either platform takes


async def post(yard: Either, order: AskedOrder, what: str, **body: Any) -> httpx.Response:  # noqa: ANN401
    known = (await yard.row(order)).id
    return await yard.owner.post(f"/v1/shop-orders/{known}/{what}", json=body or None)


async def change(yard: Either, order: AskedOrder, **values: object) -> None:
    of_it = shop_orders.c.number == order.number
    async with yard.database.transaction(yard.tenant.id) as tx:
        await tx.execute(update(shop_orders).where(of_it).values(**values))


def refuse_next(yard: Either) -> None:
    """Have the platform refuse the next result, and do nothing."""
    yard.platform.says.append(b'{"retCode": "104"}' if yard.is_game else b'{"code": "12"}')


def comes_again(yard: Either) -> str:
    """The code on which the platform comes again, and refunds nobody."""
    return "1000" if yard.is_game else "JDO_500"


async def handed_over(yard: Either) -> AskedOrder:
    await yard.learnt(sends_card=False)
    await yard.stock(1)
    order = yard.sell()
    await yard.ask(order)
    assert (await post(yard, order, "handed-over")).status_code == 200
    return order


async def test_what_a_person_did_is_not_confirmed_while_the_platform_refuses_to_hear_it(
    yard: Either,
) -> None:
    order = await handed_over(yard)
    refuse_next(yard)
    await yard.run(1)
    assert (order.state, await yard.step(order)) == ("open", ("trouble", "channel_refused"))
    assert (await post(yard, order, "try-again")).status_code == 200
    await yard.run()
    assert (order.state, await yard.step(order)) == ("done", ("confirmed", ""))


@pytest.mark.parametrize("yard", ["jd_virtual"], indirect=True)
async def test_what_a_person_did_is_done_where_the_platform_has_it_behind_it(yard: Either) -> None:
    order = await handed_over(yard)
    yard.platform.says.append(b'{"code": "13"}')
    await yard.run(1)
    assert await yard.step(order) == ("confirmed", "")


@pytest.mark.parametrize("yard", ["jd_virtual"], indirect=True)
async def test_what_nobody_did_goes_to_a_person_where_the_platform_has_it_behind_it(
    yard: Either,
) -> None:
    await yard.stock(1)
    order = yard.sell()
    await yard.ask(order)
    await yard.map()
    yard.platform.says.append(b'{"code": "13"}')
    await yard.run(1)
    assert await yard.step(order) == ("trouble", "state_forbids")


async def test_an_order_that_was_given_up_gets_no_cards_when_it_is_tried_again(
    yard: Either,
) -> None:
    await yard.stock(2)
    order = yard.sell()
    await yard.ask(order)
    assert (await post(yard, order, "give-up", why="not_sellable")).status_code == 200
    refuse_next(yard)
    await yard.run(1)
    assert await yard.step(order) == ("trouble", "channel_refused")
    await yard.map()
    assert (await post(yard, order, "try-again")).json()["step"] == "taken"
    await yard.run()
    if yard.is_game:  # a failure is believed once it is asked about
        await yard.question(order)
    assert (order.state, order.cards, await yard.given()) == ("refunded", [], 0)
    assert await yard.step(order) == ("ended", "not_sellable")


async def test_what_was_given_up_is_never_taken_in(yard: Either) -> None:
    await yard.learnt()
    await yard.stock(1)
    await yard.mode("stopped")
    order = yard.sell()
    await yard.ask(order)
    assert (await post(yard, order, "give-up", why="not_sellable")).status_code == 200
    await change(yard, order, step="due")
    await yard.mode("automatic")
    await yard.ask(order)
    await yard.run()
    assert (await yard.given(), order.cards) == (0, [])


@pytest.mark.parametrize("before", ["done", "failed", "answer lost", "handed over"])
async def test_no_less_is_said_than_before_where_a_lock_cannot_be_had(
    yard: Either, before: str
) -> None:
    if before == "handed over":
        order = await handed_over(yard)
    else:
        await yard.learnt()
        await (yard.refuses_shortage() if before == "failed" else yard.stock(1))
        order = yard.sell()
        yard.served.lose = 1 if before == "answer lost" else 0
        await yard.ask(order)
    async with yard.database.transaction(yard.tenant.id) as tx:
        await tx.execute(select(shop_orders.c.id).with_for_update())
        await yard.ask(order)
        await yard.question(order)
    assert order.answers[-2:] == [comes_again(yard)] * 2


async def test_where_an_answer_may_have_left_that_stays_in_doubt(yard: Either) -> None:
    await yard.learnt()
    await yard.stock(1, numbers=[UNCARRIED])
    order = yard.sell()
    await yard.ask(order)
    assert not (await yard.row(order)).doubt
    await change(yard, order, step="taken", doubt=True)
    await yard.ask(order)
    assert await yard.step(order) == ("trouble", "not_shippable")
    assert (await yard.row(order)).doubt
    problem(await post(yard, order, "give-up", why="not_sellable"), 409, "not_to_be_given_up")


async def test_an_order_that_moved_on_is_not_put_aside(yard: Either) -> None:
    await yard.learnt(sends_card=False)
    await yard.stock(1)
    order = yard.sell()
    await yard.ask(order)
    before = await yard.row(order)
    async with yard.database.transaction(yard.tenant.id) as tx:
        leased = await locked_order(tx, yard.tenant.id, before.id)
    assert (await post(yard, order, "handed-over")).status_code == 200
    after = await yard.row(order)
    said = Answer(Result(Progress.OPEN, leased.ticket), replace(leased, doubt=True))
    async with yard.database.transaction(yard.tenant.id) as tx:
        await put_aside(tx, yard.tenant.id, said, "not_shippable")
    assert await yard.row(order) == after
    assert after.step == "sent"


async def test_a_bug_of_ours_makes_the_platform_come_again(yard: Either) -> None:
    order = yard.sell()
    await yard.ask(order)
    await change(yard, order, lines=[{"of": "another make"}])
    await yard.ask(order)
    await yard.question(order)
    assert order.answers[-2:] == [comes_again(yard)] * 2
    assert order.state in {"open", "paused"}
