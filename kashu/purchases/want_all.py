"""Want all: write down what is bought by itself for many, in one go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from kashu.catalog.reads import skus_by_id
from kashu.core.db import Tx
from kashu.core.errors import KashuError
from kashu.core.events import record
from kashu.core.jobs import wake
from kashu.core.sql import Statement
from kashu.purchases.kinds import Cause, PurchaseState
from kashu.purchases.rules import Scope, concerning, rules_for
from kashu.purchases.want import PURCHASES_DUE, Drawn, Wanted, draw_up, told_of, want


@dataclass(frozen=True, slots=True)
class _Made:
    id: UUID


_write = Statement(__file__, "want_all.sql", _Made)


async def want_all(
    tx: Tx, tenant_id: int, actor: str, wanted: Sequence[Wanted], *, at: datetime
) -> list[UUID | KashuError]:
    """Write a purchase for each that may be bought, as want() does; none by hand.

    Returns in order the ids, or why there is none: one that is refused takes nothing from the
    others.
    """
    assert all(each.cause != Cause.HAND and each.request is None for each in wanted), "see want()"
    skus = await skus_by_id(tx, tenant_id, {each.sku_id for each in wanted})
    scopes = [Scope(each.sku_id, each.store_id, each.customer_id) for each in wanted]
    known = await rules_for(tx, tenant_id, set(scopes))
    in_force = {scope: concerning(known, scope) for scope in set(scopes)}
    outcomes: list[UUID | KashuError | None] = [None] * len(wanted)
    drawn: dict[int, Drawn] = {}
    for place, (each, scope) in enumerate(zip(wanted, scopes, strict=True)):
        rules = in_force[scope]
        if rules.limits.daily_max_e4 is not None:
            continue  # each counts towards the day for the next
        try:
            sku = skus.get(each.sku_id)
            drawn[place] = await draw_up(tx, tenant_id, sku, each, rules=rules, at=at)
        except KashuError as error:
            outcomes[place] = error
    made = await _write_all(tx, tenant_id, actor, [(wanted[n], d) for n, d in drawn.items()], at)
    for place, each in enumerate(wanted):
        if each.id in made:
            outcomes[place] = each.id
        elif outcomes[place] is None:
            outcomes[place] = await _want(tx, tenant_id, actor, each, at)
    return [each for each in outcomes if each is not None]


async def _want(
    tx: Tx, tenant_id: int, actor: str, wanted: Wanted, at: datetime
) -> UUID | KashuError:
    """One by itself: its day is limited, or something stood in the way."""
    try:
        async with tx.begin_nested():
            return await want(tx, tenant_id, actor, wanted, at=at)
    except KashuError as error:
        return error


async def _write_all(
    tx: Tx, tenant_id: int, actor: str, drawn: Sequence[tuple[Wanted, Drawn]], at: datetime
) -> set[UUID]:
    """Write them, tell of them, call the worker. Returns those that nothing stood in the way of."""
    if not drawn:
        return set()
    those = [each for each, _ in drawn]
    rows = await _write(
        tx,
        tenant=tenant_id,
        actor=actor,
        at=at,
        ids=[each.id for each in those],
        skus=[each.sku_id for each in those],
        goods=[each.goods.value for each in those],
        quantities=[each.quantity for each in those],
        warehouses=[of.warehouse_id for _, of in drawn],
        causes=[each.cause.value for each in those],
        subjects=[each.subject_id for each in those],
        stores=[each.store_id for each in those],
        customers=[each.customer_id for each in those],
        suppliers=[each.supplier_id for each in those],
        unit_costs=[of.decided.unit_cost_max_e4 for _, of in drawn],
        amounts=[of.decided.amount_e4 for _, of in drawn],
        facts=[_json({**each.facts, **of.decided.facts}) for each, of in drawn],
        states=[of.state.value for _, of in drawn],
        said=[of.said for _, of in drawn],
        due=[of.due_at for _, of in drawn],
        inputs=[each.sealed_inputs for each in those],
        key_versions=[each.key_version for each in those],
        accounts=[each.masked_account for each in those],
    )
    made = {row.id for row in rows}
    happened = [told_of(each, of.decided, of.state) for each, of in drawn if each.id in made]
    await record(tx, tenant_id, actor, happened)
    if any(of.state is PurchaseState.WANTED for each, of in drawn if each.id in made):
        await wake(tx, tenant_id, PURCHASES_DUE)
    return made


def _json(facts: object) -> str:
    return msgspec.json.encode(facts).decode()
