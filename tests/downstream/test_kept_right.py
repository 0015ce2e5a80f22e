import os

import psycopg
import pytest

from kashu.access.keyring import Keyrings
from kashu.core.secrets import MasterKey, MasterKeys
from kashu.downstream.logins import open_login, parse_wire_name, reseal_logins
from kashu.reports.verify import verify
from tests.conftest import MASTERS
from tests.downstream.agents import BY_HAND, Selling
from tests.downstream.dujiao import make_site


async def broken(selling: Selling) -> set[str]:
    async with selling.database.transaction(selling.tenant.id) as tx:
        proof = await verify(tx, selling.tenant.id)
    return {found.rule for each in proof.checked for found in each.violations} - BY_HAND


async def test_a_wallet_that_somebody_wrote_by_hand_is_found(
    selling: Selling, owner_url: str
) -> None:
    await selling.deposit("50.00")
    await selling.order("A1", 2)
    assert await broken(selling) == set()
    with psycopg.connect(owner_url) as connection:
        connection.execute("UPDATE customers.agents SET wallet_e4 = wallet_e4 + 100")
    assert await broken(selling) == {"agent_wallet_is_not_what_was_posted"}


async def test_the_table_itself_refuses_a_debt_beyond_the_credit(
    selling: Selling, owner_url: str
) -> None:
    await selling.deposit("50.00")
    with psycopg.connect(owner_url) as connection, pytest.raises(psycopg.errors.CheckViolation):
        connection.execute("UPDATE customers.agents SET wallet_e4 = -1")
    assert await selling.wallet() == "50.00"


async def test_logins_work_after_the_master_key_was_replaced(
    selling: Selling, keyrings: Keyrings
) -> None:
    site = await make_site(selling)
    assert keyrings.masters == MASTERS
    fresh = MasterKey.of(os.urandom(32))
    both = MasterKeys(fresh, (MASTERS.current, *MASTERS.earlier))
    tenant_id, login_id = parse_wire_name(site.key)
    async with selling.database.transaction(tenant_id) as tx:
        assert await reseal_logins(tx, tenant_id, both) == 1
        assert await reseal_logins(tx, tenant_id, both) == 0
        login = await open_login(tx, tenant_id, login_id, "dujiao_next", MasterKeys(fresh))
    assert login.secrets["secret"].clear == site.secret
