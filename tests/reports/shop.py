"""A small shop, written straight into the tables, with its books; tests then break it by hand."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Table, func, insert, update

from kashu.catalog.tables import brands, products, skus
from kashu.channels.tables import stores
from kashu.core.db import Tx
from kashu.core.ids import new_id, new_ids
from kashu.customers.tables import customers
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Account, Transfer, post
from kashu.orders.tables import lines, orders
from kashu.stock.tables import (
    allocations,
    cards,
    choices,
    free_uses,
    lots,
    moves,
    reveals,
    warehouses,
)
from kashu.suppliers.tables import suppliers

JULY_1 = date(2026, 7, 1)
REVENUE = Account(AccountKind.REVENUE)
COST = Account(AccountKind.COST_OF_GOODS)


@dataclass
class Shop:
    """One tenant's things by their codes."""

    tx: Tx
    tenant_id: int
    ids: dict[str, UUID] = field(default_factory=dict)

    async def add(self, table: Table, *rows: dict[str, Any]) -> None:
        """Insert rows of this tenant."""
        await self.tx.execute(insert(table), [{"tenant_id": self.tenant_id, **row} for row in rows])

    async def named(self, table: Table, *codes: str, **values: object) -> None:
        """Insert rows that are known by their code."""
        for code in codes:
            self.ids[code] = new_id()
            await self.add(table, {"id": self.ids[code], "code": code, **values})

    async def sku(self, code: str, product: str, period: str = "month", **values: object) -> None:
        """Insert a SKU that comes from stock."""
        await self.named(
            skus,
            code,
            product_id=self.ids[product],
            name_zh=f"{code} 卡",
            name_en=f"{code} card",
            period=period,
            days=31,
            terminal="phone",
            account_type="own",
            face_value_e4=250_000,
            returnable=True,
            **{"fulfilment": "card", **values},
        )

    async def receive(
        self,
        sku: str,
        count: int,
        cost_e4: int,
        *,
        supplier: str = "north",
        warehouse: str = "main",
        max_uses: int = 1,
        on: date = JULY_1,
    ) -> "Lot":
        """Put cards into stock, at cost in the books."""
        lot_id = new_id()
        units = count * max_uses
        await self.add(
            lots,
            {
                "id": lot_id,
                "sku_id": self.ids[sku],
                "warehouse_id": self.ids[warehouse],
                "supplier_id": self.ids[supplier],
                "unit_cost_e4": cost_e4,
                "shared": max_uses > 1,
                "available": units,
            },
        )
        card_ids = new_ids(count)
        await self.add(
            cards,
            *(
                {
                    "id": card_id,
                    "sku_id": self.ids[sku],
                    "lot_id": lot_id,
                    "position": position,
                    "max_uses": max_uses,
                    "sealed": b"sealed",
                    "key_version": 1,
                    "blind_index": card_id.bytes,
                    "tail": "",
                }
                for position, card_id in enumerate(card_ids, start=1)
            ),
        )
        if max_uses > 1:
            runs = [
                {"id": new_id(), "card_id": card_id, "first_use": 1, "last_use": max_uses}
                for card_id in card_ids
            ]
            await self.add(free_uses, *runs)
        stock = Account(AccountKind.INVENTORY, self.ids[warehouse])
        owed = Account(AccountKind.PAYABLE, self.ids[supplier])
        about = {"sku_id": self.ids[sku], "supplier_id": self.ids[supplier]}
        transfer = Transfer(stock, owed, cost_e4 * units, units, "receive", lot_id, **about)
        await post(self.tx, self.tenant_id, [transfer], posted_on=on)
        return Lot(lot_id, card_ids, cost_e4, supplier, warehouse, max_uses > 1)

    async def add_line(
        self, sku: str, units: int, price_e4: int, store: str, customer: str | None
    ) -> UUID:
        """Write an order of one line that has all it wants."""
        order_id, line_id = new_id(), new_id()
        customer_id = self.ids[customer] if customer else None
        await self.add(
            orders,
            {
                "id": order_id,
                "source": f"store:{store}",
                "external_id": str(order_id),
                "store_id": self.ids[store],
                "customer_id": customer_id,
                "total_e4": price_e4,
            },
        )
        await self.add(
            lines,
            {
                "id": line_id,
                "order_id": order_id,
                "number": 1,
                "sku_id": self.ids[sku],
                "quantity": units,
                "price_e4": price_e4,
                "partial_allowed": False,
                "state": "filled",
                "delivered_count": units,
                "waiting_count": 0,
                "unearned_e4": 0,
                "earned_e4": price_e4,
            },
        )
        return line_id

    async def sell(
        self,
        sku: str,
        price_e4: int,
        given: Sequence[tuple["Lot", UUID, int]],
        *,
        store: str = "tmall",
        customer: str | None = None,
        on: date = JULY_1,
    ) -> UUID:
        """Sell a line that gets the uses (lot, card, use number) given, all of one lot."""
        lot, units = given[0][0], len(given)
        line_id = await self.add_line(sku, units, price_e4, store, customer)
        choice_id = new_id()
        await self.add(choices, {"id": choice_id, "lot_id": lot.id, "facts": {}})
        await self.add(
            allocations,
            *(
                {
                    "id": new_id(),
                    "card_id": card_id,
                    "use_number": use,
                    "line_id": line_id,
                    "lot_id": lot.id,
                    "choice_id": choice_id,
                }
                for _, card_id, use in given
            ),
        )
        if lot.shared:
            await self.take_uses([(card_id, use) for _, card_id, use in given])
        else:
            await self.card_state([card_id for _, card_id, _ in given], "allocated")
        await self.count(lot, available=-units, allocated=units)
        owed = Account(AccountKind.RECEIVABLE, self.ids[store])
        stock = Account(AccountKind.INVENTORY, self.ids[lot.warehouse])
        about = (
            line_id,
            self.ids[sku],
            self.ids[store],
            self.ids[customer] if customer else None,
            self.ids[lot.supplier],
        )
        transfers = [
            Transfer(owed, REVENUE, price_e4, units, "sale", *about),
            Transfer(COST, stock, lot.cost_e4 * units, units, "cost", *about),
        ]
        await post(self.tx, self.tenant_id, transfers, posted_on=on)
        return line_id

    async def take_uses(self, uses: Sequence[tuple[UUID, int]]) -> None:
        """Take uses of shared cards from the front."""
        for card_id, use in uses:
            await self.tx.execute(
                update(free_uses)
                .where(free_uses.c.tenant_id == self.tenant_id, free_uses.c.card_id == card_id)
                .values(first_use=use + 1)
            )

    async def reveal(self, lot: "Lot", card_id: UUID, line_id: UUID) -> None:
        """Let somebody see a card of a line, written down."""
        await self.add(
            reveals,
            {
                "id": new_id(),
                "card_id": card_id,
                "line_id": line_id,
                "actor": "system",
                "reason": "answer",
                "recipient": "buyer",
            },
        )
        await self.tx.execute(
            update(allocations)
            .where(allocations.c.tenant_id == self.tenant_id, allocations.c.card_id == card_id)
            .where(allocations.c.line_id == line_id)
            .values(revealed_at=func.now())
        )
        if not lot.shared:
            await self.card_state([card_id], "revealed")
        await self.count(lot, allocated=-1, revealed=1)

    async def quarantine(self, lot: "Lot", card_id: UUID) -> None:
        """Hold back a card that nobody has bought."""
        await self.add(
            moves,
            {
                "id": new_id(),
                "card_id": card_id,
                "actor": "cli",
                "reason": "doubtful",
                "from_state": "available",
                "to_state": "quarantined",
                "from_lot_id": lot.id,
                "to_lot_id": lot.id,
            },
        )
        await self.card_state([card_id], "quarantined")
        await self.count(lot, available=-1, quarantined=1)

    async def card_state(self, card_ids: Sequence[UUID], state: str) -> None:
        """Set the state of cards."""
        await self.tx.execute(
            update(cards)
            .where(cards.c.tenant_id == self.tenant_id, cards.c.id.in_(card_ids))
            .values(state=state)
        )

    async def count(self, lot: "Lot", **by: int) -> None:
        """Change a lot's counters."""
        await self.tx.execute(
            update(lots)
            .where(lots.c.tenant_id == self.tenant_id, lots.c.id == lot.id)
            .values({name: lots.c[name] + change for name, change in by.items()})
        )


@dataclass(frozen=True)
class Lot:
    """Cards that came together."""

    id: UUID
    cards: list[UUID]
    cost_e4: int
    supplier: str
    warehouse: str
    shared: bool


async def open_shop(tx: Tx, tenant_id: int) -> Shop:
    """Two brands, three SKUs and a shared one, two of each other thing; nothing in stock."""
    shop = Shop(tx, tenant_id)
    await shop.named(stores, "tmall", "jd", name="店", channel="direct")
    await shop.named(suppliers, "north", "south", name="商")
    await shop.named(warehouses, "main", "spare", name="仓")
    await shop.named(customers, "acme", name="甲公司")
    await shop.named(brands, "mgtv", "iqiyi", name_zh="牌", name_en="Brand")
    await shop.named(products, "mgtv-vip", brand_id=shop.ids["mgtv"], name_zh="会员", name_en="VIP")
    await shop.named(
        products, "iqiyi-vip", brand_id=shop.ids["iqiyi"], name_zh="会员", name_en="VIP"
    )
    await shop.sku("mgtv-month", "mgtv-vip")
    await shop.sku("mgtv-year", "mgtv-vip", "year")
    await shop.sku("iqiyi-month", "iqiyi-vip")
    await shop.sku("iqiyi-shared", "iqiyi-vip", fulfilment="shared")
    return shop
