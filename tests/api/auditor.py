"""An auditor of the books over HTTP: what every page and file says of the same money, compared."""

import csv
import io
from collections import Counter, defaultdict
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from typing import Any, Final

import httpx

WIDE: Final = {"since": "2020-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z"}
# Column of the report → the account that it is, and what a credit of it is worth.
KINDS: Final = {
    "revenue": ("revenue", -1),
    "cost": ("cost_of_goods", 1),
    "after_sales_loss": ("after_sales_loss", 1),
    "channel_fees": ("channel_fees", 1),
    "expired_stock": ("expired_stock", 1),
    "stock_loss": ("stock_loss", 1),
}
DIMENSIONS: Final = ("day", "store", "supplier", "product", "sku", "period", "customer", "brand")
# Its title in the files → the report's column.
TITLES: Final = {
    "销量": "units",
    "收入": "revenue",
    "成本": "cost",
    "售后损失": "after_sales_loss",
    "平台费用": "channel_fees",
    "过期损失": "expired_stock",
    "库存损失": "stock_loss",
    "利润": "profit",
}


@dataclass(frozen=True, slots=True)
class Auditor:
    """Somebody who may read all of the books."""

    client: httpx.AsyncClient

    async def read(self, path: str, **asked: Any) -> Any:  # noqa: ANN401  (a body)
        """Read a body."""
        return (await self._ask(path, asked)).json()

    async def rows_of(self, path: str, **asked: Any) -> list[dict[str, str]]:  # noqa: ANN401
        """Read a file's rows by their titles."""
        answer = await self._ask(path, asked | {"format": "csv"})
        return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))

    async def _ask(self, path: str, asked: dict[str, Any]) -> httpx.Response:
        answer = await self.client.get(path, params=asked)
        assert answer.status_code == 200, (path, asked, answer.text)
        return answer

    async def balances(self) -> Counter[tuple[str, str]]:
        """(kind of account, currency) → debit less credit."""
        books = await self.read("/v1/trial-balance")
        found = Counter[tuple[str, str]]()
        for row in books["accounts"]:
            found[row["kind"], row["currency"]] += Decimal(row["balance"])  # type: ignore[assignment]
        for total in books["totals"]:
            assert total["debit"] == total["credit"], total
        return found

    async def audit(self) -> None:
        """Compare everything with everything."""
        await self.audit_profit()
        await self.audit_orders()
        await self.audit_accounts()

    async def audit_profit(self) -> None:
        """However it is broken down, on a page and in a file, profit is what the accounts say."""
        balances = await self.balances()
        whole = (await self.read("/v1/reports/profit"))["totals"]
        for total in whole:
            for column, (kind, sign) in KINDS.items():
                booked = sign * balances[kind, total["currency"]]
                assert Decimal(total[column]) == booked, (column, total, booked)
            spent = sum(Decimal(total[column]) for column in KINDS if column != "revenue")
            assert Decimal(total["profit"]) == Decimal(total["revenue"]) - spent
        ways = [*DIMENSIONS, *(",".join(pair) for pair in combinations(DIMENSIONS[:5], 2))]
        for by in ways:
            sheet = await self.read("/v1/reports/profit", by=by)
            assert sheet["totals"] == whole, by
            assert _added(sheet["rows"]) == _added(whole), by
        rows = await self.rows_of("/v1/reports/profit", by="day,store")
        named = [
            {TITLES[title]: value for title, value in row.items() if title in TITLES}
            | {"currency": row["币种"]}
            for row in rows
        ]
        assert _added(named[: -len(whole)] if whole else []) == _added(whole)
        assert _added(named[-len(whole) :] if whole else []) == _added(whole)

    async def audit_orders(self) -> None:
        """Orders come to the report; each comes to its own page, and its page to the journal."""
        pages, asked = [], dict[str, Any](limit=7)
        while True:
            page = await self.read("/v1/reports/profit/orders", **asked)
            pages += page["orders"]
            if page["next_after"] is None:
                break
            asked["after"] = page["next_after"]
        columns = ("units", "revenue", "cost", "profit")
        whole = (await self.read("/v1/reports/profit"))["totals"]
        assert _added(pages, columns) == _added(whole, columns) == _added(page["totals"], columns)
        rows = await self.rows_of("/v1/reports/profit/orders/file")
        assert [Decimal(row["利润"]) for row in rows] == [Decimal(row["profit"]) for row in pages]
        for row in pages:
            if row["order_id"] is not None:
                await self._audit_order(row)

    async def _audit_order(self, row: dict[str, Any]) -> None:
        money = await self.read(f"/v1/orders/{row['order_id']}/money")
        [figures] = [each for each in money["figures"] if each["currency"] == row["currency"]]
        assert Decimal(figures["net"]) == Decimal(row["profit"]), (row, figures)
        assert Decimal(figures["sold"]) - Decimal(figures["back"]) == Decimal(row["revenue"])
        assert Decimal(figures["cost"]) == Decimal(row["cost"])
        effects = Counter[str]()
        for line in money["lines"]:
            effects[line["currency"]] += Decimal(line["effect"])  # type: ignore[assignment]
        assert effects[row["currency"]] == Decimal(row["profit"])
        sold = Decimal(figures["sold"]) - Decimal(figures["back"])
        kept = sold + Decimal(money["waiting"]) + Decimal(money["given_back"])
        assert Decimal(money["paid"]) == kept, money

    async def audit_accounts(self) -> None:
        """What stood in an account, and what moved in it, is what the trial balance says."""
        books = await self.read("/v1/trial-balance")
        days = set()
        for account in books["accounts"]:
            path = f"/v1/accounts/{account['account_id']}/transfers"
            closing, asked = Decimal(0), dict[str, Any](limit=5, **WIDE)
            while True:
                page = await self.read(path, **asked)
                assert Decimal(page["opening"]) == closing, account
                for row in page["transfers"]:
                    sides = [(row[side]["kind"], row[side]["owner_id"]) for side in SIDES]
                    assert row["currency"] == account["currency"]
                    amount = Decimal(row["amount"])
                    debited = sides[0] == (account["kind"], account["owner_id"])
                    closing += amount if debited else -amount
                    assert Decimal(row["balance"]) == closing
                    days.add(row["posted_on"])
                if page["next"] is None:
                    break
                asked["after"] = page["next"]
            assert closing == Decimal(account["balance"]), account

    async def days(self) -> set[str]:
        """On which of the merchant's days something was posted."""
        found = set()
        for account in (await self.read("/v1/trial-balance"))["accounts"]:
            path = f"/v1/accounts/{account['account_id']}/transfers"
            page = await self.read(path, limit=500, **WIDE)
            found |= {row["posted_on"] for row in page["transfers"]}
        return found


SIDES: Final = ("debit", "credit")


def _added(
    rows: list[dict[str, Any]], columns: tuple[str, ...] = tuple(TITLES.values())
) -> dict[str, dict[str, Decimal]]:
    sums: defaultdict[str, dict[str, Decimal]] = defaultdict(lambda: dict.fromkeys(columns, ZERO))
    for row in rows:
        for column in columns:
            sums[row["currency"]][column] += Decimal(row[column])
    return dict(sums)


ZERO: Final = Decimal(0)
