"""The command `kashu demo`."""

import asyncio
import sys

import click
from rich.console import Console

from kashu.entry.demo.live import play_live
from kashu.entry.demo.run import play_once
from kashu.entry.demo.settings import demo_settings
from kashu.entry.startup import start_up


@click.command("demo")
@click.option(
    "--once", is_flag=True, help="卖完样例即结束，最后打印一行 JSON。 Sell all, then stop."
)
@click.option(
    "--rate",
    type=click.FloatRange(0.1, 10_000),
    default=20.0,
    show_default=True,
    help="每秒订单数。 Orders a second.",
)
@click.option("--port", type=click.IntRange(1, 65_535), help="接口端口。 Port of the API.")
def command(*, once: bool, rate: float, port: int | None) -> None:
    """演示：导入样例卡密，从多个店铺卖出，实时看到订单与利润。

    Demo: import sample cards, sell them from several stores, watch orders and profit.

    \b
    kashu demo          界面和接口一直开着，Ctrl-C 结束 / runs until Ctrl-C
    kashu demo --once   尽快卖完并核对账目 / as fast as it can, then proves the books

    退出码 exit codes: 0 核对无误 proven · 1 有违规 violations
    """  # noqa: D301  (\b is click's)
    settings = demo_settings(port)
    console = Console(stderr=True)
    with start_up(settings) as ground:
        if once:
            proven = asyncio.run(play_once(ground, console))
        else:
            proven = play_live(ground, console, rate)
    sys.exit(0 if proven else 1)
