"""Promises about what is for sale: listed whole, and set exactly."""

from typing import Final

from kashu.channels.channel import Can, Channel, Listing, StockLevel
from kashu.channels.conformance.world import NotConforming, Trouble, World, check, expect, refused
from kashu.core.errors import OutsideError, Refused, Unclear

_PAGES_MAX: Final = 1000


async def _listings(channel: Channel, world: World) -> dict[tuple[str, str], Listing]:
    found: dict[tuple[str, str], Listing] = {}
    page = await channel.listings(world.link)
    for _ in range(_PAGES_MAX):
        found |= {(each.item_id, each.sku_id): each for each in page.members}
        if page.next is None:
            return found
        page = await channel.listings(world.link, page.next)
    raise NotConforming("there is always another page")


@check(Can.LIST_LISTINGS)
async def all_that_is_for_sale_is_listed(channel: Channel, world: World) -> None:
    """With ids as text, the seller's own code, and the price where the platform tells it."""
    offers = [await world.offer(f"商品 {n}", 100_000 + n * 100) for n in range(45)]
    found = await _listings(channel, world)
    for offered in offers:
        listing = found.get((offered.item_id, offered.sku_id))
        if listing is None:
            raise NotConforming(f"{offered.title} isn't listed")
        expect(listing.merchant_code == offered.merchant_code, "the seller's code is lost")
        expect(listing.price_e4 in {None, offered.price_e4}, "it costs something else")
        expect(listing.on_sale, "it is on sale")


@check(Can.PUBLISH_STOCK)
async def stock_is_set_not_added(channel: Channel, world: World) -> None:
    """Absolute numbers: said twice, they are the same."""
    offers = [await world.offer(f"商品 {n}", 100_000) for n in range(3)]
    for numbers in ((5, 0, 12), (5, 0, 12), (1, 7, 0)):
        await channel.publish_stock(
            world.link,
            [
                StockLevel(offered.item_id, offered.sku_id, quantity)
                for offered, quantity in zip(offers, numbers, strict=True)
            ],
        )
        there = tuple([(await world.on_offer(offered))[0] for offered in offers])
        expect(there == numbers, f"there is {there}, not {numbers}")


@check(Can.PUBLISH_STOCK)
async def stock_of_what_is_not_there_is_not_set(channel: Channel, world: World) -> None:
    """It is refused, and nothing else gets it."""
    offered = await world.offer("会员月卡", 100_000)
    before = (await world.on_offer(offered))[0]
    strange = StockLevel(offered.item_id[:-4] + "0000", "", 77)
    await refused(
        channel.publish_stock(world.link, [strange]), Refused, Unclear, said="an unknown listing"
    )
    expect((await world.on_offer(offered))[0] == before, "another listing was set")


@check(Can.PUBLISH_STOCK)
async def stock_that_met_trouble_is_set_by_repeating(channel: Channel, world: World) -> None:
    """As it may have happened, it must do no harm to say it again."""
    offered = await world.offer("会员月卡", 100_000)
    level = StockLevel(offered.item_id, offered.sku_id, 9)
    for trouble in (Trouble.ERROR_AFTER, Trouble.HTML):
        await world.meet(trouble)
        await refused(channel.publish_stock(world.link, [level]), OutsideError, said=trouble.value)
        await channel.publish_stock(world.link, [level])
        expect((await world.on_offer(offered))[0] == level.quantity, "it isn't what was said")


@check(Can.PUBLISH_PRICE)
async def a_price_is_set_exactly(channel: Channel, world: World) -> None:
    """Yuan or fen there, the same money here."""
    offered = await world.offer("会员月卡", 199_000)
    await channel.publish_price(world.link, offered.item_id, offered.sku_id, 180_500)
    expect((await world.on_offer(offered))[1] == 180_500, "it costs something else")  # noqa: PLR2004


CHECKS: Final = (
    all_that_is_for_sale_is_listed,
    stock_is_set_not_added,
    stock_of_what_is_not_there_is_not_set,
    stock_that_met_trouble_is_set_by_repeating,
    a_price_is_set_exactly,
)
