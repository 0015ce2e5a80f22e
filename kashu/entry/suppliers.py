"""The suppliers we speak to: our own adapters, and those of other packages that are installed."""

from typing import Final

from kashu.adapters.suppliers.acg_faka import AcgFakaUpstream
from kashu.adapters.suppliers.by_hand import ByHandUpstream
from kashu.adapters.suppliers.dujiao_next import DujiaoNextUpstream
from kashu.adapters.suppliers.fulu import FuluUpstream
from kashu.adapters.suppliers.julangyun import JulangyunUpstream
from kashu.adapters.suppliers.kakayun import KakayunUpstream
from kashu.adapters.suppliers.kasushou import KasushouUpstream
from kashu.adapters.suppliers.kayixin import KayixinUpstream
from kashu.adapters.suppliers.kinguin import KinguinUpstream
from kashu.adapters.suppliers.lansexiongdi import LansexiongdiUpstream
from kashu.adapters.suppliers.reloadly import ReloadlyUpstream
from kashu.adapters.suppliers.sup_v19 import SupV19Upstream
from kashu.adapters.suppliers.xingquanyi import XingquanyiUpstream
from kashu.channels.ask import Outside
from kashu.entry.settings import Settings
from kashu.suppliers.installed import find_upstreams
from kashu.suppliers.reach import Upstreams
from kashu.suppliers.upstream import Upstream

OURS: Final[tuple[Upstream, ...]] = (
    AcgFakaUpstream(),
    ByHandUpstream(),
    DujiaoNextUpstream(),
    FuluUpstream(),
    JulangyunUpstream(),
    KakayunUpstream(),
    KasushouUpstream(),
    KayixinUpstream(),
    KinguinUpstream(),
    LansexiongdiUpstream(),
    ReloadlyUpstream(),
    SupV19Upstream(),
    XingquanyiUpstream(),
)


def make_upstreams(settings: Settings, outside: Outside) -> Upstreams:
    """Make the way to suppliers: the same as to platforms, over which the same clock stands."""
    return Upstreams(
        find_upstreams(OURS),
        outside.http,
        outside.pace,
        outside.keyrings,
        now=outside.now,
        stopping=outside.stopping,
        notices_at=(settings.notices_at or settings.public_url or "").rstrip("/"),
    )
