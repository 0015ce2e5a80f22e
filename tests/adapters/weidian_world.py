"""A simulated shop on Weidian that has permitted us."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from kashu.adapters.channels.weidian import WeidianChannel
from kashu.channels.channel import App, Link
from kashu.core.http import Http
from kashu.core.secrets import Secret
from kashu.simulators.faults import Faults
from kashu.simulators.serving import serving
from kashu.simulators.shop import Order, Shop
from kashu.simulators.weidian import APP_KEY, APP_SECRET, WeidianSimulator

CHANNEL = WeidianChannel()
BACK = "https://kashu.example/back"


def new_shop() -> Shop:
    return Shop("1703210001", "卡卡会员店")


def new_platform(shop: Shop) -> WeidianSimulator:
    return WeidianSimulator(shop, Shop("1703210002", "别家"), faults=Faults(silent_s=0.01))


@asynccontextmanager
async def linked(platform: WeidianSimulator) -> AsyncIterator[Link]:
    """Serve the platform, and have its first shop permit us."""
    shop = platform.shops[0]
    async with serving(platform) as base_url:
        http = Http(private_allowed=True)
        starting = Link(App(APP_KEY, Secret(APP_SECRET), base_url), None, http, shop.now)
        code = platform.permit(shop)
        grant = await CHANNEL.authorize(starting, code=code, redirect=BACK)
        yield replace(starting, grant=grant)
        await http.close()


def with_options(link: Link, **options: str) -> Link:
    return replace(link, app=replace(link.app, options=options))


def sold(shop: Shop, quantity: int = 1, note: str = "") -> Order:
    item = shop.offer("芒果TV会员月卡", 1990, properties="月卡", merchant_code="MG-M", quantity=9)
    return shop.sell((item, quantity), note=note)
