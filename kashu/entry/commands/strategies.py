"""Commands of strategies: which cards would be given next."""

import asyncio
from typing import Final

import click
import msgspec

from kashu.catalog.reads import sku_by_code
from kashu.channels.reads import store_by_code
from kashu.core.clock import day_of, now
from kashu.customers.reads import customer_by_code
from kashu.entry.shop import open_shop
from kashu.entry.taught import Group
from kashu.entry.terminal import json_option, language, say, show, table, tenant_option, word
from kashu.entry.words import DECISIONS
from kashu.stock.preview import NextCard, next_ten

LOT_CHARS: Final = 8  # of a lot's id, at its end


class Preview(msgspec.Struct, frozen=True):
    """The next cards, masked, in the order in which they would be given."""

    sku: str
    cards: list[NextCard]


@click.group("strategy", cls=Group)
def strategy() -> None:
    """出库策略。 Strategies: in which order cards are given."""


@strategy.command("preview")
@click.option("--sku", required=True, metavar="CODE", help="规格编码。 The SKU's code.")
@click.option("--store", metavar="CODE", help="为哪个店铺。 For which store.")
@click.option("--customer", metavar="CODE", help="为哪个客户。 For which customer.")
@click.option("--count", type=click.IntRange(1, 100), default=10, show_default=True, help="几张。")
@tenant_option
@json_option
def preview(
    *,
    sku: str,
    store: str | None,
    customer: str | None,
    count: int,
    tenant: str | None,
    as_json: bool,
) -> None:
    """现在下单会先发哪些卡、为什么；只看不锁，卡号只显示末位。

    Which cards an order would get now, and why. Locks nothing; shows only the cards' tails.

    kashu strategy preview --sku mgtv-month --store taobao-flagship
    """

    async def read() -> Preview:
        async with open_shop(tenant) as shop, shop.database.transaction(shop.tenant.id) as tx:
            own = shop.tenant.id
            found = await sku_by_code(tx, own, sku)
            shop_id = (await store_by_code(tx, own, store)).id if store else None
            buyer_id = (await customer_by_code(tx, own, customer)).id if customer else None
            today = day_of(now(), shop.tenant.timezone)
            cards = await next_ten(tx, own, found.id, shop_id, buyer_id, today=today, count=count)
            return Preview(sku, cards)

    found = asyncio.run(read())
    titles = (
        "",
        ("卡", "Card"),
        ("批次", "Lot"),
        ("有效期", "Expiry"),
        ("成本", "Cost"),
        ("因为", "Because"),
    )
    rows = [_row(place, card) for place, card in enumerate(found.cards, start=1)]
    strategies = dict.fromkeys(word(DECISIONS, card.because["strategy"]) for card in found.cards)
    title = " · ".join((sku, *strategies))
    show(found, lambda: table(title, titles, rows) if rows else None, as_json=as_json)
    if not found.cards:
        say(
            f"{sku} 现在没有能发的卡。库存：kashu stock --sku {sku}",
            f"There is no card of {sku} to give. In stock: kashu stock --sku {sku}",
        )


def _row(place: int, card: NextCard) -> tuple[object, ...]:
    """Draw a card; of its lot the end of the id, which tells lots apart."""
    why = card.because
    lots, rank = why["candidates"], why["place"]
    decided = word(DECISIONS, why["decided_by"])
    because = decided if lots == 1 else f"{decided} ({rank}/{lots})"
    return (
        place,
        f"…{card.tail}",
        f"…{str(card.lot_id)[-LOT_CHARS:]}",
        why["expires_on"] or ("长期" if language() == "zh" else "never"),
        why["unit_cost"],
        because,
    )
