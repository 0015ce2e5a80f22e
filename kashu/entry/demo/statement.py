"""A supplier's statement in the demo: with two lines that are wrong, matched, and settled."""

import csv
import hashlib
import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import msgspec

from kashu.access.tenants import Tenant
from kashu.core.clock import day_of, now
from kashu.core.db import Database
from kashu.core.money import format_amount, parse_amount
from kashu.core.sheets.read import read_sheet
from kashu.entry.simulation.wholesale import Wholesaler
from kashu.purchases.kinds_statements import FindingKind, ResolutionKind
from kashu.purchases.statement_lines import read_lines
from kashu.purchases.statement_reads import finding_list, statement_of, tallies
from kashu.purchases.statement_resolve import resolve
from kashu.purchases.statements import Arrived, take_statement
from kashu.simulators.suppliers.house import State

ACTOR: Final = "cli"
TOO_MUCH_E4: Final = parse_amount("0.50")  # charged beyond what one order cost
NOBODYS_E4: Final = parse_amount("12.34")  # charged for an order that we never made
FINDINGS_MAX: Final = 1_000


class Matched(msgspec.Struct, frozen=True):
    """How a statement and our orders agreed, and how many of the differences are settled."""

    matched: int
    missing: int
    extra: int
    different: int
    duplicated: int
    resolved: int

    @property
    def found(self) -> int:
        """How many differences there are."""
        return self.missing + self.extra + self.different + self.duplicated


@dataclass(frozen=True, slots=True)
class Settler:
    """Who takes statements in, and settles them."""

    database: Database
    tenant: Tenant

    async def match(self, seller: Wholesaler) -> Matched:
        """Have a supplier charge two things wrongly and send its statement; match it, ask back.

        Whatever it took beyond our orders it owes us then, so our books have what it has.
        """
        _overcharge(seller)
        assert seller.supplier_id is not None
        tenant, today = self.tenant, day_of(now(), self.tenant.timezone)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "statement.csv"
            _write(path, seller)
            lines = read_lines(read_sheet(path), tenant.timezone)
            arrived = Arrived(
                seller.supplier_id,
                today - timedelta(days=1),  # it may have begun before midnight
                today,
                lines,
                hashlib.sha256(path.read_bytes()).digest(),
                path.name,
            )
        async with self.database.transaction(tenant.id) as tx:
            id_, _ = await take_statement(tx, tenant.id, ACTOR, arrived, timezone=tenant.timezone)
        async with self.database.transaction(tenant.id) as tx:
            open_ = await finding_list(tx, tenant.id, id_, open_only=True, limit=FINDINGS_MAX)
            for finding in open_:
                if finding.difference_e4 > 0:
                    await resolve(
                        tx,
                        tenant.id,
                        ACTOR,
                        finding.id,
                        ResolutionKind.ASKED_BACK,
                        reason="演示：多扣的款项向供应商索回",
                        posted_on=today,
                    )
        async with self.database.transaction(tenant.id) as tx:
            kept = await statement_of(tx, tenant.id, id_)
            found = await tallies(tx, tenant.id, id_)
        counts = Counter({each.kind: each.total for each in found})
        return Matched(
            kept.matched_count,
            counts[FindingKind.MISSING],
            counts[FindingKind.EXTRA],
            counts[FindingKind.DIFFERENT],
            counts[FindingKind.DUPLICATED],
            sum(each.settled for each in found),
        )


def story_of(supplier: str, matched: Matched) -> tuple[str, str]:
    """Tell what came of a statement, in Chinese and English."""
    zh = (
        f"对账 {supplier}：相符 {matched.matched} 笔；缺 {matched.missing}、多 {matched.extra}、"
        f"不符 {matched.different}、重复 {matched.duplicated}，已处理 {matched.resolved}"
    )
    en = (
        f"statement of {supplier}: {matched.matched} match; {matched.missing} missing, "
        f"{matched.extra} extra, {matched.different} differ, {matched.duplicated} twice; "
        f"{matched.resolved} settled"
    )
    return zh, en


def _overcharge(seller: Wholesaler) -> None:
    """Take too much for the last order that ended well, and something for nothing."""
    house = seller.house
    last = next(each for each in reversed(house.orders) if each.state is State.SUCCEEDED)
    last.charged_e4 += TOO_MUCH_E4
    house.balance_e4 -= TOO_MUCH_E4 + NOBODYS_E4


def _write(path: Path, seller: Wholesaler) -> None:
    """Write the statement as its office would: what was charged and not given back."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["商户订单号", "金额", "数量", "下单时间", "商品名称"])
        for order in seller.house.orders:
            if order.state is not State.FAILED:
                out.writerow(
                    [
                        order.number,
                        format_amount(order.charged_e4 - order.refunded_e4),
                        order.quantity,
                        order.made_at.isoformat(timespec="seconds"),
                        order.good.title,
                    ]
                )
        at = seller.house.now().isoformat(timespec="seconds")
        out.writerow(["NOBODYSORDER1", format_amount(NOBODYS_E4), 1, at, "会员"])
