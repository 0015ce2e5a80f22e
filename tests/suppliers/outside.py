"""A supplier of a test's own: it says what the test has it say."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from kashu.access.keyring import Keyrings
from kashu.core.db import Database
from kashu.core.http import Http
from kashu.core.pace import Pace
from kashu.core.secrets import Secret
from kashu.suppliers.connections import NewConnection, connect
from kashu.suppliers.kinds import Goods
from kashu.suppliers.reach import Upstreams
from kashu.suppliers.upstream import Balance, Can, Charge, Link, Page, Repeats, Rules
from tests.conftest import MASTERS


@dataclass
class SaidSupplier:
    """Answers calls with `balances` and `charges`, in turn; an error among them is raised."""

    balances: list[Any] = field(default_factory=list)
    charges: list[Any] = field(default_factory=list)
    asked: list[Any] = field(default_factory=list)
    name: str = "said"
    can: frozenset[Can] = frozenset({Can.BALANCE, Can.STATEMENT})
    rules: Rules = field(default_factory=lambda: Rules(frozenset(Goods), Repeats.UNKNOWN))
    secret_options: frozenset[str] = frozenset()

    async def balance(self, link: Link) -> Balance:
        self.asked.append(link.login.account)
        said = self.balances.pop(0)
        if isinstance(said, Exception):
            raise said
        assert isinstance(said, Balance)
        return said

    async def statement(
        self, link: Link, begin: datetime, end: datetime, page: str | None = None
    ) -> Page[Charge]:
        self.asked.append((link.login.account, begin, end, page))
        said = self.charges.pop(0)
        if isinstance(said, Exception):
            raise said
        assert isinstance(said, Page)
        return said


@dataclass
class Watch:
    """A clock that stands where it is put."""

    at: datetime = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


def reach_to(said: SaidSupplier, watch: Watch) -> Upstreams:
    protocols: Any = {said.name: said}
    return Upstreams(protocols, Http(), Pace(), Keyrings(MASTERS), now=watch)


async def connect_said(database: Database, tenant_id: int, code: str = "fulu") -> None:
    wanted = NewConnection("said", "acc", Secret("s"))
    async with database.transaction(tenant_id) as tx:
        await connect(tx, tenant_id, "cli", code, wanted, masters=MASTERS)
