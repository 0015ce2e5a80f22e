"""Stores: opened, renamed, closed."""

import pytest

from kashu.channels.errors import StoreCodeTaken, UnknownStore
from kashu.channels.kinds import ChannelKind, StoreState
from kashu.channels.reads import store_by_code, store_list, stores_by_code, stores_by_id
from kashu.channels.stores import StoreChanges, begin_tenant, change_store, open_store
from kashu.core.db import Database, Tx
from kashu.core.events import events_of
from kashu.core.naming import NamingWrong
from tests.conftest import Tenant

TAOBAO = ChannelKind.TAOBAO


async def test_a_new_merchant_has_its_own_counter_once(tx: Tx, tenant: Tenant) -> None:
    await begin_tenant(tx, tenant.id, "cli")
    await begin_tenant(tx, tenant.id, "cli")
    [store] = await store_list(tx, tenant.id)
    assert (store.code, store.name, store.channel) == ("direct", "直销", ChannelKind.DIRECT)
    assert store.state is StoreState.OPEN
    assert store.partial_allowed is None
    happened = await events_of(tx, tenant.id, store.id)
    assert [event.kind for event in happened] == ["store.opened"]


async def test_an_opened_store_is_found_by_code_and_id(tx: Tx, tenant: Tenant) -> None:
    opened = await open_store(
        tx, tenant.id, "cli", code="tb-1", name="旗舰店", channel=TAOBAO, partial_allowed=True
    )
    assert await store_by_code(tx, tenant.id, "tb-1") == opened
    assert await stores_by_code(tx, tenant.id, ["tb-1", "tb-2", "\x00"]) == {"tb-1": opened}
    assert await stores_by_id(tx, tenant.id, [opened.id]) == {opened.id: opened}
    assert opened.partial_allowed is True


async def test_a_code_is_taken_once(tx: Tx, tenant: Tenant) -> None:
    opened = await open_store(tx, tenant.id, "cli", code="tb-1", name="旗舰店", channel=TAOBAO)
    with pytest.raises(StoreCodeTaken):
        await open_store(tx, tenant.id, "cli", code="tb-1", name="另一家", channel=TAOBAO)
    assert await store_list(tx, tenant.id) == [opened]


@pytest.mark.parametrize("code", ["", "TB", "tb_1", "-tb", "店", "a" * 41, "tb 1", "tb\n", "a\x00"])
async def test_a_code_that_is_none_is_refused(tx: Tx, tenant: Tenant, code: str) -> None:
    with pytest.raises(NamingWrong) as refused:
        await open_store(tx, tenant.id, "cli", code=code, name="旗舰店", channel=TAOBAO)
    assert [problem.at for problem in refused.value.problems] == ["/code"]
    assert await store_list(tx, tenant.id) == []
    with pytest.raises(UnknownStore):
        await store_by_code(tx, tenant.id, code)


@pytest.mark.parametrize("name", ["", "  ", "a\x00b", "a\nb", "x" * 101, "\x7f", "a\ud800"])
async def test_a_name_that_is_none_is_refused(tx: Tx, tenant: Tenant, name: str) -> None:
    with pytest.raises(NamingWrong) as refused:
        await open_store(tx, tenant.id, "cli", code="tb-1", name=name, channel=TAOBAO)
    assert [problem.at for problem in refused.value.problems] == ["/name"]
    opened = await open_store(tx, tenant.id, "cli", code="tb-1", name="旗舰店", channel=TAOBAO)
    with pytest.raises(NamingWrong):
        await change_store(tx, tenant.id, "cli", "tb-1", StoreChanges(name=name))
    assert await store_list(tx, tenant.id) == [opened]


async def test_a_store_is_renamed_closed_and_reopened(tx: Tx, tenant: Tenant) -> None:
    opened = await open_store(tx, tenant.id, "cli", code="tb-1", name="旗舰店", channel=TAOBAO)
    await change_store(tx, tenant.id, "staff:x", "tb-1", StoreChanges(name="专卖店"))
    closing = StoreChanges(state=StoreState.CLOSED)
    closed = await change_store(tx, tenant.id, "cli", "tb-1", closing)
    assert closed.state is StoreState.CLOSED
    assert await change_store(tx, tenant.id, "cli", "tb-1", closing) == closed
    assert await store_list(tx, tenant.id, state=StoreState.OPEN) == []
    reopened = await change_store(
        tx, tenant.id, "cli", "tb-1", StoreChanges(state=StoreState.OPEN, partial_allowed=False)
    )
    assert (reopened.name, reopened.partial_allowed) == ("专卖店", False)
    unset = await change_store(tx, tenant.id, "cli", "tb-1", StoreChanges(partial_allowed=None))
    assert unset.partial_allowed is None
    happened = await events_of(tx, tenant.id, opened.id)
    assert [event.kind for event in happened] == [
        "store.opened",
        "store.changed",
        "store.closed",
        "store.reopened",
        "store.changed",
    ]
    assert happened[1].facts == {"before": {"name": "旗舰店"}, "after": {"name": "专卖店"}}
    assert happened[1].actor == "staff:x"


async def test_a_list_continues_after_its_last_code(tx: Tx, tenant: Tenant) -> None:
    for n in range(5):
        await open_store(tx, tenant.id, "cli", code=f"tb-{n}", name="店", channel=TAOBAO)
    first = await store_list(tx, tenant.id, limit=2)
    rest = await store_list(tx, tenant.id, after=first[-1].code)
    assert [store.code for store in (*first, *rest)] == [f"tb-{n}" for n in range(5)]
    assert await store_list(tx, tenant.id, only=[first[0].id]) == [first[0]]
    assert await store_list(tx, tenant.id, only=[]) == []
    assert await store_list(tx, tenant.id, after="\x00") == []


async def test_another_merchants_store_is_not_there(
    database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    async with database.transaction(other_tenant.id) as tx:
        theirs = await open_store(
            tx, other_tenant.id, "cli", code="tb-1", name="店", channel=TAOBAO
        )
    async with database.transaction(tenant.id) as tx:
        assert await stores_by_id(tx, tenant.id, [theirs.id]) == {}
        assert await stores_by_code(tx, tenant.id, ["tb-1"]) == {}
        with pytest.raises(UnknownStore):
            await store_by_code(tx, tenant.id, "tb-1")
        with pytest.raises(UnknownStore):
            await change_store(tx, tenant.id, "cli", "tb-1", StoreChanges(name="我的"))
    async with database.transaction(other_tenant.id) as tx:
        assert await store_by_code(tx, other_tenant.id, "tb-1") == theirs
