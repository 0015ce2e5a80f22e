"""A simulated shop behind Agiso's bridge that has permitted us."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from kashu.adapters.channels.agiso import AgisoChannel
from kashu.channels.channel import App, CardText, Link, Parcel
from kashu.core.http import Http
from kashu.core.secrets import Secret
from kashu.simulators.agiso import APP_ID, APP_SECRET, AgisoSimulator
from kashu.simulators.faults import Faults
from kashu.simulators.serving import serving
from kashu.simulators.shop import Order, Shop

CHANNEL = AgisoChannel()
CARD = CardText(number="8800100200300401", password="4071-2288-9930")


def new_shop() -> Shop:
    return Shop("110770592", "卡卡会员店")


def new_bridge(shop: Shop) -> AgisoSimulator:
    other = Shop("110770593", "别家", shop.now)
    return AgisoSimulator(shop, other, faults=Faults(silent_s=0.01))


@asynccontextmanager
async def linked(bridge: AgisoSimulator, platform: str, **options: str) -> AsyncIterator[Link]:
    async with serving(bridge) as base_url:
        http = Http(private_allowed=True)
        options["platform"] = platform
        app = App(APP_ID, Secret(APP_SECRET), base_url, options)
        starting = Link(app, None, http, bridge.now)
        code = bridge.permit(bridge.shops[0])
        grant = await CHANNEL.authorize(starting, code=code, redirect="")
        yield replace(starting, grant=grant)
        await http.close()


def with_options(link: Link, **options: str) -> Link:
    return replace(link, app=replace(link.app, options={**link.app.options, **options}))


def sold(shop: Shop, quantity: int = 1, note: str = "") -> Order:
    item = shop.offer("芒果TV会员月卡", 1990, properties="月卡", merchant_code="MG-M", quantity=9)
    return shop.sell((item, quantity), note=note)


def parcel(order: Order, *cards: CardText) -> Parcel:
    return Parcel(order.order_id, order.lines[0].line_id, cards or (CARD,))
