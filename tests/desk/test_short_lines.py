"""A line that is short: what the desk says of it while somebody is asked for its cards."""

from dataclasses import replace

import pytest

from kashu.access.caller import Caller
from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission
from kashu.core.clock import now
from kashu.core.db import Tx
from kashu.core.matters import Matter
from kashu.desk.queue import Wanted, look
from kashu.desk.shapes import MatterShown
from kashu.desk.show import show
from tests.conftest import Tenant
from tests.desk.cases import short_line
from tests.desk.floor import BEN, make_floor


async def shown_with(
    tx: Tx, tenant: Tenant, keyrings: Keyrings, **facts: str | None
) -> tuple[MatterShown, list[str]]:
    await short_line(await make_floor(tx, tenant.id, keyrings))
    at = now()
    wanted = Wanted(frozenset({Matter.SHORT_LINE}))
    [row] = (await look(tx, tenant.id, wanted, at=at, after=None, limit=2)).rows
    reader = Caller(tenant.id, BEN, frozenset(Permission), language="zh")
    [shown] = await show(tx, reader, [replace(row, facts={**row.facts, **facts})], at=at)
    return shown, [can.act.value for can in shown.can]


@pytest.mark.parametrize("state", ["asked", "wanted", "placed"])
async def test_what_is_being_bought_is_not_offered_to_be_bought_a_second_time(
    tx: Tx, tenant: Tenant, keyrings: Keyrings, state: str
) -> None:
    shown, acts = await shown_with(tx, tenant, keyrings, buying="made", purchase_state=state)
    assert acts == ["refund"]
    assert "采购" in shown.what.split("等待中：")[1]
    assert "不要另行采购" in shown.next


async def test_what_nobody_is_asked_for_can_be_bought(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    shown, acts = await shown_with(tx, tenant, keyrings)
    assert acts == ["want", "refund"]
    assert shown.what.endswith("等待中")
    assert shown.next.startswith("导入或采购")


@pytest.mark.parametrize(
    ("state", "acts"),
    [("held", ["want", "refund"]), ("ended", ["want", "buy_again", "refund"])],
)
async def test_it_is_bought_again_once_its_purchase_is_over(
    tx: Tx, tenant: Tenant, keyrings: Keyrings, state: str, acts: list[str]
) -> None:
    _, found = await shown_with(tx, tenant, keyrings, buying="made", purchase_state=state)
    assert found == acts
