"""The suppliers' part of the board: offers, what was bought, money in doubt, what happened."""

import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from kashu.core.clock import SHANGHAI, now
from kashu.core.money import format_amount
from kashu.entry.demo.drama import Drama
from kashu.entry.demo.happenings import Story, yuan
from kashu.entry.demo.statement import Matched
from kashu.entry.demo.supply import Supply
from kashu.entry.demo.wares import DRAMA, NAMES, WARES, seller_name
from kashu.entry.terminal import language, on_the_clock
from kashu.ledger.supplier_money import SupplierMoney
from kashu.suppliers.breaker import Breaker
from kashu.suppliers.compare import Ranked
from kashu.suppliers.words import WHY_NOT, told_reason

FEWEST: Final = 3  # lines that are always drawn, with a blank one; and a story
TABLE: Final = 6  # lines of the table
STORIES: Final = 6
SHOW_S: Final = 5.0  # how long one thing's best offer is shown
RATE_OVER: Final = 20  # looks

TITLES: Final = (
    ("供应商", "supplier"),
    ("采购", "bought"),
    ("存疑 ¥", "in doubt ¥"),
    ("预付 ¥", "prepaid ¥"),
    ("状态", "state"),
)


@dataclass(slots=True)
class SuppliersPart:
    """What is shown of suppliers."""

    supply: Supply
    drama: Drama
    money: Mapping[str, SupplierMoney] = field(default_factory=dict)
    breakers: Mapping[str, Breaker] = field(default_factory=dict)
    offers: Sequence[Ranked] = ()
    sku: str = DRAMA
    _rates: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=RATE_OVER))

    async def look(self) -> None:
        """Read it anew. Raises: KashuError."""
        await self.supply.happenings.look()
        self.money, self.breakers = await self.supply.money(), await self.supply.breakers()
        self.sku = WARES[int(time.monotonic() / SHOW_S) % len(WARES)].sku
        self.offers = await self.supply.offers(self.sku)
        self._rates.append((time.monotonic(), self.supply.happenings.done))

    @property
    def rate(self) -> float:
        """Purchases a second, of late."""
        if len(self._rates) < 2:  # noqa: PLR2004
            return 0.0
        (began_at, had), (at, has) = self._rates[0], self._rates[-1]
        return (has - had) / max(at - began_at, 1e-9)

    def lines(self) -> list[str]:
        """All of it in lines."""
        return [self._counts(), self._best(), *(_line(each) for each in self.stories[-1:])]

    @property
    def stories(self) -> Sequence[Story]:
        """What happened of late."""
        return list(self.supply.happenings.stories)

    def height(self, room: int) -> int:
        """How many lines of a terminal it takes, where there is room for so many."""
        return FEWEST + _stories(room) + (TABLE if _has_table(room) else 0)

    def drawn(self, room: int) -> list[RenderableType]:
        """Draw as much of it as there is room for; never less than what it has come to."""
        parts: list[RenderableType] = [_cut(self._counts()), _cut(self._best())]
        told = [_line(each) for each in self.stories[-_stories(room) :]]
        parts += [_cut(each) for each in told + [""] * (_stories(room) - len(told))]
        return ["", self._table(), *parts] if _has_table(room) else ["", *parts]

    def summary(self) -> tuple[Sequence[tuple[str, str]], Sequence[tuple[object, ...]]]:
        """What it has come to, for the end: titles and rows."""
        return TITLES, [self._row(each.code) for each in self.supply.wholesale.sellers]

    def _counts(self) -> str:
        happenings = self.supply.happenings
        doubt_e4 = sum(each.in_doubt_e4 for each in self.money.values())
        return (
            f"采购 purchases {happenings.done}（{self.rate:.1f}/s）  "
            f"存疑 in doubt ¥{format_amount(doubt_e4)}  "
            f"已查清 cleared {happenings.unclear_resolved} ¥{format_amount(happenings.settled_e4)}"
        )

    def _best(self) -> str:
        zh = language() == "zh"
        name = NAMES[self.sku]
        best = self.offers[0] if self.offers else None
        if best is None or best.landed is None:
            return f"{name}：{'没有报价' if zh else 'no offer'}"
        why = [told_reason(each)[0 if zh else 1] for each in best.reasons[:1]]
        why += [WHY_NOT[each][0 if zh else 1] for each in best.why_not[:1]]
        at = f"¥{yuan(best.landed.total_e4)}"
        label = "最优" if zh else "best"
        return f"{label} {name} → {seller_name(best.supplier)} {at}（{'；'.join(why)}）"

    def _table(self) -> Table:
        drawn = Table(
            box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), pad_edge=False, expand=False
        )
        for place, (zh, en) in enumerate(TITLES):
            justify = "right" if 0 < place < len(TITLES) - 1 else "left"
            drawn.add_column(f"{zh}\n{en}", justify=justify, no_wrap=True, header_style="dim")  # type: ignore[arg-type]
        for each in self.supply.wholesale.sellers:
            drawn.add_row(*map(str, self._row(each.code)))
        return drawn

    def _row(self, code: str) -> tuple[object, ...]:
        seller = self.supply.wholesale.by_code(code)
        money, breaker = self.money.get(code), self.breakers.get(code)
        return (
            seller_name(code),
            len(seller.house.orders),
            format_amount(money.in_doubt_e4) if money else "",
            format_amount(money.prepaid_e4) if money else "",
            _state(breaker, self.drama.statements.get(code)),
        )


def _state(breaker: Breaker | None, matched: Matched | None) -> str:
    """Say how a breaker is, and what its supplier's statement came to."""
    zh = language() == "zh"
    told = "正常" if zh else "closed"
    if breaker is not None and breaker.breaks:
        if breaker.trying_until is not None:
            told = "半开" if zh else "half-open"
        elif breaker.broken_until is not None and breaker.broken_until > now():
            left = (breaker.broken_until - now()).total_seconds()
            told = f"熔断 {left:.0f}s" if zh else f"open {left:.0f} s"
        else:
            told = "待试探" if zh else "to be tried"
    if matched is not None:
        done = f"{matched.matched}✓ {matched.resolved}/{matched.found}"
        told += f" · 对账 {done}" if zh else f" · statement {done}"
    return told


def _has_table(room: int) -> bool:
    return room >= FEWEST + TABLE + 1


def _stories(room: int) -> int:
    """How many stories there is room for."""
    return max(1, min(STORIES, room - FEWEST - (TABLE if _has_table(room) else 0)))


def _line(story: Story) -> str:
    return f"{_clock(story.at)} {story.text}"


def _clock(at: datetime) -> str:
    return on_the_clock(at, SHANGHAI, whole=True).partition(" ")[2]


def _cut(text: str) -> Text:
    """One line of the terminal; what is longer is cut, not wrapped."""
    return Text(text, no_wrap=True, overflow="ellipsis")
