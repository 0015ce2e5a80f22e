"""Set rule: say what is allowed when buying, in all or for a SKU, a store, a customer."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from kashu.core.clock import now
from kashu.core.db import Tx, on_violation
from kashu.core.errors import Problem
from kashu.core.events import Event, record
from kashu.core.ids import new_id
from kashu.core.money import AMOUNT_MAX_E4, TOTAL_MAX_E4
from kashu.purchases.errors_buying import RuleOfNothing, RuleWrong, UnknownRule
from kashu.purchases.kinds import Stance
from kashu.purchases.rules import Limits, Rule, Scope, rule_by_id
from kashu.purchases.tables_rules import preferences, rules

LOSS_MAX: Final = timedelta(days=92)  # 清仓 ends
SHARE_MAX: Final = 1_000
SUPPLIERS_MAX: Final = 100

for _constraint in (
    "rule_knows_its_sku",
    "rule_knows_its_store",
    "rule_knows_its_customer",
    "rule_knows_its_warehouse",
    "preference_knows_its_supplier",
):
    on_violation(_constraint, RuleOfNothing)

# What each number may be, and where it is written.
_BOUNDS: Final[Mapping[str, tuple[int, int]]] = {
    "unit_cost_max_e4": (1, AMOUNT_MAX_E4),
    "margin_min_ppm": (0, 999_999),
    "due_minutes": (1, 43_200),
    "quality_min_ppm": (0, 1_000_000),
    "approval_above_e4": (0, TOTAL_MAX_E4),
    "daily_max_e4": (0, TOTAL_MAX_E4),
    "lead_hours": (0, 2_160),
    "safety_days": (0, 365),
    "cover_days": (1, 365),
    "stock_days_max": (1, 730),
    "budget_e4": (0, TOTAL_MAX_E4),
}
_OF_SKU: Final = (
    "reorder",
    "lead_hours",
    "safety_days",
    "cover_days",
    "stock_days_max",
    "budget_e4",
)


@dataclass(frozen=True, slots=True)
class Said:
    """What a rule says of suppliers. One that is shared may have no other stance."""

    allowed: Collection[UUID] = ()
    denied: Collection[UUID] = ()
    shares: Mapping[UUID, int] = field(default_factory=dict)


async def set_rule(
    tx: Tx,
    tenant_id: int,
    actor: str,
    scope: Scope,
    limits: Limits,
    *,
    said: Said | None = None,
    at: datetime | None = None,
) -> Rule:
    """Set the rule of a scope, all of it: what isn't said is as less particular rules say.

    To sell at a loss is a person's word, with a limit and an end.
    Raises: RuleWrong; RuleOfNothing when the transaction fails on what it names.
    """
    at, said = at or now(), said or Said()
    problems = _problems(scope, limits, said) + _loss_problems(actor, limits, at)
    if problems:
        raise RuleWrong(problems=problems)
    values = {**asdict(limits), "changed_by": actor, "changed_at": at}
    made = await tx.execute(
        upsert(rules)
        .values(tenant_id=tenant_id, id=new_id(), **asdict(scope), **values)
        .on_conflict_do_update(
            index_elements=["tenant_id", "sku_id", "store_id", "customer_id"], set_=values
        )
        .returning(rules.c.id)
    )
    rule_id: UUID = made.scalar_one()
    await _say(tx, tenant_id, rule_id, said)
    facts = _told({**asdict(scope), **asdict(limits)}) | {
        "allowed": sorted(str(each) for each in said.allowed),
        "denied": sorted(str(each) for each in said.denied),
        "shares": {str(each): share for each, share in said.shares.items()},
    }
    await record(tx, tenant_id, actor, [Event("purchase_rule.set", rule_id, facts)])
    return await rule_by_id(tx, tenant_id, rule_id)


async def drop_rule(tx: Tx, tenant_id: int, actor: str, rule_id: UUID) -> None:
    """Let less particular rules hold again. Raises: UnknownRule."""
    ours = (rules.c.tenant_id == tenant_id) & (rules.c.id == rule_id)
    if (await tx.execute(select(func.count()).where(ours))).scalar_one() == 0:
        raise UnknownRule(rule=rule_id)
    await _unsay(tx, tenant_id, rule_id)
    await tx.execute(delete(rules).where(ours))
    await record(tx, tenant_id, actor, [Event("purchase_rule.dropped", rule_id)])


async def _say(tx: Tx, tenant_id: int, rule_id: UUID, said: Said) -> None:
    await _unsay(tx, tenant_id, rule_id)
    rows: list[tuple[UUID, Stance, int | None]] = [
        *((each, Stance.ALLOWED, None) for each in said.allowed),
        *((each, Stance.DENIED, None) for each in said.denied),
        *((each, Stance.SHARED, share) for each, share in said.shares.items()),
    ]
    if rows:
        written = [
            {
                "tenant_id": tenant_id,
                "rule_id": rule_id,
                "supplier_id": supplier_id,
                "stance": stance,
                "share": share,
            }
            for supplier_id, stance, share in rows
        ]
        await tx.execute(insert(preferences), written)


async def _unsay(tx: Tx, tenant_id: int, rule_id: UUID) -> None:
    await tx.execute(
        delete(preferences).where(
            preferences.c.tenant_id == tenant_id, preferences.c.rule_id == rule_id
        )
    )


def _problems(scope: Scope, limits: Limits, said: Said) -> list[Problem]:
    found = []
    for name, (least, most) in _BOUNDS.items():
        value = getattr(limits, name)
        if value is not None and not least <= value <= most:
            found.append(
                _wrong(f"/{name}", f"须在 {least} 到 {most} 之间", f"is {least} to {most}")
            )
    particular = (scope.sku_id, scope.store_id, scope.customer_id) != (None, None, None)
    if particular and limits.daily_max_e4 is not None:
        found.append(
            _wrong(
                "/daily_max",
                "每日限额只能设在商户的总规则上",
                "the day's limit is set in the rule for all, not in one for a SKU or a store",
            )
        )
    for_whom = (scope.store_id, scope.customer_id) != (None, None)
    if for_whom and any(getattr(limits, name) is not None for name in _OF_SKU):
        found.append(
            _wrong(
                "/reorder",
                "补货设置针对规格，不能设在店铺或客户的规则上",
                "reordering is set for all or for a SKU, not for a store or a customer",
            )
        )
    named = [*said.allowed, *said.denied, *said.shares]
    if len(named) != len(set(named)) or len(named) > SUPPLIERS_MAX:
        found.append(
            _wrong(
                "/suppliers",
                f"每个供应商只能出现一次，最多 {SUPPLIERS_MAX} 个",
                f"each supplier is named once, at most {SUPPLIERS_MAX} of them",
            )
        )
    if any(not 1 <= share <= SHARE_MAX for share in said.shares.values()):
        found.append(
            _wrong("/shares", f"份额须为 1 到 {SHARE_MAX}", f"a share is 1 to {SHARE_MAX}")
        )
    return found


def _loss_problems(actor: str, limits: Limits, at: datetime) -> list[Problem]:
    if limits.loss_until_at is None:
        return []
    if limits.unit_cost_max_e4 is None:
        return [
            _wrong(
                "/unit_cost_max",
                "允许亏本时必须同时填写最高成本",
                "where a loss is allowed, say what one may cost at most",
            )
        ]
    if actor.startswith("key:"):
        return [
            _wrong("/loss_until_at", "清仓须由人员设置", "a person allows a loss, not an API key")
        ]
    if not at < limits.loss_until_at <= at + LOSS_MAX:
        return [
            _wrong(
                "/loss_until_at",
                f"清仓的截止时间须在现在之后、{LOSS_MAX.days} 天之内",
                f"a loss is allowed until a time from now on, within {LOSS_MAX.days} days",
            )
        ]
    return []


def _wrong(at: str, zh: str, en: str) -> Problem:
    return Problem(at.removesuffix("_e4"), "rule_wrong", zh, en)


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    """As plain JSON, without what isn't said."""
    plain = {}
    for name, value in values.items():
        if value is None:
            continue
        if isinstance(value, datetime):
            plain[name] = value.isoformat()
        elif isinstance(value, UUID):
            plain[name] = str(value)
        else:
            plain[name] = value
    return plain
