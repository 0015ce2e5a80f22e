"""Doubts: a cost or a quantity far from what is usual is questioned before anything comes in."""

import asyncio
from itertools import islice
from typing import Final

from kashu.access.keyring import Keyrings
from kashu.core.db import Tx
from kashu.core.errors import Problem
from kashu.core.mistyped import LooksMistyped
from kashu.core.money import format_amount
from kashu.stock.imports import preview
from kashu.stock.imports_intake import Intake
from kashu.stock.imports_notes import COUNT_TIMES, QUESTIONED, History, history_of, notes_on
from kashu.stock.imports_reading import Source

_WHERE: Final = {"cost_unusual": "/unit_cost", "count_unusual": "/file"}


async def question(
    tx: Tx, tenant_id: int, intake: Intake, source: Source, *, keyrings: Keyrings
) -> None:
    """Refuse an import that looks mistyped: three times the usual lot, a fifth off the last costs.

    Writes nothing. Only a file with so many rows is read as a preview reads it.
    Raises: LooksMistyped, and what `preview` raises.
    """
    history = await history_of(tx, tenant_id, intake, source.sha256)
    accepted = 0
    usual = history.usual_count
    if usual and await asyncio.to_thread(_has_more, source, COUNT_TIMES * usual):
        foreseen = await preview(tx, tenant_id, intake, source, keyrings=keyrings)
        accepted = foreseen.report.accepted
    doubts = [note for note in notes_on(intake, history, accepted) if note.code in QUESTIONED]
    if not doubts:
        return
    raise LooksMistyped(
        problems=[Problem(_WHERE[each.code], each.code, each.zh, each.en) for each in doubts],
        **_facts(intake, history, accepted, {each.code for each in doubts}),
    )


def _facts(
    intake: Intake, history: History, accepted: int, doubted: set[str]
) -> dict[str, str | int]:
    facts: dict[str, str | int] = {}
    if "cost_unusual" in doubted:
        facts["unit_cost"] = format_amount(intake.terms.unit_cost_e4)
        facts["usual_unit_cost"] = format_amount(history.usual_cost_e4 or 0)
    if "count_unusual" in doubted:
        facts["cards"] = accepted
        facts["usual_cards"] = history.usual_count or 0
    return facts


def _has_more(source: Source, rows: int) -> bool:
    return next(islice(source.sheet.rows(), rows, None), None) is not None
