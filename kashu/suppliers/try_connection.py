"""Try a connection: ask a supplier for our balance and its first products; say how that went."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from kashu.core.errors import KashuError, Unclear
from kashu.core.incidents import log_incident
from kashu.core.money import format_amount
from kashu.suppliers.connections import Connection
from kashu.suppliers.reach import Upstreams
from kashu.suppliers.upstream import Can, Link, Upstream

DEADLINE_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Tried:
    """How one question went, in words. `code`: of what went wrong; empty: nothing."""

    what: str  # reach, balance, products
    ok: bool
    code: str
    zh: str
    en: str


async def try_connection(
    tenant_id: int, upstreams: Upstreams, connection: Connection, name: str
) -> list[Tried]:
    """Ask what the supplier's system has of the two; nothing is kept, nothing is ordered.

    `name`: what to call the supplier. Never raises for what the other side does.
    """
    try:
        upstream, link = upstreams.reach(tenant_id, connection)
    except KashuError as error:
        return [_failed("reach", error, name)]
    tried: list[Tried] = []
    if Can.BALANCE in upstream.can:
        tried.append(await _try("balance", name, lambda: _balance(upstream, link)))
    if Can.LIST_PRODUCTS in upstream.can:
        tried.append(await _try("products", name, lambda: _products(upstream, link)))
    return tried or [
        Tried(
            "reach",
            ok=True,
            code="",
            zh="这个协议没有可供测试的查询；下单前请先用小额订单确认。",
            en="This protocol has nothing that can be asked: confirm it with a small order.",
        )
    ]


async def _try(what: str, name: str, ask: Callable[[], Awaitable[tuple[str, str]]]) -> Tried:
    try:
        async with asyncio.timeout(DEADLINE_S):
            zh, en = await ask()
    except KashuError as error:
        return _failed(what, error, name)
    except TimeoutError:
        zh = f"{DEADLINE_S:.0f} 秒内没有答复，请检查地址与网络后再试。"
        en = f"No answer within {DEADLINE_S:.0f} s. Check the address and the network, try again."
        return Tried(what, ok=False, code="supplier_too_slow", zh=zh, en=en)
    except Exception as error:  # noqa: BLE001  (an adapter of somebody else's may have bugs)
        number = log_incident(error, what=what)
        zh = f"协议适配器出错，编号 {number}。请把日志发给它的作者。"
        en = f"The protocol's adapter failed, number {number}. Send the log to its author."
        return Tried(what, ok=False, code="adapter_broke", zh=zh, en=en)
    return Tried(what, ok=True, code="", zh=zh, en=en)


async def _balance(upstream: Upstream, link: Link) -> tuple[str, str]:
    balance = await upstream.balance(link)
    amount = f"{format_amount(balance.amount_e4)} {balance.currency}"
    return f"余额 {amount}。", f"The balance is {amount}."


async def _products(upstream: Upstream, link: Link) -> tuple[str, str]:
    page = await upstream.products(link)
    count = len(page.members)
    more_zh, more_en = ("，还有更多", ", and there are more") if page.next else ("", "")
    wrong_zh = f"；{page.wrong} 个读不懂" if page.wrong else ""
    wrong_en = f"; {page.wrong} can't be read" if page.wrong else ""
    return (
        f"第一页有 {count} 个商品{more_zh}{wrong_zh}。",
        f"Products on the first page: {count}{more_en}{wrong_en}.",
    )


def _failed(what: str, error: KashuError, name: str) -> Tried:
    if isinstance(error, Unclear):  # a question was asked: nothing can have happened by it
        said = error.facts.get("said") or error.facts.get("why") or error.code
        zh = f"{name} 的答复看不懂（{said}）。请核对接口地址、协议是否选对，再测试一次。"
        en = f"The answer of {name} can't be read ({said}). Check its address and protocol, retry."
        return Tried(what, ok=False, code=error.code, zh=zh, en=en)
    named = {**error.facts, "supplier": name}
    return Tried(
        what,
        ok=False,
        code=error.code,
        zh=type(error).zh.format_map(named),
        en=type(error).en.format_map(named),
    )
