"""Fulu as a World."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from kashu.adapters.suppliers.fulu import FuluUpstream
from kashu.core.errors import OutsideError, Unclear
from kashu.simulators.suppliers.faults import Faults
from kashu.simulators.suppliers.fulu import APP_KEY, APP_SECRET, FuluSimulator
from kashu.simulators.suppliers.house import Asked, House, Order
from kashu.suppliers.conformance import Fate, Trouble
from kashu.suppliers.errors import (
    ClockRefused,
    InputRefused,
    LoginRefused,
    NumberTaken,
    ProductGone,
)
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import BoughtCard, NoticeRequest
from tests.adapters.suppliers.worlds import FATES, TROUBLES, Proved, Side

DEADLINE = date(2099, 12, 31)
REFUSALS: dict[str, type[OutsideError]] = {
    "1000": InputRefused,
    "1004": ClockRefused,
    "1006": LoginRefused,
    "1016": LoginRefused,
    "1018": InputRefused,
    "1019": LoginRefused,
    "3000": NumberTaken,
    # Asking once finds nothing: then they are what they seem.
    **dict.fromkeys(("3001", "3002", "3003", "3004", "3005", "3008"), ProductGone),
    **dict.fromkeys(("3006", "3007"), Unclear),
    **dict.fromkeys(("4011", "4012", "5000", "2114"), Unclear),
}


def posted(told: tuple[str, str, dict[str, str], bytes]) -> NoticeRequest:
    """A notice as it reaches us."""
    method, query, headers, body = told
    return NoticeRequest(method, "/notices/1/T0k3n", query, headers, body)


def on_fulu(house: House, faults: Faults) -> Side:
    """The gateway, with a template that wants more than an account."""
    gateway = FuluSimulator(house, faults)
    strange = FuluSimulator(house, app_secret="00000000000000000000000000000000")

    def forge(order: Order) -> Sequence[NoticeRequest]:
        good = posted(gateway.notice(order))
        assert order.ended_at is not None
        late = replace(order, ended_at=order.ended_at - timedelta(days=4))
        return [
            *(posted(strange.notice(order, shape)) for shape in ("json", "form", "query")),
            replace(good, body=good.body.replace(order.number.encode(), b"K0000000000000000")),
            replace(good, body=good.body.replace(b'"sign"', b'"sing"')),
            posted(gateway.notice(late)),
        ]

    account = Asked("charge_account", "充值账号", is_account=True)
    game = Asked("charge_game_name", "游戏")
    return Side(
        gateway,
        APP_KEY,
        APP_SECRET,
        card=lambda card: BoughtCard(card.number, card.password, expires_on=DEADLINE),
        brings=TROUBLES - {Trouble.THROTTLED},  # its limits aren't known
        fates=FATES - {Fate.REFUND},  # what an order says after a refund isn't known
        refusals=REFUSALS,
        checks_clock=True,
        step_e4=1,
        asked={Goods.TOPUP: [(account, "13800138000"), (game, "三国群英传")]},
        notice=lambda order: posted(gateway.notice(order)),
        forge=forge,
    )


PROVED = (Proved(FuluUpstream(), on_fulu),)
