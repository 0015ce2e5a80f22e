"""What a supplier asks for is filled in under its own keys, before anything leaves."""

import pytest

from kashu.access.keyring import Keyrings
from kashu.core.db import Database
from kashu.core.errors import KashuError
from kashu.core.http import NotReached
from kashu.purchases.kinds import AttemptState, PurchaseState
from kashu.purchases.send import order_of
from kashu.purchases.why import words_for
from kashu.simulators.suppliers.house import Asked, Kind
from kashu.suppliers.connections import connections_by_supplier
from kashu.suppliers.errors import LoginRefused, ProductGone, SupplierUnclear
from kashu.suppliers.upstream import Can, Order
from tests.conftest import Tenant
from tests.purchases.counterpart import Counterpart, Fault
from tests.purchases.world import World, make_world

ACCOUNT = "13812345678"
NUMBER = Asked("recharge_no", "手机号码", is_account=True)
SERVER = Asked("server", "区服")


@pytest.fixture
async def world(database: Database, tenant: Tenant, keyrings: Keyrings) -> World:
    return await make_world(database, tenant, keyrings, [])


async def _supplier(world: World, code: str = "fulu", *asked: Asked) -> Counterpart:
    there = await world.add(code, kind=Kind.TOPUP)
    world.goods[code].asked = asked or (NUMBER,)
    return there


async def _asked_about(world: World, purchase_id: object) -> Order:
    """The order as it is said to a supplier that is asked about it."""
    [attempt] = await world.live()
    async with world.database.transaction(world.tenant.id) as tx:
        found = await connections_by_supplier(tx, world.tenant.id, [attempt.supplier_id])
        purchase = await world.purchase(attempt.purchase_id)
        assert purchase.id == purchase_id
        return await order_of(tx, world.buyer, attempt, purchase, found[attempt.supplier_id])


async def test_the_account_is_sent_under_the_suppliers_own_key(world: World) -> None:
    there = await _supplier(world)
    purchase_id = await world.want_topup(ACCOUNT)
    await world.place()
    [order] = there.house.orders
    assert order.inputs == {"recharge_no": ACCOUNT}
    assert (await world.purchase(purchase_id)).state is PurchaseState.DONE
    assert (await world.purchase(purchase_id)).sealed_inputs is None
    await world.proved()


async def test_each_supplier_has_a_key_of_its_own(world: World) -> None:
    first = await _supplier(world)
    await _supplier(world, "second", Asked("uid", "账号", is_account=True))
    first.house.refusals.append("no")
    purchase_id = await world.want_topup(ACCOUNT)
    await world.run()
    assert [each.account_key for each in await world.attempts(purchase_id)] == [
        "recharge_no",
        "uid",
    ]
    assert world.houses["second"].house.orders[0].inputs == {"uid": ACCOUNT}
    assert not first.house.orders


async def test_asking_says_the_order_as_it_was_sent(world: World) -> None:
    there = await _supplier(world)
    there.faults.append(Fault.LOST_AFTER)
    purchase_id = await world.want_topup(ACCOUNT)
    await world.place()
    assert (await world.attempt(purchase_id)).state is AttemptState.UNCLEAR
    there.inputs_error = ProductGone(supplier="fulu", said="404")  # it isn't asked for again
    [sent] = there.house.orders
    assert (await _asked_about(world, purchase_id)).inputs == sent.inputs
    await world.run()
    assert (await world.purchase(purchase_id)).state is PurchaseState.DONE
    assert len(there.house.orders) == 1


async def test_where_they_are_not_told_our_own_key_is_the_suppliers(world: World) -> None:
    there = await _supplier(world)
    there.can -= {Can.READ_INPUTS}
    await world.want_topup(ACCOUNT)
    await world.place()
    assert there.house.orders[0].inputs == {"account": ACCOUNT}


@pytest.mark.parametrize(
    ("asked", "lacks"), [((NUMBER, SERVER), "区服"), ((SERVER,), "account")], ids=["more", "none"]
)
async def test_what_wants_more_than_an_account_is_not_ordered_and_says_what(
    world: World, asked: tuple[Asked, ...], lacks: str
) -> None:
    there = await _supplier(world, "fulu", *asked)
    before = await world.money("fulu")
    purchase_id = await world.want_topup(ACCOUNT)
    await world.place()
    attempt = await world.attempt(purchase_id)
    said = f"supplier_input_missing: {lacks}"
    assert (attempt.state, attempt.said) == (AttemptState.REFUSED, said)
    assert words_for(said, "zh").endswith(f"：{lacks}")
    assert words_for(said, "en").endswith(f": {lacks}")
    assert (there.house.orders, there.placed) == ([], {})
    assert await world.money("fulu") == before
    assert (await world.purchase(purchase_id)).state is PurchaseState.HELD
    await world.proved()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (SupplierUnclear(supplier="fulu", said="html"), "supplier_down"),
        (NotReached(host="fulu"), "not_reached"),
        (LoginRefused(supplier="fulu", said="sign"), "login_refused"),
        (KeyError("data"), "supplier_down"),
    ],
    ids=["unclear", "not_reached", "login", "bug"],
)
async def test_however_reading_what_is_asked_ends_nothing_is_in_doubt(
    world: World, error: Exception, said: str
) -> None:
    there = await _supplier(world)
    there.inputs_error = error
    before = await world.money("fulu")
    purchase_id = await world.want_topup(ACCOUNT)
    await world.place()
    attempt = await world.attempt(purchase_id)
    wanted = error.code if isinstance(error, NotReached) else said
    assert (attempt.state, attempt.said) == (AttemptState.REFUSED, wanted)
    assert not there.house.orders
    assert await world.money("fulu") == before
    await world.proved()


async def test_an_account_that_is_found_wrong_ends_the_purchase(world: World) -> None:
    first, second = await _supplier(world), await _supplier(world, "second")
    first.no_accounts.add(ACCOUNT)
    before = await world.money("fulu")
    purchase_id = await world.want_topup(ACCOUNT)
    await world.run()
    purchase = await world.purchase(purchase_id)
    assert (purchase.state, purchase.said) == (PurchaseState.ENDED, "supplier_account_refused")
    assert purchase.sealed_inputs is None
    assert not first.house.orders + second.house.orders
    assert await world.money("fulu") == before
    told = [*await world.happened("purchase.ended"), *await world.happened("attempt.refused")]
    assert len(told) == 2
    assert ACCOUNT not in str(told)
    await world.proved()


async def test_cards_are_asked_nothing(world: World) -> None:
    there = await world.add("fulu")
    there.inputs_error = KashuError()
    purchase_id = await world.want()
    await world.place()
    assert (await world.purchase(purchase_id)).state is PurchaseState.DONE
