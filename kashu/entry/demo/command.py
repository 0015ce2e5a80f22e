"""The command `kashu demo`."""

import asyncio
import sys
from typing import Final

import click
from rich.console import Console

from kashu.entry.demo.live import play_live
from kashu.entry.demo.run import play_once
from kashu.entry.demo.settings import demo_settings
from kashu.entry.logs import set_up_logs
from kashu.entry.startup import start_up
from kashu.simulators.serving import free_port

EACH: Final = 40


@click.command("demo")
@click.option(
    "--once", is_flag=True, help="卖完样例即结束，最后打印一行 JSON。 Sell all, then stop."
)
@click.option(
    "--rate",
    type=click.FloatRange(0.1, 10_000),
    default=20.0,
    show_default=True,
    help="每秒接口订单数。 Orders a second by the API.",
)
@click.option(
    "--platform-rate",
    type=click.FloatRange(0.1, 100),
    default=2.0,
    show_default=True,
    help="五个平台合计每秒订单数。 Orders a second on the five platforms together.",
)
@click.option(
    "--each",
    type=click.IntRange(0, 1_000),
    default=EACH,
    show_default=True,
    help="与 --once 同用：每个平台卖多少单。 With --once: orders on each platform.",
)
@click.option("--port", type=click.IntRange(1, 65_535), help="接口端口。 Port of the API.")
def command(*, once: bool, rate: float, platform_rate: float, each: int, port: int | None) -> None:
    """演示：导入样例卡密，在五个模拟平台和自营渠道卖出，实时看到订单、交卡与利润。

    Demo: import sample cards, sell them on five simulated platforms and at our own counters,
    watch orders, deliveries and profit.

    \b
    kashu demo          界面和接口一直开着，Ctrl-C 结束 / runs until Ctrl-C
    kashu demo --once   尽快卖完并核对账目 / as fast as it can, then proves the books

    \b
    退出码 exit codes:
      0 核对无误，平台订单全部交卡并确认 all proven, delivered and confirmed
      1 有违规，或有订单未完成 violations, or orders that aren't complete
    """  # noqa: D301  (\b is click's)
    settings = demo_settings(port or (free_port() if once else None))
    set_up_logs(settings)
    console = Console(stderr=True)
    with start_up(settings) as ground:
        if once:
            proven = asyncio.run(play_once(ground, console, each))
        else:
            proven = play_live(ground, console, rate, platform_rate)
    sys.exit(0 if proven else 1)
