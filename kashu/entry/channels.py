"""The platforms we speak to: our own adapters, and those of other packages that are installed."""

from typing import Final

from kashu.access.keyring import Keyrings
from kashu.adapters.channels.agiso import AgisoChannel
from kashu.adapters.channels.jd import JdChannel
from kashu.adapters.channels.jd_game import JdGame
from kashu.adapters.channels.jd_virtual import JdVirtual
from kashu.adapters.channels.pinduoduo import PinduoduoChannel
from kashu.adapters.channels.taobao import TaobaoChannel
from kashu.adapters.channels.weidian import WeidianChannel
from kashu.adapters.channels.youzan import YouzanChannel
from kashu.channels.ask import Outside
from kashu.channels.asking import Asking
from kashu.channels.channel import Channel
from kashu.channels.installed import find_channels
from kashu.core.http import Http
from kashu.core.pace import Pace
from kashu.core.sockets import Sockets
from kashu.entry.settings import Settings

OURS: Final[tuple[Channel, ...]] = (
    TaobaoChannel(),
    JdChannel(),
    PinduoduoChannel(),
    YouzanChannel(),
    WeidianChannel(),
    AgisoChannel(),
)

ASKING: Final[tuple[Asking, ...]] = (JdGame(), JdVirtual())  # they call us


WEB_SHARE: Final = 0.1  # of the calls that platforms allow: what people do, in all web processes


def make_outside(settings: Settings, keyrings: Keyrings, *, share: float = 1.0) -> Outside:
    """Make the way out of this process. `share`: of the calls that platforms allow."""
    http = Http(private_allowed=settings.private_network)
    sockets = Sockets(private_allowed=settings.private_network)
    asking = {each.name: each for each in ASKING}
    return Outside(find_channels(OURS), http, Pace(share), keyrings, sockets=sockets, asking=asking)
