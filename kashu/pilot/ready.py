"""Ready: what must be so before a store goes by itself, and what of it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from kashu.catalog.bundles import goods_by_id
from kashu.catalog.kinds import IN_STOCK
from kashu.channels.connections import Connection, connection_of, set_mode
from kashu.channels.kinds import GrantState, Mode, Step
from kashu.channels.listings import KnownListing, listings_of
from kashu.channels.modes import mode_of_store
from kashu.channels.paid_orders import count_open
from kashu.channels.reads import Store, store_by_code
from kashu.core.db import Tx
from kashu.core.errors import Problem
from kashu.core.events import Event, record
from kashu.pilot.compare import last_compared
from kashu.pilot.errors import NotReady, ReasonNeeded
from kashu.pilot.facts import LISTINGS_MAX
from kashu.pilot.opening import list_openings
from kashu.stock.for_sale import for_sale
from kashu.stock.sold_elsewhere import count_sold_elsewhere

NAMED_MAX: Final = 20
FRESH: Final = timedelta(days=1)  # a comparison of yesterday's is fresh enough


class CheckName(StrEnum):
    """What is looked at."""

    GRANTED = "granted"
    MAPPED = "mapped"
    STOCKED = "stocked"
    COMPARED = "compared"
    NO_TROUBLE = "no_trouble"
    OPENED = "opened"
    SOLD_ELSEWHERE = "sold_elsewhere"


@dataclass(frozen=True, slots=True)
class Check:
    """One check. `hard`: the store doesn't go by itself while it fails."""

    name: CheckName
    ok: bool
    hard: bool
    facts: Mapping[str, int | str]
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Pilot:
    """How a store's pilot stands. `waiting`: orders at each step where something is to be done."""

    store: Store
    mode: Mode
    shadow_from: datetime | None
    checks: tuple[Check, ...]
    waiting: Mapping[Step, int] = field(default_factory=dict)

    @property
    def failing(self) -> tuple[Check, ...]:
        """What keeps the store from going by itself."""
        return tuple(check for check in self.checks if check.hard and not check.ok)


async def pilot_of(tx: Tx, tenant_id: int, store: Store, *, today: date) -> Pilot:
    """Look at everything. Raises: StoreNotConnected."""
    connection = await connection_of(tx, tenant_id, store.id)
    state = await mode_of_store(tx, tenant_id, store.id)
    waiting = await count_open(tx, tenant_id, store.id)
    piloted = state.shadow_from is not None
    listings = [
        each
        for each in await listings_of(tx, tenant_id, store.id, limit=LISTINGS_MAX)
        if each.on_sale
    ]
    empty = await _without_stock(tx, tenant_id, store.id, listings, today)
    checks = (
        _granted(connection),
        _mapped(listings, hard=piloted),
        _stocked(empty, hard=piloted),
        await _compared(tx, tenant_id, store.id, today, hard=piloted),
        _no_trouble(waiting.get(Step.TROUBLE, 0), hard=piloted),
        _opened(len(await list_openings(tx, tenant_id))),
        _sold_elsewhere(await count_sold_elsewhere(tx, tenant_id)),
    )
    return Pilot(store, state.mode, state.shadow_from, checks, waiting)


async def change_mode(
    tx: Tx,
    tenant_id: int,
    actor: str,
    code: str,
    mode: Mode,
    *,
    today: date,
    force: bool = False,
    reason: str = "",
) -> Connection:
    """Say how far we act for a store; it goes by itself only when it is ready, or with a reason.

    Raises: UnknownStore, StoreNotConnected, NotReady with each check that fails, ReasonNeeded.
    """
    store = await store_by_code(tx, tenant_id, code)
    connection = await connection_of(tx, tenant_id, store.id)
    if mode is Mode.AUTOMATIC and connection.mode is not mode:
        failing = (await pilot_of(tx, tenant_id, store, today=today)).failing
        if failing and not force:
            problems = [
                Problem(f"/checks/{check.name.value}", check.name.value, check.zh, check.en)
                for check in failing
            ]
            raise NotReady(problems=problems, store=code, count=len(failing))
        if failing and not reason.strip():
            raise ReasonNeeded
        if failing:
            facts = {"reason": reason.strip(), "failing": [check.name.value for check in failing]}
            await record(tx, tenant_id, actor, [Event("store.forced", store.id, facts)])
    return await set_mode(tx, tenant_id, actor, code, mode)


async def _without_stock(
    tx: Tx, tenant_id: int, store_id: UUID, listings: list[KnownListing], today: date
) -> list[str]:
    """Name the SKUs on sale of which the store could be given nothing."""
    sold = {each.sku_id for each in listings if each.sku_id is not None}
    goods = await goods_by_id(tx, tenant_id, sold)
    parts = {part.sku.id: part.sku for each in goods.values() for part in each.parts}
    stocked = sorted(id_ for id_, sku in parts.items() if sku.fulfilment in IN_STOCK)
    counts = await for_sale(tx, tenant_id, [(each, store_id) for each in stocked], today)
    return sorted(
        parts[each].code for each, count in zip(stocked, counts, strict=True) if not count
    )


def _granted(connection: Connection) -> Check:
    return Check(
        CheckName.GRANTED,
        connection.grant_state is GrantState.GRANTED,
        hard=True,
        facts={"grant": connection.grant_state.value},
        zh="店铺须在平台授权。没有的话，请重新授权。",
        en="The seller permits us to act for the store. If not, authorize it again.",
    )


def _mapped(listings: list[KnownListing], *, hard: bool) -> Check:
    unmapped = sum(each.sku_id is None for each in listings)
    return Check(
        CheckName.MAPPED,
        bool(listings) and not unmapped,
        hard,
        {"on_sale": len(listings), "unmapped": unmapped},
        f"在售商品 {len(listings)} 个，未映射 {unmapped} 个。请同步商品并逐个映射。",
        f"{len(listings)} listings on sale, {unmapped} unmapped. Fetch them, and map each.",
    )


def _stocked(empty: list[str], *, hard: bool) -> Check:
    named = ", ".join(empty[:NAMED_MAX])
    return Check(
        CheckName.STOCKED,
        not empty,
        hard,
        {"empty": len(empty), "skus": named},
        f"在售规格须有库存；没有库存的：{named or '无'}。",
        f"Every SKU on sale has stock; without: {named or 'none'}.",
    )


async def _compared(tx: Tx, tenant_id: int, store_id: UUID, today: date, *, hard: bool) -> Check:
    last = await last_compared(tx, tenant_id, store_id)
    fresh = last is not None and last.day >= today - FRESH and bool(last.lines)
    left = last.unexplained if last else 0
    day = last.day.isoformat() if last else ""
    return Check(
        CheckName.COMPARED,
        fresh and not left,
        hard,
        {"day": day, "lines": last.lines if last else 0, "unexplained": left},
        f"昨天或今天的表格须比对过，差异都有解释。最近一次：{day or '没有'}，未解释 {left} 行。",
        "Yesterday's or today's sheet is to be compared, and explained. "
        f"Last: {day or 'none'}, {left} lines unexplained.",
    )


def _no_trouble(count: int, *, hard: bool) -> Check:
    return Check(
        CheckName.NO_TROUBLE,
        not count,
        hard,
        {"trouble": count},
        f"没有订单在异常里（现有 {count} 个）。请在平台订单里逐个处理。",
        f"No order is in trouble ({count} are). See to each in the list of that step.",
    )


def _opened(count: int) -> Check:
    return Check(
        CheckName.OPENED,
        bool(count),
        hard=False,
        facts={"openings": count},
        zh="期初余额须过账（供应商预付、客户余额等）。没有余额可不做。",
        en="Opening balances are to be posted. Where there are none, leave it.",
    )


def _sold_elsewhere(count: int) -> Check:
    return Check(
        CheckName.SOLD_ELSEWHERE,
        bool(count),
        hard=False,
        facts={"cards": count},
        zh=f"旧方式已卖出的卡须登记为「别处已售」（现有 {count} 张），才不会再卖。",
        en=f"Cards that were sold before are to be recorded as sold elsewhere ({count} are).",
    )
