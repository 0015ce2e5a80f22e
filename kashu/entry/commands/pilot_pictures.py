"""Pictures of a pilot for a terminal."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec
from rich.console import RenderableType
from rich.text import Text

from kashu.channels.kinds import Step
from kashu.core.money import format_amount
from kashu.entry.terminal import language, stacked, table, word
from kashu.entry.words import MODES, STEPS, Glossary
from kashu.pilot.causes import UNEXPLAINED, Outcome
from kashu.pilot.compare import Comparison, by_cause
from kashu.pilot.export import OUTCOMES
from kashu.pilot.ready import CheckName, Pilot


class WaitingOrder(msgspec.Struct, frozen=True):
    """An order of a platform that waits. `said`: the code of why."""

    number: str
    step: Step
    said: str
    paid: str
    paid_at: datetime | None
    ship_by: datetime | None
    has_cards: bool


OBSTACLES: Final[Glossary] = {
    "unknown_shop_order": "没有这个订单",
    "not_waiting": "不在等人放行",
    "to_be_taken_over": "属于旧方式：确认未发货后加 --take-over",
    "not_acting": "店铺或商品未启用（停用或影子）",
    "refunded": "有退款，请人工处理",
}
CHECKS: Final[Glossary] = {
    CheckName.GRANTED.value: "授权",
    CheckName.MAPPED.value: "映射",
    CheckName.STOCKED.value: "库存",
    CheckName.COMPARED.value: "比对",
    CheckName.NO_TROUBLE.value: "无异常",
    CheckName.OPENED.value: "期初余额",
    CheckName.SOLD_ELSEWHERE.value: "别处已售",
}


def pilot_picture(found: Pilot) -> RenderableType:
    """Draw the checks, and what waits."""
    zh = language() == "zh"
    rows = [
        (
            "✓" if check.ok else "✗" if check.hard else "·",
            word(CHECKS, check.name.value),
            check.zh if zh else check.en,
        )
        for check in found.checks
    ]
    title = (
        f"店铺 {found.store.code}：{word(MODES, found.mode.value)}",
        f"The store {found.store.code}: {found.mode.value}",
    )
    parts: list[RenderableType] = [table(title, ("", ("检查", "Check"), ("说明", "What")), rows)]
    if found.waiting:
        waiting = [(word(STEPS, step.value), count) for step, count in found.waiting.items()]
        titles = (("步骤", "Step"), ("订单", "Orders"))
        parts.append(table(("等着处理", "Waiting"), titles, waiting))
    count = len(found.failing)
    ready = ("可以切换为自动。", "It may go by itself.")
    not_yet = (f"还有 {count} 项必须通过。", f"{count} checks must pass first.")
    parts.append(Text((not_yet if count else ready)[0 if zh else 1]))
    return stacked(parts)


def orders_picture(orders: Sequence[WaitingOrder]) -> RenderableType:
    """Draw what waits."""
    columns = (
        ("订单号", "Order"),
        ("步骤", "Step"),
        ("原因", "Why"),
        ("金额", "Paid"),
        ("已配卡", "Has cards"),
        ("最晚发货", "Ship by"),
    )
    rows = [
        (
            each.number,
            word(STEPS, each.step.value),
            each.said,
            each.paid,
            "✓" if each.has_cards else "",
            each.ship_by.isoformat(" ", "minutes") if each.ship_by else "",
        )
        for each in orders
    ]
    return table(("等着处理的平台订单", "Orders that wait"), columns, rows)


def released_picture(rows: Sequence[tuple[str, str]]) -> RenderableType:
    """Draw what became of each order."""
    return table("", (("订单号", "Order"), ("结果", "Outcome")), rows)


def comparison_picture(compared: Comparison) -> RenderableType:
    """Draw the lines that differ, the causes, and the totals."""
    which = 0 if language() == "zh" else 1
    differing = [
        (
            OUTCOMES[each.outcome][which],
            each.number,
            ", ".join(map(str, each.rows)),
            each.item,
            each.sku,
            each.sheet_quantity,
            each.quantity,
            _amount(each.sheet_amount_e4),
            _amount(each.amount_e4),
            each.cause.value if each.cause else "",
        )
        for each in compared.lines
        if each.outcome is not Outcome.SAME
    ]
    columns = (
        ("结果", "Outcome"),
        ("订单号", "Order"),
        ("表格行", "Rows"),
        ("表格商品", "Sheet's item"),
        ("规格", "SKU"),
        ("表格数量", "Sheet's qty"),
        ("平台数量", "Qty"),
        ("表格金额", "Sheet's amount"),
        ("平台金额", "Amount"),
        ("原因", "Cause"),
    )
    parts: list[RenderableType] = []
    if differing:
        parts.append(table(("差异", "Differences"), columns, differing))
        causes = [
            (cause.value, count, "!" if cause in UNEXPLAINED else "", cause.text(language()))
            for cause, count in by_cause(compared).items()
        ]
        titles = (("原因", "Cause"), ("行数", "Lines"), ("待人看", "Look"), ("说明", "What to do"))
        parts.append(table(("原因", "Causes"), titles, causes))
    counts = {outcome: compared.count(outcome) for outcome in Outcome}
    totals = [*counts.values(), f"{compared.explained_percent} %"]
    totals += [f"{compared.automatic} / {compared.orders}", f"{compared.automatic_percent} %"]
    titles_of = (
        *(OUTCOMES[outcome] for outcome in Outcome),
        ("已解释", "Explained"),
        ("可自动的订单", "Orders by itself"),
        ("占比", "Share"),
    )
    title = f"{compared.store} {compared.day.isoformat()}"
    parts.append(table(title, titles_of, [totals]))
    return stacked(parts)


def _amount(amount_e4: int | None) -> str:
    return "" if amount_e4 is None else format_amount(amount_e4)
