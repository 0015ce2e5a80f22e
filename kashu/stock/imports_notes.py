"""Notes: what looks like a slip of the hand in an import. They warn, and refuse nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec

from kashu.core.db import Tx
from kashu.core.money import format_amount
from kashu.core.sql import Statement
from kashu.stock.imports_intake import Intake

COST_APART: Final = 5  # a fifth, which is 20 %, off what is usual
COUNT_TIMES: Final = 3  # as many as usual


QUESTIONED: Final = frozenset({"cost_unusual", "count_unusual"})  # somebody must say it is right


class Note(msgspec.Struct, frozen=True):
    """Something to check, in both languages."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class History:
    """What is usual for the SKU, and when this file came in before; None: nothing to go by."""

    usual_cost_e4: int | None
    usual_count: int | None
    imported_at: datetime | None


_history = Statement(__file__, "imports_history.sql", History)


async def history_of(tx: Tx, tenant_id: int, intake: Intake, sha256: bytes) -> History:
    """Look at the SKU's last lots and imports."""
    found = await _history(tx, tenant=tenant_id, sku=intake.terms.sku_id, sha256=sha256)
    return found[0]


def notes_on(intake: Intake, history: History, accepted: int) -> list[Note]:
    """Compare cost and quantity with what is usual, and the cost with the face value."""
    cost, usual = intake.terms.unit_cost_e4, history.usual_cost_e4
    face = intake.sku.face_value_e4
    notes = []
    for_sale = not intake.terms.sold_elsewhere
    if for_sale and usual and abs(cost - usual) * COST_APART > usual:
        a, b = format_amount(cost), format_amount(usual)
        notes.append(
            Note(
                "cost_unusual",
                f"单价 {a} 与最近批次的 {b} 相差超过 20%，请核对单价。",
                f"The unit cost {a} is over 20 % off the {b} of the last lots. Check it.",
            )
        )
    if face and cost > face:
        a, b = format_amount(cost), format_amount(face)
        notes.append(
            Note(
                "cost_over_face_value",
                f"单价 {a} 高于面值 {b}，卖出会亏损，请核对单价。",
                f"The unit cost {a} exceeds the face value {b}: each sale loses. Check it.",
            )
        )
    if for_sale and history.usual_count and accepted > COUNT_TIMES * history.usual_count:
        notes.append(
            Note(
                "count_unusual",
                f"数量 {accepted:,} 超过平时（{history.usual_count:,}）的 3 倍，请核对文件。",
                f"{accepted:,} cards are over 3 times the usual {history.usual_count:,}. Check.",
            )
        )
    if history.imported_at is not None:
        when = f"{history.imported_at:%Y-%m-%d %H:%M} UTC"
        notes.append(
            Note(
                "file_imported_before",
                f"同一文件已于 {when} 导入过，其中的卡密会被判为重复。",
                f"The same file was imported on {when}; its cards count as duplicates.",
            )
        )
    return notes
