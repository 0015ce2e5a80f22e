"""The demo live: the web interface beside a stream of orders, and what they come to."""

import asyncio
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import msgspec
from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.table import Table

from kashu.core.db import Database
from kashu.core.errors import KashuError
from kashu.entry.demo.figures import Seen, profit_of, verified
from kashu.entry.demo.run import Stage, import_samples, set_up
from kashu.entry.demo.stream import submissions
from kashu.entry.serve import check_port
from kashu.entry.startup import Ground
from kashu.entry.terminal import language, say, table, word
from kashu.entry.words import ORDER_STATES
from kashu.orders.answers import OrdersAnswer
from kashu.orders.intake import Intake
from kashu.orders.sweeps import fill_replenished
from kashu.orders.write import Submission

LATEST: Final = 8  # orders shown
REFRESH_S: Final = 0.5
PLAIN_EVERY_S: Final = 5.0  # a line where nobody watches a terminal
VERIFY_EVERY_S: Final = 60.0


@dataclass(slots=True)
class Board:
    """What the terminal shows."""

    stage: Stage
    address: str
    link: str
    imported: int
    seen: Seen = field(default_factory=Seen)
    latest: deque[tuple[str, str, str, str]] = field(default_factory=lambda: deque(maxlen=LATEST))
    profit: str = "0.00"
    proof: str = "…"
    is_proven: bool = True
    note: str = ""
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

    def summary(self) -> Table:
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
        return table(("演示结束", "The demo is over"), titles, [row])

    def __rich__(self) -> Panel:
        """Draw it."""
        numbers = Table.grid(padding=(0, 3))
        # Chinese above English: beside each other they'd be cut off on a narrow terminal.
        names = [name.replace(" ", "\n", 1) for name, _ in self.figures()]
        numbers.add_row(*names, style="dim")
        numbers.add_row(*(value for _, value in self.figures()), style="bold")
        orders = Table(box=None, pad_edge=False, header_style="dim")
        for title in ("店铺 store", "规格 SKU", "发卡 cards", "状态 state"):
            orders.add_column(title, min_width=18)
        for row in self.latest:
            orders.add_row(*row)
        places = Table.grid(padding=(0, 2))
        places.add_column(no_wrap=True)
        places.add_column(overflow="fold")  # a link that is cut is lost
        places.add_row("商户 shop", self.stage.tenant.code)
        places.add_row("接口文档 API", f"{self.address}/v1/docs")
        places.add_row("所有者链接 owner's link", self.link, style="dim")
        return Panel(
            Group(places, "", numbers, "", orders, "", self.note or "Ctrl-C 结束 stops"),
            title="卡枢 Kashu",
            border_style="#0E7C66",
        )


def play_live(ground: Ground, console: Console, rate: float) -> bool:
    """Serve and sell until Ctrl-C; tell whether the last proof was clean."""
    check_port(ground.settings)
    web = subprocess.Popen([sys.executable, "-m", "kashu.entry.demo.web"])
    try:
        return asyncio.run(_play(ground, console, rate))
    except KeyboardInterrupt:  # before anything was sold, or once more while it was being proven
        say("已中断，没有核对。", "Interrupted; nothing was proven.")
        return True
    finally:
        web.terminate()
        web.wait(timeout=30)


async def _play(ground: Ground, console: Console, rate: float) -> bool:
    database = ground.open()
    try:
        stage = await set_up(ground, database)
        stocked = await import_samples(stage, console)
        address = f"http://{ground.settings.host}:{ground.settings.port}"
        link = ground.settings.link(stage.begun.token).clear
        board = Board(stage, address, link, stocked.cards.total())
        chores = [
            asyncio.create_task(_keep_books(database, board)),
            asyncio.create_task(_show(board, console)),
        ]
        try:
            await _sell(stage, board, submissions(stocked.cards, stage.run), rate)
            board.note = "样例已卖完，接口仍可使用，Ctrl-C 结束 / all sold; Ctrl-C stops"
            await asyncio.Event().wait()
        except asyncio.CancelledError:  # Ctrl-C
            pass
        finally:
            for chore in chores:
                chore.cancel()
            await asyncio.gather(*chores, return_exceptions=True)
        await _close_books(database, board)
        console.print("", board.summary())
    finally:
        await database.close()
    return board.is_proven


async def _sell(stage: Stage, board: Board, buyers: Iterator[Submission], rate: float) -> None:
    intake = Intake(stage.database, stage.keyrings)
    for each in buyers:
        began_at = time.perf_counter()
        try:
            answered = await intake.submit(stage.tenant.id, each, stage.tenant.timezone)
        except KashuError as error:  # the database restarts, say: the next one tries again
            board.note = error.text(language())
        else:
            board.take(each, answered.content)
        await asyncio.sleep(max(0.0, 1 / rate - (time.perf_counter() - began_at)))


async def _keep_books(database: Database, board: Board) -> None:
    """Do what the worker does, and read what the board shows."""
    proven_at = 0.0
    while True:
        try:
            await fill_replenished(database, board.stage.tenant.id, board.stage.tenant.timezone)
            board.profit = await profit_of(database, board.stage.tenant)
            if time.perf_counter() - proven_at > VERIFY_EVERY_S:
                proof = await verified(database, board.stage.tenant)
                proven_at = time.perf_counter()
                board.is_proven = proof.ok
                board.proof = "✓" if proof.ok else "✗ kashu verify"
        except KashuError as error:
            board.note = error.text(language())
        await asyncio.sleep(1)


async def _close_books(database: Database, board: Board) -> None:
    """Prove once more what there is at the end."""
    say("正在核对 …", "Proving the books …")
    board.profit = await profit_of(database, board.stage.tenant)
    board.is_proven = (await verified(database, board.stage.tenant)).ok


async def _show(board: Board, console: Console) -> None:
    """Draw the board, or print its numbers where there is no terminal."""
    if not console.is_terminal:
        while True:
            await asyncio.sleep(PLAIN_EVERY_S)
            console.print(" · ".join(f"{name} {value}" for name, value in board.figures()))
    with Live(board, console=console, refresh_per_second=1 / REFRESH_S):
        await asyncio.Event().wait()
