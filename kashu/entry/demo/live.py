"""The demo live: platforms, the web interface and a stream of orders, and what they come to."""

import asyncio
import math
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from rich.console import Console
from rich.live import Live

from kashu.core.db import Database
from kashu.core.errors import KashuError
from kashu.entry.demo.backstage import Backstage, backstage
from kashu.entry.demo.board import Board
from kashu.entry.demo.board_suppliers import SuppliersPart
from kashu.entry.demo.drama import Drama
from kashu.entry.demo.figures import profit_of, verified
from kashu.entry.demo.market import GOODS, Market, open_market
from kashu.entry.demo.past import Past
from kashu.entry.demo.stage import set_up
from kashu.entry.demo.stream import submissions
from kashu.entry.demo.supply import open_supply
from kashu.entry.simulation.buyers import Buyers, Trade
from kashu.entry.simulation.town import SHARES
from kashu.entry.startup import Ground
from kashu.entry.terminal import language, say
from kashu.orders.intake import Intake
from kashu.orders.write import Submission

REFRESH_S: Final = 0.5
PLAIN_EVERY_S: Final = 5.0  # a line where nobody watches a terminal
LOOK_EVERY_S: Final = 1.0
VERIFY_EVERY_S: Final = 60.0
ASKED_BACK: Final = 0.06
AFTERWARDS: Final = 300  # cards of each SKU, once the samples are sold out


def play_live(ground: Ground, console: Console, rate: float, platform_rate: float) -> bool:
    """Serve and sell until Ctrl-C; tell whether the last proof was clean."""
    try:
        with backstage(ground.settings) as behind:
            return asyncio.run(_play(ground, behind, console, rate, platform_rate))
    except KeyboardInterrupt:  # before anything was sold, or once more while it was being proven
        say("已中断，没有核对。", "Interrupted; nothing was proven.")
        return True


async def _play(
    ground: Ground, behind: Backstage, console: Console, rate: float, platform_rate: float
) -> bool:
    database = ground.open()
    try:
        stage = await set_up(ground, database)
        past = Past(ground, stage)
        stocked = await past.play(console)
        link = ground.settings.link(stage.begun.token).clear
        board = Board(stage, behind.origin, link, stocked.cards.total())
        left = stocked.cards - past.sold
        async with (
            open_market(stage, ground.settings, behind) as market,
            open_supply(stage, ground.settings) as supply,
        ):
            drama = Drama(supply)
            board.suppliers = SuppliersPart(supply, drama)
            buyers = market.buyers(
                Trade(
                    platform_rate, math.inf, asked_back=ASKED_BACK, shares=dict.fromkeys(SHARES, 1)
                )
            )
            with suppress(asyncio.CancelledError):  # Ctrl-C
                async with asyncio.TaskGroup() as at_once:
                    at_once.create_task(buyers.buy())
                    at_once.create_task(drama.buy())
                    at_once.create_task(drama.go_wrong())
                    at_once.create_task(market.sell_something_new())
                    at_once.create_task(_keep_books(market, board, buyers))
                    at_once.create_task(_show(board, console))
                    await _sell(market, board, submissions(left, stage.run), rate)
                    market.owed.update(dict.fromkeys((each.sku for each in GOODS), AFTERWARDS))
                    board.note = (
                        "样例已卖完，已补货，平台继续卖；Ctrl-C 结束 / all sold; Ctrl-C stops"
                    )
            await _close_books(database, market, board)
        console.print("", board.summary())
    finally:
        await database.close()
    return board.is_proven


async def _sell(market: Market, board: Board, orders: Iterator[Submission], rate: float) -> None:
    """Have our own counters sell, so many orders a second."""
    stage = market.stage
    intake = Intake(stage.database, stage.keyrings)
    for each in orders:
        began_at = time.perf_counter()
        try:
            answered = await intake.submit(stage.tenant.id, each, stage.tenant.timezone)
        except KashuError as error:  # the database restarts, say: the next one tries again
            board.note = error.text(language())
        else:
            board.take(each, answered.content)
        await asyncio.sleep(max(0.0, 1 / rate - (time.perf_counter() - began_at)))


async def _keep_books(market: Market, board: Board, buyers: Buyers) -> None:
    """Have what the platforms sold brought, and read what the board shows."""
    proven_at = 0.0
    stage = market.stage
    while True:
        try:
            await market.bring_what_was_sold(buyers)
            board.platforms = (await market.outcome()).platforms
            board.profit = await profit_of(stage.database, stage.tenant)
            if board.suppliers is not None:
                await board.suppliers.look()
            if time.perf_counter() - proven_at > VERIFY_EVERY_S:
                proof = await verified(stage.database, stage.tenant)
                proven_at = time.perf_counter()
                board.is_proven = proof.ok
                board.proof = "✓" if proof.ok else "✗ kashu verify"
        except KashuError as error:
            board.note = error.text(language())
        await asyncio.sleep(LOOK_EVERY_S)


async def _close_books(database: Database, market: Market, board: Board) -> None:
    """Prove once more what there is at the end."""
    say("正在核对 …", "Proving the books …")
    board.platforms = (await market.outcome()).platforms
    board.profit = await profit_of(database, board.stage.tenant)
    if board.suppliers is not None:
        await board.suppliers.look()
    board.is_proven = (await verified(database, board.stage.tenant)).ok


async def _show(board: Board, console: Console) -> None:
    """Draw the board, or print its numbers where there is no terminal."""
    if not console.is_terminal:
        for line in board.places():
            console.print(line, soft_wrap=True, markup=False, highlight=False)
        while True:
            await asyncio.sleep(PLAIN_EVERY_S)
            console.print(" · ".join(f"{name} {value}" for name, value in board.figures()))
            for line in board.lines():
                console.print(line, markup=False, highlight=False)
    with Live(board, console=console, refresh_per_second=1 / REFRESH_S):
        await asyncio.Event().wait()
