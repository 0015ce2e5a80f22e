"""The platforms we speak to: our own adapters, and those of other packages that are installed."""

from typing import Final

from kashu.access.keyring import Keyrings
from kashu.adapters.channels.agiso import AgisoChannel
from kashu.adapters.channels.jd import JdChannel
from kashu.adapters.channels.pinduoduo import PinduoduoChannel
from kashu.adapters.channels.taobao import TaobaoChannel
from kashu.adapters.channels.weidian import WeidianChannel
from kashu.adapters.channels.youzan import YouzanChannel
from kashu.channels.ask import Outside
from kashu.channels.channel import Channel
from kashu.channels.installed import find_channels
from kashu.channels.pace import Pace
from kashu.core.http import Http
from kashu.entry.settings import Settings

OURS: Final[tuple[Channel, ...]] = (
    TaobaoChannel(),
    JdChannel(),
    PinduoduoChannel(),
    YouzanChannel(),
    WeidianChannel(),
    AgisoChannel(),
)


def make_outside(settings: Settings, keyrings: Keyrings) -> Outside:
    """Make the way out of this process."""
    http = Http(private_allowed=settings.private_network)
    return Outside(find_channels(OURS), http, Pace(), keyrings)
