"""Verify names whatever an exchange account holds that isn't of an order, or not at its rate."""

from uuid import UUID

import psycopg
import pytest

from kashu.access.keyring import Keyrings
from kashu.core.db import Database
from kashu.core.ids import new_id
from kashu.reports.verify import verify
from tests.conftest import Tenant
from tests.purchases.abroad import HOUSE, make_world_abroad
from tests.purchases.world import World

LEG = (
    " FROM ledger.accounts AS account"
    " WHERE account.tenant_id = transfers.tenant_id AND account.kind = 'exchange'"
    " AND account.currency = '{currency}'"
    " AND account.id IN (debit_account_id, credit_account_id)"
)


@pytest.fixture
async def world(database: Database, tenant: Tenant, keyrings: Keyrings) -> World:
    """A merchant that bought three cards for euros, and one more."""
    world = await make_world_abroad(database, tenant, keyrings)
    for count in (3, 1):
        await world.want(count)
        await world.place()
    await world.proved()
    return world


async def _found(world: World) -> dict[str, list[str]]:
    async with world.database.transaction(world.tenant.id) as tx:
        verified = await verify(tx, world.tenant.id)
    [proved] = [each for each in verified.checked if each.invariant == "exchange_at_rates"]
    assert proved.rows_checked >= 2
    return {each.rule: [row.id for row in each.rows] for each in proved.violations}


def _break(owner_url: str, statement: str, *values: object) -> None:
    with psycopg.connect(owner_url) as connection:
        connection.execute("SET session_replication_role = replica")
        changed = connection.execute(statement, values)  # type: ignore[arg-type, unused-ignore]
        assert changed.rowcount == 1


async def _attempt(world: World, quantity: int) -> UUID:
    async with world.database.transaction(world.tenant.id) as tx:
        found = await tx.exec_driver_sql(
            "SELECT id FROM purchases.attempts WHERE quantity = %s", (quantity,)
        )
        return UUID(str(found.scalar_one()))


async def test_a_cost_that_is_not_the_rate_of_its_order_names_it(
    world: World, owner_url: str
) -> None:
    attempt_id = await _attempt(world, 3)
    _break(
        owner_url,
        "UPDATE purchases.attempts SET rate_e6 = rate_e6 + 100 WHERE id = %s",
        attempt_id,
    )
    assert await _found(world) == {"exchange_is_not_at_its_rate": [str(attempt_id)]}


@pytest.mark.parametrize("currency", ["EUR", "CNY"])
async def test_a_leg_that_is_gone_or_off_names_its_order(
    world: World, owner_url: str, currency: str
) -> None:
    attempt_id = await _attempt(world, 1)
    of_it = (
        " AND (subject_id = %s OR subject_id IN"
        " (SELECT lot_id FROM purchases.receipts WHERE attempt_id = %s))"
    )
    _break(
        owner_url,
        "UPDATE ledger.transfers SET amount_e4 = amount_e4 + 2"
        + LEG.format(currency=currency)
        + of_it,
        attempt_id,
        attempt_id,
    )
    assert await _found(world) == {"exchange_is_not_at_its_rate": [str(attempt_id)]}
    _break(
        owner_url,
        "DELETE FROM ledger.transfers USING"
        + LEG.format(currency=currency).removeprefix(" FROM")
        + of_it,
        attempt_id,
        attempt_id,
    )
    assert await _found(world) == {"exchange_is_not_at_its_rate": [str(attempt_id)]}


async def test_what_is_of_nothing_we_know_is_named(world: World, owner_url: str) -> None:
    attempt_id, stranger = await _attempt(world, 1), new_id()
    _break(
        owner_url,
        "UPDATE ledger.transfers SET subject_id = %s"
        + LEG.format(currency="EUR")
        + " AND subject_id = %s",
        stranger,
        attempt_id,
    )
    found = await _found(world)
    assert found["exchange_is_of_nothing_known"] == [str(stranger)]
    assert found["exchange_is_not_at_its_rate"] == [str(attempt_id)]


async def test_what_is_of_another_suppliers_order_is_named(world: World, owner_url: str) -> None:
    attempt_id = await _attempt(world, 1)
    await world.add("other", deposit_e4=0)
    _break(
        owner_url,
        "UPDATE purchases.attempts SET supplier_id = %s WHERE id = %s",
        world.suppliers["other"],
        attempt_id,
    )
    assert world.suppliers[HOUSE] != world.suppliers["other"]
    assert await _found(world) == {"exchange_is_of_nothing_known": [str(attempt_id)]}
