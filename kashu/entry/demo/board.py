"""The board: what the live demo shows in the terminal, on 80 columns."""

import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import msgspec
from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.panel import Panel
from rich.table import Table

from kashu.entry.demo.board_suppliers import SuppliersPart
from kashu.entry.demo.figures import Seen
from kashu.entry.demo.stage import Stage
from kashu.entry.simulation.figures import Figures
from kashu.entry.terminal import language, stacked, table, word
from kashu.entry.words import CHANNELS, ORDER_STATES
from kashu.orders.answers import OrdersAnswer
from kashu.orders.write import Submission

HEADING: Final = 2  # lines above the latest orders
LATEST: Final = 8  # orders shown, where the terminal is high enough
OTHER_LINES: Final = 24  # of the board, beside the suppliers and the latest orders

NAMES: Final[Mapping[str, str]] = {
    "taobao": "Taobao",
    "jd": "JD",
    "pinduoduo": "Pinduoduo",
    "youzan": "Youzan",
    "weidian": "Weidian",
}
TITLES: Final = (
    ("平台", "platform"),
    ("订单", "orders"),
    ("已交卡", "delivered"),
    ("已确认", "confirmed"),
    ("待人工", "waiting"),
    ("退款", "refunds"),
    ("p50/95 秒", "p50/95 s"),
)


@dataclass(slots=True)
class Board:
    """What the terminal shows."""

    stage: Stage
    address: str
    link: str
    imported: int
    seen: Seen = field(default_factory=Seen)
    latest: deque[tuple[str, str, str, str]] = field(default_factory=lambda: deque(maxlen=LATEST))
    platforms: Sequence[Figures] = ()
    profit: str = "0.00"
    proof: str = "…"
    is_proven: bool = True
    note: str = ""
    suppliers: SuppliersPart | None = None
    _rates: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=20))

    def take(self, each: Submission, content: bytes) -> None:
        """Show an answer."""
        self.seen.note(content)
        order = msgspec.json.decode(content, type=OrdersAnswer).orders[0]
        body, line = each.body.orders[0], order.lines[0]
        units = f"{line.delivered}/{line.quantity}"
        state = word(ORDER_STATES, order.state)
        self.latest.append((body.store or "direct", line.sku, units, state))

    @property
    def rate(self) -> float:
        """Orders a second over the last ten seconds."""
        self._rates.append((time.perf_counter(), len(self.seen.orders)))
        (began_at, had), (at, has) = self._rates[0], self._rates[-1]
        return (has - had) / (at - began_at) if at > began_at else 0.0

    def figures(self) -> list[tuple[str, str]]:
        """The numbers, each with its name."""
        return [
            ("订单/秒 orders/s", f"{self.rate:.1f}"),
            ("订单 orders", str(len(self.seen.orders))),
            ("已发卡 delivered", str(self.seen.delivered.total())),
            ("缺货 short", str(self.seen.short.total())),
            ("重复 duplicates", str(self.seen.duplicates)),
            ("利润 profit ¥", self.profit),
            ("自检 verify", self.proof),
        ]

    def places(self) -> list[str]:
        """Where to look, for where nobody watches a terminal; a link stays in one line."""
        return [f"{name} {where}" for name, where in self._places()]

    def _places(self) -> list[tuple[str, str]]:
        return [
            ("商户 shop", self.stage.tenant.code),
            ("接口文档 API", f"{self.address}/v1/docs"),
            ("控制台 console", self.link),
        ]

    def lines(self) -> list[str]:
        """Each platform in a line, and the suppliers, for where nobody watches a terminal."""
        told = self.suppliers.lines() if self.suppliers is not None else []
        return told + [
            " · ".join(
                [
                    _name(each),
                    *(
                        f"{zh} {en} {number}"
                        for (zh, en), number in zip(TITLES[1:], _numbers(each), strict=True)
                    ),
                ]
            )
            for each in self.platforms
        ]

    def summary(self) -> RenderableType:
        """Draw what it has come to, at the end."""
        titles = (
            ("导入卡密", "Imported"),
            ("订单", "Orders"),
            ("已发卡", "Delivered"),
            ("缺货", "Short"),
            ("利润 ¥", "Profit ¥"),
            ("核对", "Verified"),
        )
        proven = ("✓ 全部成立", "✓ all holds")
        broken = ("✗ 有违规", "✗ violations")
        row = (
            self.imported,
            len(self.seen.orders),
            self.seen.delivered.total(),
            self.seen.short.total(),
            self.profit,
            (proven if self.is_proven else broken)[language() != "zh"],
        )
        ours = table(("演示结束", "The demo is over"), titles, [row])
        there = table(
            ("五个模拟平台", "Five simulated platforms"),
            TITLES,
            [(word(CHANNELS, each.platform), *_numbers(each)) for each in self.platforms],
        )
        parts = [ours, there]
        if self.suppliers is not None:
            columns, rows = self.suppliers.summary()
            parts.append(table(("三个模拟供应商", "Three simulated suppliers"), columns, rows))
        return stacked(parts)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it, with as many of the latest orders as there is room for."""
        numbers = Table.grid(padding=(0, 2))
        # Chinese above English: beside each other they'd be cut off on a narrow terminal.
        names = [name.replace(" ", "\n", 1) for name, _ in self.figures()]
        numbers.add_row(*names, style="dim")
        numbers.add_row(*(value for _, value in self.figures()), style="bold")
        places = Table.grid(padding=(0, 2))
        places.add_column(no_wrap=True)
        places.add_column(overflow="fold")  # a link that is cut is lost
        for row in self._places():
            places.add_row(*row)
        parts: list[RenderableType] = [
            places,
            "",
            self._drawn_platforms(),
            _HAND,
            "",
            _OURS,
            numbers,
        ]
        room = console.size.height - OTHER_LINES
        if self.suppliers is not None:
            drawn = self.suppliers.drawn(room)
            parts += drawn
            room -= self.suppliers.height(room)
        if room > HEADING:
            parts += ["", self._drawn_latest(min(LATEST, room - HEADING))]
        yield Panel(
            Group(*parts, "", self.note or "Ctrl-C 结束 stops"),
            title="卡枢 Kashu",
            border_style="#0E7C66",
        )

    def _drawn_platforms(self) -> Table:
        drawn = Table(
            box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), pad_edge=False, expand=False
        )
        for place, (zh, en) in enumerate(TITLES):
            justify: Literal["left", "right"] = "right" if place else "left"
            drawn.add_column(f"{zh}\n{en}", justify=justify, no_wrap=True, header_style="dim")
        for each in self.platforms:
            drawn.add_row(_name(each), *map(str, _numbers(each)))
        return drawn

    def _drawn_latest(self, room: int) -> Table:
        orders = Table(box=None, pad_edge=False, header_style="dim")
        for title, width in (
            ("店铺 store", 14),
            ("规格 SKU", 26),
            ("发卡 cards", 12),
            ("状态 state", 12),
        ):
            orders.add_column(title, min_width=width)
        for row in list(self.latest)[-room:]:
            orders.add_row(*row)
        return orders


_HAND: Final = "* 平台不让程序交卡，由模拟的客服交 handed over by a simulated clerk"
_OURS: Final = "自营渠道的接口订单；利润含平台 own counters, by API; profit: of all"


def _name(figures: Figures) -> str:
    """The platform, starred where a person has to give the buyers their cards."""
    star = "*" if figures.by_hand else ""
    name = figures.platform
    return f"{CHANNELS.get(name, name)} {NAMES.get(name, name)}{star}"


def _numbers(figures: Figures) -> tuple[object, ...]:
    return (
        figures.orders,
        figures.delivered,
        figures.confirmed,
        figures.waiting,
        figures.refunds,
        f"{_seconds(figures.p50_s)}/{_seconds(figures.p95_s)}",
    )


def _seconds(taken_s: float) -> str:
    return f"{taken_s:.1f}" if taken_s < 100 else f"{taken_s:.0f}"  # noqa: PLR2004  (three digits)
