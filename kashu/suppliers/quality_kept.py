"""Quality kept: how good suppliers were, as it was last reckoned, and when one is frozen for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypeAlias
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.ids import new_id
from kashu.core.naming import described
from kashu.suppliers.errors_prepaid import LimitsWrong
from kashu.suppliers.tables import quality
from kashu.suppliers.tables_prepaid import quality_rules

Share: TypeAlias = Annotated[int, described(minimum=0, maximum=1_000_000)]
Count: TypeAlias = Annotated[int, described(minimum=1, maximum=1_000_000)]


@dataclass(frozen=True, slots=True)
class Quality:
    """How a supplier did in 30 days. Shares are in parts per million."""

    supplier_id: UUID
    attempts: int
    success_ppm: int
    p95_ms: int | None
    invalid_ppm: int
    price_changes: int
    unclear: int
    reckoned_at: datetime | None = None


class QualityRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a supplier is frozen by itself."""

    freezes: bool = False
    attempts_min: Count = 20
    success_min_ppm: Share = 800_000
    invalid_max_ppm: Share = 20_000


async def keep_quality(tx: Tx, tenant_id: int, found: Sequence[Quality], at: datetime) -> None:
    """Keep what was reckoned, in place of what was before."""
    for each in found:
        values: dict[str, Any] = {
            name: getattr(each, name) for name in Quality.__dataclass_fields__
        } | {"reckoned_at": at}
        await tx.execute(
            insert(quality)
            .values(tenant_id=tenant_id, **values)
            .on_conflict_do_update(
                index_elements=[quality.c.tenant_id, quality.c.supplier_id], set_=values
            )
        )


async def quality_list(tx: Tx, tenant_id: int, supplier_id: UUID | None = None) -> list[Quality]:
    """Read how suppliers did, the one or all that were reckoned."""
    wanted = select(*(quality.c[name] for name in Quality.__dataclass_fields__)).where(
        quality.c.tenant_id == tenant_id
    )
    if supplier_id is not None:
        wanted = wanted.where(quality.c.supplier_id == supplier_id)
    return [Quality(*row) for row in await tx.execute(wanted.order_by(quality.c.supplier_id))]


async def quality_rule(tx: Tx, tenant_id: int) -> QualityRule:
    """Read the shop's rule; nobody is frozen by itself before somebody says so."""
    names = QualityRule.__struct_fields__
    found = await tx.execute(
        select(*(quality_rules.c[name] for name in names)).where(
            quality_rules.c.tenant_id == tenant_id
        )
    )
    row = found.one_or_none()
    return QualityRule() if row is None else QualityRule(*row)


async def set_quality_rule(tx: Tx, tenant_id: int, actor: str, rule: QualityRule) -> None:
    """Put another rule in force. Raises: LimitsWrong."""
    shares = (rule.success_min_ppm, rule.invalid_max_ppm)
    if rule.attempts_min < 1 or not all(0 <= share <= 1_000_000 for share in shares):  # noqa: PLR2004
        raise LimitsWrong(what="quality")
    values = msgspec.structs.asdict(rule)
    await tx.execute(
        insert(quality_rules)
        .values(tenant_id=tenant_id, **values)
        .on_conflict_do_update(index_elements=[quality_rules.c.tenant_id], set_=values)
    )
    await record(tx, tenant_id, actor, [Event("quality.rule_set", new_id(), values)])
