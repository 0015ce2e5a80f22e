"""Notices: a trigger to ask, bound to supplier and order; anything else changes nothing."""

import os
import random

import pytest

from kashu.access.keyring import Keyrings
from kashu.core.db import Database
from kashu.purchases.errors import UnknownNoticeAddress
from kashu.purchases.kinds import AttemptState, PurchaseState
from kashu.purchases.notices import take_notice
from kashu.purchases.reads import Attempt
from kashu.simulators.suppliers.house import State
from kashu.suppliers.connections import connection_of
from kashu.suppliers.upstream import NoticeReply, NoticeRequest
from tests.conftest import Tenant, make_tenant
from tests.purchases.world import COST_E4, SECRET, World, make_world

CASES = int(os.environ.get("KASHU_TEST_PURCHASES", "60"))  # the long run: 1000


@pytest.fixture
async def world(database: Database, tenant: Tenant, keyrings: Keyrings) -> World:
    """A merchant with two suppliers that take their time."""
    world = await make_world(database, tenant, keyrings, ["fulu", "kasu"])
    for counterpart in world.houses.values():
        counterpart.instant = False
    return world


async def _token(world: World, code: str) -> str:
    async with world.database.transaction(world.tenant.id) as tx:
        found = await connection_of(tx, world.tenant.id, world.suppliers[code])
    return found.notice_token


async def _tell(
    world: World,
    number: str,
    *,
    theirs: str = "",
    to: str = "fulu",
    secret: str = SECRET,
    age_s: int = 0,
    said: str = "succeeded",
) -> NoticeReply:
    sent = int(world.clock().timestamp()) - age_s
    body = f"{secret}|{sent}|{number}|{theirs}|{said}".encode()
    request = NoticeRequest("POST", "/notices", "", {}, body)
    token = await _token(world, to)
    return await take_notice(world.database, world.tenant.id, world.buyer.upstreams, token, request)


async def _under_way(world: World) -> tuple[Attempt, str]:
    """An order that the supplier has and hasn't done, not to be asked about for a while."""
    purchase_id = await world.want()
    await world.place()
    for _ in range(6):
        await world.later(minutes=1)
        await world.ask()
    attempt = await world.attempt(purchase_id)
    assert attempt.state is AttemptState.PROCESSING
    assert attempt.their_number is not None
    return attempt, attempt.their_number


async def test_a_notice_has_the_order_asked_about_at_once(world: World) -> None:
    attempt, theirs = await _under_way(world)
    world.houses["fulu"].house.settle()
    reply = await _tell(world, attempt.number, theirs=theirs)
    assert reply.body == b"ok"
    await world.ask()
    assert (await world.purchase(attempt.purchase_id)).state is PurchaseState.DONE


async def test_a_notice_is_not_believed_for_what_it_says(world: World) -> None:
    attempt, theirs = await _under_way(world)
    await _tell(world, attempt.number, theirs=theirs, said="succeeded")
    await world.ask()
    assert (await world.attempt(attempt.purchase_id)).state is AttemptState.PROCESSING
    assert (await world.money("fulu")).in_doubt_e4 == COST_E4


async def test_a_thousand_wrong_notices_change_nothing(world: World) -> None:
    attempt, theirs = await _under_way(world)
    other = await world.want(supplier_id=world.suppliers["kasu"])
    await world.place()
    others = await world.attempt(other)
    before = [await world.attempt(attempt.purchase_id), await world.attempt(other)]
    books = await world.books()
    wrong: list[dict[str, object]] = [
        {"number": others.number},  # of another supplier's order
        {"number": attempt.number, "theirs": f"{theirs}0"},  # a wrong number of theirs
        {"number": "", "theirs": "12345"},
        {"number": "", "theirs": ""},
        {"number": "K" * 19},
        {"number": "K\0K"},
        {"number": attempt.number, "secret": "guessed"},
        {"number": attempt.number, "age_s": 6 * 60},
        {"number": attempt.number, "age_s": -6 * 60},
        {"number": attempt.number, "to": "kasu"},
    ]
    chance = random.Random(19)  # noqa: S311  (which wrong notice comes)
    for _ in range(CASES):
        reply = await _tell(world, **chance.choice(wrong))  # type: ignore[arg-type]
        assert reply.body == b"fail"
    assert [await world.attempt(attempt.purchase_id), await world.attempt(other)] == before
    assert await world.books() == books


async def test_garbage_is_refused_and_nobody_falls_over(world: World) -> None:
    token = await _token(world, "fulu")
    for body in (b"", b"\xff\xfe", b"|||||", b"{" * 10_000, b"a|b|c|d|e"):
        request = NoticeRequest("GET", "/notices", "a=%00", {}, body)
        reply = await take_notice(
            world.database, world.tenant.id, world.buyer.upstreams, token, request
        )
        assert reply.body == b"fail"


async def test_nobodys_address_tells_nothing(world: World, other_tenant: Tenant) -> None:
    token = await _token(world, "fulu")
    request = NoticeRequest("POST", "/notices", "", {}, b"")
    upstreams = world.buyer.upstreams
    with pytest.raises(UnknownNoticeAddress):
        await take_notice(world.database, world.tenant.id, upstreams, "guess", request)
    with pytest.raises(UnknownNoticeAddress):  # the token of another merchant
        await take_notice(world.database, other_tenant.id, upstreams, token, request)


async def test_an_older_state_changes_nothing_after_the_end(world: World) -> None:
    attempt, theirs = await _under_way(world)
    world.houses["fulu"].house.settle()
    await _tell(world, attempt.number, theirs=theirs)
    await world.ask()
    books, stock = await world.books(), await world.stock_count()
    done = await world.attempt(attempt.purchase_id)
    for said in ("processing", "failed", "succeeded"):
        await _tell(world, attempt.number, theirs=theirs, said=said)
        await world.later(minutes=2)
        await world.ask()
    after = await world.attempt(attempt.purchase_id)
    assert (after.state, after.charged_e4) == (done.state, done.charged_e4)
    assert await world.books() == books
    assert await world.stock_count() == stock
    await world.proved()


async def test_a_success_that_comes_after_we_gave_up_is_kept_as_surplus(world: World) -> None:
    house = world.houses["fulu"].house
    purchase_id = await world.want()
    await world.place()
    order = house.orders[0]
    house.pay_back(order, State.FAILED)
    world.houses["kasu"].instant = True
    await world.run(1)
    assert (await world.purchase(purchase_id)).state is PurchaseState.DONE
    order.state, order.refunded_e4 = State.SUCCEEDED, 0  # after all
    house.balance_e4 -= order.charged_e4
    first, _ = await world.attempts(purchase_id)
    await _tell(world, first.number, theirs=str(order.order_id))
    await world.later(minutes=2)
    await world.ask()

    late, second = await world.attempts(purchase_id)
    assert (late.state, late.surplus) == (AttemptState.SUCCEEDED, True)
    assert (second.state, second.surplus) == (AttemptState.SUCCEEDED, False)
    assert await world.stock_count() == 2, "its card is stock"
    assert len(await world.happened("attempt.succeeded_late")) == 1
    await world.proved()


async def test_money_that_comes_back_after_success_is_booked_and_told(world: World) -> None:
    attempt, theirs = await _under_way(world)
    house = world.houses["fulu"].house
    house.settle()
    await _tell(world, attempt.number, theirs=theirs)
    await world.ask()
    order = house.orders[0]
    house.pay_back(order, State.REFUNDED)
    await world.later(minutes=5)
    await _tell(world, attempt.number, theirs=theirs)
    await world.ask()

    after = await world.attempt(attempt.purchase_id)
    assert after.refunded_e4 == COST_E4
    assert len(await world.happened("attempt.refunded_after")) == 1
    money = await world.money("fulu")
    assert money.recoveries_e4 == -COST_E4, "we have what they paid back for: a person's case"
    await world.proved()


async def test_a_notice_of_a_rival_is_not_ours(
    world: World, database: Database, keyrings: Keyrings
) -> None:
    rival = await make_tenant(database, "rival")
    theirs = await make_world(database, rival, keyrings, [])
    attempt, number = await _under_way(world)
    before = await world.attempt(attempt.purchase_id)
    token = await _token(world, "fulu")
    request = NoticeRequest("POST", "/", "", {}, f"{SECRET}|0|{attempt.number}|{number}|x".encode())
    with pytest.raises(UnknownNoticeAddress):
        await take_notice(database, rival.id, theirs.buyer.upstreams, token, request)
    assert await world.attempt(attempt.purchase_id) == before
