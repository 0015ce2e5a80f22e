"""HTTP of the last proof that the books and the stock add up."""

from datetime import datetime
from typing import Final

import msgspec
from litestar import get
from litestar.di import NamedDependency

from kashu.access.caller import Caller
from kashu.access.guards import requires
from kashu.access.permissions import Permission
from kashu.core.db import Database
from kashu.reports.health import last_health
from kashu.reports.rules import RULES
from kashu.reports.verify import INVARIANTS, OF_ALL, Scope


class BrokenRule(msgspec.Struct, frozen=True):
    """A rule that rows break: how many, and what to do."""

    rule: str
    rows: int
    says: str


class Proof(msgspec.Struct, frozen=True):
    """What the last self-check found; `at` is null before the first."""

    ok: bool
    at: datetime | None
    scope: str  # all, or recent: what something happened to since the one before
    rows_checked: int
    broken: list[BrokenRule]
    proved: list[str]  # the invariants that were looked at: "books_balance"


@get("/v1/proof", operation_id="readProof", guards=[requires(Permission.LEDGER_READ)])
async def read_proof(caller: NamedDependency[Caller], database: NamedDependency[Database]) -> Proof:
    """Read when the books and the stock were last proved, and what was found."""
    async with database.transaction(caller.tenant_id) as tx:
        found = await last_health(tx, caller.tenant_id)
    if found is None:
        return Proof(ok=False, at=None, scope="", rows_checked=0, broken=[], proved=[])
    which = 0 if caller.language.startswith("zh") else 1
    broken = [
        BrokenRule(rule, rows, RULES[rule][which] if rule in RULES else rule)
        for rule, rows in found.broken.items()
    ]
    whole = found.scope is Scope.ALL
    proved = [name for name in INVARIANTS if whole or name not in OF_ALL]
    return Proof(found.ok, found.at, found.scope.value, found.rows_checked, broken, proved)


routes: Final = (read_proof,)
