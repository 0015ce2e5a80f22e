"""The last proof and the capital of SKUs over HTTP."""

import httpx
import pytest
from litestar import Litestar

from kashu.access.permissions import ROLE_PERMISSIONS, Permission, Role
from kashu.core.db import Database
from kashu.reports.sweeps import keep_health
from kashu.reports.verify import INVARIANTS
from tests.api.calls import staff_client
from tests.conftest import Tenant


@pytest.mark.parametrize("role", Role)
async def test_who_reads_the_books_reads_whether_they_were_proved(
    app: Litestar, database: Database, tenant: Tenant, role: Role
) -> None:
    async with await staff_client(app, database, tenant.id, role) as person:
        before = await person.get("/v1/proof")
        await keep_health(database, tenant.id)
        after = await person.get("/v1/proof")
    if Permission.LEDGER_READ not in ROLE_PERMISSIONS[role]:
        assert (before.status_code, after.status_code) == (403, 403)
        return
    nothing: dict[str, object] = {"ok": False, "at": None, "scope": ""}
    nothing |= {"rows_checked": 0, "broken": [], "proved": []}
    assert before.json() == nothing
    found = after.json()
    assert found.pop("at")
    assert found.pop("rows_checked") > 0
    assert found.pop("proved") == list(INVARIANTS)
    assert found == {"ok": True, "scope": "all", "broken": []}


async def test_the_capital_of_an_unknown_supplier_is_not_found(owner: httpx.AsyncClient) -> None:
    async with owner:
        refused = await owner.get("/v1/reports/capital/skus", params={"supplier": "nobody"})
        found = await owner.get("/v1/reports/capital/skus")
    assert refused.status_code == 404
    assert found.json()["rows"] == []
    assert found.json()["total"]["stock"] == "0.00"
