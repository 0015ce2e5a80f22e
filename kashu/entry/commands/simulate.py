"""The command `kashu simulate`."""

import asyncio
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import click
from rich.console import RenderableType

from kashu.entry.simulation.town import Town, open_town
from kashu.entry.simulation.trial import Door, Taken, Wishes, door_of, play, taken_by
from kashu.entry.taught import Command
from kashu.entry.terminal import json_option, say, show, table, word
from kashu.entry.words import CHANNELS

PORT: Final = 18_800  # the first of five


@click.command("simulate", cls=Command)
@click.option(
    "--port",
    type=click.IntRange(1, 65_531),
    default=PORT,
    show_default=True,
    help="五个平台依次使用的第一个端口。 The first of five ports.",
)
@click.option(
    "--rate",
    type=click.FloatRange(0, 1_000),
    default=0.5,
    show_default=True,
    help="每秒订单数，0 为没有买家。 Orders a second; 0: nobody buys.",
)
@click.option(
    "--faults",
    type=click.FloatRange(0, 0.5),
    default=0.0,
    show_default=True,
    help="每种故障出现的概率。 The chance of each fault, for each call.",
)
@click.option(
    "--connect", is_flag=True, help="新建一个试用商户并连接好。 Make a shop, connected already."
)
@click.option(
    "--clerk", is_flag=True, help="与 --connect 同用：有人在聊天中交卡。 Somebody hands cards over."
)
@json_option
def command(
    *, port: int, rate: float, faults: float, connect: bool, clerk: bool, as_json: bool
) -> None:
    """模拟五个平台（淘宝、京东、拼多多、有赞、微店），不接真实店铺就能试用全流程；Ctrl-C 结束。

    Simulate the five platforms on this machine, to try everything without a real store. Ctrl-C
    ends it.

    kashu simulate --connect --clerk          新建商户并连接，另开窗口启动 kashu serve
    kashu simulate --rate 5 --faults 0.02     自己连接店铺，接口常出故障

    服务须以 KASHU_PRIVATE_NETWORK=true 启动，才会访问本机。
    请只连接试用商户：模拟的买家会用掉库存里的卡密。

    Start the server with KASHU_PRIVATE_NETWORK=true, or it won't call this machine. Connect a shop
    for trial only: simulated buyers use up the cards in stock.
    """
    if clerk and not connect:
        raise click.UsageError("--clerk needs --connect")
    wishes = Wishes(port, rate, faults, connect, clerk)
    taken = asyncio.run(_simulate(wishes, as_json=as_json))
    show({"taken": taken}, lambda: _summary(taken), as_json=as_json)
    sys.stdout.flush()
    os._exit(0)  # Granian's threads may outlive the interpreter's end, and abort it


async def _simulate(wishes: Wishes, *, as_json: bool) -> list[Taken]:
    async with open_town(first_port=wishes.first_port, lasting=True) as town:
        if not wishes.connects:
            _tell_how(town, as_json=as_json)
        say("Ctrl-C 结束", "Ctrl-C ends it")
        with suppress(asyncio.CancelledError):  # Ctrl-C
            await play(wishes, town)
        return [taken_by(stall) for stall in town.stalls]


def _tell_how(town: Town, *, as_json: bool) -> None:
    doors = [door_of(stall) for stall in town.stalls]
    show({"platforms": doors}, lambda: _picture(doors), as_json=as_json)
    say(
        "连接：kashu store add CODE --name 名称 --channel 平台，然后\n"
        "  PUT  /v1/stores/CODE/connection        app_key、app_secret、base_url、options 如上\n"
        "  POST /v1/stores/CODE/connection/grant  code 如上（几分钟内有效，限用一次）\n"
        "  POST /v1/stores/CODE/listings/fetch，逐个映射，最后 connection/mode 设为 automatic",
        "To connect: kashu store add CODE --name NAME --channel PLATFORM, then\n"
        "  PUT  /v1/stores/CODE/connection        app_key, app_secret, base_url, options as above\n"
        "  POST /v1/stores/CODE/connection/grant  code as above: good once, for minutes\n"
        "  POST /v1/stores/CODE/listings/fetch, map each, then set connection/mode to automatic",
    )


def _picture(doors: Sequence[Door]) -> RenderableType:
    columns = (
        ("平台", "Platform"),
        ("base_url", "base_url"),
        ("app_key", "app_key"),
        ("app_secret", "app_secret"),
        ("options", "options"),
        ("code", "code"),
    )
    rows = [
        (
            word(CHANNELS, door.channel),
            door.base_url,
            door.app_key,
            door.app_secret,
            "\n".join(f"{name}={value}" for name, value in door.options.items()),
            door.code,
        )
        for door in doors
    ]
    return table(("模拟的平台（全部为虚构）", "Simulated platforms; all made up"), columns, rows)


def _summary(taken: Sequence[Taken]) -> RenderableType:
    columns = (
        ("平台", "Platform"),
        ("订单", "Orders"),
        ("已发货", "Shipped"),
        ("已交卡", "Cards shown"),
        ("已退款", "Refunded"),
    )
    rows = [
        (word(CHANNELS, each.channel), each.orders, each.shipped, each.shown, each.refunded)
        for each in taken
    ]
    return table(("模拟结束", "The simulation is over"), columns, rows)
