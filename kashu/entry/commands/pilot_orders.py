"""Commands of a pilot's orders: what waits, and letting it go on."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import click
import msgspec

from kashu.channels.kinds import Step
from kashu.channels.modes import modes_of
from kashu.channels.paid_orders import OPEN, orders_told_of
from kashu.channels.reads import store_by_code
from kashu.channels.shop_orders import KnownOrder, shop_order_page
from kashu.core.db import Tx
from kashu.core.money import format_amount
from kashu.delivery.release import (
    MOST,
    Obstacle,
    is_old_ways,
    is_to_be_released,
    release_orders,
    waits_for,
)
from kashu.entry.commands.pilot_pictures import (
    OBSTACLES,
    WaitingOrder,
    orders_picture,
    released_picture,
)
from kashu.entry.shop import ACTOR, Shop, open_shop
from kashu.entry.taught import Command
from kashu.entry.terminal import json_option, language, say, show, tenant_option, word
from kashu.entry.usage import Misused

store_option = click.option(
    "--store", required=True, metavar="CODE", help="店铺。 The store's code."
)


class ReleasedOrder(msgspec.Struct, frozen=True):
    """One order that was asked for; `obstacle` says why it doesn't go on."""

    number: str
    obstacle: Obstacle | None


@click.command("orders", cls=Command)
@store_option
@click.option(
    "--step",
    type=click.Choice([step.value for step in OPEN]),
    multiple=True,
    help="只看这些步骤（可多次）。 At these steps; may be repeated.",
)
@tenant_option
@json_option
def list_orders(*, store: str, step: Sequence[str], tenant: str | None, as_json: bool) -> None:
    """等着处理的平台订单：卡没有配的、配了没交付的、等人放行的、旧方式名下的。

    The store's orders that wait: for cards, to be handed over, for a person's word, for the old
    way. Of a store that is stopped, this is the list that people work through.

    kashu pilot orders --store taobao-1
    kashu pilot orders --store taobao-1 --step held --step shadowed
    """

    async def read() -> list[WaitingOrder]:
        async with open_shop(tenant) as shop, shop.database.transaction(shop.tenant.id) as tx:
            found = await store_by_code(tx, shop.tenant.id, store)
            steps = [Step(each) for each in step] or OPEN
            return await _open_orders(tx, shop, found.id, steps)

    found = asyncio.run(read())
    show({"orders": found}, lambda: orders_picture(found), as_json=as_json)


@click.command("release", cls=Command)
@store_option
@click.option(
    "--number", "numbers", multiple=True, help="订单号（可多次）。 Order; may be repeated."
)
@click.option("--all", "everything", is_flag=True, help="该店所有在等的。 All of the store's.")
@click.option(
    "--take-over",
    is_flag=True,
    help="也接手旧方式名下、尚未发货的订单。 Also those the old way was to deliver.",
)
@tenant_option
@json_option
def release(
    *,
    store: str,
    numbers: Sequence[str],
    everything: bool,
    take_over: bool,
    tenant: str | None,
    as_json: bool,
) -> None:
    """放行等人确认的订单；加 --take-over 接手影子期间的未发货订单。

    Let orders go on that wait for a person. With --take-over also those that the old way was to
    deliver: look first whether it has.

    kashu pilot release --store taobao-1 --number 4200012345678901000
    kashu pilot release --store taobao-1 --all
    """
    if bool(numbers) == everything:
        raise Misused("请写 --number，或写 --all。", "Name orders by --number, or say --all.")

    async def run() -> list[ReleasedOrder]:
        async with open_shop(tenant) as shop, shop.database.transaction(shop.tenant.id) as tx:
            return await _release(tx, shop, store, numbers, take_over=take_over)

    done = asyncio.run(run())
    show({"released": done}, lambda: released_picture(_as_told(done)), as_json=as_json)
    going = sum(each.obstacle is None for each in done)
    say(
        f"放行 {going} 个，未放行 {len(done) - going} 个",
        f"{going} go on, {len(done) - going} don't",
    )


async def _open_orders(
    tx: Tx, shop: Shop, store_id: UUID, steps: Sequence[Step]
) -> list[WaitingOrder]:
    orders = await _at_steps(tx, shop.tenant.id, store_id, steps)
    modes = await modes_of(tx, shop.tenant.id, orders)
    return [
        WaitingOrder(
            each.number,
            each.step,
            waits_for(each, modes[each.id].mode),
            format_amount(each.paid_e4),
            each.paid_at,
            each.ship_by,
            has_cards=each.order_id is not None,
        )
        for each in orders
    ]


async def _release(
    tx: Tx, shop: Shop, code: str, numbers: Sequence[str], *, take_over: bool
) -> list[ReleasedOrder]:
    """Release orders by number, or all that wait; each with its number in the answer."""
    tenant_id = shop.tenant.id
    store = await store_by_code(tx, tenant_id, code)
    if numbers:
        told = await orders_told_of(tx, tenant_id, store.id, list(numbers))
        unknown = [number for number in numbers if number not in told]
        orders = [told[number].known for number in numbers if number in told]
    else:
        unknown, orders = [], await _waiting(tx, tenant_id, store.id, take_over=take_over)
    done: list[ReleasedOrder] = [ReleasedOrder(number, Obstacle.UNKNOWN) for number in unknown]
    for begin in range(0, len(orders), MOST):
        part = orders[begin : begin + MOST]
        ids = [each.id for each in part]
        outcomes = await release_orders(tx, tenant_id, ACTOR, ids, take_over=take_over)
        done += [
            ReleasedOrder(each.number, outcome.obstacle)
            for each, outcome in zip(part, outcomes, strict=True)
        ]
    return done


async def _waiting(tx: Tx, tenant_id: int, store_id: UUID, *, take_over: bool) -> list[KnownOrder]:
    """All of a store's orders that wait for a person's word."""
    found = await _at_steps(tx, tenant_id, store_id, (Step.HELD, Step.SHADOWED))
    return [each for each in found if is_to_be_released(each) or (take_over and is_old_ways(each))]


async def _at_steps(
    tx: Tx, tenant_id: int, store_id: UUID, steps: Sequence[Step]
) -> list[KnownOrder]:
    """All of a store's orders at some steps, each step's newest first."""
    found: list[KnownOrder] = []
    for step in steps:
        before = None
        while page := await shop_order_page(
            tx,
            tenant_id,
            step=step,
            number=None,
            only_store=store_id,
            before=before,
            limit=MOST,
        ):
            found += page
            before = page[-1].id
    return found


def _as_told(done: Sequence[ReleasedOrder]) -> list[tuple[str, str]]:
    """Each order, and what became of it in the reader's words."""
    gone = ("已放行", "goes on")[language() != "zh"]
    return [
        (each.number, gone if each.obstacle is None else word(OBSTACLES, each.obstacle.value))
        for each in done
    ]
