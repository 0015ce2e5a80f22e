"""Promises about what is sold to us: listed whole, at its price."""

from typing import Final

from kashu.suppliers.conformance.world import (
    PAGES_MAX,
    NotConforming,
    Offered,
    World,
    check,
    expect,
    goods_of,
    offered_of,
    price,
)
from kashu.suppliers.errors import ProductGone
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import Can, Product, Upstream

# What binary fractions and rounding get wrong: 0.01, 0.07, 0.29, 1.005, 14.125, 1.1 × 3 …
AWKWARD_E4: Final = (100, 700, 2_900, 10_050, 33_000, 141_250, 199_900, 655_350_100, 9_999_999_900)
MANY: Final = 120  # more than a page of every supplier's


async def _listed(upstream: Upstream, world: World) -> list[Product]:
    page = await upstream.products(world.link)
    found = [*page.members]
    for _ in range(PAGES_MAX):
        if page.next is None:
            return found
        page = await upstream.products(world.link, page.next)
        found += page.members
    raise NotConforming("there is always another page")


def _of(found: list[Product], offered: Offered) -> Product:
    told = [product for product in found if product.ref == offered.ref]
    expect(len(told) == 1, f"what was offered is listed {len(told)} times")
    return told[0]


@check(Can.LIST_PRODUCTS)
async def all_that_is_sold_is_listed_once(upstream: Upstream, world: World) -> None:
    """However many pages it takes."""
    goods = goods_of(upstream)
    offers = [
        await world.offer(f"会员月卡 {n}", price(world, 100_000 + n * 100), goods=goods)
        for n in range(MANY)
    ]
    found = await _listed(upstream, world)
    for offered in offers:
        product = _of(found, offered)
        expect(offered.title in product.title, "its title is lost")
        expect(product.goods is offered.goods, f"it is called {product.goods}")
        expect(product.unit_cost_e4 in {None, offered.unit_cost_e4}, "it costs something else")
        expect(product.in_stock and product.on_sale, "it can be bought, and isn't told so")


@check(Can.LIST_PRODUCTS)
async def listed_prices_are_exact(upstream: Upstream, world: World) -> None:
    """To the last decimal that the supplier has."""
    goods = goods_of(upstream)
    offers = [await world.offer(f"{e4}", price(world, e4), goods=goods) for e4 in AWKWARD_E4]
    found = await _listed(upstream, world)
    for offered in offers:
        told = _of(found, offered).unit_cost_e4
        expect(told in {None, offered.unit_cost_e4}, f"{offered.unit_cost_e4} is told as {told}")
        expect(told is None or type(told) is int, "money isn't a whole number")


@check(Can.LIST_PRODUCTS)
async def what_is_not_sold_any_more_is_not_told_as_sold(upstream: Upstream, world: World) -> None:
    """It isn't listed, or told as not on sale; what stands beside it is."""
    gone, stays = await offered_of(upstream, world), await offered_of(upstream, world)
    await world.withdraw(gone)
    found = await _listed(upstream, world)
    told = [product for product in found if product.ref == gone.ref]
    expect(not any(product.on_sale for product in told), "it is told as on sale")
    expect(_of(found, stays).on_sale, "what stood beside it is gone")


@check(Can.LIST_PRODUCTS)
async def what_is_sold_out_is_not_told_as_in_stock(upstream: Upstream, world: World) -> None:
    """Cards that aren't there aren't in stock."""
    if goods_of(upstream) is Goods.TOPUP:
        return  # accounts to top up don't run out
    out = await world.offer("会员月卡", price(world, 100_000), goods=goods_of(upstream), stock=0)
    told = [product for product in await _listed(upstream, world) if product.ref == out.ref]
    expect(not any(product.in_stock for product in told), "it is told as in stock")
    expect(all(product.stock in {None, 0} for product in told), "some are left")


@check(Can.READ_PRODUCT)
async def one_product_tells_what_it_costs_us_now(upstream: Upstream, world: World) -> None:
    """Exactly, for the quantity that we want."""
    for amount_e4 in AWKWARD_E4:
        offered = await offered_of(upstream, world, amount_e4)
        for quantity in (1, 3):
            product = await upstream.product(world.link, offered.ref, quantity)
            told = product.unit_cost_e4
            expect(told == offered.unit_cost_e4, f"{offered.unit_cost_e4} is told as {told}")
            expect(type(told) is int, "money isn't a whole number")
            expect(product.ref == offered.ref, "it is another")
            expect(product.on_sale and product.in_stock, "it can be bought, and isn't told so")
            expect(product.goods is offered.goods, f"it is called {product.goods}")


@check(Can.READ_PRODUCT)
async def a_product_that_is_gone_is_told_as_gone(upstream: Upstream, world: World) -> None:
    """As ProductGone, or as not on sale."""
    gone = await offered_of(upstream, world)
    await world.withdraw(gone)
    try:
        product = await upstream.product(world.link, gone.ref)
    except ProductGone:
        return
    except Exception as error:
        raise NotConforming(f"it ended in {type(error).__name__}") from error
    expect(not product.on_sale, "it is told as on sale")


@check(Can.READ_INPUTS)
async def what_must_be_filled_in_is_told(upstream: Upstream, world: World) -> None:
    """By the keys that an order carries; of a top-up one is the account."""
    for goods in sorted(upstream.rules.goods):
        offered = await world.offer("会员月卡", price(world, 100_000), goods=goods)
        inputs = await upstream.inputs(world.link, offered.ref)
        keys = [each.key for each in inputs]
        expect(len(set(keys)) == len(keys), "two inputs have one key")
        expect(set(keys) >= set(offered.inputs), "something that is needed isn't asked for")
        required = {each.key for each in inputs if each.required}
        expect(required <= set(offered.inputs), "something is required that isn't needed")
        if goods is Goods.TOPUP:
            expect(any(each.is_account for each in inputs), "no input is the account")


CHECKS: Final = (
    all_that_is_sold_is_listed_once,
    listed_prices_are_exact,
    what_is_not_sold_any_more_is_not_told_as_sold,
    what_is_sold_out_is_not_told_as_in_stock,
    one_product_tells_what_it_costs_us_now,
    a_product_that_is_gone_is_told_as_gone,
    what_must_be_filled_in_is_told,
)
