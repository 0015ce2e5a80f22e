"""Make a tenant: a row, data keys, an owner with a link; whole, or taken up again."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import Table, func, insert, select

from kashu.access.errors import (
    LoginInvalid,
    TenantCodeInvalid,
    TenantExists,
    TenantUnknown,
    TimezoneUnknown,
)
from kashu.access.invite import Invitation, read_invitation
from kashu.access.keyring import Keyrings
from kashu.access.tables import data_keys, invitations, staff, tenants
from kashu.access.tenants import Tenant, all_tenants, make_tenant, tenant_by_code, tenant_by_id
from kashu.core.db import Database
from kashu.core.errors import KashuError
from tests.conftest import MASTERS


async def make(database: Database, **other: str) -> tuple[Tenant, Invitation]:
    wanted: dict[str, Any] = {
        "code": "mall",
        "name": "会员商城",
        "owner_login": "boss",
        "owner_name": "王老板",
    } | other
    return await make_tenant(database, MASTERS, **wanted)


async def count_of(database: Database, tenant_id: int | None, table: Table) -> int:
    async with database.transaction(tenant_id) as tx:
        counted: int = (await tx.execute(select(func.count()).select_from(table))).scalar_one()
        return counted


async def test_a_shop_begins_with_keys_and_an_invited_owner(database: Database) -> None:
    tenant, invitation = await make(database, timezone="Asia/Urumqi")
    assert invitation.token not in repr(invitation)
    async with database.transaction(tenant.id) as tx:
        assert await tenant_by_code(tx, "mall") == tenant
        assert await tenant_by_id(tx, tenant.id) == tenant
        assert tenant.timezone == "Asia/Urumqi"
        keyring = await Keyrings(MASTERS).of(tx, tenant.id)
        assert keyring.tenant_id == tenant.id
        invited = await read_invitation(tx, tenant.id, invitation.token)
        assert (invited.login, invited.tenant_code) == ("boss", "mall")
        kept = (await tx.execute(select(invitations.c.token_hash))).scalar_one()
        assert invitation.token.encode() not in kept
        person = (await tx.execute(select(staff))).one()
        assert (person.role, person.state, person.password_hash) == ("owner", "invited", None)
        assert await all_tenants(tx) == [tenant]


async def test_a_code_is_taken_once_whoever_comes_at_the_same_time(database: Database) -> None:
    made = await asyncio.gather(*(make(database) for _ in range(4)), return_exceptions=True)
    assert [type(one) for one in made].count(TenantExists) == 3
    (tenant, _), *_ = [one for one in made if isinstance(one, tuple)]
    assert await count_of(database, None, tenants) == 1
    assert await count_of(database, tenant.id, staff) == 1
    assert await count_of(database, tenant.id, data_keys) == 2


async def test_what_was_cut_short_is_taken_up_again(database: Database) -> None:
    async with database.transaction(None) as tx:  # what a crash between the two leaves
        await tx.execute(insert(tenants).values(code="mall", name="会员商城"))
    tenant, invitation = await make(database)
    assert await count_of(database, None, tenants) == 1
    async with database.transaction(tenant.id) as tx:
        assert (await read_invitation(tx, tenant.id, invitation.token)).login == "boss"


@pytest.mark.parametrize(
    ("other", "refusal"),
    [
        ({"code": "Mall"}, TenantCodeInvalid),
        ({"code": "m"}, TenantCodeInvalid),
        ({"code": "商城"}, TenantCodeInvalid),
        ({"code": "a" * 33}, TenantCodeInvalid),
        ({"timezone": "Asia/Nowhere"}, TimezoneUnknown),
        ({"timezone": "../etc/passwd"}, TimezoneUnknown),
        ({"timezone": ""}, TimezoneUnknown),
    ],
)
async def test_a_shop_that_cant_be_is_not_made(
    database: Database, other: dict[str, str], refusal: type[KashuError]
) -> None:
    with pytest.raises(refusal):
        await make(database, **other)
    assert await count_of(database, None, tenants) == 0


async def test_a_wrong_login_leaves_a_code_that_can_be_taken_up(database: Database) -> None:
    with pytest.raises(LoginInvalid):
        await make(database, owner_login="王 老板")
    tenant, _ = await make(database)
    assert await count_of(database, tenant.id, staff) == 1


async def test_an_unknown_shop_is_told(database: Database) -> None:
    async with database.transaction(None) as tx:
        assert await tenant_by_code(tx, "nowhere") is None
        with pytest.raises(TenantUnknown):
            await tenant_by_id(tx, 99)
