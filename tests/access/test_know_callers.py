"""The doorkeeper: keys are remembered for ten seconds and no longer."""

import asyncio
import time
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

from kashu.access.api_keys import make_key, revoke_key, wire_name
from kashu.access.caller import Caller, language_of
from kashu.access.doorkeeper import REMEMBERED_S, Doorkeeper
from kashu.access.errors import SignatureWrong
from kashu.access.nonces import Nonces
from kashu.access.permissions import ROLE_PERMISSIONS, Permission, Role
from kashu.access.signatures import read_signed, sign
from kashu.access.tables import api_keys
from kashu.core.clock import now
from kashu.core.db import Database
from tests.access.test_use_nonce import Counting
from tests.conftest import MASTERS, Tenant


class Door:
    """A doorkeeper whose watch we turn, and a key."""

    def __init__(self, database: Database) -> None:
        self.at_s = 1_000.0
        self.ahead_s = 0.0
        self.database = Counting(database)
        self.keeper = Doorkeeper(
            self.database,
            MASTERS,
            Nonces(database),
            time_s=lambda: time.time() + self.ahead_s,
            monotonic_s=lambda: self.at_s,
        )
        self.key_id = UUID(int=0)
        self.name = self.secret = ""

    async def make_key(self, tenant: Tenant) -> None:
        owner = Caller(tenant.id, "cli", frozenset(Permission))
        async with self.database.transaction(tenant.id) as tx:
            made = await make_key(tx, owner, MASTERS, name="k", scopes=[Permission.STOCK_READ])
        self.key_id, self.secret = made.key.id, made.secret.clear
        self.name = wire_name(tenant.id, made.key)

    async def knock(self) -> Caller:
        made = sign(
            "GET",
            "/",
            b"",
            key=self.name,
            secret=self.secret,
            timestamp=int(now().timestamp()),
            nonce="a" * 16,
        )
        signed = read_signed({name.lower(): value for name, value in made.items()})
        assert signed.body_hash
        return await self.keeper.check_signed(
            signed, method="GET", path="/", query="", body_hash=signed.body_hash
        )


@pytest.fixture
async def door(database: Database, tenant: Tenant) -> Door:
    made = Door(database)
    await made.make_key(tenant)
    return made


async def test_a_revoked_key_stops_within_ten_seconds(door: Door, tenant: Tenant) -> None:
    caller = await door.knock()
    assert caller.permissions == {Permission.STOCK_READ}
    assert caller.actor == f"key:{door.key_id}"
    async with door.database.transaction(tenant.id) as tx:
        await revoke_key(tx, tenant.id, "cli", door.name)
    door.at_s += REMEMBERED_S - 0.1
    await door.knock()
    door.at_s += 0.1
    with pytest.raises(SignatureWrong):
        await door.knock()


async def test_a_key_stops_at_its_expiry_though_it_is_remembered(
    door: Door, database: Database, tenant: Tenant
) -> None:
    async with database.transaction(tenant.id) as tx:
        await tx.execute(update(api_keys).values(expires_at=now() + timedelta(minutes=1)))
    caller = await door.knock()
    assert caller.tenant_id == tenant.id
    door.ahead_s = 61
    with pytest.raises(SignatureWrong):
        await door.knock()
    assert door.database.transaction_count == 2  # it was made, and read once


async def test_a_crowd_reads_the_key_once(door: Door) -> None:
    before = door.database.transaction_count
    await asyncio.gather(*(door.knock() for _ in range(100)))
    door.at_s += REMEMBERED_S
    await asyncio.gather(*(door.knock() for _ in range(100)))
    assert door.database.transaction_count == before + 2


async def test_an_unknown_key_is_not_remembered_as_unknown(door: Door) -> None:
    known, door.name = door.name, door.name[:-1] + ("0" if door.name[-1] != "0" else "1")
    for _ in range(2):
        with pytest.raises(SignatureWrong):
            await door.knock()
    door.name = known
    await door.knock()


def test_every_permission_is_somebodys_and_the_owner_has_all() -> None:
    assert ROLE_PERMISSIONS.keys() == set(Role)
    assert ROLE_PERMISSIONS[Role.OWNER] == set(Permission)
    for role in (Role.FINANCE, Role.AUDITOR):
        assert Permission.STOCK_REVEAL not in ROLE_PERMISSIONS[role]
    assert all(name.value.endswith(".read") for name in ROLE_PERMISSIONS[Role.AUDITOR])
    managing = {Permission.STAFF_MANAGE, Permission.KEYS_MANAGE, Permission.SETTINGS_WRITE}
    for role in set(Role) - {Role.OWNER}:
        assert not ROLE_PERMISSIONS[role] & managing


@pytest.mark.parametrize(
    ("wished", "given"),
    [
        ("", "zh"),
        ("*", "zh"),
        ("fr", "zh"),
        ("en", "en"),
        ("en-US,en;q=0.9,zh-CN;q=0.8", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("de,en;q=0.2", "en"),
        ("en;q=0", "zh"),
        ("en;q=x, zh", "zh"),
    ],
)
def test_the_reader_chooses_the_language(wished: str, given: str) -> None:
    assert language_of(wished) == given
