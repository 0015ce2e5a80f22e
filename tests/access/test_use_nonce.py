"""Nonces: once each, written in groups."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text, update

from kashu.access.api_keys import make_key
from kashu.access.caller import Caller
from kashu.access.errors import NonceUsed
from kashu.access.nonces import Nonces
from kashu.access.permissions import Permission
from kashu.access.sweeps import forget_what_is_over
from kashu.access.tables import api_keys, nonces
from kashu.core.clock import now
from kashu.core.db import CommitUnclear, Database, DatabaseBusy, Tx
from tests.conftest import MASTERS, Tenant


class Counting(Database):
    """Counts transactions, and fails at will as the real one does."""

    def __init__(self, beneath: Database) -> None:
        self._beneath = beneath
        self.transaction_count = 0
        self.commit_settings: list[str] = []
        self.trouble: Exception | None = None

    @asynccontextmanager
    async def transaction(
        self, tenant_id: int | None, *, settings: Mapping[str, str] | None = None
    ) -> AsyncIterator[Tx]:
        self.transaction_count += 1
        async with self._beneath.transaction(tenant_id, settings=settings) as tx:
            shown = await tx.execute(text("SHOW synchronous_commit"))
            self.commit_settings.append(shown.scalar_one())
            yield tx
        if self.trouble is not None:
            raise self.trouble


async def kept(database: Database, tenant: Tenant) -> int:
    async with database.transaction(tenant.id) as tx:
        counted: int = (await tx.execute(select(func.count()).select_from(nonces))).scalar_one()
        return counted


async def test_a_nonce_is_used_once(database: Database, tenant: Tenant) -> None:
    writer, key = Nonces(database), uuid4()
    await writer.use(tenant.id, key, "a" * 16)
    with pytest.raises(NonceUsed):
        await writer.use(tenant.id, key, "a" * 16)
    await writer.use(tenant.id, uuid4(), "a" * 16)  # another key's is another nonce
    await writer.use(tenant.id, key, "b" * 16)
    assert await kept(database, tenant) == 3


async def test_the_same_nonce_twice_in_one_batch_is_refused_once(
    database: Database, tenant: Tenant
) -> None:
    writer, key = Nonces(database), uuid4()
    wanted = ["first" * 4, *["a" * 16] * 5, *["b" * 16] * 5]
    outcomes = await asyncio.gather(
        *(writer.use(tenant.id, key, nonce) for nonce in wanted), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes].count(NonceUsed) == 8
    assert outcomes.count(None) == 3
    assert await kept(database, tenant) == 3


async def test_those_who_come_together_are_written_together(
    database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    counting = Counting(database)
    writer, key = Nonces(counting), uuid4()
    await asyncio.gather(
        *(writer.use(tenant.id, key, uuid4().hex) for _ in range(1_200)),
        *(writer.use(other_tenant.id, key, uuid4().hex) for _ in range(100)),
    )
    assert counting.transaction_count <= 5
    assert set(counting.commit_settings) == {"off"}
    assert await kept(database, tenant) == 1_200
    assert await kept(database, other_tenant) == 100


@pytest.mark.parametrize("trouble", [DatabaseBusy(), CommitUnclear()])
async def test_when_it_cant_be_written_nobody_goes_on_and_the_next_can(
    database: Database, tenant: Tenant, trouble: Exception
) -> None:
    counting = Counting(database)
    counting.trouble = trouble
    writer, key = Nonces(counting), uuid4()
    outcomes = await asyncio.gather(
        *(writer.use(tenant.id, key, uuid4().hex) for _ in range(3)), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes] == [DatabaseBusy] * 3
    counting.trouble = None
    await writer.use(tenant.id, key, "a" * 16)


async def test_somebody_who_goes_away_holds_up_nobody(database: Database, tenant: Tenant) -> None:
    writer, key = Nonces(database), uuid4()
    gone = asyncio.create_task(writer.use(tenant.id, key, "a" * 16))
    stays = asyncio.create_task(writer.use(tenant.id, key, "b" * 16))
    await asyncio.sleep(0)
    gone.cancel()
    await stays
    with pytest.raises(asyncio.CancelledError):
        await gone


async def test_a_keys_use_is_noted_once_a_minute(database: Database, tenant: Tenant) -> None:
    owner = Caller(tenant.id, "cli", frozenset(Permission))
    async with database.transaction(tenant.id) as tx:
        made = await make_key(tx, owner, MASTERS, name="k", scopes=[Permission.STOCK_READ])

    async def noted() -> datetime:
        async with database.transaction(tenant.id) as tx:
            at: datetime = (await tx.execute(select(api_keys.c.last_used_at))).scalar_one()
            return at

    await Nonces(database).use(tenant.id, made.key.id, uuid4().hex)
    first = await noted()
    assert now() - first < timedelta(seconds=5)
    await Nonces(database).use(tenant.id, made.key.id, uuid4().hex)  # another process
    assert await noted() == first
    async with database.transaction(tenant.id) as tx:
        await tx.execute(update(api_keys).values(last_used_at=now() - timedelta(minutes=2)))
    await Nonces(database).use(tenant.id, made.key.id, uuid4().hex)
    assert await noted() > first


async def test_only_nonces_that_time_refuses_anyway_are_forgotten(
    database: Database, tenant: Tenant
) -> None:
    writer, key = Nonces(database), uuid4()
    for nonce in ("a" * 16, "b" * 16):
        await writer.use(tenant.id, key, nonce)
    async with database.transaction(tenant.id) as tx:
        await tx.execute(
            update(nonces)
            .where(nonces.c.nonce == "a" * 16)
            .values(at=now() - timedelta(minutes=13))
        )
        await tx.execute(
            update(nonces)
            .where(nonces.c.nonce == "b" * 16)
            .values(at=now() - timedelta(minutes=10))
        )
    assert await forget_what_is_over(database) is False
    async with database.transaction(tenant.id) as tx:
        assert list((await tx.execute(select(nonces.c.nonce))).scalars()) == ["b" * 16]
