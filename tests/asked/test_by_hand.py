"""What people do about orders of platforms that ask: top-ups, and what can't be fulfilled."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from kashu.access.permissions import ROLE_PERMISSIONS, Permission, Role
from kashu.channels.accounts import reseal_orders
from kashu.channels.tables import shop_orders
from kashu.channels.tickets import forget_accounts
from kashu.core.clock import now
from kashu.core.events import events_of
from kashu.core.secrets import KEY_BYTES, MasterKey, MasterKeys
from kashu.simulators.jd_asking import AskedOrder
from tests.api.calls import problem, staff_client
from tests.asked.conftest import Either
from tests.conftest import MASTERS

ACCOUNT = "13800000000"


async def post(yard: Either, order: AskedOrder, what: str, **body: Any) -> httpx.Response:  # noqa: ANN401
    known = (await yard.row(order)).id
    return await yard.owner.post(f"/v1/shop-orders/{known}/{what}", json=body or None)


async def can(yard: Either, order: AskedOrder) -> list[str]:
    shown = await yard.owner.get("/v1/shop-orders", params={"number": order.number})
    (one,) = shown.json()["shop_orders"]
    return list(one["can"])


@pytest.mark.parametrize("mode", ["automatic", "stopped"])
async def test_a_top_up_goes_to_a_person_and_is_told_when_it_is_done(
    yard: Either, mode: str
) -> None:
    await yard.learnt()
    await yard.stock(1)
    await yard.mode(mode)
    order = yard.sell(1, account=ACCOUNT)
    await yard.ask(order)
    await yard.question(order)
    await yard.run()
    assert (order.state, await yard.step(order)) == ("open", ("trouble", "not_from_stock"))
    assert (await yard.given(), await yard.seen()) == (0, 0)
    assert await can(yard, order) == ["try_again", "hand_over", "give_up", "read_account"]
    assert (await post(yard, order, "handed-over")).status_code == 200
    if mode == "stopped":  # nobody is told by us, but who asks hears it
        await yard.run()
        assert order.state == "open"
        await yard.question(order)
    await yard.run()
    assert (order.state, order.cards) == ("done", [])
    assert await yard.step(order) == ("confirmed", "")
    await yard.assert_sound()


async def test_a_top_up_that_is_tried_again_is_still_a_persons(yard: Either) -> None:
    order = yard.sell(1, account=ACCOUNT)
    await yard.ask(order)
    assert (await post(yard, order, "try-again")).status_code == 200
    await yard.run()
    assert await yard.step(order) == ("trouble", "not_from_stock")


async def test_the_account_is_sealed_and_read_on_the_record(yard: Either) -> None:
    order = yard.sell(1, account=ACCOUNT)
    await yard.ask(order)
    row = await yard.row(order)
    assert ACCOUNT not in str(row)
    assert ACCOUNT.encode() not in row.sealed_account
    read = await post(yard, order, "account")
    assert (read.status_code, read.json()["account"]) == (200, ACCOUNT)
    assert read.json()["details"]
    shown = await yard.owner.get("/v1/shop-orders", params={"number": order.number})
    assert ACCOUNT not in shown.text
    (masked,) = shown.json()["shop_orders"][0]["accounts"].values()
    assert masked.startswith(ACCOUNT[:2])
    async with yard.database.transaction(yard.tenant.id) as tx:
        happened = await events_of(tx, yard.tenant.id, row.id)
    (event,) = [each for each in happened if each.kind == "shop_order.account_read"]
    assert event.actor.startswith("staff:")
    assert ACCOUNT not in str(happened)


async def test_an_account_is_read_by_nobody_who_may_not(yard: Either) -> None:
    order = yard.sell(1, account=ACCOUNT)
    await yard.ask(order)
    known = (await yard.row(order)).id
    role = next(each for each in Role if Permission.ORDERS_WRITE not in ROLE_PERMISSIONS[each])
    other = await staff_client(yard.app, yard.database, yard.tenant.id, role)
    assert (await other.post(f"/v1/shop-orders/{known}/account")).status_code == 403


async def test_an_order_without_an_account_has_none_to_be_read(yard: Either) -> None:
    order = yard.sell()
    await yard.ask(order)
    problem(await post(yard, order, "account"), 404, "no_account")


async def test_an_account_moved_to_another_order_does_not_open(yard: Either) -> None:
    first, second = yard.sell(1, account=ACCOUNT), yard.sell(1, account="13900000000")
    await yard.ask(first)
    await yard.ask(second)
    stolen = (await yard.row(first)).sealed_account
    async with yard.database.transaction(yard.tenant.id) as tx:
        await tx.execute(
            update(shop_orders)
            .where(shop_orders.c.number == second.number)
            .values(sealed_account=stolen)
        )
    problem(await post(yard, second, "account"), 409, "seal_broken")


async def test_accounts_of_orders_that_are_over_are_erased_in_time(yard: Either) -> None:
    over, open_ = yard.sell(1, account=ACCOUNT), yard.sell(1, account=ACCOUNT)
    await yard.ask(over)
    await yard.ask(open_)
    await post(yard, over, "handed-over")
    await yard.run()
    async with yard.database.transaction(yard.tenant.id) as tx:
        assert await forget_accounts(tx, yard.tenant.id, now() - timedelta(days=1)) == 0
        assert await forget_accounts(tx, yard.tenant.id, now() + timedelta(days=1)) == 1
    assert (await yard.row(over)).sealed_account is None
    assert (await yard.row(open_)).sealed_account is not None


async def test_another_master_key_takes_accounts_along(yard: Either) -> None:
    order = yard.sell(1, account=ACCOUNT)
    await yard.ask(order)
    fresh = MasterKeys(MasterKey.of(b"n" * KEY_BYTES), (MASTERS.current,))
    async with yard.database.transaction(yard.tenant.id) as tx:
        assert await reseal_orders(tx, yard.tenant.id, fresh) == 1
        assert await reseal_orders(tx, yard.tenant.id, fresh) == 0
        sealed = (await tx.execute(select(shop_orders.c.sealed_account))).scalar_one()
    assert sealed.startswith(fresh.current.id.encode())


async def test_a_person_gives_up_what_cannot_be_done(yard: Either) -> None:
    order = yard.sell(1, account=ACCOUNT)
    await yard.ask(order)
    given = await post(yard, order, "give-up", why="bad_account")
    assert (given.status_code, given.json()["step"]) == (200, "taken")
    await yard.run()
    if yard.is_game:  # a failure is believed once it is asked about
        await yard.question(order)
    assert (order.state, order.told) == ("refunded", ["2"])
    assert await yard.step(order) == ("ended", "bad_account")
    problem(await post(yard, order, "handed-over"), 409, "not_to_be_handed_over")


async def test_a_short_order_is_cancelled_when_it_is_given_up(yard: Either) -> None:
    await yard.learnt()
    order = yard.sell(2)
    await yard.ask(order)
    assert (await post(yard, order, "give-up", why="out_of_stock")).status_code == 200
    await yard.stock(5)
    await yard.run()
    await yard.question(order)
    assert (order.state, order.cards, await yard.given()) == ("refunded", [], 0)
    assert await yard.refund_steps() == [("settled", "nothing_left_to_refund")]
    await yard.assert_sound()


async def test_cards_that_nobody_saw_are_stock_again_when_their_order_is_given_up(
    yard: Either,
) -> None:
    await yard.learnt(sends_card=False)
    await yard.stock(1)
    order = yard.sell(1)
    await yard.ask(order)
    assert await yard.given() == 1
    assert (await post(yard, order, "give-up", why="not_sellable")).status_code == 200
    await yard.run()
    assert await yard.given() == 0
    await yard.map(sends_card=True)
    other = yard.sell(1)
    await yard.ask(other)
    assert (other.state, await yard.given()) == ("done", 1)
    await yard.assert_sound()


async def test_what_is_above_the_limit_is_given_up_once_another_person_approved(
    yard: Either,
) -> None:
    await yard.learnt(sends_card=False)
    await yard.stock(1)
    order = yard.sell(1)
    await yard.ask(order)
    await yard.owner.put("/v1/order-limits", json={"refund_amount": "0.01"})
    before = await yard.step(order)
    problem(await post(yard, order, "give-up", why="not_sellable"), 409, "give_up_above_limit")
    assert (await yard.step(order), await yard.given()) == (before, 1)
    order_id = (await yard.row(order)).order_id
    waits = await yard.owner.post(f"/v1/orders/{order_id}/cancel")
    assert waits.status_code == 202, waits.text
    problem(await post(yard, order, "give-up", why="not_sellable"), 409, "give_up_above_limit")
    other = await staff_client(yard.app, yard.database, yard.tenant.id, Role.FINANCE)
    at = f"/v1/approvals/{waits.json()['approval_id']}/approve"
    assert (await other.post(at)).status_code == 200
    assert (await post(yard, order, "give-up", why="not_sellable")).status_code == 200
    assert await yard.given() == 0
    await yard.assert_sound()


async def test_an_order_whose_cards_may_have_left_is_never_given_up(yard: Either) -> None:
    await yard.learnt()
    await yard.stock(2)
    order = yard.sell(2)
    yard.served.lose = 1
    await yard.ask(order)
    problem(await post(yard, order, "give-up", why="out_of_stock"), 409, "not_to_be_given_up")
    await yard.run(3)
    assert order.state == "done"
    problem(await post(yard, order, "give-up", why="out_of_stock"), 409, "not_to_be_given_up")
    assert await yard.given() == 2


async def test_what_the_merchant_refunded_in_our_books_goes_to_a_person(yard: Either) -> None:
    await yard.learnt()
    order = yard.sell(1)
    await yard.ask(order)
    ours = (await yard.row(order)).order_id
    answer = await yard.owner.post(f"/v1/orders/{ours}/cancel", json={"external_id": "c-1"})
    assert answer.status_code in {200, 201}, answer.text
    await yard.run()
    assert (order.state, await yard.step(order)) == ("open", ("trouble", "given_back_here"))
