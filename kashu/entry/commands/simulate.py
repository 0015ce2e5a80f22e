"""The command `kashu simulate`."""

import asyncio
import json
import math
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from datetime import datetime
from typing import Any, Final

import click
from rich.console import Console, RenderableType
from rich.live import Live

from kashu.channels.kinds import ChannelKind
from kashu.core.clock import SHANGHAI
from kashu.entry.commands.simulate_suppliers import drawn_sold, entry
from kashu.entry.logs import set_up_logs
from kashu.entry.serve import PortTaken
from kashu.entry.settings import load_settings
from kashu.entry.simulation.buyers import QUANTITIES, Trade
from kashu.entry.simulation.pushing import Manner
from kashu.entry.simulation.switches import SwitchWrong, rates_of, switchboard, switched
from kashu.entry.simulation.town import Town, open_town
from kashu.entry.simulation.trial import Door, Outage, Taken, Wishes, door_of, play, taken_by
from kashu.entry.simulation.trial_suppliers import CARDS as WARES_CARDS
from kashu.entry.simulation.trial_suppliers import WARES, Sold, sold_by, supplier_door
from kashu.entry.simulation.wholesale import Wholesaler, open_wholesale
from kashu.entry.taught import Command
from kashu.entry.terminal import json_option, listed, on_the_clock, say, show, stacked, table, word
from kashu.entry.usage import Misused
from kashu.entry.words import CHANNELS
from kashu.simulators.faults import Fault
from kashu.simulators.serving import HOST, serving

PORT: Final = 18_800  # the first of five, and of the switches behind them
SUPPLIERS: Final = 3
PLATFORMS: Final = ("taobao", "jd", "pinduoduo", "youzan", "weidian")
REFRESH_S: Final = 1.0

_chance = click.FloatRange(0, 1)


@click.command("simulate", cls=Command)
@click.option(
    "--port",
    type=click.IntRange(1, 65_527),
    default=PORT,
    show_default=True,
    help="五个平台的第一个端口，其后是开关、供应商。 The first of five ports; the others follow.",
)
@click.option(
    "--connect", is_flag=True, help="新建一个试用商户并连接好。 Make a shop, connected already."
)
@click.option(
    "--suppliers",
    is_flag=True,
    help="另有三个供应商：即时、慢、便宜但不稳。 Three suppliers, too.",
)
@click.option(
    "--clerk", is_flag=True, help="与 --connect 同用：有人在聊天中交卡。 Somebody hands cards over."
)
@click.option(
    "--rate",
    type=click.FloatRange(0, 1_000),
    default=0.5,
    show_default=True,
    help="每秒订单数，0 为没有买家。 Orders a second; 0: nobody buys.",
)
@click.option(
    "--each", type=click.IntRange(1), help="每个平台卖到这么多单为止。 Stop at so many orders each."
)
@click.option(
    "--burst",
    type=click.IntRange(1, 1_000),
    default=10,
    show_default=True,
    help="一次涌入的订单数。 Orders that come at once in a burst.",
)
@click.option(
    "--bursts",
    type=_chance,
    default=0.02,
    show_default=True,
    help="涌入的概率。 How often it is a burst instead of one order.",
)
@click.option(
    "--most",
    type=click.IntRange(1, 100),
    default=3,
    show_default=True,
    help="一单最多买几件。 The most pieces of an order.",
)
@click.option(
    "--buyers",
    type=click.IntRange(1, 100_000),
    default=20,
    show_default=True,
    help="不同买家的人数。 How many different buyers.",
)
@click.option(
    "--refunds",
    type=_chance,
    default=0.03,
    show_default=True,
    help="申请退款的订单占比。 Part of the orders that are asked back.",
)
@click.option(
    "--faults",
    type=click.FloatRange(0, 0.5),
    default=0.0,
    show_default=True,
    help="每种故障出现的概率。 The chance of each fault, for each call.",
)
@click.option(
    "--fault",
    multiple=True,
    metavar="NAME=CHANCE",
    help="某一种故障的概率，可多次使用。 The chance of one fault; may be repeated.",
)
@click.option(
    "--silent",
    type=click.FloatRange(0.1, 300),
    default=30.0,
    show_default=True,
    help="不答复时等多少秒。 Seconds that a call without an answer hangs.",
)
@click.option(
    "--outage", type=click.FloatRange(0.1, 1_440), help="停机多少分钟。 Minutes out of order."
)
@click.option(
    "--outage-after",
    type=click.FloatRange(0, 86_400),
    default=60.0,
    show_default=True,
    help="多少秒后停机。 Seconds until then.",
)
@click.option(
    "--outage-of",
    multiple=True,
    type=click.Choice(PLATFORMS),
    help="哪些平台停机，不写为全部。 Which platforms; without it all.",
)
@click.option(
    "--push",
    multiple=True,
    metavar="PLATFORM=URL",
    help="推送地址（有赞、微店）；--connect 时自动填好。 Where a platform pushes to.",
)
@click.option(
    "--pushed-twice",
    type=_chance,
    default=0.0,
    show_default=True,
    help="重复推送的占比。 Part of the pushes that come twice.",
)
@click.option(
    "--pushed-late",
    type=_chance,
    default=0.0,
    show_default=True,
    help="乱序推送的占比。 Part that later ones overtake.",
)
@json_option
def command(*, port: int, silent: float, as_json: bool, **wanted: Any) -> None:  # noqa: ANN401
    """模拟五个平台（淘宝、京东、拼多多、有赞、微店）和供应商，不接真店就能试用全流程；Ctrl-C 结束。

    Simulate the five platforms, and suppliers, on this machine, to try everything without a real
    store. Ctrl-C ends it.

    kashu simulate --connect --clerk          新建商户并连接，另开窗口启动 kashu serve
    kashu simulate --connect --clerk --suppliers   缺货时自动向三个供应商采购
    kashu simulate --rate 5 --faults 0.02     自己连接店铺，接口常出故障
    kashu simulate --connect --clerk --outage 30 --outage-of taobao

    故障名称 names of faults: silent_before silent_after（超时：未执行、已执行） all（全部）
    error_before error_after（5xx） html redirect huge throttled（限流） token_expired（授权过期）

    运行中开关 while it runs, on the port after the platforms':
    curl http://127.0.0.1:18805/
    curl -X POST 'http://127.0.0.1:18805/outage?minutes=30&platform=jd'   minutes=0 恢复 ends it
    curl -X POST 'http://127.0.0.1:18805/faults?throttled=0.1'            无参数则清除 none: no more
    供应商 suppliers' (with --suppliers): /suppliers/outage /suppliers/faults /suppliers/price
    /suppliers/stock, 例如 such as:
    curl -X POST 'http://127.0.0.1:18805/suppliers/price?percent=2&sku=mgtv-month'
    curl -X POST 'http://127.0.0.1:18805/suppliers/faults?silent_after=0.2&supplier=sim-flaky'

    服务须以 KASHU_PRIVATE_NETWORK=true 启动，才会访问本机。
    请只连接试用商户：模拟的买家会用掉库存里的卡密。

    Start the server with KASHU_PRIVATE_NETWORK=true, or it won't call this machine. Connect a shop
    for trial only: simulated buyers use up the cards in stock.
    """
    wishes = _wishes(**wanted)
    set_up_logs(load_settings())
    taken, sold = asyncio.run(_simulate(wishes, port, silent, as_json=as_json))
    document: dict[str, object] = {"taken": taken}
    show(
        document | ({"suppliers": sold} if wishes.has_suppliers else {}),
        lambda: _summary(taken, sold),
        as_json=as_json,
    )


def _wishes(**wanted: Any) -> Wishes:  # noqa: ANN401  (what click has checked)
    """Read the options. Raises: Misused."""
    if wanted["clerk"] and not wanted["connect"]:
        raise Misused("--clerk 须与 --connect 同用。", "--clerk needs --connect.")
    try:
        rates = dict.fromkeys(Fault, wanted["faults"]) if wanted["faults"] else {}
        rates |= rates_of(dict(_pair(each, "--fault NAME=0.1") for each in wanted["fault"]))
    except SwitchWrong as error:
        raise Misused(f"--fault 的值不对：{error}。", f"--fault is wrong: {error}.") from error
    addresses = dict(_pair(each, "--push youzan=http://…/push/1/CODE") for each in wanted["push"])
    if not addresses.keys() <= set(PLATFORMS):
        names = ", ".join(PLATFORMS)
        raise Misused(f"--push 的平台应为 {names} 之一。", f"--push is of one of {names}.")
    outage = None
    if wanted["outage"]:
        outage = Outage(wanted["outage"], wanted["outage_after"], wanted["outage_of"])
    return Wishes(
        Trade(
            wanted["rate"],
            math.inf,
            asked_back=wanted["refunds"],
            burst=wanted["burst"],
            burst_chance=wanted["bursts"],
            quantities=[min(each, wanted["most"]) for each in QUANTITIES]
            + list(range(4, wanted["most"] + 1)),
            buyers=wanted["buyers"],
            each=wanted["each"],
        ),
        rates=rates,
        outage=outage,
        manner=Manner(wanted["pushed_twice"], wanted["pushed_late"]),
        addresses={ChannelKind(name): url for name, url in addresses.items()},
        connects=wanted["connect"],
        has_clerk=wanted["clerk"],
        has_suppliers=wanted["suppliers"],
    )


def _pair(written: str, like: str) -> tuple[str, str]:
    name, equals, value = written.partition("=")
    if not (name and equals and value):
        raise Misused(f"请写成 {like}。", f"Write it like {like}.")
    return name, value


async def _simulate(
    wishes: Wishes, port: int, silent_s: float, *, as_json: bool
) -> tuple[list[Taken], list[Sold]]:
    try:
        async with AsyncExitStack() as stack:
            town = await stack.enter_async_context(
                open_town(first_port=port, silent_s=silent_s, lasting=True, lines=True)
            )
            beyond = port + len(town.stalls)
            wholesale = None
            if wishes.has_suppliers:
                wholesale = await stack.enter_async_context(
                    open_wholesale(WARES, WARES_CARDS, first_port=beyond + 1)
                )
            switches = await stack.enter_async_context(
                serving(switchboard(town, wholesale), port=beyond)
            )
            sellers = wholesale.sellers if wholesale is not None else ()
            if not wishes.connects:
                _tell_how(town, sellers, as_json=as_json)
            say(f"开关：{switches}/", f"Switches: {switches}/")
            say("Ctrl-C 结束", "Ctrl-C ends it")
            begun = asyncio.Event()
            watching = asyncio.create_task(_watch(town, sellers, begun))
            with suppress(asyncio.CancelledError):  # Ctrl-C
                await play(wishes, town, wholesale, begun=begun)
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            return [taken_by(stall) for stall in town.stalls], list(map(sold_by, sellers))
    except OSError as error:
        last = port + len(PLATFORMS) + (SUPPLIERS if wishes.has_suppliers else 0)
        raise PortTaken(host=HOST, port=f"{port}…{last}") from error


async def _watch(town: Town, sellers: Sequence[Wholesaler], begun: asyncio.Event) -> None:
    """Show how it goes, where somebody watches; not before what is said is said: it would go."""
    console = Console(stderr=True)
    if not console.is_terminal:
        return
    await begun.wait()
    with Live(console=console, refresh_per_second=1 / REFRESH_S) as live:
        while True:
            parts = [_picture_of(town), *drawn_sold(list(map(sold_by, sellers)))]
            live.update(stacked(parts))
            await asyncio.sleep(REFRESH_S)


def _tell_how(town: Town, sellers: Sequence[Wholesaler], *, as_json: bool) -> None:
    doors = [door_of(stall) for stall in town.stalls]
    document: dict[str, object] = {"platforms": doors}
    entries = [supplier_door(each) for each in sellers]
    if entries:
        document["suppliers"] = entries
    show(document, lambda: "\n\n".join([_picture(doors), *map(entry, entries)]), as_json=as_json)
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


def _picture(doors: Sequence[Door]) -> str:
    """Write what is to be copied in lines of their own."""
    return "\n\n".join(
        f"{door.channel} {CHANNELS[door.channel]}\n"
        + listed(
            [
                ("base_url  ", door.base_url),
                ("app_key   ", door.app_key),
                ("app_secret", door.app_secret),
                ("options   ", json.dumps(door.options)),
                ("code      ", door.code),
            ]
        )
        for door in doors
    )


_TAKEN: Final = (
    ("平台", "Platform"),
    ("订单", "Orders"),
    ("已发货", "Shipped"),
    ("已交卡", "Cards shown"),
    ("已退款", "Refunded"),
)


def _row(taken: Taken) -> tuple[object, ...]:
    name = word(CHANNELS, taken.channel)
    return name, taken.orders, taken.shipped, taken.shown, taken.refunded


def _picture_of(town: Town) -> RenderableType:
    works = word({"works": "正常"}, "works")
    until = word({"out until": "停机至"}, "out until")
    rows = []
    for stall, state in zip(town.stalls, switched(town), strict=True):
        how = works
        if state.out_until:
            moment = on_the_clock(datetime.fromisoformat(state.out_until), SHANGHAI)
            how = f"{until} {moment}"
        rows.append((*_row(taken_by(stall)), how))
    return table(("模拟进行中", "Simulating"), (*_TAKEN, ("状态", "State")), rows)


def _summary(taken: Sequence[Taken], sold: Sequence[Sold]) -> RenderableType:
    over = ("模拟结束", "The simulation is over")
    return stacked([table(over, _TAKEN, [_row(each) for each in taken]), *drawn_sold(sold)])
