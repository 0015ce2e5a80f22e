"""A program that orders and asks without end, to be killed while it does."""

import asyncio
import sys
from datetime import datetime

from kashu.access.keyring import Keyrings
from kashu.adapters.suppliers.dujiao_next import DujiaoNextUpstream
from kashu.core.clock import SHANGHAI
from kashu.core.db import APP_ROLE, Database
from kashu.core.http import Http
from kashu.core.pace import Pace
from kashu.entry import modules  # noqa: F401  (declares every table)
from kashu.purchases.ask import ask_due
from kashu.purchases.buyer import Buyer
from kashu.purchases.place import place_due
from kashu.suppliers.reach import Upstreams
from tests.conftest import MASTERS


async def main(url: str, tenant_id: int, at: datetime) -> None:
    """Say on standard output that it works; the clock stands still."""
    upstream = DujiaoNextUpstream()
    upstreams = Upstreams(
        {upstream.name: upstream},
        Http(private_allowed=True),
        Pace(share=1_000_000),
        Keyrings(MASTERS),
        now=lambda: at,
        notices_at="https://merchant.example",
    )
    buyer = Buyer(Database(url, role=APP_ROLE), tenant_id, SHANGHAI, upstreams)
    sys.stdout.write("working\n")
    sys.stdout.flush()
    while True:
        await place_due(buyer)
        await ask_due(buyer)
        await asyncio.sleep(0.05)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), datetime.fromisoformat(sys.argv[3])))
