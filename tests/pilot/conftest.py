"""A store in shadow beside the old way, and the sheet that people keep of it."""

from datetime import date

import pytest

from kashu.channels.connections import set_mode
from kashu.channels.kinds import Mode
from kashu.channels.reads import store_by_code
from kashu.core.clock import day_of
from kashu.core.sheets.read import read_text
from kashu.pilot.compare import Comparison, compare, day_of_sheet, keep_comparison
from kashu.pilot.sheet import read_rows
from tests.delivery.conftest import Trade, trade

__all__ = ["trade"]


@pytest.fixture
async def shadow(trade: Trade) -> Trade:
    """The same store, in shadow, with five cards."""
    await trade.stock(5)
    async with trade.database.transaction(trade.tenant.id) as tx:
        await set_mode(tx, trade.tenant.id, "test", "tb", Mode.SHADOW)
    return trade


def today(of: Trade) -> date:
    """The merchant's day there."""
    return day_of(of.clock())


async def beside(of: Trade, sheet: str, day: date | None = None) -> Comparison:
    """Compare the store's day with a sheet, and keep the totals."""
    rows = read_rows(read_text(sheet))
    wanted = day_of_sheet(rows, day or today(of))
    async with of.database.transaction(of.tenant.id) as tx:
        store = await store_by_code(tx, of.tenant.id, "tb")
        compared = await compare(
            tx,
            of.tenant.id,
            store,
            rows,
            wanted,
            timezone=of.tenant.timezone,
            keyrings=of.keyrings,
        )
        await keep_comparison(tx, of.tenant.id, "test", store, compared)
    return compared
