"""The steps of a strategy, as they are written down: an ordered list of keeps and prefers."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, get_args
from uuid import UUID

import msgspec

from kashu.core.errors import Invalid, Problem
from kashu.stock.strategy import (
    Keep,
    MinimumValidity,
    OnlySuppliers,
    OnlyWarehouses,
    Prefer,
    Step,
    Strategy,
)

STEPS_MAX: Final = 20
IDS_MAX: Final = 200
DAYS_MAX: Final = 3_650

_NAMED: Final = frozenset({"suppliers_in_order", "warehouses_in_order"})


class StrategyWrong(Invalid):
    """A strategy's steps don't make sense."""

    code = "strategy_wrong"
    zh = "出库策略有误，没有保存。请按下面的提示修改后再试。"
    en = "The strategy is wrong and wasn't saved. Change it as said below and try again."


def read_steps(written: Sequence[Any]) -> list[Step]:
    """Read steps as JSON gives them: {"keep": …} or {"prefer": …}. Raises: StrategyWrong."""
    steps: list[Step] = []
    problems = []
    for number, step in enumerate(written):
        try:
            keeping = isinstance(step, dict) and "keep" in step
            steps.append(msgspec.convert(step, Keep if keeping else Prefer, strict=True))
        except msgspec.ValidationError as error:
            problems.append(
                Problem(
                    f"/steps/{number}",
                    "step_unreadable",
                    f"第 {number + 1} 步无法识别：请写成 keep（{_named(Keep)}）或 prefer。",
                    f"step {number + 1} can't be read ({error}): write a keep or a prefer",
                )
            )
    if problems:
        raise StrategyWrong(problems=problems)
    return steps


def check_steps(steps: Sequence[Step]) -> None:
    """Refuse steps that can't mean anything. Raises: StrategyWrong."""
    problems = []
    if not 1 <= len(steps) <= STEPS_MAX:
        problems.append(
            Problem(
                "/steps",
                "steps_count",
                f"策略需要 1 到 {STEPS_MAX} 步。",
                f"a strategy has 1 to {STEPS_MAX} steps",
            )
        )
    for number, step in enumerate(steps):
        wrong = _what_is_wrong(step)
        if wrong is not None:
            code, zh, en = wrong
            problems.append(Problem(f"/steps/{number}", code, zh, en))
    if problems:
        raise StrategyWrong(problems=problems)


def _what_is_wrong(step: Step) -> tuple[str, str, str] | None:
    """Say what is wrong with a step: a code, in Chinese, in English. None: nothing is."""
    if isinstance(step, MinimumValidity):
        if 0 <= step.days <= DAYS_MAX:
            return None
        return ("days_wrong", f"天数请填 0 到 {DAYS_MAX}。", f"days are from 0 to {DAYS_MAX}")
    if isinstance(step, Prefer) and step.prefer not in _NAMED:
        unwanted = ("ids_unwanted", "这一步不需要 ids，请删除。", "this step takes no ids")
        return unwanted if step.ids else None
    if 1 <= len(step.ids) <= IDS_MAX and len(set(step.ids)) == len(step.ids):
        return None
    return (
        "ids_wrong",
        f"请列出 1 到 {IDS_MAX} 个不重复的编号。",
        f"name 1 to {IDS_MAX} ids, each once",
    )


def named_ids(steps: Sequence[Step]) -> tuple[list[UUID], list[UUID]]:
    """Give the warehouses and the suppliers that steps name."""
    warehouses: list[UUID] = []
    suppliers: list[UUID] = []
    for step in steps:
        match step:
            case OnlyWarehouses(ids=ids) | Prefer(prefer="warehouses_in_order", ids=ids):
                warehouses.extend(ids)
            case OnlySuppliers(ids=ids) | Prefer(prefer="suppliers_in_order", ids=ids):
                suppliers.extend(ids)
            case MinimumValidity() | Prefer():
                pass
    return warehouses, suppliers


def write_steps(steps: Sequence[Step]) -> str:
    """Write steps as the JSON that is stored."""
    return msgspec.json.encode(list(steps)).decode()


@lru_cache(maxsize=1_024)  # a strategy is read with every batch, and is immutable under its text
def strategy_of(strategy_id: UUID, name: str, steps: str) -> Strategy:
    """Make a strategy of what is stored."""
    read = read_steps(msgspec.json.decode(steps))
    return Strategy(
        strategy_id,
        name,
        keeps=tuple(step for step in read if not isinstance(step, Prefer)),
        prefers=tuple(step for step in read if isinstance(step, Prefer)),
    )


def _named(kinds: object) -> str:
    return "、".join(str(kind.__struct_config__.tag) for kind in get_args(kinds))
