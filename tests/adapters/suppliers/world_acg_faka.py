"""An acg-faka shop as a World."""

from kashu.adapters.suppliers.acg_faka import AcgFakaUpstream
from kashu.core.errors import OutsideError
from kashu.simulators.suppliers.acg_faka import APP_ID, APP_KEY, AcgFakaSimulator
from kashu.simulators.suppliers.faults import Faults
from kashu.simulators.suppliers.house import Asked, House
from kashu.suppliers.conformance import Fate, Trouble
from kashu.suppliers.errors import (
    BalanceShort,
    InputRefused,
    LoginRefused,
    NumberTaken,
    ProductGone,
    SoldOut,
)
from kashu.suppliers.kinds import Goods
from tests.adapters.suppliers.worlds import TROUBLES, Proved, Side, pair_card

REFUSALS: dict[str, type[OutsideError]] = {
    "The request ID already exists": NumberTaken,
    "库存不足": SoldOut,
    "余额不足": BalanceShort,
    "商品不存在": ProductGone,
    "当前商品已停售": ProductGone,
    "本商品单次最多购买1个": InputRefused,
    "商户ID不存在": LoginRefused,
    "密钥错误": LoginRefused,
}


def in_shop(house: House, faults: Faults) -> Side:
    """A shop where accounts are topped up by a form, and cards come at once."""
    shop = AcgFakaSimulator(house, faults)
    account = Asked("account", "账号", pattern=r"^\d{11}$", is_account=True)
    return Side(
        shop,
        APP_ID,
        APP_KEY,
        ref=shop.code_of,
        # No limit of calls is known; how an order stands is told by no word; cards come at once.
        brings=TROUBLES - {Trouble.THROTTLED, Trouble.UNKNOWN_STATE},
        fates=frozenset({Fate.SUCCEED, Fate.FEWER, Fate.TWICE}),
        card=pair_card,
        refusals=REFUSALS,
        asked={Goods.TOPUP: [(account, "13800138000")]},
    )


PROVED = (Proved(AcgFakaUpstream(), in_shop),)
