"""Options that are secrets are sealed, also those that an earlier version kept open."""

from typing import Any

import pytest
from sqlalchemy import select, update

from kashu.access.options import sort_options
from kashu.channels.ask import renew_grants
from kashu.channels.connections import Connection, NewConnection, connect, options_of
from kashu.channels.connections import connection_of as find_connection
from kashu.channels.reseal import reseal_connections
from kashu.channels.tables import connections
from kashu.core.secrets import KEY_BYTES, MasterKey, MasterKeyMissing, MasterKeys, Secret
from tests.conftest import MASTERS
from tests.delivery.conftest import Trade

OPTIONS = {"push_key": "not to be seen", "door": "nor this", "sandbox": "yes"}


async def row_of(trade: Trade) -> Any:  # noqa: ANN401
    async with trade.database.transaction(trade.tenant.id) as tx:
        return (await tx.execute(select(connections))).one()


async def known(trade: Trade) -> Connection:
    async with trade.database.transaction(trade.tenant.id) as tx:
        return await find_connection(tx, trade.tenant.id, trade.store_id)


async def connects(trade: Trade) -> None:
    async with trade.database.transaction(trade.tenant.id) as tx:
        wanted = NewConnection("app", Secret("s" * 32), "", OPTIONS, frozenset({"door"}))
        await connect(tx, trade.tenant.id, "test", "tb", wanted, masters=MASTERS)


def test_a_secret_is_told_by_its_adapter_or_by_its_name() -> None:
    plain, secret = sort_options(OPTIONS, frozenset({"door"}))
    assert plain == {"sandbox": "yes"}
    assert secret == {"push_key": "not to be seen", "door": "nor this"}


@pytest.mark.parametrize("name", ["appSecret", "API_KEY", "accessToken", "Password"])
def test_a_secret_is_one_however_its_name_is_written(name: str) -> None:
    assert sort_options({name: "not to be seen"}) == ({}, {name: "not to be seen"})


async def test_secret_options_are_sealed_and_reach_the_adapter(trade: Trade) -> None:
    await connects(trade)
    row = await row_of(trade)
    assert row.options == {"sandbox": "yes"}
    assert "not to be seen" not in str(row)
    _, link = trade.outside.reach(trade.tenant.id, await known(trade))
    assert link.app.options == OPTIONS
    assert "not to be seen" not in repr(await known(trade)) + repr(link)


async def test_what_an_earlier_version_kept_open_works_and_is_sealed_soon(
    trade: Trade,
) -> None:
    async with trade.database.transaction(trade.tenant.id) as tx:
        await tx.execute(update(connections).values(options=OPTIONS))
    trade.channel.secret_options = frozenset({"door"})
    _, link = trade.outside.reach(trade.tenant.id, await known(trade))
    assert link.app.options == OPTIONS
    await renew_grants(trade.database, trade.tenant.id, trade.outside)
    assert (await row_of(trade)).options == {"sandbox": "yes"}
    assert options_of(await known(trade), trade.tenant.id, MASTERS) == OPTIONS


@pytest.mark.parametrize("open_before", [False, True])
async def test_secret_options_go_under_the_new_master_key(
    trade: Trade,
    *,
    open_before: bool,
) -> None:
    await connects(trade)
    if open_before:
        async with trade.database.transaction(trade.tenant.id) as tx:
            await tx.execute(update(connections).values(options=OPTIONS, sealed_options=None))
    newer = MasterKeys(MasterKey.of(b"n" * KEY_BYTES), (MASTERS.current,))
    async with trade.database.transaction(trade.tenant.id) as tx:
        assert await reseal_connections(tx, trade.tenant.id, newer) == 1
    row = await row_of(trade)
    assert "not to be seen" not in str(row)
    assert options_of(await known(trade), trade.tenant.id, newer) == OPTIONS
    with pytest.raises(MasterKeyMissing):
        options_of(await known(trade), trade.tenant.id, MASTERS)
